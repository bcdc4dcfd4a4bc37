package conformance

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// nextRules are "Step 2".
func nextRules() []*Requirement {
	return slices.Concat(
		[]*Requirement{{
			ID: "JSON-STEP2-1a", Level: Must, Page: JSONPage, Section: step2, Shapes: JSON, Outcomes: AnyOutcome,
			Sentence: "A later request goes to the next link of the screen that is open.",
			check:    followsNext,
		}, {
			ID: "JSON-STEP2-1b", Level: Must, Page: JSONPage, Section: step2, Shapes: JSON, Outcomes: Screen,
			Sentence: "Every later screen has a next link, which is a string.",
			check:    laterHasNext,
		}, {
			ID: "JSON-STEP2-1c", Level: Must, Page: JSONPage,
			Section: step2, Shapes: JSON, Outcomes: Screen | Completed,
			Sentence: "The next link is an absolute URL that ends in " +
				"/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}.",
			check: nextHasForm,
		}, {
			ID: "JSON-STEP2-1d", Level: Must, Page: JSONPage,
			Section: step2, Shapes: JSON, Outcomes: Screen | Completed,
			Sentence: "The next link is below {{authPath}}/{{envID}}: the host and the environment of the " +
				"authorize request.",
			Doubt: "the page writes an environment id; on a custom domain the wire has none, in any path",
			check: nextIsBelowEnvironment,
		}, {
			ID: "JSON-STEP2-1e", Level: Must, Page: JSONPage,
			Section: step2, Shapes: JSON, Outcomes: Screen | Completed,
			Sentence: "The capability in the next link is capabilityName.",
			check:    nextNamesCapability,
		}, {
			ID: "JSON-STEP2-1f", Level: Must, Page: JSONPage,
			Section: step2, Shapes: JSON, Outcomes: Screen | Completed,
			Sentence: "The connection in the next link is connectionId.",
			check:    nextNamesConnection,
		}, {
			ID: "JSON-STEP2-2a", Level: Must, Page: JSONPage, Section: step2, Shapes: JSON, Outcomes: AnyOutcome,
			Sentence: "Every later request has the header X-Requested-With: ping-sdk.",
			check:    laterWithHeader,
		}, {
			ID: "DETAILED-STEP2-1a", Level: Must, Page: DetailedPage,
			Section: step2, Shapes: Detailed, Outcomes: AnyOutcome,
			Sentence: "A later request goes to {{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}" +
				"/capabilities/{{capabilityName}}, with connectionId and capabilityName of the screen that is open.",
			check: followsBuiltLink,
		}, {
			ID: "DETAILED-STEP2-1b", Level: Should, Page: DetailedPage,
			Section: step2, Shapes: Detailed, Outcomes: Screen,
			Sentence: "A screen has a link to its resource.",
			Doubt: "the page puts href directly below _links; its own first sample and the wire have " +
				"_links.self.href, and no next link",
			check: hasResourceLink,
		}},
		onBoth("STEP2-1g", Requirement{
			Level: Should, Section: step2, Outcomes: Screen,
			Sentence: "The flow pauses at a node with which a person interacts, such as customHTMLTemplate or " +
				"customForm.",
			Doubt: `the pages name two capabilities with "such as"; the wire pauses at others too, among them ` +
				"customHtmlMessage and showForm",
			check: pausesAtForm,
		}),
		onBoth("STEP2-1h", Requirement{
			Level: Must, Section: step2, Outcomes: Refused,
			Sentence: "A failed action is answered with JSON that says what is wrong: a message.",
			check:    errorHasMessage,
		}),
		onBoth("STEP2-1i", Requirement{
			Level: Must, Section: step2, Outcomes: Refused,
			Sentence: "A failed action is answered with JSON that says what is wrong: a code or an HTTP status.",
			Doubt: "the pages call it a JSON error response and show none; on the wire code is a string or a number, " +
				"and httpResponseCode repeats the status",
			check: errorHasCode,
		}),
	)
}

func followsNext(v *view) verdict {
	got, want := v.hop.Exchange.URL, v.before.next
	if v.start() || want == nil { // where the link is at fault, its own requirement says so
		return none
	}
	switch {
	case got.Host != want.Host || got.Path != want.Path:
		return breaks("URL", place(got), place(want))
	case got.RawQuery != want.RawQuery:
		return breaks("URL", "another query", "the query of the next link")
	default:
		return ok
	}
}

func laterHasNext(v *view) verdict {
	if v.start() {
		return none
	}
	return hasNext(v)
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
	_, _, good := parts(u.Path)
	return when(good, "_links.next.href", func() string { return place(u) }, want)
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
	case u.Host != start.Host || got != root:
		return breaks("_links.next.href", u.Host+got, start.Host+root)
	case root == "":
		return doubts("_links.next.href", "no environment id in "+place(u), "an environment id")
	default:
		return ok
	}
}

func nextNamesCapability(v *view) verdict {
	return nextNames(v, rowCapability, "capabilityName")
}

func nextNamesConnection(v *view) verdict {
	return nextNames(v, rowConnection, "connectionId")
}

func nextNames(v *view, row int, property string) verdict {
	u := v.to
	if u == nil || v.value(row).Str == "" {
		return none
	}
	connection, name, good := parts(u.Path)
	if !good {
		return none
	}
	got := connection
	if row == rowCapability {
		got = name
	}
	if want := v.value(row).Str; got != want {
		return breaks("_links.next.href", got, property+" "+want)
	}
	return ok
}

func laterWithHeader(v *view) verdict {
	if v.start() {
		return none
	}
	return withHeader(v)
}

func followsBuiltLink(v *view) verdict {
	if v.start() || v.before.connection == "" || v.before.capability == "" {
		return none
	}
	start, got := v.before.authorize, v.hop.Exchange.URL
	want := rootOf(start.Path) + "/davinci/connections/" + v.before.connection + "/capabilities/" + v.before.capability
	if got.Host != start.Host || got.Path != want {
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
	name := v.value(rowCapability).Str
	switch name {
	case "customHTMLTemplate", "customForm":
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
	return breaks("message", kindOf(v.top("message")), "a string")
}

func errorHasCode(v *view) verdict {
	for _, c := range []gjson.Result{v.top("code"), v.top("httpResponseCode"), v.top("error").Get("code")} {
		if kind := kindOf(c); kind == "string" || kind == "number" {
			return ok
		}
	}
	return breaks("code", kindOf(v.top("code")), "a string or a number")
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
