package conformance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// requestRules are the rows of the table that are in requests.
func requestRules() []*Requirement {
	const request = "is in requests only, which the table does not say"
	list := ofTable(
		req("parameters-PRESENCE", BothShapes, Must, atAny, "A later request carries parameters, an object.",
			request, parametersSent),
		req("parameters.eventType-PRESENCE", BothShapes, Must, atAny, "parameters carries eventType, a string.",
			request+"; Android leaves it out where the screen has no button, as with PROTECT alone", eventTypeSent),
		req("parameters.eventType-VALUE", BothShapes, Must, atAny, "eventType is action or submit.",
			"the table lists action and submit; every SDK sends polling too", eventTypeFits),
		req("parameters.data-PRESENCE", BothShapes, Must, atAny, "parameters carries data, an object.",
			"the row repeats the options of eventType; data holds actionKey and formData",
			dataSent),
		req("parameters.data.actionKey-PRESENCE", BothShapes, Must, atAny,
			"Where eventType is action, actionKey says which action, a string.",
			"the row ties it to action; the page's requests and every SDK send it with submit too", actionSent),
		req("parameters.data.actionKey-VALUE", BothShapes, Should, atAny,
			"actionKey is the key of a button of the screen that is open.", "", actionIsButton),
		req("parameters.data.formData-PRESENCE", BothShapes, Must, atAny,
			"Where eventType is submit, data carries formData, an object.",
			"the row calls it required; a flow button may be pressed without it", formDataSent),
		req("parameters.data.formData.{{attribute}}-FIELD", BothShapes, Should, atAny,
			"Every attribute of formData is a field of the screen that is open.", "", attributesAreFields),
		req("parameters.data.formData.{{attribute}}-KIND", BothShapes, Must, atAny,
			"The value of an attribute is a string.",
			"the table says String; lists, checkboxes, phone numbers and keys take arrays, booleans and objects",
			attributesFit),
	)
	for _, r := range list {
		check := r.check
		r.check = func(v *view) verdict {
			if !v.later() || v.sent.fromWidget { // whose values lie flat below parameters
				return none
			}
			return check(v)
		}
	}
	return list
}

func parametersSent(v *view) verdict {
	return when(v.sent.parameters.IsObject(), "parameters", davinci.KindOf(v.sent.parameters), "an object")
}

func dataSent(v *view) verdict {
	if !v.sent.parameters.IsObject() {
		return none // its own requirement says so
	}
	return when(v.sent.data.IsObject(), "parameters.data", davinci.KindOf(v.sent.data), "an object")
}

func eventTypeSent(v *view) verdict {
	if !v.sent.parameters.IsObject() {
		return none
	}
	got := v.sent.eventType
	if !got.Exists() && v.before.screen != nil && !slices.ContainsFunc(v.before.screen.Fields, isButton) {
		return doubts("parameters.eventType", "nothing", "a string")
	}
	return when(got.Type == gjson.String, "parameters.eventType", davinci.KindOf(got), "a string")
}

func isButton(f davinci.Field) bool { return f.IsButton() }

