package runner

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// A trail is which steps sent and looked at the hops of a scenario.
type trail struct {
	sent     []int   // by hop: the index of the step that sent it
	asserted [][]int // by hop: the indexes of the steps that looked at it
}

// follow notes that a step has ended, after which there are that many hops.
func (t *trail) follow(step, hops int, asserts bool) {
	for len(t.sent) < hops {
		t.sent, t.asserted = append(t.sent, step), append(t.asserted, nil)
	}
	if asserts && hops > 0 {
		t.asserted[hops-1] = append(t.asserted[hops-1], step)
	}
}

// evidence adds the hops of the scenario: their number, the last ones in short if it did not
// pass, and all of them in full where the run keeps evidence.
func (a *attempt) evidence(out *report.Scenario) {
	if a.world != nil {
		out.Flow = a.world.FlowName()
	}
	out.Environment = out.Status == report.Failed && a.origin(a.last()).Environmental()
	if a.world == nil || a.world.Journey == nil {
		return
	}
	hops := a.world.Hops()
	out.HopCount = len(hops)
	const most = 2
	first := max(0, len(hops)-most)
	switch {
	case a.suite.Evidence:
		first = 0
	case out.Status != report.Failed:
		return
	}
	for i, h := range hops[first:] {
		r := summarize(h)
		r.Response += a.faultAt(h.Number)
		if at := first + i; at < len(a.trail.sent) {
			r.Step, r.Asserted = a.trail.sent[at], a.trail.asserted[at]
		}
		if a.suite.Evidence {
			r.Evidence = a.full(first+i, h)
		}
		out.Hops = append(out.Hops, r)
	}
}

// full returns a hop as it went over the wire. What it holds is redacted later.
func (a *attempt) full(at int, h *flow.Hop) *report.Evidence {
	e := &report.Evidence{
		Method: h.Exchange.Method, URL: shown(h.Exchange.URL),
		RequestHeader: h.Exchange.Header, RequestBody: a.typed(at, h.Exchange.Body),
		Status: h.Status, Header: h.Header, Body: h.Body,
		Outcome: h.Outcome.String(), Detailed: h.Detailed, Began: h.Exchange.Began, Screen: a.screenOf(h), Cut: h.LetGo,
	}
	if e.RequestBody == nil {
		e.RequestCut = len(h.Exchange.Body)
	}
	if h.Failure != nil {
		e.Origin, e.Message = h.Failure.Origin.String(), h.Failure.Message
	}
	if a.judged() {
		v := &a.world.Verdicts()[at]
		e.Passed, e.Findings = v.Passed, slices.Clone(v.Findings)
	}
	return e
}

// typed returns the body of the request of a hop without what was typed into
// fields of passwords, however short or common that is: nothing of it where the
// screen with the fields was not kept.
func (a *attempt) typed(at int, body []byte) []byte {
	hops := a.world.Hops()
	for at--; at >= 0 && hops[at].Screen() == nil; at-- { // a refused request leaves the screen
	}
	if at < 0 || body == nil {
		return body
	}
	if hops[at].LetGo > 0 {
		return nil
	}
	fields := hops[at].Screen().Fields
	for i := range fields {
		if !fields[i].Secret() {
			continue
		}
		v := gjson.GetBytes(body, "parameters.data.formData."+gjson.Escape(fields[i].Key))
		if v.Index > 0 && v.Raw != `""` {
			body = slices.Concat(body[:v.Index], []byte(`"`+secret.Redacted+`"`), body[v.Index+len(v.Raw):])
		}
	}
	return body
}

// faultAt names the faults that were injected into a hop, where the scenario drove
// only one journey: a replay counts the hops of each.
func (a *attempt) faultAt(hop int) string {
	if a.backend == nil || len(a.world.Driven()) != 1 {
		return ""
	}
	if list := a.backend.Injected().At(hop); len(list) > 0 {
		return " (fault " + strings.Join(list, ", fault ") + ")"
	}
	return ""
}

