package recordings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// customHTML is where a detailed response carries the screen as HTML.
//
// Source: "Detailed Responses", the sample of a custom HTML screen.
const customHTML = "screen.properties.customHTML.value"

// NewBody makes the body file of a recording from a response whose minted
// values have become variables. JSON is indented, and the HTML of a detailed
// screen becomes a page of its own, named after the file. The error says what
// a recording cannot hold: what is no JSON object, an unknown variable, or more
// than [MaxBody] bytes.
//
//	file  the name, as in "sign-on-form.json"; one that ends in .html is a page
func NewBody(file string, text []byte) (*Body, error) {
	if len(text) > MaxBody {
		return nil, fmt.Errorf("body %q has %d bytes, want at most %d", file, len(text), MaxBody)
	}
	b := &Body{File: file, raw: text, Text: text}
	isJSON := path.Ext(file) == ".json"
	if isJSON {
		if err := b.indent(); err != nil {
			return nil, fmt.Errorf("%s:%w", file, err)
		}
	}
	if err := checkVariables(b.Text); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if isJSON {
		b.classify()
	}
	return b, nil
}

// indent lays the JSON out as a person reads it.
func (b *Body) indent() error {
	if err := checkJSON(b.raw); err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(b.raw), "", "  "); err != nil {
		return fmt.Errorf("1: not JSON: %w", err)
	}
	out.WriteByte('\n')
	b.raw, b.Text = out.Bytes(), out.Bytes()
	html := gjson.GetBytes(b.raw, customHTML)
	if html.Type != gjson.String || !strings.Contains(html.Str, "<") {
		return nil
	}
	name, _, _ := strings.Cut(b.File, ".")
	name += ".html"
	raw, err := sjson.SetBytes(bytes.Clone(b.raw), customHTML, "{{"+htmlPrefix+name+"}}")
	if err != nil {
		return nil //nolint:nilerr // it stays where it is, which a recording may have too
	}
	split := &Body{File: b.File, raw: raw}
	split.Text, err = split.include(func(string) ([]byte, error) { return []byte(html.Str), nil })
	if err != nil || checkVariables(split.Text) != nil {
		return nil //nolint:nilerr // braces of its own, which only JSON can write so that they are no variable
	}
	*b = *split
	return nil
}

// Rename returns the body under another name, its page with it.
func (b *Body) Rename(file string) *Body {
	c := *b
	c.File = file
	if len(b.pages) == 1 {
		name, _, _ := strings.Cut(file, ".")
		c.pages = []page{{name + ".html", b.pages[0].text}}
		c.raw = bytes.Replace(b.raw, []byte("{{"+htmlPrefix+b.pages[0].file+"}}"),
			[]byte("{{"+htmlPrefix+c.pages[0].file+"}}"), 1)
	}
	return &c
}

// files returns what the body is on disk: its own file and its pages.
func (b *Body) files() []page {
	raw := b.raw
	if raw == nil {
		raw = b.Text
	}
	return append([]page{{b.File, raw}}, b.pages...)
}
