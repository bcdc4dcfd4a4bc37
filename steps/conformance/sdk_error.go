package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// sdkErrorRules say what an SDK makes of a status of 4xx: an error, after which
// the old screen stays, or a failure, after which nothing is left.
func sdkErrorRules() []sdkRule {
	const refusals = Refused | Failed
	return slices.Concat(
		forSDKs(onAll, Requirement{
			ID: "LOST", Section: sdkErrors, Outcomes: refusals,
			Sentence: "The code of an interaction that is lost or ran out of time is written as the SDK compares it.",
		}, lossIsSeen),
		forSDKs(onAll, Requirement{
			ID: "RATE-LIMIT", Section: sdkErrors, Outcomes: refusals,
			Sentence: "No answer says that there were too many requests.",
		}, withinRate),
		forSDKs(onAll, Requirement{
			ID: "REFUSED-AT-START", Section: sdkErrors, Outcomes: refusals,
			Sentence: "A refusal that the SDK takes for one of a person's entries has a screen to go back to.",
		}, refusalHasScreen),
		forSDKs(onAndroid, Requirement{
			ID: "ERROR-DETAILS", Section: sdkErrors, Outcomes: Refused,
			Sentence: "Every entry of details has statusCode and a rawResponse with id, code and message, " +
				"and every entry " +
				"of its details code, target and message.",
		}, detailsAreRead),
	)
}

// codes of an interaction that cannot go on.
const (
	codeLost     = "1999"
	codeTimedOut = "requestTimedOut"
)

// lost reports whether a 4xx is, by the SDK's own comparison, a failure. Web
// and iOS compare 1999 as a number, Android reads it from a string too.
func (v *sdkView) lost(s SDK) bool {
	code := v.top.code
	switch {
	case code.Str == codeTimedOut:
		return true
	case code.Type == gjson.Number:
		return code.Num == 1999
	default:
		return s == Android && code.Str == codeLost
	}
}

func lossIsSeen(v *sdkView, s SDK) verdict {
	code := v.top.code
	if word := strings.TrimSpace(code.String()); !v.refusal() || word != codeLost && word != codeTimedOut {
		return none
	}
	if v.lost(s) {
		return ok
	}
	want := "the number 1999 or " + quoted(codeTimedOut)
	if s == Android {
		want = "1999 or " + quoted(codeTimedOut) + " without blanks"
	}
	return doubts("code", show(code), want+": the SDK offers the old screen again, which is dead")
}

func withinRate(v *sdkView, _ SDK) verdict {
	if !v.refusal() {
		return none
	}
	if v.hop.Status == http.StatusTooManyRequests {
		return doubts("status", strconv.Itoa(v.hop.Status),
			"another: the SDK takes it for a refusal of what was entered, and waits for nothing")
	}
	return ok
}

func refusalHasScreen(v *sdkView, s SDK) verdict {
	name := v.hop.Capability()
	end := v.top.connector.Str == "pingOneAuthenticationConnector" &&
		(name == davinci.ReturnSuccessResponseRedirect || name == davinci.SetSession)
	if !v.refusal() || !v.isJSON || v.lost(s) || end || v.hop.Status == http.StatusTooManyRequests {
		return none
	}
	if v.open != nil {
		return ok
	}
	return doubts("status", strconv.Itoa(v.hop.Status),
		"a screen before it: the SDK takes it for a refusal of what was entered, and has nothing to show again")
}

// detailsAreRead looks for the properties without which the SDK's reader of the
// details throws, when an app asks for them.
func detailsAreRead(v *sdkView, _ SDK) verdict {
	if !v.refusal() || !v.isJSON {
		return none
	}
	out := ok
	i := -1
	v.top.details.ForEach(func(_, entry gjson.Result) bool {
		i++
		if lacks := lacking(entry, "statusCode", "rawResponse.id", "rawResponse.code",
			"rawResponse.message"); lacks != "" {
			out = unreadable("details."+strconv.Itoa(i), lacks)
			return false
		}
		n := -1
		entry.Get("rawResponse.details").ForEach(func(_, detail gjson.Result) bool {
			n++
			if lacks := lacking(detail, "code", "target", "message"); lacks != "" {
				out = unreadable("details."+strconv.Itoa(i)+".rawResponse.details."+strconv.Itoa(n), lacks)
			}
			return out.kind == holds
		})
		return out.kind == holds
	})
	return out
}

// lacking returns the first of the paths at which an entry has nothing, or "".
func lacking(entry gjson.Result, paths ...string) string {
	for _, path := range paths {
		if !entry.Get(path).Exists() {
			return path
		}
	}
	return ""
}

func unreadable(path, lacks string) verdict {
	return doubts(path, "an entry without "+lacks,
		"all of it: the SDK throws where an app asks for the details, and the fields show no reason")
}
