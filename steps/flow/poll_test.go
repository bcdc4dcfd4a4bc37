package flow_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func TestPolling(t *testing.T) {
	poll := `{"type":"POLLING","key":"poll","pollInterval":"250","pollRetries":"5"}`
	rewind := says(200, `{"eventName":"rewindStateToLastRenderedUI","id":"other","interactionId":"11111111-2222"}`)
	synctest.Test(t, func(t *testing.T) {
		s := answering(says(200, form(poll)), rewind, says(200, done))
		j := started(t, s)
		assert.Equal(t, 5, j.PollRetries())
		begin := time.Now()
		h, err := j.Poll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 250*time.Millisecond, time.Since(begin))
		assert.Equal(t, "rewound", h.Outcome.String())
		h, err = j.Poll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "completed", h.Outcome.String())
		assert.Contains(t, s.bodies[2], `"id":"node000001"`, "after a rewind the previous id is used")
		assert.Contains(t, s.bodies[2], `"parameters":{"eventType":"polling","data":{"formData":{"poll":"continue"}}}`)
	})
}

func TestHowOftenAScreenIsPolled(t *testing.T) {
	for name, row := range map[string]struct {
		field string
		want  int
	}{
		"as often as it says":        {`{"type":"POLLING","key":"p","pollRetries":7}`, 7},
		"as text":                    {`{"type":"POLLING","key":"p","pollRetries":"7"}`, 7},
		"not said":                   {`{"type":"POLLING","key":"p"}`, 60},
		"never is not meant":         {`{"type":"POLLING","key":"p","pollRetries":0}`, 60},
		"no number":                  {`{"type":"POLLING","key":"p","pollRetries":"often"}`, 60},
		"a screen that does not ask": {username, 0},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, started(t, answering(says(200, form(row.field)))).PollRetries())
		})
	}
	assert.Zero(t, started(t, answering(says(200, done))).PollRetries(), "there is no screen")
}

func TestAPollThatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := answering(says(200, form(`{"type":"POLLING","key":"p","pollInterval":"60000"}`)))
		j := started(t, s)
		cause := errors.New("the run was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		_, err := j.Poll(ctx)
		require.ErrorIs(t, err, cause)
		assert.Len(t, s.requests, 1, "nothing was sent")
	})
}

// withChallenge is a screen that asks for the state of a challenge every 250 ms, three times.
const withChallenge = `{"type":"POLLING","key":"poll","pollInterval":"250","pollRetries":3,` +
	`"pollChallengeStatus":true,"challenge":"ch-1"}`

const challengePath = "/env-1/davinci/user/credentials/challenge/ch-1/status"

func TestPollingWithAChallenge(t *testing.T) {
	pending, approved := `{"isChallengeComplete":false}`, `{"isChallengeComplete":true,"status":"approved"}`
	for name, row := range map[string]struct {
		states []httpmock.Responder
		says   string
		took   time.Duration
	}{
		"approved at once":         {[]httpmock.Responder{says(200, approved)}, "approved", 0},
		"approved after a while":   {[]httpmock.Responder{says(200, pending), says(200, approved)}, "approved", 250 * time.Millisecond},
		"with a status of its own": {[]httpmock.Responder{says(200, `{"isChallengeComplete":true,"status":"denied"}`)}, "denied", 0},
		"never": {
			[]httpmock.Responder{says(200, pending), says(200, pending), says(200, pending)}, "timedOut", 500 * time.Millisecond,
		},
		"expired":                    {[]httpmock.Responder{says(400, `{"serviceName":"challengeExpired","code":4020}`)}, "expired", 0},
		"unknown to the service":     {[]httpmock.Responder{says(400, `{"code":4019}`)}, "error", 0},
		"unauthorized":               {[]httpmock.Responder{says(401, `{"code":1999}`)}, "error", 0},
		"complete without a status":  {[]httpmock.Responder{says(200, `{"isChallengeComplete":true}`)}, "error", 0},
		"a state that is not JSON":   {[]httpmock.Responder{says(200, `<html>`)}, "error", 0},
		"a state that is not object": {[]httpmock.Responder{says(200, `[]`)}, "error", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := answering(append(append([]httpmock.Responder{says(200, form(withChallenge))}, row.states...), says(200, done))...)
				j := started(t, s)
				begin := time.Now()
				h, err := j.Poll(t.Context())
				require.NoError(t, err)
				assert.Equal(t, row.took, time.Since(begin))
				assert.Equal(t, davinci.Completed, h.Outcome)
				assert.Len(t, j.Hops(), 2, "asking for the state is no hop")
				require.Len(t, s.requests, len(row.states)+2)
				for i := range row.states {
					asked := s.requests[1+i]
					assert.Equal(t, "https://auth.example.test"+challengePath, asked.URL.String())
					assert.Equal(t, http.MethodPost, asked.Method)
					assert.Equal(t, "{}", s.bodies[1+i])
					assert.Equal(t, "11111111-2222", asked.Header.Get("interactionId"))
					assert.Empty(t, asked.Header.Get("interactionToken"), "the state needs no token, so it gets none")
					assert.Equal(t, "ping-sdk", asked.Header.Get("X-Requested-With"))
				}
				last := gjson.Parse(s.bodies[len(s.bodies)-1])
				assert.Equal(t, "node000001", last.Get("id").String())
				assert.Equal(t, "polling", last.Get("parameters.eventType").String())
				assert.JSONEq(t, `{"poll":"`+row.says+`"}`, last.Get("parameters.data.formData").Raw)
				assert.Equal(t, "tok-1", s.requests[len(s.requests)-1].Header.Get("interactionToken"))
			})
		})
	}
}

