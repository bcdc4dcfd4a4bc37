package stream

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// MostBody is how many bytes of a request or response body reports keep.
const MostBody = 256 << 10

// A wireHop is a hop as a stream holds it.
type wireHop struct {
	report.Hop
	report.Evidence

	// Full says that there is evidence.
	Full     bool         `json:"evidence,omitempty"`
	Asked    *wireMessage `json:"request,omitempty"`
	Got      *wireMessage `json:"response,omitempty"`
	Findings []Finding    `json:"findings,omitempty"`

	// Passed are the ids of the requirements that were met, with blanks
	// between them: they are many, and mostly the same.
	Passed string `json:"passed,omitempty"`

	// PassedAs is the number of such a list in an attachment before it. It replaces Passed if the
	// scenario did not fail.
	PassedAs int `json:"passedAs,omitempty"`
}

// A wireList is a list of ids that is written once, because it is used many times.
type wireList struct {
	As  int    `json:"as"`
	IDs string `json:"passed"`
}

// A wireMessage is a request or a response. A JSON body is in JSON, so that it can be read in
// the file, and any other body in Text or Base64.
type wireMessage struct {
	Method string          `json:"method,omitempty"`
	URL    string          `json:"url,omitempty"`
	Status int             `json:"status,omitempty"`
	Header http.Header     `json:"header,omitempty"`
	Cut    int             `json:"bytesCut,omitempty"`
	JSON   json.RawMessage `json:"json,omitempty"`
	Text   *string         `json:"text,omitempty"`
	After  string          `json:"after,omitempty"` // the blanks after JSON
	Base64 []byte          `json:"base64,omitempty"`
}

// A Finding is a requirement that was not simply met.
type Finding struct {
	Requirement string `json:"requirement"`
	Level       string `json:"level"`
	Sentence    string `json:"sentence"`
	Result      string `json:"result"`
	Path        string `json:"path,omitempty"`
	Found       string `json:"found,omitempty"`
	Wanted      string `json:"wanted,omitempty"`
}

func idsOf(list []*conformance.Requirement) string {
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	return strings.Join(ids, " ")
}

// Findings returns the findings, and the ids of what passed among them.
func Findings(all []conformance.Finding) (rest []Finding, passed string) {
	var met []*conformance.Requirement
	for i := range all {
		f := &all[i]
		switch {
		case f.Requirement == nil:
		case f.Result == conformance.Passed && f.Path == "":
			met = append(met, f.Requirement)
		default:
			rest = append(rest, Finding{
				f.Requirement.ID, f.Requirement.Level.String(), f.Requirement.Sentence, f.Result.String(),
				f.Path, f.Found, f.Wanted,
			})
		}
	}
	return rest, idsOf(met)
}

// of is the finding of a requirement at a hop.
func (f *Finding) of(r *conformance.Requirement, hop int) conformance.Finding {
	return conformance.Finding{
		Requirement: r, Result: named(f.Result, conformance.Passed, conformance.Violated), Hop: hop,
		Path: f.Path, Found: f.Found, Wanted: f.Wanted,
	}
}

// A catalogue knows requirements by their ids.
type catalogue map[string]*conformance.Requirement

// get returns the requirement with that id: our own if there is one. A requirement that was not
// described has the given fields only.
func (c catalogue) get(id, level, sentence string) *conformance.Requirement {
	if own := conformance.Lookup(id); own != nil {
		return own
	}
	r := c[id]
	if r == nil {
		r = &conformance.Requirement{ID: id, Level: named(level, conformance.Must, conformance.May), Sentence: sentence}
		c[id] = r
	}
	return r
}

// A metList is requirements that were met: those of our catalogues, and others.
type metList struct {
	own    conformance.Set
	others []*conformance.Requirement
}

// list reads ids with blanks between them.
func (c catalogue) list(ids string) (l metList) {
	for id := range strings.FieldsSeq(ids) {
		if r := conformance.Lookup(id); r != nil {
			l.own.Add(r)
		} else {
			l.others = append(l.others, c.get(id, "", ""))
		}
	}
	return l
}

