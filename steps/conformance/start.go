package conformance

import (
	"cmp"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/davinci"
)

const (
	headerRequestedWith = "X-Requested-With"
	pingSDK             = "ping-sdk"
)

// startRules are the introduction of the pages and "Step 1".
func startRules() []*Requirement {
	return slices.Concat(
		pages(intro,
			req("INTRO-1", BothShapes, Must, atScreen|atRewind|atEnd,
				"A response of pi.flow has the status 200 OK.", "", statusIsOK),
			req("INTRO-2", JSON, Must, atAny,
				"A response to a request with X-Requested-With: ping-sdk is JSON, by its Content-Type and by its "+
					"body.", "", bodyIsJSON),
			req("INTRO-2", Detailed, Must, atAny,
				"A response to a request without X-Requested-With is JSON that carries the HTML.",
				"the page says that HTML is returned; its own sample and the wire are JSON with the HTML in "+
					"screen.properties (so a Content-Type text/html is in doubt)", bodyIsJSON),
			req("INTRO-3", Detailed, Must, atScreen,
				"A screen carries what the form is made of, in screen.properties.", "", screenHasProperties),
			req("INTRO-4", Detailed, Must, atScreen,
				"A screen of the capability customHTMLTemplate carries the HTML of the form, in "+
					"screen.properties.customHTML.value.", "", screenHasHTML),
			req("INTRO-5", Detailed, Must, atAny, "To get HTML, the authorize request leaves X-Requested-With out.",
				"", atStart(withoutHeader)),
		),
		pages(step1,
			req("STEP1-1", BothShapes, Must, atAny, "The flow starts at the authorize endpoint, /as/authorize.",
				"", atStart(isAuthorize)),
			req("STEP1-2a", BothShapes, Must, atAny, "The authorize request has response_mode pi.flow.",
				"", atStart(asks("response_mode", "pi.flow"))),
			req("STEP1-2b", BothShapes, Must, atAny, "Nothing redirects: the response comes directly.",
				"the pages call pi.flow a flow without redirects; the service redirects to its own pages where "+
					"client id, response mode or the application's flow policy are wrong", noRedirect),
			req("STEP1-2c", BothShapes, May, atAny, "The authorize request may leave redirect_uri out.",
				"the pages say that it is not required; every SDK sends it, and a code is bound to the one that "+
					"was sent, so that the token request has to repeat it", atStart(withoutRedirectURI)),
		),
		pages(step1+"; RFC 6749, 4.1.2",
			req("STEP1-2d", BothShapes, Must, atEnd,
				"The parameters of the authorization response come as a JSON object: state is the one of the "+
					"request.", "the pages' own sample of a completed response has no state", stateIsEchoed),
		),
		pages(step1,
			req("STEP1-3a", BothShapes, Must, atAny, "The authorize request names the application by client_id.",
				"", atStart(asks("client_id", ""))),
			req("STEP1-3b", BothShapes, Must, atAny, "The authorize request has a response_type.",
				"", atStart(asks("response_type", ""))),
			req("STEP1-3c", BothShapes, Must, atAny, "The authorize request asks for scopes.",
				`the pages write "scopes"; the parameter of OAuth 2.0 and of the wire is scope`, atStart(asksScope)),
			req("STEP1-4a", JSON, Must, atAny,
				"To get JSON, the authorize request has the header X-Requested-With: ping-sdk.",
				"", atStart(withHeader)),
			req("STEP1-4b", JSON, Must, atScreen,
				"The response to the authorize request has a next link, which is a string.", "", atStart(hasNext)),
		),
	)
}

func statusIsOK(v *view) verdict {
	if v.hop.Status == http.StatusOK {
		return ok
	}
	return breaks("status", strconv.Itoa(v.hop.Status), "200")
}

