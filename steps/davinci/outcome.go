package davinci

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// An Outcome says what an answer means for its journey.
//
// The SDKs decide what a body means. If they differ, an answer fails if no client can go on
// from it or if it should have a code and has none. If only some SDKs cannot carry an answer,
// the service decides, and the SDK catalogue of package conformance reports the SDKs. JSON
// null means the same as a missing property.
type Outcome uint8

// The outcomes.
const (
	Paused    Outcome = iota + 1 // the flow waits at a screen for a person
	Rewound                      // the flow goes on waiting at the old screen
	Refused                      // the flow refused the request: the old screen, its id, link and token stay valid
	Completed                    // the flow has ended and the sign-on with it
	Failed                       // the flow is dead; only a new start helps
)

// String returns the outcome as reports write it.
func (o Outcome) String() string {
	return nameOf(int(o), "paused", "rewound", "refused", "completed", "failed")
}

// nameOf returns the name of the nth constant, from 1.
func nameOf(n int, names ...string) string {
	if n < 1 || n > len(names) {
		return "unknown"
	}
	return names[n-1]
}

// An Origin says which side a failure comes from.
type Origin uint8

// The origins.
const (
	FromFlow      Origin = iota + 1 // the flow itself
	FromNetwork                     // the way to the service, or a service that is down
	FromRateLimit                   // too many requests
	FromTenant                      // the set-up of environment, application or flow policy
)

// String returns the origin as reports write it.
func (o Origin) String() string {
	return nameOf(int(o), "flow", "network", "rate limit", "tenant set-up")
}

// Environmental reports whether a run may be repeated without a change of the flow or
// the feature.
func (o Origin) Environmental() bool {
	return o == FromNetwork || o == FromRateLimit || o == FromTenant
}

// A Failure says why a journey ended before its flow did.
type Failure struct {
	Origin  Origin
	Code    string // the body's code or error.code, or the status, or a word such as notJSON
	Message string // for a person
}

// The codes of failures. Only the code shows that an interaction is over.
const (
	codeNotJSON             = "notJSON"
	CodeNoAuthorizeResponse = "noAuthorizeResponse"
	CodeLost                = "1999" // on the wire a number
	CodeTimedOut            = "requestTimedOut"
)

// classify returns what the answer means, and why it fails where it does: the
// first rule that fits wins.
func classify(a *Answer, waits bool) (Outcome, *Failure) {
	if f := broken(a, waits); f != nil {
		return Failed, f
	}
	end := a.Property("authorizeResponse")
	switch {
	case a.Status >= http.StatusBadRequest:
		return Refused, nil
	case end.IsObject():
		return Completed, nil
	case end.Exists() && end.Type != gjson.Null:
		return Failed, &Failure{
			FromFlow, CodeNoAuthorizeResponse,
			"the flow ended with an authorizeResponse that is not an object: there is no code and no session",
		}
	case rewinds(a) && waits:
		return Rewound, nil
	case rewinds(a):
		return Failed, &Failure{
			FromFlow, CodeNoAuthorizeResponse,
			"the flow goes back to an earlier screen (" + a.Property("eventName").Str + ") and has shown none",
		}
	case goesOn(a):
		return Paused, nil
	}
	why := "the flow ended without authorizeResponse: there is no code and no session"
	if a.Property("form").IsObject() {
		why = "the form has no _links.next.href, so no client can answer it, and the flow ends there: " +
			"there is no code and no session"
	}
	if name := a.Capability(); name != "" {
		why += " (its last capability is " + name + ")"
	}
	return Failed, &Failure{FromFlow, CodeNoAuthorizeResponse, why}
}

// goesOn reports whether a client has something to answer: a next link, or a
// detailed screen, of which it makes the link.
func goesOn(a *Answer) bool {
	return a.Property("_links").Get("next.href").Exists() || a.Property("screen").Exists()
}

// NoScreen says why the answer is not a screen, as in "has the status 400". It returns "" if the
// answer is one.
func (a *Answer) NoScreen() string {
	switch {
	case a.Outcome == Paused:
		return ""
	case a.Status < 200 || a.Status >= 300:
		return "has the status " + strconv.Itoa(a.Status)
	case !a.IsObject():
		return "is not a JSON object but " + bodyKind(a)
	case a.Outcome == Completed:
		return "has authorizeResponse, with which a flow ends"
	case rewinds(a):
		return "has an eventName that goes back to the screen before it"
	case goesOn(a):
		return "has a status or an error with which a flow fails"
	default:
		return "has neither _links.next.href nor, as a detailed response, screen"
	}
}

// Rewinds reports whether the event of the answer is one of the two after which the SDKs keep
// the old screen.
func (a *Answer) Rewinds() bool {
	event := a.Property("eventName").Str
	return event == "rewindStateToLastRenderedUI" || event == "rewindStateToSpecificRenderedUI"
}

