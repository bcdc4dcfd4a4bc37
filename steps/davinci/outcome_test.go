package davinci_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

const (
	screenForm = `"form":{"components":{"fields":[{"type":"SUBMIT_BUTTON","key":"GO"}]}}`
	nextLink   = `"_links":{"next":{"href":"https://auth.example.test/env/davinci/connections/c/capabilities/n"}}`
	named      = `"id":"node1","interactionId":"i","capabilityName":"customHTMLTemplate"`
)

// What an SDK does with an answer.
const (
	goesOn    = "goes on"        // it shows the screen
	noLink    = "no link"        // it shows the screen, and has no address for what a person sends
	keeps     = "old screen"     // it keeps the screen that it has
	refuses   = "error"          // recoverable: it keeps the screen and says what is wrong
	succeeds  = "success"        // the sign-on is over
	noCode    = "success, empty" // the sign-on is over, and there is no code
	fails     = "failure"        // a new start is needed
	throws    = "throws"         // the same, from an exception
	skips     = "ignored"        // nothing happens: the screen that it has stays
	notParsed = "throws, not JSON"
)

// decisions are the rows of the SDKs' decision tables and the bodies on which they,
// or earlier readers of ours, differ. Each says what the web SDK, the Android SDK
// and the iOS SDK do, what is decided, and where they differ why.
//
// Source: handleResponse of davinci-client 2.1, Transform of the Android SDK and of
// the iOS SDK.
var decisions = map[string]struct {
	start  bool // no screen was shown before
	status int  // 0 for 200
	header http.Header
	body   string

	web, android, ios string
	want              davinci.Outcome
	code              string // of the failure
	message           string // a part of it
	origin            davinci.Origin
	why               string
}{
	// The five bodies.
	"a form without a next link": {
		body: `{` + named + `,` + screenForm + `}`,
		web:  fails, android: noLink, ios: noLink,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
		why: "no client can send anything from it",
	},
	"a next link without capabilityName": {
		body: `{"id":"node1",` + screenForm + `,` + nextLink + `}`,
		web:  goesOn, android: goesOn, ios: goesOn,
		want: davinci.Paused, why: "no SDK reads the name of a screen",
	},
	"a form, a next link and error null": {
		body: `{` + named + `,` + screenForm + `,` + nextLink + `,"error":null}`,
		web:  fails, android: throws, ios: goesOn,
		want: davinci.Paused, why: "null says that nothing went wrong; the SDK catalogue reports it for web and Android",
	},
	"a rewind with a next link at the start": {
		start: true, body: `{"eventName":"rewindStateToLastRenderedUI",` + nextLink + `}`,
		web: skips, android: fails, ios: fails,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
		why: "there is no screen to go back to",
	},
	"an authorizeResponse that is a string, and a next link": {
		body: `{` + named + `,"authorizeResponse":"code",` + nextLink + `}`,
		web:  noCode, android: throws, ios: goesOn,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
		why: "it says that the sign-on is over, and there is no code to be had",
	},

	// Bodies beside them.
	"an authorizeResponse that is null, and a next link": {
		body: `{` + named + `,` + screenForm + `,"authorizeResponse":null,` + nextLink + `}`,
		web:  noCode, android: throws, ios: goesOn,
		want: davinci.Paused, why: "null says what a missing property says; the SDK catalogue reports it",
	},
	"an authorizeResponse that is an array": {
		body: `{` + named + `,"authorizeResponse":[]}`,
		web:  noCode, android: throws, ios: noLink,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
	},
	"an authorizeResponse without a code": {
		body: `{` + named + `,"authorizeResponse":{}}`,
		web:  noCode, android: throws, ios: noCode,
		want: davinci.Completed, why: "response_type may ask for tokens; the requirement CODE reports it",
	},
	"a form without a link to a detailed screen": {
		body: `{` + named + `,"connectionId":"c","screen":{"properties":{}}}`,
		web:  fails, android: noLink, ios: noLink,
		want: davinci.Paused, why: "no SDK asks for detailed answers: a client makes the link itself",
	},
	"a next link that is null": {
		body: `{` + named + `,` + screenForm + `,"_links":{"next":null}}`,
		web:  skips, android: throws, ios: noLink,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
	},
	"a screen with a next link": {
		body: `{` + named + `,` + screenForm + `,` + nextLink + `}`,
		web:  goesOn, android: goesOn, ios: goesOn, want: davinci.Paused,
	},
	"a next link without a form": {
		body: `{` + named + `,` + nextLink + `}`,
		web:  goesOn, android: goesOn, ios: goesOn, want: davinci.Paused, why: "a screen without fields",
	},
	"success true on a screen": {
		body: `{` + named + `,"success":true,` + nextLink + `}`,
		web:  goesOn, android: goesOn, ios: goesOn, want: davinci.Paused,
	},
	"a screen with status 201": {
		status: 201, body: `{` + named + `,` + nextLink + `}`,
		web: goesOn, android: fails, ios: fails,
		want: davinci.Paused, why: "the service says success; the requirement STATUS-200 reports it",
	},
	"a screen with session": {
		body: `{` + named + `,"session":{"id":"s"},` + nextLink + `}`,
		web:  noCode, android: goesOn, ios: goesOn,
		want: davinci.Paused, why: "the requirement SUCCESS reports it for the web SDK",
	},
	"a screen with status failure": {
		body: `{` + named + `,"status":"failure",` + nextLink + `}`,
		web:  fails, android: goesOn, ios: goesOn,
		want: davinci.Paused, why: "the service writes FAILED; the requirement FAILED reports it for the web SDK",
	},
	"a screen with status FAILED and no error": {
		body: `{` + named + `,"status":"FAILED",` + nextLink + `}`,
		web:  goesOn, android: fails, ios: fails,
		want: davinci.Failed, code: "FAILED", origin: davinci.FromFlow, why: "the service says so",
	},

	// Rewinds.
	"a rewind to the last screen": {
		body: `{"eventName":"rewindStateToLastRenderedUI","success":true,"id":"node2","interactionId":"i"}`,
		web:  keeps, android: keeps, ios: keeps, want: davinci.Rewound,
	},
	"a rewind to a certain screen": {
		body: `{"eventName":"rewindStateToSpecificRenderedUI","success":true}`,
		web:  keeps, android: keeps, ios: keeps, want: davinci.Rewound,
	},
	"a rewind with a next link": {
		body: `{"eventName":"rewindStateToLastRenderedUI",` + screenForm + `,` + nextLink + `}`,
		web:  keeps, android: keeps, ios: keeps, want: davinci.Rewound, why: "they look at the event first",
	},
	"a rewind at the start": {
		start: true, body: `{"eventName":"rewindStateToLastRenderedUI"}`,
		web: skips, android: fails, ios: fails,
		message: `rewindStateToLastRenderedUI`,
		want:    davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
	},
	"a rewind that no SDK knows, with a next link": {
		body: `{"eventName":"rewindStateToX",` + nextLink + `}`,
		web:  goesOn, android: goesOn, ios: goesOn, want: davinci.Paused, why: "to all of them it is a screen",
	},
	"a rewind that no SDK knows, without a next link": {
		body: `{"eventName":"rewindStateToX"}`,
		web:  fails, android: noLink, ios: noLink,
		want: davinci.Rewound, why: "the event says so; the requirement REWIND reports it",
	},
	"a rewind and an authorizeResponse": {
		body: `{"eventName":"rewindStateToLastRenderedUI","authorizeResponse":{"code":"c"}}`,
		web:  succeeds, android: succeeds, ios: succeeds, want: davinci.Completed,
	},

	// The end.
	"authorizeResponse beside a next link": {
		body: `{"authorizeResponse":{"code":"c"},"session":{"id":"s"},"status":"COMPLETED",` + nextLink + `}`,
		web:  succeeds, android: succeeds, ios: succeeds, want: davinci.Completed,
	},
	"authorizeResponse at the start": {
		start: true, body: `{"authorizeResponse":{"code":"c"},"status":"COMPLETED"}`,
		web: succeeds, android: succeeds, ios: succeeds, want: davinci.Completed, why: "a session lives already",
	},
	"only a session": {
		body: `{"session":{"id":"s"},"status":"COMPLETED"}`,
		web:  noCode, android: noLink, ios: noLink,
		want: davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
	},
	"createSuccessResponse": {
		body: `{"capabilityName":"createSuccessResponse","success":true,"_links":{"self":{"href":"https://x"}}}`,
		web:  fails, android: noLink, ios: noLink,
		message: `createSuccessResponse`,
		want:    davinci.Failed, code: davinci.CodeNoAuthorizeResponse, origin: davinci.FromFlow,
	},
	"FAILED with an error": {
		body: `{"status":"FAILED","error":{"code":"login_required","message":"no"},"environment":{"id":"e"}}`,
		web:  fails, android: fails, ios: fails, message: `no`,
		want: davinci.Failed, code: "login_required", origin: davinci.FromFlow,
	},
	"an error and an authorizeResponse": {
		body: `{"error":{"code":"server_error","message":"no"},"authorizeResponse":{"code":"c"}}`,
		web:  fails, android: fails, ios: fails, want: davinci.Failed, code: "server_error", origin: davinci.FromFlow,
	},
	"an empty error and an authorizeResponse": {
		body: `{"error":{},"authorizeResponse":{"code":"c"}}`,
		web:  fails, android: succeeds, ios: succeeds,
		want: davinci.Completed, why: "it names no error; the requirement ERROR-KEY reports it for the web SDK",
	},
	"an error that is a text": {
		body: `{"error":"server_error",` + nextLink + `}`,
		web:  fails, android: throws, ios: goesOn, want: davinci.Failed, code: "FAILED", origin: davinci.FromFlow,
		why: "it names an error",
	},
	"PingOne's own sign-on": {
		start: true,
		body:  `{"status":"USERNAME_PASSWORD_REQUIRED","resumeUrl":"https://x",` + nextLink + `}`,
		web:   goesOn, android: noLink, ios: noLink,
		message: `no DaVinci flow policy`,
		want:    davinci.Failed, code: "USERNAME_PASSWORD_REQUIRED", origin: davinci.FromTenant,
		why: "it is no DaVinci flow",
	},

	// 4xx.
	"an error of a flow": {
		status: 400, body: `{"code":" Invalid","message":" Invalid","httpResponseCode":400,"capabilityName":"checkPassword"}`,
		web: refuses, android: refuses, ios: refuses, want: davinci.Refused,
	},
	"any other 4xx": {
		status: 404, body: `{"message":"nothing"}`, web: refuses, android: refuses, ios: refuses, want: davinci.Refused,
	},
	"1999 as a number": {
		status: 401, body: `{"message":"Unauthorized!","code":1999,"success":false}`,
		web: fails, android: fails, ios: fails, message: `handles are missing`,
		want: davinci.Failed, code: "1999", origin: davinci.FromFlow,
	},
	"1999 as text": {
		status: 400, body: `{"message":"Unauthorized!","code":"1999"}`,
		web: refuses, android: fails, ios: refuses,
		want: davinci.Failed, code: "1999", origin: davinci.FromFlow, why: "the interaction is lost all the same",
	},
	"requestTimedOut": {
		status: 400, body: `{"code":"requestTimedOut","message":"Request timed out."}`,
		web: fails, android: fails, ios: fails, message: `leads nowhere`,
		want: davinci.Failed, code: "requestTimedOut", origin: davinci.FromFlow,
	},
	"a refusal by the capability that completes": {
		status: 400, body: `{"code":"x","connectorId":"pingOneAuthenticationConnector","capabilityName":"returnSuccessResponseRedirect"}`,
		web: fails, android: fails, ios: fails, want: davinci.Failed, code: "x", origin: davinci.FromFlow,
	},
	"a refusal by the capability that sets the session": {
		status: 400, body: `{"code":"x","connectorId":"pingOneAuthenticationConnector","capabilityName":"setSession"}`,
		web: fails, android: fails, ios: fails, want: davinci.Failed, code: "x", origin: davinci.FromFlow,
	},
	"the same capability of another connector": {
		status: 400, body: `{"code":"x","connectorId":"other","capabilityName":"setSession"}`,
		web: refuses, android: refuses, ios: refuses, want: davinci.Refused,
	},
	"INVALID_REQUEST at the start": {
		start: true, status: 400, body: `{"id":"u-1","code":"INVALID_REQUEST","message":"Invalid DV Flow Policy ID: x"}`,
		web: refuses, android: refuses, ios: refuses,
		message: `Policy ID`,
		want:    davinci.Failed, code: "INVALID_REQUEST", origin: davinci.FromTenant, why: "no flow has answered",
	},
	"INVALID_REQUEST of a flow": {
		status: 400, body: `{"code":"INVALID_REQUEST","interactionId":"i"}`,
		web: refuses, android: refuses, ios: refuses, want: davinci.Refused,
	},
	"429 of the service": {
		status: 429, body: `{"code":"REQUEST_LIMITED","message":"too many"}`,
		web: refuses, android: refuses, ios: refuses,
		want: davinci.Failed, code: "429", origin: davinci.FromRateLimit, why: "what was sent is not what is wrong",
	},
	"429 of a flow": {
		status: 429, body: `{"code":"429","message":"slow down","capabilityName":"customErrorMessage"}`,
		web: refuses, android: refuses, ios: refuses, want: davinci.Refused,
	},
	"a page with status 403": {
		status: 403, body: `<title>Forbidden</title>`, web: skips, android: notParsed, ios: notParsed,
		message: `in front of the flow answers with status 403`,
		want:    davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"an empty body with status 401": {
		status: 401, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"a proxy that wants credentials": {
		status: 407, body: `<p>`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"a gateway that waited for the request": {
		status: 408, body: `timeout`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"half a body with status 403": {
		status: 403, body: `{"code":`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"a page with status 404": {
		status: 404, body: `<title>Not Found</title>`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"an empty body with status 500": {
		status: 500, web: fails, android: fails, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"a refusal by the capability that completes, without a code": {
		status: 403, body: `{"connectorId":"pingOneAuthenticationConnector","capabilityName":"setSession"}`,
		web: fails, android: fails, ios: fails, want: davinci.Failed, code: "403", origin: davinci.FromFlow,
	},

	// 3xx, 5xx, and what is no answer.
	"a redirect": {
		start: true, status: 302, header: http.Header{"Location": {"https://apps.example.test/signon/?error=invalid_request&code=secret"}},
		web: fails, android: fails, ios: fails, message: `apps.example.test/signon/, error "invalid_request"`,
		want: davinci.Failed, code: "302", origin: davinci.FromTenant,
	},
	"a flow that broke": {
		status: 500, body: `{"message":"Internal","httpResponseCode":500}`,
		web: fails, android: fails, ios: fails, want: davinci.Failed, code: "500", origin: davinci.FromFlow,
	},
	"a flow policy with another trigger": {
		status: 500, body: `{"code":"UNEXPECTED_ERROR"}`,
		web: fails, android: fails, ios: fails, message: `AUTHENTICATION`,
		want: davinci.Failed, code: "UNEXPECTED_ERROR", origin: davinci.FromTenant,
	},
	"a gateway that gives up": {
		status: 503, body: `<title>Service Unavailable</title>`,
		web: skips, android: fails, ios: notParsed, message: `titled "Service Unavailable"`,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromNetwork,
	},
	"an empty body": {
		web: skips, android: notParsed, ios: notParsed,
		message: `empty`,
		want:    davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"an array": {
		body: `[]`, web: fails, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"a page": {
		body: `<!doctype html><title>Oops</title>`, web: skips, android: notParsed, ios: notParsed,
		message: `titled "Oops"`, want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"null": {
		body: `null`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
	"half a body": {
		body: `{"form":{"name":`, web: skips, android: notParsed, ios: notParsed,
		want: davinci.Failed, code: "notJSON", origin: davinci.FromFlow,
	},
}

func TestOutcomeIsWhatTheSDKsDo(t *testing.T) {
	t.Parallel()
	for name, row := range decisions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := row.status
			if status == 0 {
				status = http.StatusOK
			}
			a := davinci.Reader{Waits: !row.start}.Read(status, row.header, []byte(row.body))
			require.Equal(t, row.want, a.Outcome, "%+v", a.Failure)
			require.Equal(t, row.want == davinci.Failed, a.Failure != nil)
			assert.Equal(t, row.want == davinci.Paused, a.Screen() != nil)
			if a.Failure != nil {
				assert.Equal(t, row.code, a.Failure.Code, a.Failure.Message)
				assert.Equal(t, row.origin, a.Failure.Origin)
				assert.Contains(t, a.Failure.Message, row.message)
				assert.NotContains(t, a.Failure.Message, "secret")
			}
			stays := row.want == davinci.Refused || row.want == davinci.Rewound || row.origin == davinci.FromRateLimit
			assert.Equal(t, stays, a.Stays())
		})
	}
}

// A row that follows one SDK and not another says why.
func TestADecisionAgainstAnSDKHasAReason(t *testing.T) {
	t.Parallel()
	follows := map[davinci.Outcome][]string{
		davinci.Paused: {goesOn}, davinci.Rewound: {keeps}, davinci.Refused: {refuses}, davinci.Completed: {succeeds},
		davinci.Failed: {fails, throws, noLink, noCode, skips, notParsed},
	}
	for name, row := range decisions {
		for _, sdk := range []string{row.web, row.android, row.ios} {
			require.NotEmpty(t, sdk, name)
			if row.why == "" {
				assert.Contains(t, follows[row.want], sdk, name)
			}
		}
	}
}
