package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// sdkAnswerRules say what an SDK takes an answer for.
func sdkAnswerRules() []*Requirement {
	return slices.Concat(
		sdkRule(onWeb|onIOS, "BODY", JSON, sdkAnswers, atAny,
			"The body of an answer is a JSON object.", bodyIsRead),
		sdkRule(onAll, "REDIRECT", JSON, sdkAnswers, atAny,
			"No answer redirects.", redirectsNot),
		sdkRule(onMobile, "STATUS-200", JSON, sdkAnswers, atScreen|atRewind|atEnd,
			"The status of an answer with which the flow goes on or ends well is 200 exactly.", statusIs200),
		sdkRule(onAll, "ERROR-KEY", JSON, sdkAnswers, atAny,
			"An answer with a status of success has error where the flow has failed, an object, and nowhere else.",
			errorKeyFits),
		sdkRule(onWeb, "STATUS-KIND", JSON, sdkAnswers, atAny,
			"status is a string.", statusIsString),
		sdkRule(onWeb, "FAILED", JSON, sdkAnswers, atAny,
			"A flow that has failed says so by error and not only by status, and one that has not is not called "+
				"failure.", failureIsSeen),
		sdkRule(onWeb|onAndroid, "SUCCESS", JSON, sdkAnswers, atAny,
			"Only the last answer has what an SDK treats as success.", successIsTheEnd),
		sdkRule(onAll, "CODE", JSON, sdkAnswers, atEnd,
			"The sign-on ends with an authorization code.", endsWithCode),
		sdkRule(onAll, "REWIND", JSON, sdkAnswers, atScreen|atRewind,
			"An answer that leaves the old screen is one that the SDK knows as such.", rewindIsKnown),
	)
}

// bodyIsRead asks the web SDK, which passes over what it cannot read, and iOS,
// which reads a body before it looks at a status of 5xx. That of Android takes
// it for a failure, which it is.
func bodyIsRead(v *sdkView, s SDK) verdict {
	found := "nothing"
	if len(v.hop.Body) > 0 {
		found = "a body that is not a JSON object"
	}
	dead := v.hop.Status >= http.StatusInternalServerError
	redirected := v.hop.Status >= http.StatusMultipleChoices && v.hop.Status < http.StatusBadRequest
	switch {
	case v.isJSON:
		return ok
	case redirected:
		return none // a requirement of its own
	case s == IOS && !dead, s == Web && dead && len(strings.TrimSpace(string(v.hop.Body))) == 0:
		return none
	case s == IOS:
		return doubts("body", found,
			"a JSON object: the SDK reads the body of a dead service too, and says that it is not JSON")
	case v.environmental():
		return doubts("body", found, "a JSON object: the SDK passes over it, and the person sees the old screen")
	default:
		return breaks("body", found, "a JSON object: the SDK passes over anything else, and the old screen stays")
	}
}

func redirectsNot(v *sdkView, s SDK) verdict {
	if v.hop.Status < http.StatusMultipleChoices || v.hop.Status >= http.StatusBadRequest {
		return ok
	}
	why := "an answer: the SDK does not follow, and ends the sign-on as a failure that names Location"
	if s == Web {
		why = "an answer: the browser lets no page follow, and the SDK ends the sign-on as a failure of the network"
	}
	return doubts("status", strconv.Itoa(v.hop.Status), why)
}

func statusIs200(v *sdkView, _ SDK) verdict {
	switch {
	case !v.fine():
		return none
	case v.hop.Status == http.StatusOK:
		return ok
	default:
		return breaks("status", strconv.Itoa(v.hop.Status),
			"200: the SDK treats every other success status as a failure")
	}
}

func errorKeyFits(v *sdkView, s SDK) verdict {
	e := v.top("error")
	failed := v.outcome == atFailure
	switch {
	case !v.isJSON || !v.fine():
		return none
	case !e.Exists(), e.IsObject() && failed:
		return ok
	case s == Web && !failed:
		return breaks("error", davinci.KindOf(e), "no such key: the SDK treats it as a failure, whatever its value")
	case s == Android && !e.IsObject() && !failed:
		return breaks("error", davinci.KindOf(e),
			"an object, or no such key: the SDK throws at any other kind, and the sign-on ends")
	case s == IOS && failed && e.Type != gjson.Null && v.value(rowStatus).Str != "FAILED":
		return breaks("error", davinci.KindOf(e),
			"an object: the SDK passes over any other kind, and goes on as if nothing had failed")
	default:
		return ok
	}
}

