package conformance

import (
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

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
	return everyEntry(v, "type", func(gjson.Result) bool { return true })
}

func entriesHaveKey(v *view) verdict {
	return everyEntry(v, "key", func(entry gjson.Result) bool {
		t, known := davinci.LookupField(entry.Get("type").Str)
		return known && t.Button != davinci.NotButton || t.Value != davinci.NoValue
	})
}

// everyEntry demands a string under a name of every entry that needs it.
func everyEntry(v *view, name string, needs func(gjson.Result) bool) verdict {
	fields := v.value(rowFields)
	if !fields.IsArray() {
		return none
	}
	out := none
	i := -1
	fields.ForEach(func(_, entry gjson.Result) bool {
		i++
		if !needs(entry) {
			return true
		}
		if got := entry.Get(name); got.Str == "" {
			out = breaks(entryPath(i, name), kindOf(got), "a string")
			return false
		}
		out = ok
		return true
	})
	return out
}
