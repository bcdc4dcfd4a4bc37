package check

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Headers and cookies that an answer may have even if its recording does not list them.
var (
	usualHeaders = []string{
		"Access-Control-Allow-Credentials", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods",
		"Access-Control-Allow-Origin", "Access-Control-Max-Age", "Allow", "Cache-Control", "Content-Length",
		"Content-Type", "Date", "Location", "Retry-After", "Set-Cookie", "Vary", "Www-Authenticate",
	}
	usualCookies = []string{"ST", "ST-NO-SS", "interactionId", "interactionToken"}
)

// head adds the headers and cookies of an answer.
func (r *recorded) head(a *recordings.Response) {
	for _, name := range usualHeaders {
		r.headers.add(name)
	}
	for name := range a.Headers {
		r.headers.add(http.CanonicalHeaderKey(name))
	}
	for _, name := range usualCookies {
		r.cookies.add(name)
	}
	for _, c := range a.Cookies {
		r.cookies.add(c.Name)
	}
}

// code adds the error of an answer, by each name that a sentence may use for it.
func (r *recorded) code(a *davinci.Answer) {
	r.codes.add(a.Code())
	if a.Failure != nil {
		r.codes.add(a.Failure.Code)
	}
}

// among returns the names that a value in a sentence may have, the words for how an answer
// has it, and the value's name. It returns nil for a value that is not a part of an answer.
func (r *recorded) among(v steps.Value) (names *partNames, has, name string) {
	switch v.Kind {
	case steps.HeaderName, steps.AbsentHeader:
		return &r.headers, "has the header", http.CanonicalHeaderKey(v.Text)
	case steps.CookieName, steps.AbsentCookie:
		return &r.cookies, "sets the cookie", v.Text
	case steps.ErrorCode:
		return &r.codes, "has the error code", strings.TrimSpace(v.Text)
	case steps.LabelText:
		return &r.texts, "has the label", davinci.Read(v.Text)
	default:
		return nil, "", ""
	}
}

// answers finds the headers, cookies, error codes and labels in a step that no recorded answer of
// its flow has. A name that is like a recorded one is misspelt. For any other it only warns,
// because the flow may answer with it.
func answers(r *reading, st *feature.Step, values []steps.Value) {
	if r.own || r.strayed || r.suite.Known.ListsStep(r.scenario, st) {
		return
	}
	of := r.recorded(r.chosen)
	if of == nil || of.unread {
		return
	}
	for _, v := range values {
		names, has, name := of.among(v)
		if names == nil || names.open || len(names.list) == 0 || name == "" || strings.Contains(name, "${") ||
			names.has(name) || v.Kind == steps.ErrorCode && isStatus(name) {
			continue
		}
		absent := v.Kind == steps.AbsentHeader || v.Kind == steps.AbsentCookie
		text := fmt.Sprintf("no recorded answer of the flow %q %s %q", r.chosen, has, v.Text)
		switch near := nearestOf(name, names.list); {
		case near != "":
			r.lacking(st, v, absent, text, fmt.Sprintf("; did you mean %q?", near))
		case !absent && r.suite.Target.Live == nil:
			r.say(r.found.warning, st, !st.Writes(v.Written),
				text+"; there are "+words.List(slices.Sorted(slices.Values(names.list)), mostListed))
		}
	}
}

// isStatus reports whether an error code is the status of an answer.
func isStatus(code string) bool {
	const digits = 3
	return len(code) == digits && strings.Trim(code, "0123456789") == ""
}
