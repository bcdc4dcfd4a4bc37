package flow_test

import (
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A screen that polls for hours takes no more memory than one that polls for
// seconds.
func TestAJourneyLetsGoOfItsOldestAnswers(t *testing.T) {
	const most = 18 // polls, whose answers have 1 MB
	rewound := `{"eventName":"rewindStateToLastRenderedUI","interactionId":"11111111-2222","interactionToken":"token-of-a-poll",` +
		`"x":"` + strings.Repeat("a", 1e6) + `"}`
	answers := []httpmock.Responder{says(200, form(`{"type":"POLLING","key":"poll","pollInterval":"0"}`))}
	for range most {
		answers = append(answers, says(200, rewound))
	}
	c, asked := config(answering(answers...)), 0
	var j *flow.Journey
	c.LettingGo = func() {
		asked++
		assert.NotEmpty(t, j.Hops()[0].Body, "it is asked before")
	}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	old := weak.Make(j.Hops()[0].Answer)
	for range most {
		h, err := j.Poll(t.Context())
		require.NoError(t, err)
		require.Equal(t, davinci.Rewound, h.Outcome)
		require.Len(t, h.Body, len(rewound), "the last answer is there")
		if asked > 0 {
			break
		}
	}
	hops := j.Hops()
	require.Equal(t, 1, asked)
	kept := 0
	for i, h := range hops {
		kept += len(h.Body)
		assert.Equal(t, 200, h.Status)
		if gone := i < 2; gone {
			assert.Positive(t, h.LetGo)
			assert.Nil(t, h.Body)
			assert.Nil(t, h.Header)
			assert.Nil(t, h.Exchange.Response)
		} else {
			assert.Zero(t, h.LetGo)
		}
	}
	assert.Equal(t, len(rewound), hops[1].LetGo)
	assert.LessOrEqual(t, kept, flow.MaxKept)
	assert.Equal(t, davinci.Paused, hops[0].Outcome)
	assert.Equal(t, "Sign On Form", j.Screen().Name, "the journey goes on from its screen")
	assert.Equal(t, "[redacted] [redacted]", c.Redactor.Redact("token-of-a-poll "+"token-of-a-poll"))
	runtime.GC()
	assert.Nil(t, old.Value(), "nothing else keeps it")
}
