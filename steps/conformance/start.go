package conformance

import (
	"mime"
	"slices"
	"strconv"
	"strings"
)

const (
	headerRequestedWith = "X-Requested-With"
	pingSDK             = "ping-sdk"
)

// startRules are the introduction of the pages and "Step 1".
func startRules() []*Requirement {
	return slices.Concat(
		onBoth("INTRO-1", Requirement{
			Level: Must, Section: intro, Outcomes: Screen | Rewound | Completed,
			Sentence: "A response of pi.flow has the status 200 OK.",
			check:    statusIsOK,
		}),
		[]*Requirement{{
			ID: "JSON-INTRO-2", Level: Must, Page: JSONPage, Section: intro, Shapes: JSON, Outcomes: AnyOutcome,
			Sentence: "A response to a request with X-Requested-With: ping-sdk is JSON, by its Content-Type and by " +
				"its body.",
			check: bodyIsJSON,
		}, {
			ID: "DETAILED-INTRO-2", Level: Must, Page: DetailedPage,
			Section: intro, Shapes: Detailed, Outcomes: AnyOutcome,
			Sentence: "A response to a request without X-Requested-With is JSON that carries the HTML.",
			Doubt: "the page says that HTML is returned; its own sample and the wire are JSON with the HTML in " +
				"screen.properties (so a Content-Type text/html is in doubt)",
			check: bodyIsJSON,
		}, {
			ID: "DETAILED-INTRO-3", Level: Must, Page: DetailedPage, Section: intro, Shapes: Detailed, Outcomes: Screen,
			Sentence: "A screen carries what the form is made of, in screen.properties.",
			check:    screenHasProperties,
		}, {
			ID: "DETAILED-INTRO-4", Level: Must, Page: DetailedPage, Section: intro, Shapes: Detailed, Outcomes: Screen,
			Sentence: "A screen of the capability customHTMLTemplate carries the HTML of the form, in " +
				"screen.properties.customHTML.value.",
			check: screenHasHTML,
		}, {
			ID: "DETAILED-INTRO-5", Level: Must, Page: DetailedPage,
			Section: intro, Shapes: Detailed, Outcomes: AnyOutcome,
			Sentence: "To get HTML, the authorize request leaves X-Requested-With out.",
			check:    startWithoutHeader,
		}},
		onBoth("STEP1-1", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The flow starts at the authorize endpoint, /as/authorize.",
			check:    startsAtAuthorize,
		}),
		onBoth("STEP1-2a", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The authorize request has response_mode pi.flow.",
			check:    asks("response_mode", "pi.flow"),
		}),
		onBoth("STEP1-2b", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "Nothing redirects: the response comes directly.",
			Doubt: "the pages call pi.flow a flow without redirects; the service redirects to its own pages where " +
				"client id, response mode or the application's flow policy are wrong",
			check: noRedirect,
		}),
		onBoth("STEP1-2c", Requirement{
			Level: May, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The authorize request may leave redirect_uri out.",
			Doubt: "the pages say that it is not required; every SDK sends it, and a code is bound to the one that " +
				"was sent, so that the token request has to repeat it",
			check: withoutRedirectURI,
		}),
		onBoth("STEP1-2d", Requirement{
			Level: Must, Section: step1 + "; RFC 6749, 4.1.2", Outcomes: Completed,
			Sentence: "The parameters of the authorization response come as a JSON object: state is the one of the " +
				"request.",
			check: stateIsEchoed,
		}),
		onBoth("STEP1-3a", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The authorize request names the application by client_id.",
			check:    asks("client_id", ""),
		}),
		onBoth("STEP1-3b", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The authorize request has a response_type.",
			check:    asks("response_type", ""),
		}),
		onBoth("STEP1-3c", Requirement{
			Level: Must, Section: step1, Outcomes: AnyOutcome,
			Sentence: "The authorize request asks for scopes.",
			Doubt:    `the pages write "scopes"; the parameter of OAuth 2.0 and of the wire is scope`,
			check:    asksScope,
		}),
		[]*Requirement{{
			ID: "JSON-STEP1-4a", Level: Must, Page: JSONPage, Section: step1, Shapes: JSON, Outcomes: AnyOutcome,
			Sentence: "To get JSON, the authorize request has the header X-Requested-With: ping-sdk.",
			check:    startWithHeader,
		}, {
			ID: "JSON-STEP1-4b", Level: Must, Page: JSONPage, Section: step1, Shapes: JSON, Outcomes: Screen,
			Sentence: "The response to the authorize request has a next link, which is a string.",
			check:    startHasNext,
		}},
	)
}