func (a *attempt) screenOf(h *flow.Hop) *report.Screen {
	s := h.Screen()
	if s == nil || h.LetGo > 0 {
		return nil
	}
	out := &report.Screen{Name: s.Name, Node: h.NodeID(), Capability: h.Capability()}
	if h.Detailed {
		out.HTML = a.frames.Of(h.HTML())
	}
	for i := range s.Fields {
		f := &s.Fields[i]
		field := report.Field{
			Key: f.Key, Type: f.Type, Label: f.Label, Required: f.Required, Button: f.IsButton(),
		}
		for _, o := range f.Raw.Get("options").Array() {
			field.Options = append(field.Options, cmp.Or(o.Get("label").String(), o.Get("title").String(), o.String()))
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}

// openParameters are long ones of an authorize request that hold no secret.
var openParameters = []string{
	"response_mode", "response_type", "client_id", "scope", "redirect_uri", "acr_values", "code_challenge_method",
	"ui_locales",
}

// shown writes a URL for a report: of its query the values that are short or
// open and whose names say nothing of a secret, and nothing of its fragment.
func shown(u *url.URL) string {
	q := u.Query()
	for name, values := range q {
		for i, v := range values {
			if !slices.Contains(openParameters, name) && (target.Secret(name) || davinci.SecretCookie(name, v)) {
				values[i] = secret.Redacted
			}
		}
	}
	out := u.Scheme + "://" + u.Host + u.Path
	if len(q) > 0 {
		out += "?" + strings.ReplaceAll(q.Encode(), url.QueryEscape(secret.Redacted), secret.Redacted)
	}
	return out
}

// secretHeaders hold handles, cookies and credentials, and nothing else.
var secretHeaders = []string{"Authorization", "Cookie", "Interactiontoken", "Proxy-Authorization"}

// urlHeaders hold a URL, whose query may carry values that were not seen before: the
// code that a flow hands out by a redirect.
var urlHeaders = []string{"Content-Location", "Location", "Referer"}

// hideURL writes the URL of a header for a report.
func hideURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" {
		return secret.Redacted
	}
	if u.Host == "" {
		return strings.TrimPrefix(shown(u), "://")
	}
	return shown(u)
}

// hideHeader returns the header without secrets. Of a cookie its name and
// attributes stay.
func hideHeader(h http.Header, hide func(string) string) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			switch {
			case name == "Set-Cookie":
				v = hide(hideCookie(v))
			case slices.Contains(urlHeaders, name):
				v = hide(hideURL(v))
			case slices.Contains(secretHeaders, name):
				v = secret.Redacted
			default:
				v = hide(v)
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

func hideCookie(line string) string {
	pair, rest, more := strings.Cut(line, ";")
	name, value, _ := strings.Cut(pair, "=")
	if !davinci.SecretCookie(strings.TrimSpace(name), value) {
		return line
	}
	line = name + "=" + secret.Redacted
	if more {
		line += ";" + rest
	}
	return line
}

// summarize writes a hop for people: never a query, a header or a value.
func summarize(h *flow.Hop) report.Hop {
	out := report.Hop{
		Number: h.Number, Request: h.Exchange.Method + " " + tail(h.Exchange.URL.Path), Duration: h.Exchange.Took,
	}
	if h.Action != "" {
		out.Request += fmt.Sprintf(", action %q", h.Action)
	}
	missed := h.Header.Get(mockserver.UnmatchedHeader) != "" // its message is the step's error already
	out.Response = fmt.Sprintf("%d %s", h.Status, h.Outcome)
	if missed {
		out.Response = fmt.Sprintf("%d not recorded", h.Status)
	} else if h.Failure != nil {
		out.Response += fmt.Sprintf(", %s (%s): %s", h.Failure.Code, h.Failure.Origin, h.Failure.Message)
	} else if m := h.Message(); m != "" {
		out.Response += fmt.Sprintf(", %q", m)
	}
	if id := h.NodeID(); id != "" {
		out.Where = "node " + id
	}
	if h.LetGo > 0 {
		out.Response += " (not kept: the answers of a journey may have " + strconv.Itoa(flow.MaxKept>>20) + " MiB)"
	} else if h.Screen() != nil {
		out.Where += fmt.Sprintf(", form %q", h.Screen().Name)
	}
	return out
}

// tail shortens a path to what a person looks for: the capability, or the
// endpoint below the environment.
func tail(path string) string {
	for _, from := range []string{"/capabilities/", "/as/"} {
		if i := strings.Index(path, from); i > 0 {
			return "…" + path[i:]
		}
	}
	return path
}