func eventTypeFits(v *view) verdict {
	got := v.sent.eventType
	if got.Type != gjson.String {
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
	if !v.sent.data.IsObject() || v.sent.eventType.Str != "action" {
		return none
	}
	if got.Type == gjson.String && v.answersKeyless() {
		return ok
	}
	return text("parameters.data.actionKey", got)
}

// answersKeyless reports whether the open screen has something without a key of its
// own that an action answers: a button without one, or an SDK connector.
func (v *view) answersKeyless() bool {
	return v.before.screen != nil && slices.ContainsFunc(v.before.screen.Fields, func(f davinci.Field) bool {
		return f.IsButton() && f.Key == "" || f.Type == "METADATA"
	})
}

func actionIsButton(v *view) verdict {
	got := v.sent.action
	if got.Str == "" {
		return none
	}
	f := v.field(got.Str)
	// An SDK connector is answered under its own key.
	good := f != nil && (f.IsButton() || f.Type == "METADATA") ||
		v.before.screen != nil && v.before.screen.EndsPrompt(got.Str)
	return when(good, "parameters.data.actionKey", got.Str, "the key of a button")
}

func formDataSent(v *view) verdict {
	got := v.sent.fields
	if !v.sent.data.IsObject() || v.sent.eventType.Str != "submit" {
		return none
	}
	return when(got.IsObject(), "parameters.data.formData", davinci.KindOf(got), "an object")
}

func attributesAreFields(v *view) verdict {
	return everyAttribute(v, func(key string, _ gjson.Result) verdict {
		if v.field(key) == nil {
			return breaks(attributePath(key), key, "the key of a field")
		}
		return ok
	})
}

// attributesFit is in doubt if a value is not a string and its field takes it so.
func attributesFit(v *view) verdict {
	return everyAttribute(v, func(key string, value gjson.Result) verdict {
		got := davinci.KindOf(value)
		if got == "string" {
			return ok
		}
		if f := v.field(key); f != nil && f.Posts() == got {
			return ok
		}
		if got == "null" || got == "number" {
			return breaks(attributePath(key), words.Article(got), "a string, or what the field takes")
		}
		return doubts(attributePath(key), words.Article(got), "a string")
	})
}

func attributePath(key string) string { return "parameters.data.formData." + gjson.Escape(key) }

// everyAttribute returns the most severe verdict on the entries of formData.
func everyAttribute(v *view, check func(key string, value gjson.Result) verdict) verdict {
	if !v.sent.fields.IsObject() {
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
	return ofTable(
		req("companyId-READONLY", BothShapes, Must, atAny,
			"companyId is read only: it stays the same through the journey.", "",
			companyStays),
		req("interactionId-READONLY", BothShapes, Must, atAny,
			"interactionId is read only: it stays the same through the journey.",
			"a flow may hand out another, as a subflow with screens does, and the newest is the one to return",
			interactionStays),
		req("id-RETURNED", BothShapes, Must, atAny, "A later request carries the id of the screen that is open.",
			"", idReturned),
		req("eventName-RETURNED", BothShapes, Must, atAny,
			"A later request carries the eventName of the screen that is open.",
			`customForm screens have none; every client sends "continue" there`, eventReturned),
		req("interactionId-RETURNED", BothShapes, Must, atAny,
			"A later request hands interactionId back, in a header, in the body or as a cookie.",
			"", interactionReturned),
		req("interactionToken-RETURNED", BothShapes, Must, atAny,
			"A later request hands back the interactionToken of the screen that is open, in a header or as a cookie.",
			`an answer may carry the literal "deprecated"`, tokenReturned),
	)
}

func companyStays(v *view) verdict {
	got, want := v.value(rowCompany).Str, v.before.company
	if got == "" || want == "" {
		return none
	}
	return when(strings.EqualFold(got, want), "companyId", "another value", "the value of the hops before")
}

func interactionStays(v *view) verdict {
	got, want := v.value(rowInteraction).Str, v.before.interaction
	switch {
	case got == "" || want == "":
		return none
	case got != want:
		return doubts("interactionId", "another value", "the value of the hops before")
	default:
		return ok
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
	return when(got.Str == v.before.id, "id", show(got), v.before.id)
}

func eventReturned(v *view) verdict {
	if !v.later() {
		return none
	}
	want, got := v.before.event, v.sent.eventName
	return when(got.Str == want, "eventName", show(got), want)
}

func interactionReturned(v *view) verdict {
	want := v.before.interaction
	if !v.later() || want == "" {
		return none
	}
	header := v.handle(headerInteractionID)
	sent := []string{header, v.sent.interactionID.Str}
	for _, got := range sent {
		if got != "" && got != want {
			return breaks("interactionId", "another value", "the value that the flow handed out")
		}
	}
	there := sent[0] != "" || sent[1] != "" || v.had("interactionId")
	return when(there, "interactionId", "nothing", "the value that the flow handed out")
}

// handle returns what a request hands back in a header. The web SDK sends the word
// undefined for what came only as a cookie, which the browser returns.
func (v *view) handle(name string) string {
	if got := v.hop.Exchange.Header.Get(name); got != "undefined" {
		return got
	}
	return ""
}

func tokenReturned(v *view) verdict {
	want := v.before.token
	if !v.later() || want == "" || want == "deprecated" {
		return none
	}
	got := v.handle(headerInteractionToken)
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
