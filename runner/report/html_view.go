package report

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"flowtest/steps/conformance"
)

var pageFuncs = template.FuncMap{
	"exact": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"clock": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
	"short": short, "millis": millis, "size": size, "class": statusClass, "sign": signOf,
	"join": func(list []string) string { return strings.Join(list, " ") },
	"plural": func(n int, noun string) string {
		if n == 1 {
			return noun
		}
		return noun + "s"
	},
	"firstline": firstLine,
}

// millis writes a short duration.
func millis(d time.Duration) string {
	if d >= time.Second {
		return short(d)
	}
	return itoa(int(d.Round(time.Millisecond)/time.Millisecond)) + " ms"
}

// statusClass is a status as a class of the page.
func statusClass(s Status) string { return strings.ReplaceAll(s.String(), " ", "-") }

func signOf(s Status) string {
	switch s {
	case Passed:
		return "✓"
	case Failed:
		return "✗"
	case Undefined, Ambiguous:
		return "?"
	case Flaky, Known:
		return "!"
	default:
		return "–"
	}
}

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// A hopView is a hop as the page shows it.
type hopView struct {
	H         *Hop
	ID        string
	Bad, Open bool
	Pack      string // where its inside is packed, "" where it is not
	Item      int
	Inside    template.HTML

	Outcome, Answer, Said, At string

	HasWire               bool
	Method, URL           string
	RequestHeader, Header []header
	Request, Response     *namedBody
	Status                int
	StatusText, Shape     string
	Origin, Message       string
	Asserted              []Step
	Findings              []conformance.Finding
	Met                   []*conformance.Requirement
	Screen                *Screen
	Buttons               []Field
	Frame                 string
}

type header struct{ Name, Value string }

// A namedBody is a body with what it is called, for who cannot see where it stands.
type namedBody struct {
	*shown

	Label string
	Open  bool
}

func newHopView(s *Scenario, i, index int) hopView {
	h := &s.Hops[i]
	v := hopView{H: h, ID: fmt.Sprintf("s%dh%d", index, h.Number), Answer: h.Response}
	if first, rest, ok := strings.Cut(h.Response, ", "); ok {
		v.Answer, v.Said = first, rest
	}
	for _, step := range h.Asserted {
		if step >= 0 && step < len(s.Steps) {
			v.Asserted = append(v.Asserted, s.Steps[step])
		}
	}
	v.At = h.Where
	e := h.Evidence
	if e == nil {
		return v
	}
	v.HasWire, v.Outcome, v.Method, v.URL, v.Status = true, e.Outcome, e.Method, e.URL, e.Status
	v.StatusText, v.Origin, v.Message = http.StatusText(e.Status), e.Origin, e.Message
	v.Shape = "JSON asked for"
	if e.Detailed {
		v.Shape = "detailed asked for"
	}
	v.RequestHeader, v.Header = headers(e.RequestHeader), headers(e.Header)
	if b := show(e.RequestBody, e.RequestCut); b != nil {
		v.Request = &namedBody{b, "Body of the request", true}
	}
	if b := show(e.Body, e.Cut); b != nil {
		v.Response = &namedBody{b, "Body of the response", true}
	}
	for j := range e.Findings {
		switch f := &e.Findings[j]; {
		case f.Requirement == nil:
		case f.Result == conformance.Passed:
			v.Met = append(v.Met, f.Requirement)
		case f.Result > conformance.Passed:
			v.Findings = append(v.Findings, *f)
		}
	}
	slices.SortStableFunc(v.Findings, func(a, b conformance.Finding) int { return int(b.Result) - int(a.Result) })
	if v.Screen = e.Screen; v.Screen != nil {
		v.Frame = frameOf(e.Screen.HTML)
		if e.Screen.Name != "" {
			v.At = e.Screen.Name
		}
		for _, f := range e.Screen.Fields {
			if f.Button {
				v.Buttons = append(v.Buttons, f)
			}
		}
	}
	return v
}

func headers(h http.Header) []header {
	var out []header
	for _, name := range sortedKeys(h) {
		for _, value := range h[name] {
			out = append(out, header{name, value})
		}
	}
	return out
}

// A matrixView is the conformance of the run.
type matrixView struct {
	Version   string
	Exercised int
	Order     []*row
	Troubled  []troubledView
	Tables    []tableView
}

type troubledView struct {
	R     *conformance.Requirement
	Worst conformance.Result
	Hits  []hit
	More  int
}

type tableView struct {
	Title, Caption string
	Columns        []string
	Rows           []rowView
}

type rowView struct {
	R     *conformance.Requirement
	Cells []cellView
}

type cellView struct{ Class, Text, Result string }

// sdkPrefix is how the ids of those requirements begin that an SDK has, and not
// the documentation.
const sdkPrefix = "SDK-"

func newMatrixView(t *tally) *matrixView {
	m := &t.matrix
	v := &matrixView{Version: t.plan.Version, Exercised: m.exercised(), Order: m.order}
	for _, x := range m.troubled() {
		v.Troubled = append(v.Troubled, troubledView{x.requirement, x.counts.worst(), x.hits, x.more})
	}
	caption := "At how many hops of each flow a requirement was met (✓), or else the gravest result and its hops"
	var rest, sdk []*row
	flows := map[string]bool{}
	for _, x := range m.order {
		if strings.HasPrefix(x.requirement.ID, sdkPrefix) {
			sdk = append(sdk, x)
		} else {
			rest = append(rest, x)
		}
		for flow := range x.flows {
			flows[flow] = true
		}
	}
	columns := sortedKeys(flows)
	if len(rest) > 0 {
		v.Tables = append(v.Tables, newTable("Requirements of the protocol, by flow", caption, columns, rest))
	}
	if len(sdk) > 0 {
		v.Tables = append(v.Tables, newTable("What the SDKs need, by flow", caption, columns, sdk))
	}
	return v
}

func newTable(title, caption string, columns []string, rows []*row) tableView {
	v := tableView{Title: title, Caption: caption, Columns: columns}
	for _, x := range rows {
		r := rowView{R: x.requirement}
		for _, flow := range columns {
			r.Cells = append(r.Cells, cellOf(x.flows[flow]))
		}
		v.Rows = append(v.Rows, r)
	}
	return v
}

func cellOf(r *results) cellView {
	if r == nil {
		return cellView{Class: "none"}
	}
	worst := r.worst()
	signs := map[conformance.Result]string{
		conformance.Passed: "✓", conformance.Review: "?", conformance.Warning: "!", conformance.Violated: "✗",
	}
	if worst == conformance.NotExercised {
		return cellView{Class: "none"}
	}
	return cellView{worst.String(), fmt.Sprintf("%s %d", signs[worst], r[worst]), worst.String()}
}
