package conformance

import (
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// kindRules demand of every row of the table that what is there is of the
// row's kind.
func kindRules() []*Requirement {
	var list []*Requirement
	for i := range properties {
		p := &properties[i]
		if inRequest(p.Path) || p.Path == "form.components.fields" {
			continue
		}
		at, doubt := atAny, ""
		if strings.HasPrefix(p.Path, "form") {
			at = atScreen
		}
		if p.Path == "id" || p.Path == "success" { // the doubts of the others are about presence
			doubt = p.Doubt
		}
		list = append(list, req(p.Path+"-KIND", BothShapes, Must, at,
			"Where "+p.Path+" is present, it is "+words.Article(p.Kind)+".", doubt, hasKind(i, p)))
	}
	return ofTable(append(list, req("form.components.fields-KIND", BothShapes, Must, atScreen,
		"Where form.components.fields is present, it is an array.",
		"the table says Object; the page's own sample and the wire carry an array", fieldsAreArray))...)
}

func hasKind(row int, p *davinci.Property) func(*view) verdict {
	want := p.Kind
	wanted := words.Article(want)
	return func(v *view) verdict {
		got := v.value(row)
		if !got.Exists() {
			return none
		}
		if davinci.KindOf(got) == want {
			return ok
		}
		return breaks(p.Path, words.Article(davinci.KindOf(got))+" "+show(got), wanted)
	}
}

func fieldsAreArray(v *view) verdict {
	const path = "form.components.fields"
	switch got := v.value(rowFields); davinci.KindOf(got) {
	case "nothing":
		return none
	case "array":
		return ok
	case "object":
		return doubts(path, "an object", "an array")
	default:
		return breaks(path, words.Article(davinci.KindOf(got))+" "+show(got), "an array")
	}
}

// presenceRules demand the properties of the table where they are due. The
// table does not say where that is; the samples of both pages and what every
// SDK needs do.
func presenceRules() []*Requirement {
	return ofTable(
		req("id-PRESENCE", BothShapes, Must, atScreen, "A screen carries id.", "", present("id", rowID)),
		req("connectionId-PRESENCE", BothShapes, Must, atScreen, "A screen carries connectionId.",
			"", present("connectionId", rowConnection)),
		req("capabilityName-PRESENCE", BothShapes, Must, atScreen, "A screen carries capabilityName.",
			"", present("capabilityName", rowCapability)),
		req("companyId-PRESENCE", JSON, Must, atScreen, "A screen carries companyId.",
			"", present("companyId", rowCompany)),
		req("companyId-PRESENCE-DETAILED", Detailed, Should, atScreen, "A screen carries companyId.",
			"", present("companyId", rowCompany)),
		req("interactionId-PRESENCE", BothShapes, Must, atScreen, "A screen hands out interactionId.",
			"the samples carry it in the body; on the wire it comes as a cookie too",
			handedOut(rowInteraction, "interactionId")),
		req("interactionToken-PRESENCE", BothShapes, Must, atScreen, "A screen hands out interactionToken.",
			"the samples carry it in the body; on the wire it comes as a cookie too, at times only as that, and "+
				"may be the literal deprecated", handedOut(rowToken, "interactionToken")),
		req("form.components.fields-PRESENCE", JSON, Must, atScreen, "A screen carries form.components.fields.",
			"the table calls form optional; without its fields no client can draw the screen, and every screen "+
				"of the samples and of the wire has them", fieldsPresent),
		req("authorizeResponse-PRESENCE", BothShapes, Must, atEnd,
			"A completed response carries a code or an access_token in authorizeResponse.",
			"", authorizeResponseHolds),
		req("status-FAILED", BothShapes, Should, atFailure,
			"A flow that fails with the status 200 says so: status is FAILED and error has a code.",
			"the pages do not show a failed flow; this is how the wire has it", failedSaysSo),
	)
}

func present(path string, row int) func(*view) verdict {
	return func(v *view) verdict {
		got := v.value(row)
		return when(filled(got), path, show(got), "a value")
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
	return when(got.Exists(), "form.components.fields", "nothing", "an array")
}

func authorizeResponseHolds(v *view) verdict {
	r := v.value(rowAuthorizeResponse)
	there := r.Get("code").Exists() || r.Get("access_token").Exists() || r.Get("id_token").Exists()
	return when(there, "authorizeResponse", "neither", "code, access_token or id_token")
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
	return when(code.Exists(), "error.code", "nothing", "a code")
}

// valueRules are what the table and its samples say of single values.
func valueRules() []*Requirement {
	return ofTable(
		req("companyId-VALUE", BothShapes, Must, atAny, "companyId is the id of the PingOne environment.",
			"", companyIsEnvironment),
		req("environment.id-VALUE", BothShapes, Must, atEnd|atFailure,
			"environment.id is the environment of the authorize request.", "", environmentIsAsked),
		req("form.category-VALUE", JSON, Should, atScreen,
			"form.category is CUSTOM_HTML at customHTMLTemplate and CUSTOM_FORM at customForm.",
			"the table names no values; CUSTOM_HTML is in the page's sample, CUSTOM_FORM on the wire", categoryFits),
		req("form.components.fields-TYPE", JSON, Must, atScreen,
			"Every entry of form.components.fields has a type, a string.", "", entriesHaveType),
		req("form.components.fields-KEY", JSON, Must, atScreen,
			"Every entry of form.components.fields that takes a value or is a button has a key, a string.",
			"a button may come without one, and clients then send an empty actionKey", entriesHaveKey),
	)
}

func companyIsEnvironment(v *view) verdict {
	want := v.before.environmentAsked
	if want == "" {
		want = v.value(rowEnvironmentID).Str // a custom domain has no id in its paths
	}
	return same("companyId", v.value(rowCompany).Str, want)
}

func environmentIsAsked(v *view) verdict {
	return same("environment.id", v.value(rowEnvironmentID).Str, v.before.environmentAsked)
}

// same is the verdict on two ids of environments that are equal where both are known.
func same(path, got, want string) verdict {
	if got == "" || want == "" {
		return none
	}
	return when(strings.EqualFold(got, want), path, got, want)
}

func categoryFits(v *view) verdict {
	got := v.value(rowCategory)
	want := ""
	switch v.value(rowCapability).Str {
	case customHTMLTemplate:
		want = "CUSTOM_HTML"
	case customForm, showForm:
		want = "CUSTOM_FORM"
	}
	if want == "" || got.Type != gjson.String {
		return none
	}
	return when(got.Str == want, "form.category", got.Str, want)
}

func entriesHaveType(v *view) verdict {
	return everyEntry(v, func(i int, f *davinci.Field) verdict { return text(entryPath(i, "type"), f.Raw.Get("type")) })
}

func entriesHaveKey(v *view) verdict {
	return everyEntry(v, func(i int, f *davinci.Field) verdict {
		switch path, key := entryPath(i, "key"), f.Raw.Get("key"); {
		case !f.IsButton() && f.Posts() == "":
			return none
		case f.IsButton() && !filled(key):
			return doubts(path, davinci.KindOf(key), "a string: clients send an empty actionKey for this button")
		default:
			return text(path, key)
		}
	})
}

// everyEntry returns the most severe verdict on the entries of the form.
func everyEntry(v *view, check func(i int, f *davinci.Field) verdict) verdict {
	worst := none
	if !v.value(rowFields).IsArray() {
		return worst
	}
	fields := v.hop.Screen().Fields
	for i := range fields {
		if got := check(i, &fields[i]); got.kind > worst.kind {
			worst = got
		}
	}
	return worst
}