// A challenge that ends in another way than the scenario wants stops the journey, and nothing
// is posted to the flow.
func TestAChallengeThatHasToEndSo(t *testing.T) {
	for end, want := range map[string]string{
		"rejected": "", "approved": `flow: poll: the challenge ended "rejected", want "approved"`,
	} {
		t.Run(end, func(t *testing.T) {
			s := answering(says(200, form(withChallenge)), says(200, `{"isChallengeComplete":true,"status":"rejected"}`), says(200, done))
			j := started(t, s)
			_, err := j.Poll(davinci.WantEnd(t.Context(), end))
			if want == "" {
				require.NoError(t, err)
				assert.Contains(t, s.bodies[2], `"poll":"rejected"`)
				return
			}
			require.EqualError(t, err, want)
			assert.Len(t, s.requests, 2, "the flow got no request")
		})
	}
}

// That the service does not answer says nothing about the challenge, so the flow
// is not asked again; and what names the challenge stays out of the error.
func TestAChallengeThatCannotBeAskedFor(t *testing.T) {
	const at = "flow: POST /env-1/davinci/user/credentials/challenge/…/status: "
	refused := httpmock.NewErrorResponder(errors.New("connection refused"))
	for name, row := range map[string]struct {
		state httpmock.Responder
		want  string
	}{
		"the service is down":        {says(503, `busy`), at + "answered with status 503, want the state of the challenge"},
		"it asks to come back later": {says(429, `{}`), at + "answered with status 429, want the state of the challenge"},
		"it sends elsewhere":         {says(302, ``), at + "answered with status 302, want the state of the challenge"},
		"no connection":              {refused, at + "connection refused"},
		"a body without an end":      {says(200, strings.Repeat("x", flow.MaxResponse+1)), at + "the response has more than 1 MiB, which no DaVinci answer has"},
	} {
		t.Run(name, func(t *testing.T) {
			s := answering(says(200, form(withChallenge)), row.state, says(200, done))
			j := started(t, s)
			_, err := j.Poll(t.Context())
			require.EqualError(t, err, row.want)
			assert.Len(t, s.requests, 2, "the flow got no request")
		})
	}
}

func TestAChallengeOfACustomDomain(t *testing.T) {
	s := answering(says(200, strings.ReplaceAll(form(strings.ReplaceAll(withChallenge, "ch-1", "../a b?c")), "/env-1", "")),
		says(200, `{"isChallengeComplete":true,"status":"approved"}`), says(200, done))
	c := config(s)
	c.Authorize = "https://auth.example.test/as/authorize"
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	_, err = j.Poll(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "/davinci/user/credentials/challenge/..%2Fa%20b%3Fc/status", s.requests[1].URL.EscapedPath(),
		"whatever a challenge is, it stays one step of the path")
}

func TestAChallengeThatIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := answering(says(200, form(withChallenge)), says(200, `{"isChallengeComplete":false}`))
		j := started(t, s)
		cause := errors.New("the run was stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Millisecond, func() { cancel(cause) })
		_, err := j.Poll(ctx)
		require.ErrorIs(t, err, cause)
		assert.Len(t, s.requests, 2, "asked once")
	})
}

func TestAnIntervalThatIsNone(t *testing.T) {
	for name, field := range map[string]string{
		"not said":             `{"type":"POLLING","key":"p"}`,
		"less than nothing":    `{"type":"POLLING","key":"p","pollInterval":-1}`,
		"no number":            `{"type":"POLLING","key":"p","pollInterval":"soon"}`,
		"longer than anything": `{"type":"POLLING","key":"p","pollInterval":9223372036854775807}`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := started(t, answering(says(200, form(field)), says(200, done)))
				begin := time.Now()
				_, err := j.Poll(t.Context())
				require.NoError(t, err)
				assert.Equal(t, 2*time.Second, time.Since(begin))
			})
		})
	}
}

func TestADetailedScreenIsPolledByItsChallenge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := answering(says(200, `{"id":"n","connectionId":"c","capabilityName":"customHtmlMessage",`+
			`"interactionId":"i-1","screen":{"properties":{"messageTitle":{"value":"Look at your phone"},`+
			`"enablePolling":{"value":true},"pollInterval":{"value":"250"},"pollRetries":{"value":"3"},`+
			`"pollChallengeStatus":{"value":true},"challenge":{"value":"ch-1"}}}}`),
			says(200, `{"isChallengeComplete":true,"status":"approved"}`), says(200, done))
		j := startedDetailed(t, s)
		assert.Equal(t, 3, j.PollRetries())
		_, err := j.Poll(t.Context())
		require.NoError(t, err)
		assert.Equal(t, challengePath, s.requests[1].URL.Path)
		assert.Contains(t, s.bodies[2], `"formData":{"polling":"approved"}`)
	})
}
