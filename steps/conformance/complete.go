package conformance

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// The session cookies: as the wire names them, and as the pages do.
const (
	cookieST   = "ST"
	cookiePage = "ST-Cookie"
	cookieNoSS = "ST-NO-SS"
)

// completeRules are "Step 3".
func completeRules() []*Requirement {
	on := func(id string, level Level, sentence, doubt string, check func(*view) verdict) []*Requirement {
		return onBoth(id, Requirement{
			Level: level, Section: step3, Outcomes: Completed, Sentence: sentence, Doubt: doubt, check: check,
		})
	}
	return slices.Concat(
		on("STEP3-1a", Must, "When the flow completes, the session cookie ST is set.",
			"the pages call it ST-Cookie; on the wire it is ST", setsSession),
		on("STEP3-1b", Must, "When the flow completes, the session cookie ST-NO-SS is set.", "", setsSessionNoSS),
		on("STEP3-2a", Must, "The capability of a completed flow is returnSuccessResponseRedirect.",
			"the pages' own sample of a completed response has no capabilityName, and neither has a flow that the "+
				"authorize request itself completes", completesBy),
		on("STEP3-2b", Must, "A completed response names the environment: environment.id is a string.", "",
			completedHas(rowEnvironmentID)),
		on("STEP3-2c", Must, "A completed response names the session: session.id is a string.", "",
			completedHas(rowSessionID)),
		on("STEP3-2d", Must, "The status of a completed response is COMPLETED.",
			"the table's example is COMPLETE; the pages' sample and the wire say COMPLETED", statusIsCompleted),
		on("STEP3-2e", Must, "authorizeResponse holds what response_type asked for: a code.", "", hasCode),
		on("STEP3-2f", Must, "authorizeResponse holds what response_type asked for: an access_token.", "",
			hasToken("token", "access_token")),
		on("STEP3-2g", Must, "authorizeResponse holds what response_type asked for: an id_token.", "",
			hasToken("id_token", "id_token")),
		on("STEP3-2h", Must, "An access_token comes with token_type, which is Bearer.", "", tokenIsBearer),
		on("STEP3-2i", Must, "An access_token comes with expires_in, a number of seconds.", "", tokenExpires),
		on("STEP3-2j", Should, "An access_token comes with scope, a string.", "", tokenHasScope),
	)
}

func setsSession(v *view) verdict {
	switch {
	case v.sets(cookieST) || v.before.sessionCookie || v.had(cookieST):
		return ok
	case v.sets(cookiePage):
		return doubts("Set-Cookie", cookiePage, cookieST)
	default:
		return breaks("Set-Cookie", "no "+cookieST, cookieST)
	}
}

func setsSessionNoSS(v *view) verdict {
	good := v.sets(cookieNoSS) || v.before.sessionCookieNoSS || v.had(cookieNoSS)
	return when(good, "Set-Cookie", func() string { return "no " + cookieNoSS }, cookieNoSS)
}

// had reports whether the client had the cookie before: a session that lives
// already is not set again.
func (v *view) had(name string) bool {
	for _, line := range v.hop.Exchange.Header["Cookie"] {
		for part := range strings.SplitSeq(line, ";") {
			if n, _, _ := strings.Cut(strings.TrimSpace(part), "="); n == name {
				return true
			}
		}
	}
	return false
}

func completesBy(v *view) verdict {
	name := v.value(rowCapability)
	if name.Type != gjson.String {
		return none
	}
	const want = davinci.ReturnSuccessResponseRedirect
	return when(name.Str == want, "capabilityName", func() string { return show(name) }, want)
}

// completedHas returns a check that a string stands at a row of the table.
func completedHas(row int) func(*view) verdict {
	return func(v *view) verdict {
		got := v.value(row)
		return when(filled(got), properties[row].Path, func() string { return kindOf(got) }, "a string")
	}
}

func statusIsCompleted(v *view) verdict {
	got := v.value(rowStatus)
	switch got.Str {
	case "COMPLETED":
		return ok
	case "COMPLETE":
		return doubts("status", "COMPLETE", "COMPLETED")
	case "":
		if filled(got) {
			return none // of another kind, which is another requirement
		}
	}
	return breaks("status", show(got), "COMPLETED")
}

// filled reports whether something stands there, be it of another kind.
func filled(r gjson.Result) bool { return r.Exists() && r.Raw != `""` && r.Type != gjson.Null }

// wants reports whether the authorize request asked for a response type. What
// was pushed beforehand is not known.
func (v *view) wants(kind string) bool {
	for asked := range strings.FieldsSeq(v.asked.Get("response_type")) {
		if asked == kind {
			return true
		}
	}
	return false
}

func hasCode(v *view) verdict {
	if !v.wants("code") {
		return none
	}
	got := v.value(rowCode)
	return when(filled(got), "authorizeResponse.code", func() string { return kindOf(got) }, "a string")
}

func hasToken(kind, property string) func(*view) verdict {
	return func(v *view) verdict {
		if !v.wants(kind) {
			return none
		}
		got := v.value(rowAuthorizeResponse).Get(property)
		return when(got.Str != "", "authorizeResponse."+property, func() string { return kindOf(got) }, "a string")
	}
}

// beside returns a property that stands beside an access_token, and false
// where there is no such token.
func (v *view) beside(property string) (gjson.Result, bool) {
	r := v.value(rowAuthorizeResponse)
	return r.Get(property), r.Get("access_token").Exists()
}

func tokenIsBearer(v *view) verdict {
	got, there := v.beside("token_type")
	if !there {
		return none
	}
	// RFC 6749, 5.1: the value is case insensitive.
	return when(strings.EqualFold(got.Str, "Bearer"), "authorizeResponse.token_type",
		func() string { return show(got) },
		"Bearer")
}

func tokenExpires(v *view) verdict {
	got, there := v.beside("expires_in")
	if !there {
		return none
	}
	return when(got.Type == gjson.Number, "authorizeResponse.expires_in",
		func() string { return kindOf(got) }, "a number")
}

func tokenHasScope(v *view) verdict {
	got, there := v.beside("scope")
	if !there {
		return none
	}
	return when(got.Type == gjson.String, "authorizeResponse.scope", func() string { return kindOf(got) }, "a string")
}
