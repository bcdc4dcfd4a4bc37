package conformance

import (
	"strings"

	"github.com/tidwall/gjson"

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
			Sentence: "Where " + p.Path + " is present, it is " + a(p.Kind) + ".",
			check:    hasKind(i, p),
		})
	}
	return append(list, &Requirement{
		ID: "MODEL-form.components.fields-KIND", Level: Must, Page: BothPages, Section: model,
		Shapes: BothShapes, Outcomes: Screen,
		Sentence: "Where form.components.fields is present, it is an array.",
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
	want := p.Kind
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

// presenceRules demand the properties of the table where they are due. The
// table does not say where that is; the samples of both pages and what every
// SDK needs do.
func presenceRules() []*Requirement {
	rule := func(path string, level Level, shapes Shape, row int) *Requirement {
		return &Requirement{
			ID: "MODEL-" + path + "-PRESENCE" + suffix(shapes), Level: level, Page: pageOf(shapes), Section: model,
			Shapes: shapes, Outcomes: Screen,
			Sentence: "A screen carries " + path + ".",
			check:    present(path, row),
		}
	}
	return []*Requirement{
		rule("id", Must, BothShapes, rowID),
		rule("connectionId", Must, BothShapes, rowConnection),
		rule("capabilityName", Must, BothShapes, rowCapability),
		rule("companyId", Must, JSON, rowCompany),
		rule("companyId", Should, Detailed, rowCompany),
		{
			ID: "MODEL-interactionId-PRESENCE", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: Screen,
			Sentence: "A screen hands out interactionId.",
			Doubt:    "the samples carry it in the body; on the wire it comes as a cookie too",
			check:    handedOut(rowInteraction, "interactionId"),
		},
		{
			ID: "MODEL-interactionToken-PRESENCE", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: Screen,
			Sentence: "A screen hands out interactionToken.",
			Doubt: "the samples carry it in the body; on the wire it comes as a cookie too, at times only as that, " +
				"and may be the literal deprecated",
			check: handedOut(rowToken, "interactionToken"),
		},
		{
			ID: "MODEL-form.components.fields-PRESENCE", Level: Must, Page: JSONPage, Section: model,
			Shapes: JSON, Outcomes: Screen,
			Sentence: "A screen carries form.components.fields.",
			Doubt: "the table calls form optional; without its fields no client can draw the screen, and every " +
				"screen of the samples and of the wire has them",
			check: fieldsPresent,
		},
		{
			ID: "MODEL-authorizeResponse-PRESENCE", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: Completed,
			Sentence: "A completed response carries a code or an access_token in authorizeResponse.",
			check:    authorizeResponseHolds,
		},
		{
			ID: "MODEL-status-FAILED", Level: Should, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: Failed,
			Sentence: "A flow that fails with the status 200 says so: status is FAILED and error has a code.",
			Doubt:    "the pages do not show a failed flow; this is how the wire has it",
			check:    failedSaysSo,
		},
	}
}

func suffix(s Shape) string {
	if s == Detailed {
		return "-DETAILED"
	}
	return ""
}

func pageOf(s Shape) string {
	switch s {
	case JSON:
		return JSONPage
	case Detailed:
		return DetailedPage
	default:
		return BothPages
	}
}

func present(path string, row int) func(*view) verdict {
	return func(v *view) verdict {
		got := v.value(row)
		return when(filled(got), path, func() string { return show(got) }, "a value")
	}
}

// handedOut returns a check that a handle is in the body or in a cookie.
func handedOut(row int, name string) func(*view) verdict {
	return func(v *view) verdict {
		switch {
		case v.value(row).Exists() && v.value(row).Raw != `""`:
			return ok
		case v.sets(name):
			return doubts(name, "only a cookie", "a property of the body")
		default:
			return breaks(name, "nothing", "a value")
		}
	}
}

func fieldsPresent(v *view) verdict {
	got := v.value(rowFields)
	return when(got.Exists(), "form.components.fields", func() string { return "nothing" }, "an array")
}

func authorizeResponseHolds(v *view) verdict {
	r := v.value(rowAuthorizeResponse)
	there := r.Get("code").Exists() || r.Get("access_token").Exists() || r.Get("id_token").Exists()
	return when(there, "authorizeResponse", func() string { return "neither" }, "code, access_token or id_token")
}

func failedSaysSo(v *view) verdict {
	const statusOK = 200
	if v.hop.Status != statusOK || !v.isJSON || v.environmental() {
		return none
	}
	if got := v.value(rowStatus); got.Str != "FAILED" {
		return breaks("status", show(got), "FAILED")
	}
	code := v.top("error").Get("code")
	return when(code.Exists(), "error.code", func() string { return "nothing" }, "a code")
}

// valueRules are what the table and its samples say of single values.
func valueRules() []*Requirement {
	return []*Requirement{
		{
			ID: "MODEL-companyId-VALUE", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: AnyOutcome,
			Sentence: "companyId is the id of the PingOne environment.",
			check:    companyIsEnvironment,
		},
		{
			ID: "MODEL-environment.id-VALUE", Level: Must, Page: BothPages, Section: model,
			Shapes: BothShapes, Outcomes: Completed | Failed,
			Sentence: "environment.id is the environment of the authorize request.",
			check:    environmentIsAsked,
		},
		{
			ID: "MODEL-form.category-VALUE", Level: Should, Page: JSONPage, Section: model,
			Shapes: JSON, Outcomes: Screen,
			Sentence: "form.category is CUSTOM_HTML at customHTMLTemplate and CUSTOM_FORM at customForm.",
			Doubt:    "the table names no values; CUSTOM_HTML is in the page's sample, CUSTOM_FORM on the wire",
			check:    categoryFits,
		},
		{
			ID: "MODEL-form.components.fields-TYPE", Level: Must, Page: JSONPage, Section: model,
			Shapes: JSON, Outcomes: Screen,
			Sentence: "Every entry of form.components.fields has a type, a string.",
			check:    entriesHaveType,
		},
		{
			ID: "MODEL-form.components.fields-KEY", Level: Must, Page: JSONPage, Section: model,
			Shapes: JSON, Outcomes: Screen,
			Sentence: "Every entry of form.components.fields that takes a value or is a button has a key, a string.",
			check:    entriesHaveKey,
		},
	}
}

func companyIsEnvironment(v *view) verdict {
	got := v.value(rowCompany).Str
	want := v.before.environmentAsked
	if want == "" {
		want = v.value(rowEnvironmentID).Str // a custom domain has no id in its paths
	}
	if got == "" || want == "" {
		return none
	}
	return when(got == want, "companyId", func() string { return got }, want)
}

func environmentIsAsked(v *view) verdict {
	got, want := v.value(rowEnvironmentID).Str, v.before.environmentAsked
	if got == "" || want == "" {
		return none
	}
	return when(got == want, "environment.id", func() string { return got }, want)
}

func categoryFits(v *view) verdict {
	got := v.value(rowCategory)
	want := ""
	switch v.value(rowCapability).Str {
	case davinci.CustomHTMLTemplate:
		want = "CUSTOM_HTML"
	case davinci.CustomForm, davinci.ShowForm:
		want = "CUSTOM_FORM"
	}
	if want == "" || got.Type != gjson.String {
		return none
	}
	return when(got.Str == want, "form.category", func() string { return got.Str }, want)
}

func entriesHaveType(v *view) verdict {
	return everyEntry(v, "type", func(*davinci.Field) bool { return true })
}

func entriesHaveKey(v *view) verdict {
	return everyEntry(v, "key", func(f *davinci.Field) bool { return f.IsButton() || f.Takes() != "" })
}

// everyEntry demands a string under a name of every entry that needs it.
func everyEntry(v *view, name string, needs func(*davinci.Field) bool) verdict {
	if !v.value(rowFields).IsArray() {
		return none
	}
	out := none
	fields := v.hop.Screen().Fields
	for i := range fields {
		if !needs(&fields[i]) {
			continue
		}
		if got := fields[i].Raw.Get(name); got.Str == "" {
			return breaks(entryPath(i, name), kindOf(got), "a string")
		}
		out = ok
	}
	return out
}
