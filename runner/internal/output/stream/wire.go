package stream

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// MostBody is how many bytes of a request or response body reports keep.
const MostBody = 256 << 10

// A shortHop is a hop without what went over the wire.
type shortHop struct {
	Number   int           `json:"hop"`
	Step     int           `json:"step"`
	Asserted []int         `json:"asserted,omitempty"`
	Request  string        `json:"sent"`
	Response string        `json:"answered"`
	Where    string        `json:"where,omitempty"`
	Duration time.Duration `json:"nanoseconds"`
}

// A wireHop is a hop as a stream holds it.
type wireHop struct {
	shortHop

	// Evidence says that the rest is there.
	Evidence bool           `json:"evidence,omitempty"`
	Outcome  string         `json:"outcome,omitempty"`
	Detailed bool           `json:"detailed,omitempty"`
	Began    time.Time      `json:"began,omitzero"`
	Origin   string         `json:"origin,omitempty"`
	Message  string         `json:"message,omitempty"`
	Asked    *wireMessage   `json:"request,omitempty"`
	Got      *wireMessage   `json:"response,omitempty"`
	Screen   *report.Screen `json:"screen,omitempty"`
	Findings []Finding      `json:"findings,omitempty"`

	// Passed are the ids of the requirements that were met, with blanks
	// between them: they are many, and always the same.
	Passed string `json:"passed,omitempty"`

	// PassedAs is the number of such a list in an attachment before it. It
	// replaces Passed where the scenario did not fail.
	PassedAs int `json:"passedAs,omitempty"`
}

// A wireList is a list of ids that is written once, because it comes again and again.
type wireList struct {
	As  int    `json:"as"`
	IDs string `json:"passed"`
}

// A wireMessage is a request or a response. Its body is in JSON where it is
// JSON, so that a reader of the file can read it, and else in Text or Base64.
type wireMessage struct {
	Method string          `json:"method,omitempty"`
	URL    string          `json:"url,omitempty"`
	Status int             `json:"status,omitempty"`
	Header http.Header     `json:"header,omitempty"`
	Cut    int             `json:"bytesCut,omitempty"`
	JSON   json.RawMessage `json:"json,omitempty"`
	Text   *string         `json:"text,omitempty"`
	After  string          `json:"after,omitempty"` // the blanks behind JSON
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
	var b strings.Builder
	for i, r := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(r.ID)
	}
	return b.String()
}

// Findings returns the findings, and the ids of what passed among them.
func Findings(all []conformance.Finding) (rest []Finding, passed string) {
	var b strings.Builder
	for i := range all {
		f := &all[i]
		switch {
		case f.Requirement == nil:
		case f.Result == conformance.Passed && f.Path == "":
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(f.Requirement.ID)
		default:
			rest = append(rest, Finding{
				f.Requirement.ID, f.Requirement.Level.String(), f.Requirement.Sentence, f.Result.String(),
				f.Path, f.Found, f.Wanted,
			})
		}
	}
	return rest, b.String()
}

// A catalogue knows requirements by their ids.
type catalogue map[string]*conformance.Requirement

// get returns the requirement with that id: our own, where it is one of ours.
// One that was not described has only what is given.
func (c catalogue) get(id, level, sentence string) *conformance.Requirement {
	if own := conformance.Lookup(id); own != nil {
		return own
	}
	r := c[id]
	if r == nil {
		r = &conformance.Requirement{ID: id, Level: levelOf(level), Sentence: sentence}
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
	h := report.Hop{
		Number: w.Number, Step: w.Step, Asserted: w.Asserted,
		Request: w.Request, Response: w.Response, Where: w.Where, Duration: w.Duration,
	}
	if !w.Evidence {
		return h, nil
	}
	e := &report.Evidence{
		Outcome: w.Outcome, Detailed: w.Detailed, Began: w.Began, Origin: w.Origin, Message: w.Message,
		Screen: w.Screen,
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
		return report.Hop{}, fmt.Errorf("report: hop %d met list %d, of which nothing is known", w.Number, w.PassedAs)
	}
	e.Passed = met.own
	for _, r := range met.others {
		e.Findings = append(e.Findings, conformance.Finding{Requirement: r, Result: conformance.Passed, Hop: w.Number})
	}
	for _, f := range w.Findings {
		e.Findings = append(e.Findings, conformance.Finding{
			Requirement: known.get(f.Requirement, f.Level, f.Sentence), Result: resultOf(f.Result), Hop: w.Number,
			Path: f.Path, Found: f.Found, Wanted: f.Wanted,
		})
	}
	h.Evidence = e
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

// wireVerdicts are what the catalogue of the SDKs says of a hop.
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

// verdictsOf reads what verdictsToWire wrote. What is of another catalogue than
// ours says nothing here.
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
				out[i].Findings = append(out[i].Findings, conformance.Finding{
					Requirement: r, Result: resultOf(f.Result), Hop: all[i].Hop,
					Path: f.Path, Found: f.Found, Wanted: f.Wanted,
				})
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
		ID: w.ID, Level: levelOf(w.Level), Sentence: w.Sentence, Page: w.Page, Section: w.Section,
		Shapes: conformance.Shape(w.Shapes), Outcomes: conformance.Outcomes(w.Outcomes), Doubt: w.Doubt,
	}
}

func levelOf(text string) conformance.Level {
	for l := conformance.Must; l <= conformance.May; l++ {
		if l.String() == text {
			return l
		}
	}
	return 0
}

func resultOf(text string) conformance.Result {
	for r := conformance.Passed; r <= conformance.Violated; r++ {
		if r.String() == text {
			return r
		}
	}
	return conformance.NotExercised
}
