package conformance

import (
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
	const request = "stands in requests only, which the table does not say"
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
	good := f != nil && (f.Button() != davinci.NotButton || f.Type == "METADATA")
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