// rewinds reports whether the answer leaves the old screen. Another event of such a
// name beside a next link is a screen to every SDK; without one it is read as
// what it says, and no SDK carries it.
func rewinds(a *Answer) bool {
	return a.Rewinds() || strings.HasPrefix(a.Property("eventName").Str, "rewindStateTo") && !goesOn(a)
}

// RefusedAtEnd reports whether the answer is a 4xx from the capability that ends a sign-on, which
// every SDK treats as a failure.
func (a *Answer) RefusedAtEnd() bool {
	name := a.Capability()
	return a.Property("connectorId").String() == "pingOneAuthenticationConnector" &&
		(name == "returnSuccessResponseRedirect" || name == "setSession")
}

// Stays reports whether the flow is still at the same screen: it refused the request,
// went back to the screen, or the service asks to send the same request again later.
func (a *Answer) Stays() bool {
	return a.Outcome == Refused || a.Outcome == Rewound || a.Failure != nil && a.Failure.Origin == FromRateLimit
}

// broken returns why the answer is neither one of a living flow nor its end.
func broken(a *Answer, waits bool) *Failure {
	switch {
	case a.Status >= 500:
		return serverError(a)
	case a.Status == http.StatusTooManyRequests && !a.Property("capabilityName").Exists():
		return &Failure{FromRateLimit, "429", "the service asks to come back later"}
	case a.Status >= 300 && a.Status < 400:
		return redirected(a)
	case !a.IsObject():
		f := &Failure{FromFlow, codeNotJSON, "the body is not a JSON object but " + bodyKind(a)}
		if slices.Contains(gatewayStatuses, a.Status) && !beginsAsObject(a.Body) {
			f.Origin = FromNetwork
			f.Message = "something in front of the flow answers with status " + strconv.Itoa(a.Status) + " and " +
				bodyKind(a)
		}
		return f
	case a.Status >= 400:
		return clientError(a, waits)
	}
	e := a.Property("error")
	switch {
	case a.Property("status").String() == "FAILED", e.Exists() && e.Type != gjson.Null && e.Raw != "{}":
		return &Failure{FromFlow, cmp.Or(a.Code(), "FAILED"), a.Message()}
	case a.Property("resumeUrl").Exists() && !a.Property("capabilityName").Exists():
		return &Failure{
			FromTenant, cmp.Or(a.Property("status").String(), strconv.Itoa(a.Status)),
			"PingOne's own sign-on answers: no DaVinci flow policy is assigned to the application",
		}
	}
	return nil
}

// gatewayStatuses are those of a firewall, a proxy or a gateway in front of the flow, if the body
// is not JSON: a flow says in JSON what it refuses.
var gatewayStatuses = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired, http.StatusRequestTimeout,
}

// serverError tells a dead service, or what is in front of it, from a flow that broke.
func serverError(a *Answer) *Failure {
	f := &Failure{FromFlow, a.Code(), a.Message()}
	switch {
	case f.Code == "UNEXPECTED_ERROR":
		f.Origin = FromTenant
		f.Message += " (often a flow policy whose trigger is not AUTHENTICATION)"
	case a.Status > http.StatusInternalServerError && !a.Property("capabilityName").Exists(), !beginsAsObject(a.Body):
		f.Origin = FromNetwork
	}
	if f.Code == "" && !beginsAsObject(a.Body) {
		f.Code, f.Message = codeNotJSON, "the service is in trouble and answers with "+bodyKind(a)
	}
	if f.Code == "" {
		f.Code = strconv.Itoa(a.Status)
	}
	return f
}

// redirected describes a redirect, of which pi.flow has none.
func redirected(a *Answer) *Failure {
	f := &Failure{FromTenant, strconv.Itoa(a.Status), "redirected instead of answered"}
	if to, err := url.Parse(a.Header.Get("Location")); err == nil && to.Path != "" {
		f.Message += ", to " + to.Host + to.Path
		for _, name := range []string{"error", "error_description"} {
			if v := to.Query().Get(name); v != "" {
				f.Message += ", " + name + " " + strconv.Quote(v)
			}
		}
	}
	f.Message += ": look at client id, response mode and the application's flow policy"
	return f
}

// clientError returns why a status from 400 to 499 ends the journey, or nil if the flow goes on
// at the old screen.
func clientError(a *Answer, waits bool) *Failure {
	code, message := a.Code(), a.Message()
	tenant := []string{"INVALID_REQUEST", "UNEXPECTED_ERROR", "NOT_FOUND", "ACCESS_FAILED"}
	switch {
	case code == CodeLost:
		message += " (the interaction is unknown, has expired, or its handles are missing)"
		return &Failure{FromFlow, code, message}
	case code == CodeTimedOut:
		return &Failure{FromFlow, code, message + " (often a branch of the flow that leads nowhere)"}
	case a.RefusedAtEnd():
		return &Failure{FromFlow, cmp.Or(code, strconv.Itoa(a.Status)), message}
	case !waits && !a.Property("interactionId").Exists() && slices.Contains(tenant, code):
		return &Failure{FromTenant, code, message}
	}
	return nil
}
