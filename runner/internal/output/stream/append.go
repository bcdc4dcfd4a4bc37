package stream

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"unicode/utf8"

	messages "github.com/cucumber/messages/go/v34"
	"github.com/tidwall/gjson"

	"flowtest/runner/report"
)

// AppendJSON appends a value of one of our own types, all of which can be written.
func AppendJSON(dst []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil { // a time after the year 9999, in an edited recording
		t := jsonText(append(dst, `{"unwritable":`...))
		t.quote(err.Error())
		return append(t, '}')
	}
	return append(dst, text...)
}

// appendHop writes a hop as JSON, with the list of what it met.
func appendHop(t *jsonText, h *report.Hop, met wireList) {
	t.raw("{")
	t.number("hop", int64(h.Number))
	t.number("step", int64(h.Step))
	t.numbers("asserted", h.Asserted)
	t.string("sent", h.Request)
	t.string("answered", h.Response)
	t.text("where", h.Where)
	t.number("nanoseconds", int64(h.Duration))
	if h.Evidence != nil {
		appendEvidence(t, h.Evidence, met)
	}
	t.raw("}")
}

func appendEvidence(t *jsonText, e *report.Evidence, met wireList) {
	t.yes("evidence", true)
	t.text("outcome", e.Outcome)
	t.yes("detailed", e.Detailed)
	t.moment("began", e.Began)
	t.text("origin", e.Origin)
	t.text("message", e.Message)
	if e.Screen != nil {
		t.key("screen")
		appendScreen(t, e.Screen)
	}
	if rest, _ := Findings(e.Findings); len(rest) > 0 {
		t.key("findings")
		*t = AppendJSON(*t, rest)
	}
	t.text("passed", met.IDs)
	t.some("passedAs", met.As)
	t.key("request")
	t.raw("{")
	t.text("method", e.Method)
	t.text("url", e.URL)
	appendMessage(t, e.RequestHeader, e.RequestBody, e.RequestCut)
	t.key("response")
	t.raw("{")
	t.some("status", e.Status)
	appendMessage(t, e.Header, e.Body, e.Cut)
}

// appendMessage writes a message from its header on, with its body byte for byte.
func appendMessage(t *jsonText, header http.Header, body []byte, cut int) {
	body, more := cutBody(body)
	cut += more
	if len(header) > 0 {
		t.key("header")
		t.raw("{")
		for _, name := range slices.Sorted(maps.Keys(header)) {
			t.comma()
			t.quote(name)
			t.raw(":[")
			for _, value := range header[name] {
				t.comma()
				t.quote(value)
			}
			t.raw("]")
		}
		t.raw("}")
	}
	t.some("bytesCut", cut)
	if body != nil {
		appendBody(t, body, cut)
	}
	t.raw("}")
}

func appendBody(t *jsonText, body []byte, cut int) {
	text := bytes.TrimRight(body, " \t\r\n")
	switch valid := utf8.Valid(body); {
	case valid && cut == 0 && looksLikeJSON(text) && validJSON(text):
		t.key("json")
		*t = append(*t, text...)
		t.text("after", string(body[len(text):]))
	case valid:
		t.key("text")
		t.quote(string(body))
	default:
		t.key("base64")
		*t = append(base64.StdEncoding.AppendEncode(append(*t, '"'), body), '"')
	}
}

