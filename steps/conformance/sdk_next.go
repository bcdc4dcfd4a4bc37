package conformance

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// sdkLinkRules say where an SDK sends the next request, and with what.
func sdkLinkRules() []*Requirement {
	return slices.Concat(
		sdkRule(onAll, "NEXT", JSON, sdkAnswers, atScreen|atFailure,
			"An answer that does not end the flow has a next link, an absolute URL.", nextIsFollowed),
		sdkRule(onAll, "NEXT-HOST", JSON, sdkHandles, atScreen,
			"The next link is on the host at which the flow was started.", nextIsAtHome),
		sdkRule(onAll, "HANDLES", JSON, sdkHandles, atScreen,
			"interactionId and interactionToken come where the SDK keeps them: for the web in the body, for "+
				"Android and iOS as cookies.", handlesAreKept),
	)
}

// absolute returns the URL that a value is, or nil if it is not an absolute one.
func absolute(r gjson.Result) *url.URL {
	u, err := url.Parse(r.Str)
	if r.Type != gjson.String || err != nil || u.Host == "" || u.Scheme == "" {
		return nil
	}
	return u
}

// nextIsFollowed looks at screens and at flows that end without a word: the
// mobile SDKs take these for screens.
func nextIsFollowed(v *sdkView, s SDK) verdict {
	href := v.href
	switch {
	case !v.seen(s) || v.hop.Rewinds() || v.outcome == atFailure && !v.deadEnd() && !v.environmental():
		return none
	case s == Web && (v.value(rowSession).Exists() || v.value(rowAuthorizeResponse).Exists()):
		return none // success
	case v.link != nil:
		return ok
	case s == Web:
		return nextOnWeb(v, href)
	case v.environmental():
		return doubts("_links.next.href", show(href), "an absolute URL: the SDK shows a screen that leads nowhere")
	default:
		return breaks("_links.next.href", show(href),
			"an absolute URL: the SDK shows a screen without one, and the next request goes nowhere")
	}
}

// nextOnWeb is the web SDK without an absolute next link. If there is none at all it says
// failure, and so does the flow.
func nextOnWeb(v *sdkView, href gjson.Result) verdict {
	const ignored = "an absolute URL: the SDK stops without an error, and the old screen stays"
	links, next := v.top("_links"), v.top("_links").Get("next")
	switch {
	case href.Exists():
		return breaks("_links.next.href", show(href),
			"an absolute URL: the SDK cannot send to any other, and the old screen stays")
	case next.Exists() && !next.IsObject() && !next.IsArray():
		return breaks("_links.next", davinci.KindOf(next), ignored)
	case links.Exists() && !links.IsObject() && !links.IsArray():
		return breaks("_links", davinci.KindOf(links), ignored)
	case v.outcome == atScreen:
		return breaks("_links.next.href", show(href), "an absolute URL: the SDK treats the answer as a failure")
	default:
		return none
	}
}

func nextIsAtHome(v *sdkView, s SDK) verdict {
	u := v.link
	switch home := v.before.authorize.Host; {
	case u == nil:
		return none
	case davinci.SameHost(u, v.before.authorize):
		return ok
	case s == Web:
		return doubts("_links.next.href", u.Host, home+": the other host has to let the page send there too")
	default:
		return breaks("_links.next.href", u.Host,
			home+": the SDK keeps the interaction in cookies, which go only to their own host")
	}
}

func handlesAreKept(v *sdkView, s SDK) verdict {
	id, token := v.value(rowInteraction).Str != "", v.value(rowToken).Str != ""
	path, inBody, inCookie := "interactionToken", token, v.cookieToken
	if s == Web && !id || s != Web && !v.cookieID {
		path, inBody, inCookie = "interactionId", id, v.cookieID
	}
	switch {
	case s == Web && inBody, s != Web && inCookie:
		return ok
	case s == Web && inCookie:
		return doubts(path, "only a cookie", "a string in the body: the SDK sends the word undefined in its place, "+
			"and only a page of the same site sends the cookie")
	case s == Web:
		return breaks(path, "neither in the body nor a cookie",
			"a string in the body: without it the interaction is lost")
	case inBody:
		return breaks("Set-Cookie "+path, "only the body",
			"a cookie: the SDK sends nothing else, and the interaction is lost")
	default:
		return breaks("Set-Cookie "+path, "neither in the body nor a cookie",
			"a cookie: without it the interaction is lost")
	}
}

