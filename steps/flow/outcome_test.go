package flow_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

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
	"a rewind to a certain screen keeps the old screen": {
		status: 200, body: `{"eventName":"rewindStateToSpecificRenderedUI","success":true}`, outcome: davinci.Rewound,
	},
	"a rewind without a screen to go back to is the end": {
		atStart: true, status: 200, body: `{"eventName":"rewindStateToLastRenderedUI"}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNoAuthorizeResponse,
	},
	"a flow's error is refused": {
		status: 400, body: `{"code":" Invalid","message":" Invalid","httpResponseCode":400,"capabilityName":"checkPassword"}`,
		outcome: davinci.Refused,
	},
	"any other 4xx is refused": {status: 404, body: `{"message":"nothing"}`, outcome: davinci.Refused},
	"a flow's own 429 is refused and no rate limit": {
		status: 429, body: `{"code":"429","message":"slow down","capabilityName":"customErrorMessage"}`, outcome: davinci.Refused,
	},
	"code 1999 as a number is the end": {
		status: 401, body: `{"message":"Unauthorized!","code":1999,"success":false}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "1999", message: "handles are missing",
	},
	"code 1999 as text is the end": {
		status: 400, body: `{"message":"Unauthorized!","code":"1999"}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "1999",
	},
	"requestTimedOut is the end": {
		status: 400, body: `{"code":"requestTimedOut","message":"Request timed out."}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "requestTimedOut", message: "leads nowhere",
	},
	"a refusal by the capability that completes is the end": {
		status: 400, body: `{"code":"x","message":"no","connectorId":"pingOneAuthenticationConnector",` +
			`"capabilityName":"returnSuccessResponseRedirect"}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "x",
	},
	"a refusal by the capability that sets the session is the end": {
		status: 400, body: `{"code":"x","message":"no","connectorId":"pingOneAuthenticationConnector",` +
			`"capabilityName":"setSession"}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "x",
	},
	"200 with FAILED is the end": {
		status: 200, body: `{"status":"FAILED","error":{"code":"login_required","message":"no"},"environment":{"id":"e"}}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "login_required", message: "no",
	},
	"200 with an error and no status is the end": {
		status: 200, body: `{"error":{"code":"server_error","message":"no"},"authorizeResponse":{"code":"c"}}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "server_error",
	},
	"an empty error is none": {
		status: 200, body: `{"error":{},"authorizeResponse":{"code":"c"}}`, outcome: davinci.Completed,
	},
	"a 500 of the flow": {
		status: 500, body: `{"message":"Internal","httpResponseCode":500}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: "500",
	},
	"UNEXPECTED_ERROR is the tenant's set-up": {
		status: 500, body: `{"code":"UNEXPECTED_ERROR","message":"oh"}`,
		outcome: davinci.Failed, origin: davinci.FromTenant, code: "UNEXPECTED_ERROR", message: "AUTHENTICATION",
	},
	"a gateway that gives up is the network": {
		status: 503, body: `<html><head><title>Service Unavailable</title></head></html>`,
		outcome: davinci.Failed, origin: davinci.FromNetwork, code: davinci.CodeNotJSON, message: "Service Unavailable",
	},
	"an HTML page with status 200 is not JSON": {
		status: 200, body: `<!doctype html><title>Oops</title>`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON, message: `titled "Oops"`,
	},
	"an empty body is not JSON": {
		status: 200, body: ``, outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON, message: "empty",
	},
	"a JSON array is no answer": {
		status: 200, body: `[]`, outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON,
	},
	"null is no answer": {
		status: 200, body: `null`, outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON,
	},
	"half a JSON body is not JSON": {
		status: 200, body: `{"form":{"name":`, outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON,
	},
	"a 4xx page is not JSON": {
		status: 403, body: `<title>Forbidden</title>`, outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNotJSON,
	},
	"a redirect is the tenant's set-up": {
		atStart: true, status: 302, body: ``,
		header:  map[string]string{"Location": "https://apps.example.test/env-1/signon/?error=invalid_request&code=secret"},
		outcome: davinci.Failed, origin: davinci.FromTenant, code: "302",
		message: `apps.example.test/env-1/signon/, error "invalid_request"`,
	},
	"PingOne's own sign-on is the tenant's set-up": {
		atStart: true, status: 200,
		body:    `{"status":"USERNAME_PASSWORD_REQUIRED","resumeUrl":"https://x","_links":{"next":{"href":"https://x"}}}`,
		outcome: davinci.Failed, origin: davinci.FromTenant, code: "USERNAME_PASSWORD_REQUIRED", message: "no DaVinci flow policy",
	},
	"INVALID_REQUEST at the start is the tenant's set-up": {
		atStart: true, status: 400, body: `{"id":"u-1","code":"INVALID_REQUEST","message":"Invalid DV Flow Policy ID: x"}`,
		outcome: davinci.Failed, origin: davinci.FromTenant, code: "INVALID_REQUEST", message: "Policy ID",
	},
	"INVALID_REQUEST of a flow is refused": {
		status: 400, body: `{"code":"INVALID_REQUEST","message":"x","interactionId":"i"}`, outcome: davinci.Refused,
	},
	"429 without a time is the rate limit": {
		status: 429, body: `{"code":"REQUEST_LIMITED","message":"too many"}`,
		outcome: davinci.Failed, origin: davinci.FromRateLimit, code: "429", message: "Retry-After",
	},
	"a flow that ends without authorizeResponse": {
		status: 200, body: `{"capabilityName":"createSuccessResponse","success":true,"_links":{"self":{"href":"https://x"}}}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNoAuthorizeResponse, message: "createSuccessResponse",
	},
	"a session alone is no completion": {
		status: 200, body: `{"session":{"id":"s"},"status":"COMPLETED"}`,
		outcome: davinci.Failed, origin: davinci.FromFlow, code: davinci.CodeNoAuthorizeResponse,
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