func statusIsOK(v *view) verdict {
	const want = 200
	return when(v.hop.Status == want, "status", func() string { return strconv.Itoa(v.hop.Status) }, "200")
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
	return when(p.IsObject(), path, func() string { return kindOf(p) }, "object")
}

func screenHasHTML(v *view) verdict {
	if v.value(rowCapability).Str != "customHTMLTemplate" || !v.top("screen").Get("properties").IsObject() {
		return none
	}
	page := v.top("screen").Get("properties.customHTML.value")
	return when(page.Str != "", "screen.properties.customHTML.value", func() string { return kindOf(page) },
		"a string of HTML")
}

func startWithoutHeader(v *view) verdict {
	if !v.start() {
		return none
	}
	got := v.hop.Exchange.Header.Get(headerRequestedWith)
	return when(got == "", headerRequestedWith, func() string { return got }, "nothing")
}

func startWithHeader(v *view) verdict {
	if !v.start() {
		return none
	}
	return withHeader(v)
}

func withHeader(v *view) verdict {
	got := v.hop.Exchange.Header.Get(headerRequestedWith)
	return when(got == pingSDK, headerRequestedWith, func() string { return orNothing(got) }, pingSDK)
}

func startsAtAuthorize(v *view) verdict {
	if !v.start() || v.environmental() {
		return none
	}
	path := v.hop.Exchange.URL.Path
	return when(strings.HasSuffix(path, "/as/authorize"), "URL", func() string { return path }, "…/as/authorize")
}

// asks returns a check that the authorize request has a parameter, with that
// value where one is given. Beside request_uri the parameters lie in the
// pushed request (RFC 9126).
func asks(name, want string) func(*view) verdict {
	return func(v *view) verdict {
		if !v.start() {
			return none
		}
		q := v.asked
		got := q.Get(name)
		switch {
		case got == "" && q.Has("request_uri") && name != "client_id":
			return none
		case got == "":
			return breaks(name, "nothing", orValue(want))
		case want != "" && got != want:
			return breaks(name, got, want)
		default:
			return ok
		}
	}
}

func asksScope(v *view) verdict {
	if !v.start() {
		return none
	}
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
	if !v.start() || v.asked.Has("redirect_uri") || v.asked.Has("request_uri") {
		return none
	}
	refused := v.outcome == Failed && strings.Contains(strings.ToLower(v.hop.Message()), "redirect")
	return when(!refused, "redirect_uri", func() string { return "refused: " + v.hop.Message() }, "accepted without it")
}

func stateIsEchoed(v *view) verdict {
	want := v.asked.Get("state")
	if want == "" {
		return none
	}
	got := v.value(rowAuthorizeResponse).Get("state")
	return when(got.Str == want, "authorizeResponse.state", func() string {
		if got.Exists() {
			return "another state"
		}
		return "nothing"
	}, "the state of the authorize request")
}

func startHasNext(v *view) verdict {
	if !v.start() {
		return none
	}
	return hasNext(v)
}

func hasNext(v *view) verdict {
	return when(v.href.Str != "", "_links.next.href", func() string { return kindOf(v.href) }, "a string")
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func orValue(s string) string {
	if s == "" {
		return "a value"
	}
	return s
}
