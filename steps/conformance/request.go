package conformance

import (
	"strconv"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// requestRules are the rows of the table that stand in requests.
func requestRules() []*Requirement {
	rule := func(path, what string, level Level, sentence, doubt string, check func(*view) verdict) *Requirement {
		return &Requirement{
			ID: "MODEL-" + path + "-" + what, Level: level, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: AnyOutcome, Sentence: sentence, Doubt: doubt, check: check,
		}
	}
	const request = "is in requests only, which the table does not say"
	return []*Requirement{
		rule("parameters", "PRESENCE", Must, "A later request carries parameters, an object.", request,
			sentObject("parameters", func(v *view) gjson.Result { return v.sent.parameters })),
		rule("parameters.eventType", "PRESENCE", Must, "parameters carries eventType, a string.", request,
			eventTypeSent),
		rule("parameters.eventType", "VALUE", Must, "eventType is action or submit.",
			"the table lists action and submit; every SDK sends polling too", eventTypeFits),
		rule("parameters.data", "PRESENCE", Must, "parameters carries data, an object.",
			"the row repeats the options of eventType; data holds actionKey and formData",
			sentObject("parameters.data", func(v *view) gjson.Result { return v.sent.data })),
		rule("parameters.data.actionKey", "PRESENCE", Must,
			"Where eventType is action, actionKey says which action, a string.",
			"the row ties it to action; the page's requests and every SDK send it with submit too", actionSent),
		rule("parameters.data.actionKey", "VALUE", Should,
			"actionKey is the key of a button of the screen that is open.",
			"", actionIsButton),
		rule("parameters.data.formData", "PRESENCE", Must,
			"Where eventType is submit, data carries formData, an object.",
			"the row calls it required; a flow button may be pressed without it", formDataSent),
		rule("parameters.data.formData.{{attribute}}", "FIELD", Should,
			"Every attribute of formData is a field of the screen that is open.", "", attributesAreFields),
		rule("parameters.data.formData.{{attribute}}", "KIND", Must, "The value of an attribute is a string.",
			"the table says String; lists, checkboxes, phone numbers and keys take arrays, booleans and objects",
			attributesFit),
	}
}

// answers reports whether the request has the form of the pages; the widget's
// has its values flat below parameters.
func (v *view) answers() bool {
	return v.later() && !v.sent.fromWidget
}

func sentObject(path string, of func(*view) gjson.Result) func(*view) verdict {
	return func(v *view) verdict {
		if !v.answers() {
			return none
		}
		if path == "parameters.data" && !v.sent.parameters.IsObject() {
			return none // its own requirement says so
		}
		got := of(v)
		return when(got.IsObject(), path, func() string { return kindOf(got) }, "an object")
	}
}

func eventTypeSent(v *view) verdict {
	if !v.answers() || !v.sent.parameters.IsObject() {
		return none
	}
	got := v.sent.eventType
	return when(got.Type == gjson.String, "parameters.eventType", func() string { return kindOf(got) }, "a string")
}

func eventTypeFits(v *view) verdict {
	got := v.sent.eventType
	if !v.answers() || got.Type != gjson.String {
		return none
	}
	switch got.Str {
	case "action", "submit":
		return ok
	case "polling":
		return doubts("parameters.eventType", "polling", "action or submit")
	default:
		return breaks("parameters.eventType", got.Str, "action or submit")
	}
}

func actionSent(v *view) verdict {
	got := v.sent.action
	if !v.answers() || !v.sent.data.IsObject() || v.sent.eventType.Str != "action" {
		return none
	}
	return when(got.Str != "", "parameters.data.actionKey", func() string { return kindOf(got) }, "a string")
}

func actionIsButton(v *view) verdict {
	got := v.sent.action
	if !v.answers() || got.Str == "" {
		return none
	}
	f := v.field(got.Str)
	// An SDK connector is answered under its own key.
	good := f != nil && (f.IsButton() || f.Type == "METADATA")
	return when(good, "parameters.data.actionKey", func() string { return got.Str }, "the key of a button")
}

func formDataSent(v *view) verdict {
	got := v.sent.fields
	if !v.answers() || !v.sent.data.IsObject() || v.sent.eventType.Str != "submit" {
		return none
	}
	return when(got.IsObject(), "parameters.data.formData", func() string { return kindOf(got) }, "an object")
}

func attributesAreFields(v *view) verdict {
	return everyAttribute(v, func(key string, _ gjson.Result) verdict {
		if v.field(key) == nil {
			return breaks(attributePath(key), key, "the key of a field")
		}
		return ok
	})
}

// attributesFit is in doubt where a value is no string and its field takes it so.
func attributesFit(v *view) verdict {
	return everyAttribute(v, func(key string, value gjson.Result) verdict {
		got := kindOf(value)
		if got == "string" {
			return ok
		}
		if f := v.field(key); f != nil && f.Takes() == got {
			return ok
		}
		if got == "null" || got == "number" {
			return breaks(attributePath(key), a(got), "a string, or what the field takes")
		}
		return doubts(attributePath(key), a(got), "a string")
	})
}

func attributePath(key string) string { return "parameters.data.formData." + gjson.Escape(key) }

// everyAttribute returns the gravest verdict on the entries of formData.
func everyAttribute(v *view, check func(key string, value gjson.Result) verdict) verdict {
	if !v.answers() || !v.sent.fields.IsObject() {
		return none
	}
	worst := none
	v.sent.fields.ForEach(func(key, value gjson.Result) bool {
		if got := check(key.Str, value); got.kind > worst.kind {
			worst = got
		}
		return worst.kind != broken
	})
	return worst
}

// The headers interactionId and interactionToken, as net/http keeps them.
const (
	headerInteractionID    = "Interactionid"
	headerInteractionToken = "Interactiontoken"
)

// readOnlyRules are the column "Mutable?": what is read only stays what it was,
// and comes back in requests as it was handed out.
func readOnlyRules() []*Requirement {
	stays := func(path string, row int, before func(*memory) string) *Requirement {
		return &Requirement{
			ID: "MODEL-" + path + "-READONLY", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: AnyOutcome,
			Sentence: path + " is read only: it stays the same through the journey.",
			check: func(v *view) verdict {
				got, want := v.value(row).Str, before(v.before)
				if got == "" || want == "" {
					return none
				}
				return when(got == want, path, func() string { return "another value" }, "the value of the hops before")
			},
		}
	}
	returned := func(path, sentence, doubt string, check func(*view) verdict) *Requirement {
		return &Requirement{
			ID: "MODEL-" + path + "-RETURNED", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: AnyOutcome, Sentence: sentence, Doubt: doubt, check: check,
		}
	}
	return []*Requirement{
		stays("companyId", rowCompany, func(m *memory) string { return m.company }),
		stays("interactionId", rowInteraction, func(m *memory) string { return m.interaction }),
		returned("id", "A later request carries the id of the screen that is open.", "", idReturned),
		returned("eventName", "A later request carries the eventName of the screen that is open.",
			`customForm screens have none; every client sends "continue" there`, eventReturned),
		returned("interactionId", "A later request hands interactionId back, in a header, in the body or as a cookie.",
			"", interactionReturned),
		returned("interactionToken",
			"A later request hands back the interactionToken of the screen that is open, in a header or as a cookie.",
			`an answer may carry the literal "deprecated"`, tokenReturned),
	}
}

// later reports whether the hop answers an open screen in the manner of the
// pages; an identity provider and an SDK connector resume without a body.
func (v *view) later() bool {
	return !v.start() && v.before.screen != nil && v.sent.isJSON && v.sent.id.Exists()
}

func idReturned(v *view) verdict {
	if v.start() || v.before.id == "" || !v.sent.isJSON || !v.sent.parameters.Exists() {
		return none
	}
	got := v.sent.id
	return when(got.Str == v.before.id, "id", func() string { return show(got) }, v.before.id)
}

func eventReturned(v *view) verdict {
	if !v.later() {
		return none
	}
	want, got := v.before.event, v.sent.eventName
	return when(got.Str == want, "eventName", func() string { return show(got) }, want)
}

func interactionReturned(v *view) verdict {
	want := v.before.interaction
	if !v.later() || want == "" {
		return none
	}
	header := v.hop.Exchange.Header.Get(headerInteractionID)
	sent := []string{header, v.sent.interactionID.Str}
	for _, got := range sent {
		if got != "" && got != want {
			return breaks("interactionId", "another value", "the value that the flow handed out")
		}
	}
	there := sent[0] != "" || sent[1] != "" || v.had("interactionId")
	return when(there, "interactionId", func() string { return "nothing" }, "the value that the flow handed out")
}

func tokenReturned(v *view) verdict {
	want := v.before.token
	if !v.later() || want == "" || want == "deprecated" {
		return none
	}
	got := v.hop.Exchange.Header.Get(headerInteractionToken)
	switch {
	case got == want, got == "" && v.had("interactionToken"):
		return ok
	case got == "":
		return breaks("interactionToken", "nothing", "the token of the screen that is open")
	default:
		return breaks("interactionToken", "another value", "the token of the screen that is open")
	}
}

// field returns the field of the open screen with that key, or nil.
func (v *view) field(key string) *davinci.Field {
	if v.before.screen == nil {
		return nil
	}
	return v.before.screen.Field(key)
}

func entryPath(i int, name string) string {
	return "form.components.fields." + strconv.Itoa(i) + "." + name
}
