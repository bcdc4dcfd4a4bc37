package page

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A markup is a part of the page that is written without a template: what every scenario and hop
// has, for which templates would take most of the time.
type markup []byte

// raw adds markup, without escaping it.
func (t *markup) raw(markup ...string) {
	for _, m := range markup {
		*t = append(*t, m...)
	}
}

func (t *markup) number(n int) { *t = strconv.AppendInt(*t, int64(n), 10) }

// escapes is how a character is written in a text and between quotes; "" as it is. A
// control character is the picture of it: the page may be read in a terminal too.
var escapes = func() [256]string {
	out := [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"}
	for b, picture := range pictures {
		out[b] = picture
	}
	return out
}()

// pictures are the symbols shown for control characters, except white space.
var pictures = func() map[byte]string {
	out := map[byte]string{0: "\uFFFD", 0x7f: "\u2421"}
	for b := byte(1); b < ' '; b++ {
		if b != '\t' && b != '\n' && b != '\r' {
			out[b] = string(rune(0x2400 + int(b)))
		}
	}
	return out
}()

// pictured shows the control characters of markup that a template made.
var pictured = func() *strings.Replacer {
	var pairs []string
	for b, picture := range pictures {
		pairs = append(pairs, string([]byte{b}), picture)
	}
	return strings.NewReplacer(pairs...)
}()

// Shown returns markup that a template made as UTF-8 and without control characters: templates
// leave these as they are.
func Shown(text string) string { return pictured.Replace(strings.ToValidUTF8(text, "\uFFFD")) }

// text adds what is not markup, as UTF-8: a header may be anything.
func (t *markup) text(s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	from := 0
	for i := range len(s) {
		if escape := escapes[s[i]]; escape != "" {
			*t = append(append(*t, s[from:i]...), escape...)
			from = i + 1
		}
	}
	*t = append(*t, s[from:]...)
}

// within adds a text between markup, and nothing where it is empty.
func (t *markup) within(open, s, end string) {
	if s != "" {
		t.raw(open)
		t.text(s)
		t.raw(end)
	}
}

// counted adds a number with its noun.
func (t *markup) counted(n int, noun string) {
	t.number(n)
	t.raw(" ", noun)
	if n != 1 {
		t.raw("s")
	}
}

// open ends the tag of a details element.
func (t *markup) open(is bool) {
	if is {
		t.raw(" open")
	}
	t.raw(">\n")
}
