package conformance

import (
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// nextRules are "Step 2".
func nextRules() []*Requirement {
	return pages(step2,
		req("STEP2-1a", JSON, Must, atAny, "A later request goes to the next link of the screen that is open.",
			"", later(followsNext)),
		req("STEP2-1b", JSON, Must, atScreen, "Every later screen has a next link, which is a string.",
			"", later(hasNext)),
		req("STEP2-1c", JSON, Must, atScreen|atEnd,
			"The next link is an absolute URL that ends in "+
				"/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}.", "", nextHasForm),
		req("STEP2-1d", JSON, Must, atScreen|atEnd,
			"The next link is below {{authPath}}/{{envID}}: the host and the environment of the authorize request.",
			"the page writes an environment id; on a custom domain the wire has none, in any path",
			nextIsBelowEnvironment),
		req("STEP2-1e", JSON, Must, atScreen|atEnd, "The capability in the next link is capabilityName.",
			"", nextNames(rowCapability)),
		req("STEP2-1f", JSON, Must, atScreen|atEnd, "The connection in the next link is connectionId.",
			"", nextNames(rowConnection)),
		req("STEP2-2a", JSON, Must, atAny, "Every later request has the header X-Requested-With: ping-sdk.",
			"", later(withHeader)),
		req("STEP2-1a", Detailed, Must, atAny,
			"A later request goes to "+
				"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}, "+
				"with connectionId and capabilityName of the screen that is open.", "", later(followsBuiltLink)),
		req("STEP2-1b", Detailed, Should, atScreen, "A screen has a link to its resource.",
			"the page puts href directly below _links; its own first sample and the wire have _links.self.href, "+
				"and no next link", hasResourceLink),
		req("STEP2-1g", BothShapes, Should, atScreen,
			"The flow pauses at a node with which a person interacts, such as customHTMLTemplate or customForm.",
			`the pages name two capabilities with "such as"; the wire pauses at others too, among them `+""+
				"customHtmlMessage and showForm", pausesAtForm),
		req("STEP2-1h", BothShapes, Must, atRefusal,
			"A failed action is answered with JSON that says what is wrong: a message.", "", errorHasMessage),
		req("STEP2-1i", BothShapes, Must, atRefusal,
			"A failed action is answered with JSON that says what is wrong: a code or an HTTP status.",
			"the pages call it a JSON error response and show none; on the wire code is a string or a number, "+
				"and httpResponseCode repeats the status", errorHasCode),
	)
}

func followsNext(v *view) verdict {
	got, want := v.hop.Exchange.URL, v.before.next
	if want == nil || v.resumes() { // another requirement is about a wrong link
		return none
	}
	switch {
	case !davinci.SameHost(got, want) || !davinci.SamePath(got.Path, want.Path):
		return breaks("URL", place(got), place(want))
	case got.RawQuery != want.RawQuery:
		return breaks("URL", "another query", "the query of the next link")
	default:
		return ok
	}
}

// resumes reports whether the request comes back from an identity provider, to a link
// of its own.
func (v *view) resumes() bool {
	return v.hop.Exchange.ContinueToken() != "" && !v.sent.parameters.Exists()
}

func nextHasForm(v *view) verdict {
	if v.href.Str == "" {
		return none // a completed response may be short, a screen breaks another requirement
	}
	const want = "an absolute URL …/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"
	u := v.to
	if u == nil || u.Host == "" || u.Scheme == "" {
		return breaks("_links.next.href", show(v.href), want)
	}
	if _, _, good := parts(u.Path); good {
		return ok
	}
	return breaks("_links.next.href", place(u), want)
}

func nextIsBelowEnvironment(v *view) verdict {
	u, start := v.to, v.before.authorize
	if u == nil || u.Host == "" {
		return none
	}
	if _, _, good := parts(u.Path); !good {
		return none
	}
	root, got := rootOf(start.Path), u.Path[:strings.Index(u.Path, "/davinci/connections/")]
	switch {
	case !davinci.SameHost(u, start) || !davinci.SamePath(got, root):
		return breaks("_links.next.href", u.Host+got, start.Host+root)
	case root == "":
		return doubts("_links.next.href", "no environment id in "+place(u), "an environment id")
	default:
		return ok
	}
}

// nextNames returns a check that the next link has what is at a row of the table.
func nextNames(row int) func(*view) verdict {
	return func(v *view) verdict {
		u, want := v.to, v.value(row).Str
		if u == nil || want == "" {
			return none
		}
		got, name, good := parts(u.Path)
		if row == rowCapability {
			got = name
		}
		switch {
		case !good:
			return none
		case got == want:
			return ok
		default:
			return breaks("_links.next.href", got, properties[row].Path+" "+want)
		}
	}
}

func followsBuiltLink(v *view) verdict {
	if v.before.connection == "" || v.before.capability == "" || v.resumes() {
		return none
	}
	start, got := v.before.authorize, v.hop.Exchange.URL
	want := rootOf(start.Path) + "/davinci/connections/" + v.before.connection + "/capabilities/" + v.before.capability
	if !davinci.SameHost(got, start) || !davinci.SamePath(got.Path, want) {
		return breaks("URL", place(got), start.Host+want)
	}
	return ok
}

func hasResourceLink(v *view) verdict {
	links := v.top("_links")
	switch {
	case links.Get("self.href").Str != "":
		return ok
	case links.Get("href").Str != "":
		return doubts("_links.href", show(links.Get("href")), "_links.self.href")
	default:
		return breaks("_links.self.href", "nothing", "a string")
	}
}

func pausesAtForm(v *view) verdict {
	switch name := v.value(rowCapability).Str; name {
	case customHTMLTemplate, customForm:
		return ok
	case "":
		return none
	default:
		return doubts("capabilityName", name, "customHTMLTemplate or customForm")
	}
}

func errorHasMessage(v *view) verdict {
	for _, m := range []string{v.top("message").Str, v.top("errorMessage").Str, v.top("error").Get("message").Str} {
		if strings.TrimSpace(m) != "" {
			return ok
		}
	}
	return breaks("message", davinci.KindOf(v.top("message")), "a string")
}

func errorHasCode(v *view) verdict {
	for _, c := range []gjson.Result{v.top("code"), v.top("httpResponseCode"), v.top("error").Get("code")} {
		if kind := davinci.KindOf(c); kind == "string" || kind == "number" {
			return ok
		}
	}
	return breaks("code", davinci.KindOf(v.top("code")), "a string or a number")
}

// parts returns connection and capability of a link's path.
func parts(path string) (connection, name string, good bool) {
	_, rest, good := strings.Cut(path, "/davinci/connections/")
	if !good {
		return "", "", false
	}
	connection, name, good = strings.Cut(rest, "/capabilities/")
	return connection, name, good && connection != "" && name != "" &&
		!strings.Contains(connection, "/") && !strings.Contains(name, "/")
}

// place writes a URL without its query, which is not for reports.
func place(u *url.URL) string { return u.Host + u.Path }