func statusIsString(v *sdkView, _ SDK) verdict {
	status := v.value(rowStatus)
	if !v.isJSON || !v.fine() || v.top("error").Exists() || !status.Exists() {
		return none
	}
	return when(status.Type == gjson.String, "status", davinci.KindOf(status),
		"a string: the SDK stops at any other kind without an error, and the old screen stays")
}

func failureIsSeen(v *sdkView, s SDK) verdict {
	status := v.value(rowStatus).Str
	if !v.isJSON || !v.fine() || status == "" {
		return none
	}
	calls := strings.EqualFold(status, "failure")
	switch {
	case v.outcome != atFailure && calls && v.seen(s):
		return breaks("status", status, "another word: the SDK treats it as a failure")
	case v.outcome != atFailure || calls:
		return none
	case v.top("error").Exists():
		return ok
	case v.value(rowSession).Exists() || v.value(rowAuthorizeResponse).Exists() || v.hop.Rewinds() || v.href.Exists():
		return breaks("status", status,
			"error beside it: the SDK does not know this status, and goes on as if nothing had failed")
	case status == "FAILED":
		return doubts("status", status, "error beside it: the SDK does not know this status, and can give no reason")
	default:
		return none
	}
}

func successIsTheEnd(v *sdkView, s SDK) verdict {
	session, response := v.value(rowSession), v.value(rowAuthorizeResponse)
	switch {
	case v.outcome == atEnd:
		return ok
	case !v.seen(s) || v.value(rowStatus).Str == "FAILED" || strings.EqualFold(v.value(rowStatus).Str, "failure"):
		return none
	case s == Web && response.Exists():
		return breaks("authorizeResponse", davinci.KindOf(response),
			"no such key before the end: the SDK treats it as success")
	case s == Web && session.Exists():
		return breaks("session", davinci.KindOf(session),
			"no such key before the end: the SDK treats it as success, without a code")
	case s == Android && response.Exists() && v.outcome != atFailure:
		return breaks("authorizeResponse", davinci.KindOf(response),
			"no such key before the end: the SDK treats it as success, and throws")
	default:
		return none
	}
}

func endsWithCode(v *sdkView, s SDK) verdict {
	code := v.value(rowCode)
	why := "a string: the SDK reports success with no code, and there are no tokens to be had for it"
	switch s {
	case Android:
		why = "a string: the SDK throws where it is missing"
	case IOS:
		why = "a string: the SDK reports success with an empty code, and there are no tokens to be had for it"
	default:
	}
	found := davinci.KindOf(code)
	if code.Type == gjson.String {
		found = "an empty string"
	}
	return when(code.Type == gjson.String && code.Str != "", "authorizeResponse.code", found, why)
}

func rewindIsKnown(v *sdkView, s SDK) verdict {
	event := v.value(rowEventName)
	switch {
	case !v.seen(s):
		return none
	case v.outcome == atScreen && v.hop.Rewinds() && s != IOS:
		return breaks("eventName", event.Str, "another event: the SDK keeps the old screen and does not show this one")
	case v.outcome == atScreen:
		return ok
	case s == IOS:
		return breaks("eventName", show(event),
			"a screen: the SDK does not know this event, and is left with a screen without a link")
	default:
		return when(v.hop.Rewinds(), "eventName", show(event),
			"rewindStateToLastRenderedUI or rewindStateToSpecificRenderedUI: the SDK knows no other")
	}
}

// deadEnd reports whether the flow ended without authorizeResponse.
func (v *sdkView) deadEnd() bool {
	return v.hop.Failure != nil && v.hop.Failure.Code == davinci.CodeNoAuthorizeResponse
}