// validJSON reports whether a JSON reader accepts a text: the check of encoding/json takes
// several times as long, and differs only in the depth that it allows.
func validJSON(text []byte) bool {
	const deepest = 5000 // of the 10,000 that encoding/json allows
	return bytes.Count(text, []byte("[")) < deepest && bytes.Count(text, []byte("{")) < deepest &&
		gjson.ValidBytes(text)
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

// appendScenario writes what [wireScenario] reads.
func appendScenario(t *jsonText, s *report.Scenario, sdk []wireVerdicts) {
	t.raw("{")
	t.string("feature", s.Feature)
	t.text("rule", s.Rule)
	t.string("name", s.Name)
	t.string("file", s.File)
	t.number("line", int64(s.Line))
	t.strings("tags", s.Tags)
	t.string("status", s.Status.String())
	appendTry(t, &s.Attempt)
	t.some("number", s.Number)
	t.yes("recurs", s.Recurs)
	t.some("repeat", s.Repeat)
	t.text("platform", s.Platform)
	t.some("earlier", len(s.Earlier))
	t.text("flow", s.Flow)
	t.yes("environment", s.Environment)
	if len(s.Notes) > 0 {
		t.key("notes")
		*t = AppendJSON(*t, s.Notes)
	}
	t.list("sdk", len(sdk), func(i int) { appendVerdicts(t, &sdk[i]) })
	t.raw("}")
}

// appendAttempt writes what [wireAttempt] reads.
func appendAttempt(t *jsonText, a *report.Attempt) {
	t.raw("{")
	appendTry(t, a)
	t.raw("}")
}

func appendTry(t *jsonText, a *report.Attempt) {
	t.text("origin", a.Origin)
	t.text("note", a.Note)
	t.list("steps", len(a.Steps), func(i int) { appendStep(t, &a.Steps[i]) })
	t.number("hopCount", int64(a.HopCount))
	t.moment("began", a.Began)
	t.number("nanoseconds", int64(a.Duration))
	t.number("attached", int64(len(a.Hops)))
}

func appendStep(t *jsonText, st *report.Step) {
	t.raw("{")
	t.string("text", st.Text)
	t.number("line", int64(st.Line))
	t.string("status", st.Status.String())
	t.text("error", st.Error)
	t.number("nanoseconds", int64(st.Duration))
	if len(st.Table) > 0 {
		t.key("table")
		*t = AppendJSON(*t, st.Table)
	}
	if st.DocString != nil {
		t.string("docString", *st.DocString)
	}
	t.list("steps", len(st.Steps), func(i int) { appendStep(t, &st.Steps[i]) })
	t.text("file", st.File)
	t.some("definition", st.Definition)
	t.raw("}")
}

func appendVerdicts(t *jsonText, v *wireVerdicts) {
	t.raw("{")
	t.text("passed", v.Passed)
	t.some("passedAs", v.PassedAs)
	if len(v.Findings) > 0 {
		t.key("findings")
		*t = AppendJSON(*t, v.Findings)
	}
	t.some("hop", v.Hop)
	t.raw("}")
}

func appendScreen(t *jsonText, s *report.Screen) {
	t.raw("{")
	t.text("name", s.Name)
	t.text("node", s.Node)
	t.text("capability", s.Capability)
	t.list("fields", len(s.Fields), func(i int) {
		f := &s.Fields[i]
		t.raw("{")
		t.text("key", f.Key)
		t.text("type", f.Type)
		t.text("label", f.Label)
		t.yes("required", f.Required)
		t.yes("button", f.Button)
		t.strings("options", f.Options)
		t.raw("}")
	})
	t.text("html", s.HTML)
	t.raw("}")
}

// appendPickle writes a pickle with the line of its scenario or its row of examples.
func appendPickle(t *jsonText, p *messages.Pickle, line int64) {
	t.raw("{")
	t.string("id", p.Id)
	t.string("uri", p.Uri)
	t.string("name", p.Name)
	t.string("language", p.Language)
	appendList(t, "steps", p.Steps, appendPickleStep)
	appendList(t, "tags", p.Tags, func(t *jsonText, tag *messages.PickleTag) {
		t.raw("{")
		t.string("name", tag.Name)
		t.string("astNodeId", tag.AstNodeId)
		t.raw("}")
	})
	appendList(t, "astNodeIds", p.AstNodeIds, (*jsonText).quote)
	t.raw(`,"location":{`)
	t.number("line", line)
	t.raw("}}")
}

func appendPickleStep(t *jsonText, st *messages.PickleStep) {
	t.raw("{")
	if st.Argument != nil {
		t.key("argument")
		appendArgument(t, st.Argument)
	}
	appendList(t, "astNodeIds", st.AstNodeIds, (*jsonText).quote)
	t.string("id", st.Id)
	t.text("type", string(st.Type))
	t.string("text", st.Text)
	t.raw("}")
}

func appendArgument(t *jsonText, arg *messages.PickleStepArgument) {
	t.raw("{")
	if d := arg.DocString; d != nil {
		t.key("docString")
		t.raw("{")
		t.text("mediaType", d.MediaType)
		t.string("content", d.Content)
		t.raw("}")
	}
	if table := arg.DataTable; table != nil {
		t.key("dataTable")
		t.raw("{")
		appendList(t, "rows", table.Rows, func(t *jsonText, row *messages.PickleTableRow) {
			t.raw("{")
			appendList(t, "cells", row.Cells, func(t *jsonText, cell *messages.PickleTableCell) {
				t.raw("{")
				t.string("value", cell.Value)
				t.raw("}")
			})
			t.raw("}")
		})
		t.raw("}")
	}
	t.raw("}")
}

// appendList adds a list even where it is empty.
func appendList[T any](t *jsonText, name string, list []T, item func(*jsonText, T)) {
	t.key(name)
	t.raw("[")
	for _, one := range list {
		t.comma()
		item(t, one)
	}
	t.raw("]")
}