func bodyIsJSON(v *view) verdict {
	if v.environmental() || v.hop.Status >= 300 && v.hop.Status < 400 {
		return none
	}
	content := v.hop.Header.Get("Content-Type")
	kind := v.media.kindOf(content)
	switch {
	case !v.isJSON:
		return breaks("body", "no JSON object", "a JSON object")
	case kind == "application/json":
		return ok
	case v.shape == Detailed && kind == "text/html":
		return doubts("Content-Type", content, "application/json")
	default:
		return breaks("Content-Type", orNothing(content), "application/json")
	}
}

// A mediaType is the Content-Type that was read last: the answers of a journey
// mostly have the same.
type mediaType struct{ content, kind string }

// kindOf returns the type without its parameters, "" of what is none.
func (m *mediaType) kindOf(content string) string {
	if m.content != content {
		kind, _, err := mime.ParseMediaType(content)
		if err != nil {
			kind = ""
		}
		*m = mediaType{content, kind}
	}
	return m.kind
}

func screenHasProperties(v *view) verdict {
	const path = "screen.properties"
	p := v.top("screen").Get("properties")
	return when(p.IsObject(), path, davinci.KindOf(p), "object")
}

func screenHasHTML(v *view) verdict {
	if v.value(rowCapability).Str != customHTMLTemplate || !v.top("screen").Get("properties").IsObject() {
		return none
	}
	page := v.top("screen").Get("properties.customHTML.value")
	return when(page.Str != "", "screen.properties.customHTML.value", davinci.KindOf(page),
		"a string of HTML")
}

func withoutHeader(v *view) verdict {
	got := v.hop.Exchange.Header.Get(headerRequestedWith)
	return when(got == "", headerRequestedWith, got, "nothing")
}

func withHeader(v *view) verdict {
	got := v.hop.Exchange.Header.Get(headerRequestedWith)
	return when(got == pingSDK, headerRequestedWith, orNothing(got), pingSDK)
}

func isAuthorize(v *view) verdict {
	if v.environmental() {
		return none
	}
	path := v.hop.Exchange.URL.Path
	return when(strings.HasSuffix(path, "/as/authorize"), "URL", path, "…/as/authorize")
}

// asks returns a check that the authorize request has a parameter, with that value if one is
// given. Beside request_uri the parameters lie in the pushed request (RFC 9126).
func asks(name, want string) func(*view) verdict {
	return func(v *view) verdict {
		q := v.asked
		got := q.Get(name)
		switch {
		case got == "" && q.Has("request_uri") && name != "client_id":
			return none
		case got == "":
			return breaks(name, "nothing", cmp.Or(want, "a value"))
		case want != "" && got != want:
			return breaks(name, got, want)
		default:
			return ok
		}
	}
}

func asksScope(v *view) verdict {
	q := v.asked
	switch {
	case q.Get("scope") != "":
		return ok
	case q.Get("scopes") != "":
		return doubts("scope", "scopes", "scope")
	default:
		return asks("scope", "")(v)
	}
}

func noRedirect(v *view) verdict {
	if v.hop.Status >= 300 && v.hop.Status < 400 {
		return doubts("status", strconv.Itoa(v.hop.Status), "no redirect")
	}
	return ok
}

// withoutRedirectURI breaks where an authorize request without redirect_uri
// was refused for it.
func withoutRedirectURI(v *view) verdict {
	if v.asked.Has("redirect_uri") || v.asked.Has("request_uri") {
		return none
	}
	refused := v.outcome == atFailure && strings.Contains(strings.ToLower(v.hop.Message()), "redirect")
	return when(!refused, "redirect_uri", "refused: "+v.hop.Message(), "accepted without it")
}

func stateIsEchoed(v *view) verdict {
	want := v.asked.Get("state")
	if want == "" {
		return none
	}
	const path, wanted = "authorizeResponse.state", "the state of the authorize request"
	got := v.value(rowAuthorizeResponse).Get("state")
	if !got.Exists() {
		return doubts(path, "nothing", wanted)
	}
	return when(got.Str == want, path, "another state", wanted)
}

func hasNext(v *view) verdict {
	return text("_links.next.href", v.href)
}

func orNothing(s string) string { return cmp.Or(s, "nothing") }
