package flow_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestWhatWasFilledInAndIsNotSent(t *testing.T) {
	polling := `{"type":"POLLING","key":"polling","pollInterval":1}`
	fill := func(key string) func(*flow.Journey) error {
		return func(j *flow.Journey) error { return j.Fill(key, "x") }
	}
	press := func(j *flow.Journey) error { _, err := j.Press(t.Context(), "SIGNON"); return err }
	poll := func(j *flow.Journey) error { _, err := j.Poll(t.Context()); return err }
	refused := says(400, `{"code":"invalidValue","message":"no"}`)
	rewound := says(200, `{"eventName":"rewindStateToLastRenderedUI"}`)
	screen := says(200, form(username, password, polling, signOn))
	type acts = []func(*flow.Journey) error
	for name, row := range map[string]struct {
		acts acts
		then []func(*flow.Journey) error
		want []flow.Unsent
	}{
		"nothing":             {nil, nil, nil},
		"one":                 {acts{fill("username")}, nil, []flow.Unsent{{Key: "username"}}},
		"two, in their order": {acts{fill("password"), fill("username"), fill("password")}, nil, []flow.Unsent{{Key: "password"}, {Key: "username"}}},
		"none after a button": {acts{fill("username"), press}, nil, []flow.Unsent{}},
		"one after a button":  {acts{fill("username"), press, fill("password")}, nil, []flow.Unsent{{Key: "password"}}},
		"what does not fit":   {acts{func(j *flow.Journey) error { require.Error(t, j.Fill("none", "x")); return nil }}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := started(t, answering(screen, refused))
			for _, act := range row.acts {
				require.NoError(t, act(j))
			}
			assert.Equal(t, row.want, j.Unsent())
		})
	}
	t.Run("a poll sends nothing of it, and loses it where the flow goes on", func(t *testing.T) {
		j := started(t, answering(screen, rewound, screen, says(200, done)))
		require.NoError(t, fill("username")(j))
		require.NoError(t, poll(j))
		assert.Equal(t, davinci.Rewound, j.Last().Outcome)
		assert.Equal(t, []flow.Unsent{{Key: "username"}}, j.Unsent())
		require.NoError(t, poll(j))
		assert.Equal(t, []flow.Unsent{{Key: "username", Lost: true}}, j.Unsent())
		require.NoError(t, fill("username")(j))
		require.NoError(t, press(j))
		assert.Equal(t, []flow.Unsent{{Key: "username", Lost: true}}, j.Unsent(), "another value was sent")
	})
	t.Run("the end of the flow loses it", func(t *testing.T) {
		j := started(t, answering(screen, says(200, done)))
		require.NoError(t, fill("username")(j))
		require.NoError(t, poll(j))
		assert.Equal(t, []flow.Unsent{{Key: "username", Lost: true}}, j.Unsent())
	})
}