// sdkErrorRules say what an SDK makes of a status of 4xx: an error, after which
// the old screen stays, or a failure, after which nothing is left.
func sdkErrorRules() []*Requirement {
	const refusals = atRefusal | atFailure
	return slices.Concat(
		sdkRule(onAll, "LOST", JSON, sdkErrors, refusals,
			"The code of an interaction that is lost or ran out of time is written as the SDK compares it.",
			lossIsSeen),
		sdkRule(onAll, "RATE-LIMIT", JSON, sdkErrors, refusals,
			"No answer says that there were too many requests.", withinRate),
		sdkRule(onAll, "REFUSED-AT-START", JSON, sdkErrors, refusals,
			"A refusal that the SDK takes for one of a person's entries has a screen to go back to.",
			refusalHasScreen),
		sdkRule(onAndroid, "ERROR-DETAILS", JSON, sdkErrors, atRefusal,
			"Every entry of details has statusCode and a rawResponse with id, code and message, and every entry "+
				"of its details code, target and message.", detailsAreRead),
		sdkRule(onIOS, "ERROR-DETAILS", JSON, sdkErrors, atRefusal,
			"Every entry of details has statusCode and rawResponse, and every innerError in it "+
				"unsatisfiedRequirements, a list.", detailsAreKept),
	)
}

// lost reports whether a 4xx is, by the SDK's own comparison, a failure. Web
// and iOS compare 1999 as a number, Android reads it from a string too.
func (v *sdkView) lost(s SDK) bool {
	code := v.top("code")
	switch {
	case code.Str == davinci.CodeTimedOut:
		return true
	case code.Type == gjson.Number:
		return code.Num == 1999
	default:
		return s == Android && code.Str == davinci.CodeLost
	}
}

func lossIsSeen(v *sdkView, s SDK) verdict {
	code := v.top("code")
	word := strings.TrimSpace(code.String())
	if !v.refusal() || word != davinci.CodeLost && word != davinci.CodeTimedOut {
		return none
	}
	if v.lost(s) {
		return ok
	}
	want := "the number 1999 or " + quoted(davinci.CodeTimedOut)
	if s == Android {
		want = "1999 or " + quoted(davinci.CodeTimedOut) + " without blanks"
	}
	return doubts("code", show(code), want+": the SDK offers the old screen again, which is dead")
}

func withinRate(v *sdkView, _ SDK) verdict {
	if !v.refusal() {
		return none
	}
	if v.hop.Status == http.StatusTooManyRequests {
		return doubts("status", strconv.Itoa(v.hop.Status),
			"another: the SDK treats it as a refusal of the input, and waits for nothing")
	}
	return ok
}

func refusalHasScreen(v *sdkView, s SDK) verdict {
	if !v.refusal() || !v.isJSON || v.lost(s) || v.hop.RefusedAtEnd() || v.hop.Status == http.StatusTooManyRequests {
		return none
	}
	if v.open != nil {
		return ok
	}
	return doubts("status", strconv.Itoa(v.hop.Status),
		"a screen before it: the SDK treats it as a refusal of the input, and has nothing to show again")
}

// detailsAreRead looks for the properties without which the SDK's reader of the
// details throws, when an app asks for them.
func detailsAreRead(v *sdkView, _ SDK) verdict {
	if !v.refusal() || !v.isJSON {
		return none
	}
	out := ok
	i := -1
	v.top("details").ForEach(func(_, entry gjson.Result) bool {
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

// detailsAreKept looks for the entries of details that the SDK leaves out without a
// word, such as that of a wrong password, whose innerError counts the tries left.
func detailsAreKept(v *sdkView, _ SDK) verdict {
	if !v.refusal() || !v.isJSON {
		return none
	}
	out := ok
	for i, entry := range v.top("details").Array() {
		path := "details." + strconv.Itoa(i)
		if lacks := lacking(entry, "statusCode", "rawResponse"); lacks != "" {
			return dropped(path, lacks)
		}
		for n, detail := range entry.Get("rawResponse.details").Array() {
			inner := detail.Get("innerError")
			if inner.IsObject() && !inner.Get("unsatisfiedRequirements").IsArray() {
				return dropped(path+".rawResponse.details."+strconv.Itoa(n)+".innerError", "unsatisfiedRequirements")
			}
		}
	}
	return out
}

func dropped(path, lacks string) verdict {
	return doubts(path, "an entry without "+lacks, "it: the SDK leaves out the whole entry of details without one")
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
