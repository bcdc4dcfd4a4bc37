package diff

import (
	"fmt"
	"slices"
)

// A Class says how severe a change is.
//
// A change is Breaking if a client or a feature that worked no longer does: what it pressed,
// filled in, read or decided on is gone or means something else. It is Additive if something was
// added that no client has to use. It is Cosmetic if only what a person sees, or what a client
// passes on unread, is different.
//
// NotRecorded is what was not recorded again. It is not a change: all of it may be as before.
//
// Three decisions could have gone otherwise. Another name of a screen is breaking, because
// features name the screen at which the flow pauses. Another message of an error is breaking
// though it is text: many errors have no code but their message, features assert on it, and apps
// distinguish errors by it; the messages inside details are cosmetic, because they have a code
// beside them. A property that is gone is breaking unless no client is known to read it, since a
// flow may return properties of its own.
type Class uint8

// The classes, the most severe last.
const (
	None        Class = iota // nothing changed
	NotRecorded              // the later recording does not have it
	Cosmetic
	Additive
	Breaking
)

// String returns the class as reports write it.
func (c Class) String() string {
	return [...]string{"none", "not-recorded", "cosmetic", "additive", "breaking"}[c]
}

// MarshalText writes the class as String does.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// ParseClass reads the least severe class that counts as a failure.
func ParseClass(text string) (Class, error) {
	for _, c := range []Class{Breaking, Additive, Cosmetic} {
		if text == c.String() {
			return c, nil
		}
	}
	return None, fmt.Errorf("class %q is unknown, want breaking, additive or cosmetic", text)
}

// A Kind is a sort of change. Kinds are stable: programs may depend on them.
type Kind string

// The kinds. Each that ends in added has a counterpart that ends in gone.
const (
	FlowAdded     Kind = "flow-added"
	FlowGone      Kind = "flow-gone"
	FlowRenamed   Kind = "flow-renamed"
	PolicyChanged Kind = "policy-changed"
	ClientChanged Kind = "client-changed"

	ScreenAdded       Kind = "screen-added"
	ScreenGone        Kind = "screen-gone"
	ScreenRenamed     Kind = "screen-renamed"
	NodeChanged       Kind = "node-changed"
	CapabilityChanged Kind = "capability-changed"

	FieldAdded        Kind = "field-added"
	FieldGone         Kind = "field-gone"
	FieldRenamed      Kind = "field-renamed"
	TypeChanged       Kind = "type-changed"
	RequiredChanged   Kind = "required-changed"
	DefaultChanged    Kind = "default-changed"
	ValidationChanged Kind = "validation-changed"
	OptionAdded       Kind = "option-added"
	OptionGone        Kind = "option-gone"
	OptionChanged     Kind = "option-changed" // what it posts
	OptionRelabelled  Kind = "option-relabelled"
	OrderChanged      Kind = "order-changed"
	ButtonAdded       Kind = "button-added"
	ButtonGone        Kind = "button-gone"
	ButtonRenamed     Kind = "button-renamed" // its key
	LabelChanged      Kind = "label-changed"
	TextChanged       Kind = "text-changed"

	HTMLChanged   Kind = "html-changed"
	CSSChanged    Kind = "css-changed"
	ScriptChanged Kind = "script-changed"
	InputAdded    Kind = "input-added" // only of the HTML
	InputGone     Kind = "input-gone"

	PropertyAdded   Kind = "property-added"
	PropertyGone    Kind = "property-gone"
	PropertyChanged Kind = "property-changed"
	KindChanged     Kind = "kind-changed" // the JSON kind

	ScreenUnrecorded Kind = "screen-not-recorded"
	HopUnrecorded    Kind = "hop-not-recorded"

	HopAdded            Kind = "hop-added"
	HopGone             Kind = "hop-gone"
	HopRedirected       Kind = "hop-leads-elsewhere"
	OutcomeChanged      Kind = "outcome-changed"
	StatusChanged       Kind = "status-changed"
	FormDataChanged     Kind = "form-data-changed"
	EventTypeChanged    Kind = "event-type-changed"
	ErrorCodeChanged    Kind = "error-code-changed"
	ErrorMessageChanged Kind = "error-message-changed"
	CookieAdded         Kind = "cookie-added"
	CookieGone          Kind = "cookie-gone"
	CookieChanged       Kind = "cookie-changed"
	HeaderAdded         Kind = "header-added"
	HeaderGone          Kind = "header-gone"
	HeaderChanged       Kind = "header-changed"

	VerdictChanged Kind = "verdict-changed"
)

// A rule gives the class and the words for a change of a property.
type rule struct {
	kind                 Kind // of a changed value
	changed, gone, added Class
	noun                 string // what a sentence calls it, "" for its path
	shown                bool   // whether the path follows the noun
}

