package conformance

import (
	"strings"

	"flowtest/steps/davinci"
)

// kindRules demand of every row of the table that what stands there is of the
// row's kind.
func kindRules() []*Requirement {
	var list []*Requirement
	for i := range properties {
		p := &properties[i]
		if inRequest(p.Path) || p.Path == "form.components.fields" {
			continue
		}
		list = append(list, &Requirement{
			ID: "MODEL-" + p.Path + "-KIND", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: seenAt(p.Path), Doubt: kindDoubt(p),
			Sentence: "Where " + p.Path + " stands, it is " + a(p.Kind.String()) + ".",
			check:    hasKind(i, p),
		})
	}
	return append(list, &Requirement{
		ID: "MODEL-form.components.fields-KIND", Level: Must, Page: BothPages, Section: model,
		Shapes: BothShapes, Outcomes: Screen,
		Sentence: "Where form.components.fields stands, it is an array.",
		Doubt:    "the table says Object; the page's own sample and the wire carry an array",
		check:    fieldsAreArray,
	})
}

// seenAt returns the outcomes at which the kind of a property is looked at.
func seenAt(path string) Outcomes {
	switch {
	case strings.HasPrefix(path, "form"):
		return Screen
	default:
		return AnyOutcome
	}
}

// kindDoubt keeps a row's doubt where it is about the value and not about presence.
func kindDoubt(p *davinci.Property) string {
	if p.Path == "id" || p.Path == "success" {
		return p.Doubt
	}
	return ""
}

func hasKind(row int, p *davinci.Property) func(*view) verdict {
	want := p.Kind.String()
	wanted := a(want)
	return func(v *view) verdict {
		got := v.value(row)
		if !got.Exists() {
			return none
		}
		return when(kindOf(got) == want, p.Path, func() string { return a(kindOf(got)) + " " + show(got) }, wanted)
	}
}

func fieldsAreArray(v *view) verdict {
	const path = "form.components.fields"
	switch got := v.value(rowFields); kindOf(got) {
	case "nothing":
		return none
	case "array":
		return ok
	case "object":
		return doubts(path, "an object", "an array")
	default:
		return breaks(path, a(kindOf(got))+" "+show(got), "an array")
	}
}

func a(noun string) string {
	switch {
	case noun == "null":
		return noun
	case strings.ContainsAny(noun[:1], "aeiou"):
		return "an " + noun
	default:
		return "a " + noun
	}
}
