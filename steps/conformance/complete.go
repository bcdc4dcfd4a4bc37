package conformance

import (
	"strings"

	"flowtest/steps/davinci"

	"github.com/tidwall/gjson"
)

// The session cookies: as the wire names them, and as the pages do.
const (
	cookieST   = "ST"
	cookiePage = "ST-Cookie"
	cookieNoSS = "ST-NO-SS"
)

// completeRules are "Step 3".
func completeRules() []*Requirement {
	return pages(step3,
		req("STEP3-1a", BothShapes, Must, atEnd, "When the flow completes, the session cookie ST is set.",
			"the pages call it ST-Cookie; on the wire it is ST", setsSession),
		req("STEP3-1b", BothShapes, Must, atEnd, "When the flow completes, the session cookie ST-NO-SS is set.",
			"", setsSessionNoSS),
		req("STEP3-2a", BothShapes, Must, atEnd,
			"The capability of a completed flow is returnSuccessResponseRedirect.",
			"the pages' own sample of a completed response has no capabilityName, and neither has a flow that "+
				"the authorize request itself completes", completesBy),
		req("STEP3-2b", BothShapes, Must, atEnd,
			"A completed response names the environment: environment.id is a string.",
			"", completedHas(rowEnvironmentID)),
		req("STEP3-2c", BothShapes, Must, atEnd, "A completed response names the session: session.id is a string.",
			"", completedHas(rowSessionID)),
		req("STEP3-2d", BothShapes, Must, atEnd, "The status of a completed response is COMPLETED.",
			"the table's example is COMPLETE; the pages' sample and the wire say COMPLETED", statusIsCompleted),
		req("STEP3-2e", BothShapes, Must, atEnd, "authorizeResponse holds what response_type asked for: a code.",
			"", hasCode),
		req("STEP3-2f", BothShapes, Must, atEnd,
			"authorizeResponse holds what response_type asked for: an access_token.",
			"", hasToken("token", "access_token")),
		req("STEP3-2g", BothShapes, Must, atEnd, "authorizeResponse holds what response_type asked for: an id_token.",
			"", hasToken("id_token", "id_token")),
		req("STEP3-2h", BothShapes, Must, atEnd, "An access_token comes with token_type, which is Bearer.",
			"", beside("token_type", "Bearer", show, isBearer)),
		req("STEP3-2i", BothShapes, Must, atEnd, "An access_token comes with expires_in, a number of seconds.",
			"", beside("expires_in", "a number", davinci.KindOf, isNumber)),
		req("STEP3-2j", BothShapes, Should, atEnd, "An access_token comes with scope, a string.",
			"", beside("scope", "a string", davinci.KindOf, isString)),
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
	return when(good, "Set-Cookie", "no "+cookieNoSS, cookieNoSS)
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
	return when(name.Str == returnSuccess, "capabilityName", show(name), returnSuccess)
}

// completedHas returns a check that a string is at a row of the table.
func completedHas(row int) func(*view) verdict {
	return func(v *view) verdict {
		got := v.value(row)
		return when(filled(got), properties[row].Path, davinci.KindOf(got), "a string")
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

// filled reports whether something is there, be it of another kind.
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
	return when(filled(v.value(rowCode)), "authorizeResponse.code", davinci.KindOf(v.value(rowCode)), "a string")
}

func hasToken(kind, property string) func(*view) verdict {
	return func(v *view) verdict {
		if !v.wants(kind) {
			return none
		}
		return text("authorizeResponse."+property, v.value(rowAuthorizeResponse).Get(property))
	}
}

// beside returns a check of a property that goes with an access_token.
func beside(property, wanted string, found func(gjson.Result) string, good func(gjson.Result) bool,
) func(*view) verdict {
	return func(v *view) verdict {
		r := v.value(rowAuthorizeResponse)
		if !r.Get("access_token").Exists() {
			return none
		}
		got := r.Get(property)
		if good(got) {
			return ok
		}
		return breaks("authorizeResponse."+property, found(got), wanted)
	}
}

// isBearer compares as RFC 6749, 5.1, says: the value is case insensitive.
func isBearer(r gjson.Result) bool { return strings.EqualFold(r.Str, "Bearer") }

func isNumber(r gjson.Result) bool { return r.Type == gjson.Number }

func isString(r gjson.Result) bool { return r.Type == gjson.String }