// ruleOf returns the rule of the property to which segments lead. A value is
// breaking where a client decides on it, and cosmetic where a client shows it
// or passes it on.
func ruleOf(segments []string) rule {
	last := segments[len(segments)-1]
	r := rule{kind: PropertyChanged, changed: Cosmetic, gone: Breaking, added: Additive}
	switch {
	case segments[0] == "details" || isError(segments):
		return errorRule(r, segments, last)
	case slices.Contains(segments, "validation") || slices.Contains(segments, "passwordPolicy"):
		return validationRule(r, segments, last)
	case last == "capabilityName":
		r.kind, r.changed, r.noun = CapabilityChanged, Breaking, "capability"
	case len(segments) == 1 && last == "id":
		r.kind, r.noun = NodeChanged, "node"
	case slices.Contains(shown, last) || last == "value" && slices.Contains(shown, segments[max(0, len(segments)-2)]):
		r.kind, r.noun, r.shown = TextChanged, "text", true
	case slices.Contains(decisive, last):
		r.changed = Breaking
	}
	if isIdle(segments) || r.kind == TextChanged {
		r.gone = Cosmetic
	}
	if isIdle(segments) {
		r.added = Cosmetic
	}
	return r
}

func isError(segments []string) bool {
	names := []string{"code", "message", "errorMessage", "error_description", "httpResponseCode"}
	return len(segments) == 1 && slices.Contains(names, segments[0]) || segments[0] == "error"
}

// errorRule is the rule of what an error says. See [Class] for why the message
// of an error is breaking and the messages inside details are not.
//
// Source: what Ping's SDKs read of an error: code and message, and the entries
// of details that have a target.
func errorRule(r rule, segments []string, last string) rule {
	r.shown = segments[0] == "details"
	switch last {
	case "code", "httpResponseCode", "error", "statusCode":
		r.kind, r.changed, r.noun = ErrorCodeChanged, Breaking, "error code"
		if last == "httpResponseCode" || last == "statusCode" {
			r.shown = true
		}
	case "message", "errorMessage", "error_description":
		r.kind, r.changed, r.noun = ErrorMessageChanged, Breaking, "error message"
		if r.shown {
			r.changed = Cosmetic
		}
	case "target":
		r.changed = Breaking
	}
	return r
}

// validationRule is the rule of what decides whether a value is accepted. Other
// demands may refuse what was accepted; fewer accept more.
func validationRule(r rule, segments []string, last string) rule {
	r.kind = ValidationChanged
	idle := []string{
		"errorMessage", "name", "description", "id", "environment", "populationCount", "createdAt", "updatedAt",
		"default",
		"history", "lockout", "maxAgeDays", "minAgeDays",
	}
	r.changed, r.added, r.gone = Breaking, Breaking, Additive
	if last == "passwordPolicy" {
		r.gone = Breaking // clients tell the person what is wanted
		r.added = Additive
	}
	at := max(slices.Index(segments, "validation"), slices.Index(segments, "passwordPolicy"))
	if at+1 < len(segments) && slices.Contains(idle, segments[at+1]) {
		r.changed, r.added, r.gone = Cosmetic, Cosmetic, Cosmetic
		if last == "errorMessage" {
			r.kind, r.noun, r.shown = TextChanged, "text", true
		}
	}
	return r
}

// decisive holds the properties whose value tells a client what to do.
//
// Source: how Ping's SDKs classify an answer, and which collector they choose
// for a field.
var decisive = []string{
	"status", "eventName", "success", "inputType", "eventType", "constructType", "trigger", "action", "idpType",
	"idpEnabled", "pollChallengeStatus", "enablePolling", "verify",
}

// shown holds the properties with a text for a person.
var shown = []string{
	"label", "labelPasswordVerify", "extensionLabel", "title", "description", "content", "displayName", "fallbackText",
	"errorMessage", "message", "messageTitle", "nodeTitle", "nodeDescription", "buttonText", "placeholder",
}

// isIdle reports whether no client reads a property: settings of the node that the service
// passes on, and what only styles a page.
//
// Source: the properties of real answers, checked against what Ping's SDKs read.
func isIdle(segments []string) bool {
	last := segments[len(segments)-1]
	if slices.Contains(idle, last) {
		return true
	}
	return len(segments) > 1 && (segments[0] == "subFlowSettings" || segments[0] == "metricAttributes" ||
		segments[0] == "screen" && (segments[1] == "metadata" || segments[1] == "userViews" || segments[1] == "name"))
}

var idle = []string{
	"theme", "themeId", "formId", "envId", "region", "returnUrl", "backgroundColor", "linkWithP1User", "population",
	"enableRisk", "collectBehavioralData", "universalDeviceIdentification", "behavioralDataCollection",
	"authenticationMethodSource", "fieldTypes", "pingidAgent", "enableMagicLinkAuthentication",
	"skProxyApiEnvironmentId", "startUiSubFlow",
	"isErrorCustomized", "doNotSendToOE", "logLevel", "serviceName", "metricAttributes", "cause", "errorCategory",
	"expected", "correlationId",
	"viewToggle", "largePayload", "language", "preferredControlType", "preferredDataType", "hideLabel", "showFooter",
	"styles", "iconSrc", "penColor", "imageUrl", "appearance",
}
