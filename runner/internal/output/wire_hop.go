package output

import (
	"bytes"
	"encoding/base64"
	"flowtest/runner/report"
	"net/http"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// appendHop writes a hop as JSON, with what it met as it is told.
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
	if rest, _ := findingsToWire(e.Findings); len(rest) > 0 {
		t.key("findings")
		*t = appendJSON(*t, rest)
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
		for _, name := range sortedKeys(header) {
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

// validJSON reports whether a JSON reader takes a text: its own check takes
// several times as long, and differs in how deep it looks alone.
func validJSON(text []byte) bool {
	const deepest = 5000 // of the 10,000 that a reader takes
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