// readHop reads what appendHop wrote.
func readHop(text []byte, known catalogue, lists map[int]metList) (report.Hop, error) {
	var w wireHop
	if err := json.Unmarshal(text, &w); err != nil {
		return report.Hop{}, err
	}
	h, e := w.Hop, w.Evidence
	if !w.Full {
		return h, nil
	}
	if m := w.Asked; m != nil {
		e.Method, e.URL, e.RequestHeader, e.RequestBody, e.RequestCut = m.Method, m.URL, m.Header, m.body(), m.Cut
	}
	if m := w.Got; m != nil {
		e.Status, e.Header, e.Body, e.Cut = m.Status, m.Header, m.body(), m.Cut
	}
	met, ok := lists[w.PassedAs]
	switch {
	case w.PassedAs == 0:
		met = known.list(w.Passed)
	case !ok:
		return report.Hop{}, fmt.Errorf("report: hop %d met list %d, of which nothing is known", h.Number, w.PassedAs)
	}
	e.Passed = met.own
	for _, r := range met.others {
		e.Findings = append(e.Findings, conformance.Finding{Requirement: r, Result: conformance.Passed, Hop: h.Number})
	}
	for _, f := range w.Findings {
		e.Findings = append(e.Findings, f.of(known.get(f.Requirement, f.Level, f.Sentence), h.Number))
	}
	h.Evidence = &e
	return h, nil
}

func (m *wireMessage) body() []byte {
	switch {
	case m.JSON != nil:
		return append(m.JSON, m.After...)
	case m.Text != nil:
		return []byte(*m.Text)
	default:
		return m.Base64
	}
}

// wireVerdicts are what the catalogue of the SDKs says about a hop.
type wireVerdicts struct {
	Passed   string    `json:"passed,omitempty"`
	PassedAs int       `json:"passedAs,omitempty"` // as that of a hop
	Findings []Finding `json:"findings,omitempty"`
	Hop      int       `json:"hop,omitempty"` // of the findings
}

func verdictsToWire(all []conformance.Verdicts, list func(conformance.Set) wireList) []wireVerdicts {
	if len(all) == 0 {
		return nil
	}
	out := make([]wireVerdicts, len(all))
	for i := range all {
		v := &all[i]
		met := list(v.Passed)
		out[i].Passed, out[i].PassedAs = met.IDs, met.As
		out[i].Findings, _ = Findings(v.Findings)
		if len(v.Findings) > 0 {
			out[i].Hop = v.Findings[0].Hop
		}
	}
	return out
}

// verdictsOf reads what verdictsToWire wrote. It skips requirements of other catalogues.
func verdictsOf(all []wireVerdicts, known catalogue, lists map[int]metList) []conformance.Verdicts {
	if len(all) == 0 {
		return nil
	}
	out := make([]conformance.Verdicts, len(all))
	for i := range all {
		out[i].Passed = lists[all[i].PassedAs].own
		if all[i].PassedAs == 0 {
			out[i].Passed = known.list(all[i].Passed).own
		}
		for _, f := range all[i].Findings {
			if r := conformance.Lookup(f.Requirement); r != nil {
				out[i].Findings = append(out[i].Findings, f.of(r, all[i].Hop))
			}
		}
	}
	return out
}

// A wireRequirement is a row of the catalogue.
type wireRequirement struct {
	ID       string `json:"id"`
	Level    string `json:"level"`
	Sentence string `json:"sentence"`
	Page     string `json:"page,omitempty"`
	Section  string `json:"section,omitempty"`
	Shapes   uint8  `json:"shapes,omitempty"`
	Outcomes uint8  `json:"outcomes,omitempty"`
	Doubt    string `json:"doubt,omitempty"`
}

func requirementToWire(r *conformance.Requirement) wireRequirement {
	return wireRequirement{
		r.ID, r.Level.String(), r.Sentence, r.Page, r.Section, uint8(r.Shapes), uint8(r.Outcomes), r.Doubt,
	}
}

func (w *wireRequirement) requirement() *conformance.Requirement {
	return &conformance.Requirement{
		ID: w.ID, Level: named(w.Level, conformance.Must, conformance.May), Sentence: w.Sentence,
		Page: w.Page, Section: w.Section,
		Shapes: conformance.Shape(w.Shapes), Outcomes: conformance.Outcomes(w.Outcomes), Doubt: w.Doubt,
	}
}

// named returns the value between two that has that name, or zero.
func named[T interface {
	~uint8
	String() string
}](text string, first, last T) T {
	for v := first; v <= last; v++ {
		if v.String() == text {
			return v
		}
	}
	return 0
}
