package conformance

import (
	"strconv"

	"flowtest/steps/davinci"
)

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
	want := v.before.event
	if want == "" {
		want = "continue"
	}
	got := v.sent.eventName
	return when(got.Str == want, "eventName", func() string { return show(got) }, want)
}

func interactionReturned(v *view) verdict {
	want := v.before.interaction
	if !v.later() || want == "" {
		return none
	}
	header := v.hop.Request.Header.Get(headerInteractionID)
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
	got := v.hop.Request.Header.Get(headerInteractionToken)
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
