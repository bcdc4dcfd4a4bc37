package diff

import "fmt"

// A Class says how badly a change strikes.
//
// A change is Breaking where a client or a feature that worked no longer does:
// what it pressed, filled in, read or decided on is gone or means something
// else. It is Additive where there is more than before and nobody has to use
// it. It is Cosmetic where only what a person sees, or what a client passes on
// without looking, is other than before.
//
// What nobody did again is NotRecorded and no change: it may all be as it was.
//
// Three decisions could have gone otherwise. The name of a screen is how
// features say where the flow pauses, so that another name is breaking. The
// message of an error is breaking though it is text: many errors have no code
// but their message, features assert on it, and apps tell errors apart by it;
// the messages inside details are cosmetic, for there the code stands beside
// them. A property that is gone is breaking unless it is known that no client
// reads it, since a flow may hand out properties of its own.
type Class uint8

// The classes, the gravest last.
const (
	None        Class = iota // nothing changed
	NotRecorded              // the later recording does not tell
	Cosmetic
	Additive
	Breaking
)

// String returns the class as reports write it.
func (c Class) String() string {
	switch c {
	case NotRecorded:
		return "not-recorded"
	case Cosmetic:
		return "cosmetic"
	case Additive:
		return "additive"
	case Breaking:
		return "breaking"
	default:
		return "none"
	}
}

// ParseClass reads the class from which on a difference counts as a failure.
func ParseClass(text string) (Class, error) {
	for _, c := range []Class{Breaking, Additive, Cosmetic} {
		if text == c.String() {
			return c, nil
		}
	}
	return None, fmt.Errorf("class %q is unknown, want breaking, additive or cosmetic", text)
}

// A Kind says what sort of change it is. Kinds are stable: programs may decide on them.
type Kind string

// The kinds. Those that end in added and gone are each other's mirror.
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
	InputAdded    Kind = "input-added" // of the HTML alone
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
