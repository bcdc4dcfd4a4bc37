package conformance

import (
	"net/url"
	"slices"

	"github.com/tidwall/gjson"
)

// sdkLinkRules say where an SDK sends the next request, and with what.
func sdkLinkRules() []sdkRule {
	return slices.Concat(
		forSDKs(onAll, Requirement{
			ID: "NEXT", Section: sdkAnswers, Outcomes: Screen | Failed,
			Sentence: "An answer that does not end the flow has a next link, an absolute URL.",
		}, nextIsFollowed),
		forSDKs(onAll, Requirement{
			ID: "NEXT-HOST", Section: sdkHandles, Outcomes: Screen,
			Sentence: "The next link is on the host at which the flow was started.",
		}, nextIsAtHome),
		forSDKs(onAll, Requirement{
			ID: "HANDLES", Section: sdkHandles, Outcomes: Screen,
			Sentence: "interactionId and interactionToken come where the SDK keeps them: for the web in the body, " +
				"for Android and iOS as cookies.",
		}, handlesAreKept),
	)
}

// absolute returns the URL that a value is, or nil where it is not an absolute one.
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
	case !v.seen(s) || v.rewinds() || v.outcome == Failed && !v.deadEnd() && !v.environmental():
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

// nextOnWeb is the web SDK without an absolute next link. Where there is none
// at all it says failure, and so does the flow.
func nextOnWeb(v *sdkView, href gjson.Result) verdict {
	const ignored = "an absolute URL: the SDK breaks off without a word, and the old screen stays"
	links, next := v.top.links, v.top.links.Get("next")
	switch {
	case href.Exists():
		return breaks("_links.next.href", show(href),
			"an absolute URL: the SDK cannot send to any other, and the old screen stays")
	case next.Exists() && !next.IsObject() && !next.IsArray():
		return breaks("_links.next", kindOf(next), ignored)
	case links.Exists() && !links.IsObject() && !links.IsArray():
		return breaks("_links", kindOf(links), ignored)
	case v.outcome == Screen:
		return breaks("_links.next.href", show(href), "an absolute URL: the SDK takes the answer for a failure")
	default:
		return none
	}
}

func nextIsAtHome(v *sdkView, s SDK) verdict {
	u := v.link
	switch home := v.before.authorize.Host; {
	case u == nil:
		return none
	case u.Host == home:
		return ok
	case s == Web:
		return doubts("_links.next.href", u.Host, home+": the other host has to let the page send there too")
	default:
		return breaks("_links.next.href", u.Host,
			home+": the SDK keeps the interaction in cookies, which go to their own host alone")
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
		return doubts(path, "a cookie alone", "a string in the body: the SDK sends the word undefined in its place, "+
			"and only a page of the same site sends the cookie")
	case s == Web:
		return breaks(path, "neither in the body nor a cookie",
			"a string in the body: without it the interaction is lost")
	case inBody:
		return breaks("Set-Cookie "+path, "the body alone",
			"a cookie: the SDK sends nothing else, and the interaction is lost")
	default:
		return breaks("Set-Cookie "+path, "neither in the body nor a cookie",
			"a cookie: without it the interaction is lost")
	}
}
