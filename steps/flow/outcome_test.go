package flow_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

// What an answer means is decided in package davinci; here each outcome moves a journey.
// Each row is an answer to a button that was pressed on a screen, or to the
// authorize request where atStart is true.
var outcomes = map[string]struct {
	atStart bool
	status  int
	body    string
	header  map[string]string
	outcome davinci.Outcome
	origin  davinci.Origin
	code    string
	message string // a part of the failure's
}{
	"a screen pauses the flow": {
		status: 200, body: form(username), outcome: davinci.Paused,
	},
	"a completed response has a next link too and completes all the same": {
		status: 200, body: done, outcome: davinci.Completed,
	},
	"authorize completes at once where a session is alive": {
		atStart: true, status: 200, body: done, outcome: davinci.Completed,
	},
	"a rewind keeps the old screen": {
		status: 200, body: `{"eventName":"rewindStateToLastRenderedUI","success":true,"id":"node000009"}`,
		outcome: davinci.Rewound,
	},
	"a flow's error is refused": {
		status: 400, body: `{"code":" Invalid","message":" Invalid","httpResponseCode":400,"capabilityName":"checkPassword"}`,
		outcome: davinci.Refused,
	},
	"code 1999 as a number is the end": {
		status: 401, body: `{"message":"Unauthorized!","code":1999,"success":false}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "1999", message: "handles are missing",
	},
	"a redirect is the tenant's set-up": {
		atStart: true, status: 302, body: ``,
		header:  map[string]string{"Location": "https://apps.example.test/env-1/signon/?error=invalid_request&code=secret"},
		outcome: davinci.Failed, origin: davinci.FromTenant, code: "302",
		message: `apps.example.test/env-1/signon/, error "invalid_request"`,
	},
	"429 without a time is the rate limit": {
		status: 429, body: `{"code":"REQUEST_LIMITED","message":"too many"}`,
		outcome: davinci.Failed, origin: davinci.FromRateLimit, code: "429", message: "Retry-After",
	},
}

func TestOutcome(t *testing.T) {
	for name, row := range outcomes {
		t.Run(name, func(t *testing.T) {
			r := httpmock.NewStringResponse(row.status, row.body)
			for k, v := range row.header {
				r.Header.Set(k, v)
			}
			answer := httpmock.ResponderFromResponse(r)
			s := answering(answer)
			if !row.atStart {
				s = answering(says(http.StatusOK, form(username, signOn)), answer)
			}
			j := started(t, s)
			if !row.atStart {
				_, err := j.Press(t.Context(), "SIGNON")
				require.NoError(t, err)
			}
			h := j.Last()
			assert.Equal(t, row.outcome.String(), h.Outcome.String())
			if row.outcome != davinci.Failed {
				assert.Nil(t, h.Failure)
				return
			}
			require.NotNil(t, h.Failure)
			assert.Equal(t, row.origin.String(), h.Failure.Origin.String())
			assert.Equal(t, row.code, h.Failure.Code)
			assert.Contains(t, h.Failure.Message, row.message)
			assert.NotContains(t, h.Failure.Message, "secret")
			assert.Nil(t, j.Screen(), "a dead flow has no screen")
		})
	}
}
