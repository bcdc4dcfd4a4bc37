package report

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

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
	Evidence bool          `json:"evidence,omitempty"`
	Outcome  string        `json:"outcome,omitempty"`
	Detailed bool          `json:"detailed,omitempty"`
	Began    time.Time     `json:"began,omitzero"`
	Origin   string        `json:"origin,omitempty"`
	Message  string        `json:"message,omitempty"`
	Asked    *wireMessage  `json:"request,omitempty"`
	Got      *wireMessage  `json:"response,omitempty"`
	Screen   *Screen       `json:"screen,omitempty"`
	Findings []wireFinding `json:"findings,omitempty"`

	// Passed are the ids of the requirements that were met, with blanks
	// between them: they are many, and always the same.
	Passed string `json:"passed,omitempty"`
}

// A wireMessage is a request or a response. Its body stands in JSON where it is
// JSON, so that a reader of the file can read it, and else in Text or Base64.
type wireMessage struct {
	Method string          `json:"method,omitempty"`
	URL    string          `json:"url,omitempty"`
	Status int             `json:"status,omitempty"`
	Header http.Header     `json:"header,omitempty"`
	Cut    int             `json:"bytesCut,omitempty"`
	JSON   json.RawMessage `json:"json,omitempty"`
	Text   *string         `json:"text,omitempty"`
	Base64 []byte          `json:"base64,omitempty"`
}

// A wireFinding is a requirement that was not simply met.
type wireFinding struct {
	Requirement string `json:"requirement"`
	Level       string `json:"level"`
	Sentence    string `json:"sentence"`
	Result      string `json:"result"`
	Path        string `json:"path,omitempty"`
	Found       string `json:"found,omitempty"`
	Wanted      string `json:"wanted,omitempty"`
}

func shortOf(h *Hop) shortHop {
	return shortHop{h.Number, h.Step, h.Asserted, h.Request, h.Response, h.Where, h.Duration}
}

// appendHop writes a hop as JSON.
func appendHop(dst []byte, h *Hop) []byte {
	w := wireHop{shortHop: shortOf(h)}
	e := h.Evidence
	if e == nil {
		return appendJSON(dst, &w)
	}
	w.Evidence, w.Outcome, w.Detailed, w.Began = true, e.Outcome, e.Detailed, e.Began
	w.Origin, w.Message, w.Screen = e.Origin, e.Message, e.Screen
	w.Findings, w.Passed = findingsToWire(e.Findings)
	dst = appendJSON(dst, &w)
	dst = append(dst[:len(dst)-1], `,"request":`...)
	asked := wireMessage{Method: e.Method, URL: e.URL, Header: e.RequestHeader, Cut: e.RequestCut}
	dst = appendMessage(dst, &asked, e.RequestBody)
	dst = append(dst, `,"response":`...)
	dst = appendMessage(dst, &wireMessage{Status: e.Status, Header: e.Header, Cut: e.Cut}, e.Body)
	return append(dst, '}')
}

// appendMessage writes a message with its body, byte for byte.
func appendMessage(dst []byte, m *wireMessage, body []byte) []byte {
	body, cut := cutBody(body)
	m.Cut += cut
	dst = appendJSON(dst, m)
	if body == nil {
		return dst
	}
	if dst = dst[:len(dst)-1]; dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	switch {
	case m.Cut == 0 && looksLikeJSON(body) && json.Valid(body) && utf8.Valid(body):
		dst = append(append(dst, `"json":`...), body...)
	case utf8.Valid(body):
		dst = gjson.AppendJSONString(append(dst, `"text":`...), string(body))
	default:
		dst = append(dst, `"base64":"`...)
		dst = append(base64.StdEncoding.AppendEncode(dst, body), '"')
	}
	return append(dst, '}')
}

// looksLikeJSON reports whether a body is an object or an array from its first
// byte to its last: only then do its own bytes come back from a JSON reader.
func looksLikeJSON(body []byte) bool {
	n := len(body)
	return n > 1 && (body[0] == '{' && body[n-1] == '}' || body[0] == '[' && body[n-1] == ']')
}

