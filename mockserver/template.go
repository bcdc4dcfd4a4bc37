package mockserver

import (
	"bytes"
	"encoding/json"
	"html"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
)

// A template is a body cut at load time into fixed pieces with holes between
// them, so that answering is copying.
type template struct {
	pieces []piece
	size   int
	escape func(string) string // how a client's own value is written into this kind of body
}

// A piece is fixed text and the hole behind it.
type piece struct {
	text string
	hole string // the variable's name, "" behind the last text
}

// base is the hole of authPath and envID together: on a custom domain no
// environment id stands between them and the rest of a link.
const base = "base"

// shapes are the templates of one body: with and without the state that only
// some clients send.
type shapes struct{ full, stateless *template }

func compileBody(b *recordings.Body, isJSON bool) *shapes {
	if b == nil {
		return nil
	}
	s := &shapes{full: compile(string(b.Text), isJSON)}
	s.stateless = s.full
	if isJSON && strings.Contains(string(b.Text), "{{state}}") {
		if text, err := sjson.DeleteBytes(bytes.Clone(b.Text), "authorizeResponse.state"); err == nil {
			s.stateless = compile(string(text), isJSON)
		}
	}
	return s
}

func compile(text string, isJSON bool) *template {
	t := &template{escape: html.EscapeString}
	if isJSON {
		t.escape = jsonInside
		// These two are facts of the body itself, which its links repeat.
		top := gjson.Parse(text)
		text = strings.NewReplacer(
			"{{connectionInstanceID}}", top.Get("connectionId").String(),
			"{{capabilityName}}", top.Get("capabilityName").String(),
		).Replace(text)
	}
	text = strings.ReplaceAll(text, "{{authPath}}/{{envID}}", "{{"+base+"}}")
	at := 0
	for _, m := range recordings.Variable.FindAllStringSubmatchIndex(text, -1) {
		if name := text[m[2]:m[3]]; name == base || recordings.IsVariable(name) {
			t.pieces = append(t.pieces, piece{text: text[at:m[0]], hole: name})
			at = m[1]
		}
	}
	t.pieces = append(t.pieces, piece{text: text[at:]})
	for _, p := range t.pieces {
		t.size += len(p.text) + room(p.hole)
	}
	return t
}

// room is about how long the value of a hole is: short ones, as most are,
// need no more than an id.
func room(hole string) int {
	const id, link, tokens = 40, 120, 2 * tokenBytes
	switch hole {
	case "":
		return 0
	case base:
		return link
	case "interactionToken":
		return tokens
	default:
		return id
	}
}

// render writes the body behind out, with v in its holes.
func (t *template) render(out []byte, v *values) []byte {
	out = slices.Grow(out, t.size)
	for i := range t.pieces {
		p := &t.pieces[i]
		out = append(out, p.text...)
		if p.hole != "" {
			out = append(out, t.escape(v.get(p.hole))...)
		}
	}
	return out
}

// jsonInside writes s as it stands between the quotes of a JSON string.
func jsonInside(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f {
			quoted, err := json.Marshal(s)
			if err != nil {
				return ""
			}
			return string(quoted[1 : len(quoted)-1])
		}
	}
	return s
}
