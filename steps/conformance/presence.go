package conformance

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
			Doubt: "the samples carry it in the body; on the wire it comes as a cookie too, at times as that alone, " +
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
			return doubts(name, "a cookie alone", "a property of the body")
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
	code := v.top.err.Get("code")
	return when(code.Exists(), "error.code", func() string { return "nothing" }, "a code")
}
