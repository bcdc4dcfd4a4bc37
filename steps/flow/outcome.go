package flow

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// An Outcome says what came of a hop.
type Outcome uint8

// The outcomes.
const (
	Paused    Outcome = iota + 1 // the flow waits at a screen for a person
	Rewound                      // the flow waits on: the old screen stays
	Refused                      // what was sent was refused: the old screen, its id, link and token stay valid
	Completed                    // the flow has ended and the sign-on with it
	Failed                       // the flow is dead; only a new start helps
)

// String returns the outcome as reports write it.
func (o Outcome) String() string {
	switch o {
	case Paused:
		return "paused"
	case Rewound:
		return "rewound"
	case Refused:
		return "refused"
	case Completed:
		return "completed"
	case Failed:
		return "failed"
	default:
		return "unknown"
	}
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
	switch o {
	case FromFlow:
		return "flow"
	case FromNetwork:
		return "network"
	case FromRateLimit:
		return "rate limit"
	case FromTenant:
		return "tenant set-up"
	default:
		return "unknown"
	}
}

// Environmental reports whether a run may be tried again without anyone
// changing the flow or the feature.
func (o Origin) Environmental() bool {
	return o == FromNetwork || o == FromRateLimit || o == FromTenant
}

// A Failure says why a journey ended before its flow did.
type Failure struct {
	Origin  Origin
	Code    string // the body's code or error.code, else the status, else a word such as notJSON
	Message string // for a person
}

// The codes of failures for which the service has no code of its own.
const (
	CodeNotJSON             = "notJSON"
	CodeNoAuthorizeResponse = "noAuthorizeResponse"
)

// classify sets Outcome and Failure of a hop: the first rule that fits wins.
// The journey waits at a screen where waits is true.
//
// Source: how Ping's web, Android and iOS SDKs decide, with the strictest of
// the three where they differ.
func (h *Hop) classify(waits bool) {
	h.Outcome = Failed
	h.Failure = h.broken(waits)
	if h.Failure != nil {
		return
	}
	switch {
	case h.Status >= http.StatusBadRequest:
		h.Outcome = Refused
	case h.body().get("authorizeResponse").IsObject():
		h.Outcome = Completed
	case strings.HasPrefix(h.body().get("eventName").String(), "rewindStateTo") && waits:
		h.Outcome = Rewound
	case h.body().get("_links").Get("next.href").Exists() || h.body().get("screen").Exists():
		h.Outcome = Paused
	default:
		h.Failure = &Failure{
			FromFlow, CodeNoAuthorizeResponse,
			"the flow ended without authorizeResponse: there is no code and no session" + h.lastCapability(),
		}
	}
}

// broken returns why the hop is neither an answer of a living flow nor its end.
func (h *Hop) broken(waits bool) *Failure {
	body := h.body()
	switch {
	case h.Status >= 500:
		return h.serverError()
	case h.Status == http.StatusTooManyRequests && !body.get("capabilityName").Exists():
		return &Failure{FromRateLimit, "429", "the service asks to come back later"}
	case h.Status >= 300 && h.Status < 400:
		return h.redirected()
	case !body.valid:
		return &Failure{FromFlow, CodeNotJSON, "the body is not a JSON object but " + h.bodyKind()}
	case h.Status >= 400:
		return h.clientError(body, waits)
	}
	e := body.get("error")
	switch {
	case body.get("status").String() == "FAILED", e.Exists() && e.Type != gjson.Null && e.Raw != "{}":
		return &Failure{FromFlow, cmp.Or(h.Code(), "FAILED"), h.Message()}
	case body.get("resumeUrl").Exists() && !body.get("capabilityName").Exists():
		return &Failure{
			FromTenant, body.get("status").String(),
			"PingOne's own sign-on answers: no DaVinci flow policy is assigned to the application",
		}
	}
	return nil
}

// serverError tells a dead service from a flow that broke.
func (h *Hop) serverError() *Failure {
	f := &Failure{FromFlow, h.Code(), h.Message()}
	switch {
	case f.Code == "UNEXPECTED_ERROR":
		f.Origin = FromTenant
		f.Message += " (often a flow policy whose trigger is not AUTHENTICATION)"
	case h.Status > http.StatusInternalServerError && !h.body().get("capabilityName").Exists():
		f.Origin = FromNetwork
	}
	if f.Code == "" && !h.isJSON() {
		f.Code, f.Message = CodeNotJSON, "the service is in trouble and answers with "+h.bodyKind()
	}
	if f.Code == "" {
		f.Code = strconv.Itoa(h.Status)
	}
	return f
}

// redirected describes a redirect, of which pi.flow has none.
func (h *Hop) redirected() *Failure {
	f := &Failure{FromTenant, strconv.Itoa(h.Status), "redirected instead of answered"}
	if to, err := url.Parse(h.Header.Get("Location")); err == nil && to.Path != "" {
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

// clientError returns why a status from 400 to 499 ends the journey, or nil
// where the flow goes on at the old screen.
func (h *Hop) clientError(body *top, waits bool) *Failure {
	code, message := h.Code(), h.Message()
	connector, name := body.get("connectorId").String(), body.get("capabilityName").String()
	ends := []string{davinci.ReturnSuccessResponseRedirect, davinci.SetSession}
	tenant := []string{"INVALID_REQUEST", "UNEXPECTED_ERROR", "NOT_FOUND", "ACCESS_FAILED"}
	switch {
	case code == "1999":
		message += " (the interaction is unknown, has expired, or its handles are missing)"
		return &Failure{FromFlow, code, message}
	case code == "requestTimedOut":
		return &Failure{FromFlow, code, message + " (often a branch of the flow that leads nowhere)"}
	case connector == "pingOneAuthenticationConnector" && slices.Contains(ends, name):
		return &Failure{FromFlow, code, message}
	case !waits && !body.get("interactionId").Exists() && slices.Contains(tenant, code):
		return &Failure{FromTenant, code, message}
	}
	return nil
}

func (h *Hop) lastCapability() string {
	if name := h.Capability(); name != "" {
		return " (its last capability is " + name + ")"
	}
	return ""
}