// sdkPollRules say what a field POLLING needs. That of iOS makes nothing of
// one, which FIELD-TYPE and WAY-ON say.
func sdkPollRules() []*Requirement {
	return slices.Concat(
		sdkRule(onWeb|onAndroid, "POLL-ADDRESS", JSON, sdkPolling, atScreen,
			"Where a challenge is polled for, the SDK can build the address from _links.self.href.",
			ofType("POLLING", challengeIsReached)),
		sdkRule(onWeb, "POLL-MODE", JSON, sdkPolling, atScreen,
			"A field POLLING has both pollChallengeStatus true and a challenge, or neither.",
			ofType("POLLING", pollModeIsClear)),
		sdkRule(onAndroid, "POLL-NUMBERS", JSON, sdkPolling, atScreen,
			"pollRetries is a whole number and pollInterval one above zero.", ofType("POLLING", pollNumbersAreRead)),
	)
}

// A poll is what a field POLLING asks for.
func (e *sdkEntry) poll() (asked bool, challenge string) {
	return e.Raw.Get("pollChallengeStatus").Raw == "true", e.Raw.Get("challenge").String()
}

// challengeIsReached checks the address that the SDK builds against the one where the service
// answers: the web SDK takes the first segment of the path of _links.self.href for the
// environment, which a custom domain has not; Android cuts the link at /davinci/connections,
// which the link of a policy's start does not have.
func challengeIsReached(v *sdkView, e *sdkEntry, s SDK) verdict {
	if asked, challenge := e.poll(); !asked || challenge == "" {
		return none
	}
	const path = "_links.self.href"
	self := absolute(v.shown.self)
	if self == nil {
		return breaks(path, show(v.shown.self),
			"an absolute URL: the SDK asks for the state of the challenge below it")
	}
	if v.value(rowInteraction).Str == "" {
		return breaks("interactionId", "nothing",
			"a string in the body: the SDK asks for the state of the challenge by it")
	}
	if s == Android {
		return when(strings.Contains(self.Path, "/davinci/connections"), path, self.Path,
			"a path with /davinci/connections: the SDK cuts it there, and asks at an address that is none")
	}
	want := v.before.environmentAsked
	got, _, _ := strings.Cut(strings.TrimPrefix(self.Path, "/"), "/")
	if want == "" {
		return breaks(path, "a path without an environment", "one that begins with it: the SDK takes "+quoted(got)+
			" for the environment, and on a custom domain asks at an address that is none")
	}
	return when(strings.EqualFold(got, want), path, self.Path,
		"a path that begins with the environment: the SDK asks for the state of the challenge below its first part")
}

func pollModeIsClear(v *sdkView, e *sdkEntry, _ SDK) verdict {
	asked, challenge := e.poll()
	const why = ": the SDK refuses to poll with one of the two"
	switch {
	case asked == (challenge != ""):
		return ok
	case asked:
		return breaks(entryPath(e.place, "challenge"), "nothing beside pollChallengeStatus true", "a challenge"+why)
	default:
		return breaks(entryPath(e.place, "pollChallengeStatus"), show(e.Raw.Get("pollChallengeStatus")),
			"true beside a challenge"+why)
	}
}

func pollNumbersAreRead(v *sdkView, e *sdkEntry, _ SDK) verdict {
	if got := e.Raw.Get("pollRetries"); got.Exists() {
		if _, err := strconv.ParseInt(got.String(), 10, 32); err != nil {
			return breaks(entryPath(e.place, "pollRetries"), show(got),
				"a whole number: the SDK throws, and shows no screen")
		}
	}
	if got := e.Raw.Get("pollInterval"); got.Exists() {
		if n, err := strconv.ParseInt(got.String(), 10, 64); err != nil || n <= 0 {
			return breaks(entryPath(e.place, "pollInterval"), show(got),
				"a number above zero: the SDK does not poll without one")
		}
	}
	return ok
}