// cutBody returns as much of a body as a report keeps, between two characters,
// and how many bytes it left out.
func cutBody(body []byte) (kept []byte, cut int) {
	if len(body) <= MostBody {
		return body, 0
	}
	n := MostBody
	for back := 0; back < utf8.UTFMax && !utf8.RuneStart(body[n]); back++ {
		n--
	}
	return body[:n], len(body) - n
}

// appendJSON writes a value of one of our own types, which always can be.
func appendJSON(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil { // a time beyond the year 9999, in a recording that somebody made
		return append(gjson.AppendJSONString(append(dst, `{"unwritable":`...), err.Error()), '}')
	}
	return append(dst, text...)
}

func findingsToWire(all []conformance.Finding) (rest []wireFinding, passed string) {
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
			rest = append(rest, wireFinding{
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
// One that nobody described has nothing but what is given.
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

// readHop reads what appendHop wrote.
func readHop(text []byte, known catalogue) (Hop, error) {
	var w wireHop
	if err := json.Unmarshal(text, &w); err != nil {
		return Hop{}, err
	}
	h := Hop{
		Number: w.Number, Step: w.Step, Asserted: w.Asserted,
		Request: w.Request, Response: w.Response, Where: w.Where, Duration: w.Duration,
	}
	if !w.Evidence {
		return h, nil
	}
	e := &Evidence{
		Outcome: w.Outcome, Detailed: w.Detailed, Began: w.Began, Origin: w.Origin, Message: w.Message,
		Screen: w.Screen,
	}
	if m := w.Asked; m != nil {
		e.Method, e.URL, e.RequestHeader, e.RequestBody, e.RequestCut = m.Method, m.URL, m.Header, m.body(), m.Cut
	}
	if m := w.Got; m != nil {
		e.Status, e.Header, e.Body, e.Cut = m.Status, m.Header, m.body(), m.Cut
	}
	for id := range strings.SplitSeq(w.Passed, " ") {
		if id != "" {
			e.Findings = append(e.Findings, conformance.Finding{
				Requirement: known.get(id, "", ""), Result: conformance.Passed, Hop: w.Number,
			})
		}
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
		return m.JSON
	case m.Text != nil:
		return []byte(*m.Text)
	default:
		return m.Base64
	}
}

// wireVerdicts are what the catalogue of the SDKs says of a hop.
type wireVerdicts struct {
	Passed   string        `json:"passed,omitempty"`
	Findings []wireFinding `json:"findings,omitempty"`
	Hop      int           `json:"hop,omitempty"` // of the findings
}

func verdictsToWire(all []conformance.Verdicts) []wireVerdicts {
	if len(all) == 0 {
		return nil
	}
	catalogue := conformance.SDKCatalogue()
	out := make([]wireVerdicts, len(all))
	for i := range all {
		v := &all[i]
		var met []string
		for _, r := range catalogue {
			if v.Passed.Has(r) {
				met = append(met, r.ID)
			}
		}
		out[i].Passed = strings.Join(met, " ")
		out[i].Findings, _ = findingsToWire(v.Findings)
		if len(v.Findings) > 0 {
			out[i].Hop = v.Findings[0].Hop
		}
	}
	return out
}

// verdictsOf reads what verdictsToWire wrote. What is of another catalogue than
// ours says nothing here.
func verdictsOf(all []wireVerdicts) []conformance.Verdicts {
	if len(all) == 0 {
		return nil
	}
	out := make([]conformance.Verdicts, len(all))
	for i := range all {
		for id := range strings.FieldsSeq(all[i].Passed) {
			if r := conformance.LookupSDK(id); r != nil {
				out[i].Passed.Add(r)
			}
		}
		for _, f := range all[i].Findings {
			if r := conformance.LookupSDK(f.Requirement); r != nil {
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

func itoa(n int) string { return strconv.Itoa(n) }
