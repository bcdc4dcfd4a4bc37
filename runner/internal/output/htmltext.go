package output

import "strconv"

// An htmlText is a part of the page that is written by hand: what comes again
// for every scenario and hop, where templates would take most of the time.
type htmlText []byte

// raw adds markup of ours.
func (t *htmlText) raw(markup ...string) {
	for _, m := range markup {
		*t = append(*t, m...)
	}
}

func (t *htmlText) number(n int) { *t = strconv.AppendInt(*t, int64(n), 10) }

// escapes is how a character stands in a text and between quotes, "" as it is.
var escapes = [256]string{
	0: "\uFFFD", '&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;",
}

// text adds what is no markup.
func (t *htmlText) text(s string) {
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
func (t *htmlText) within(open, s, end string) {
	if s != "" {
		t.raw(open)
		t.text(s)
		t.raw(end)
	}
}

// counted adds a number with its noun.
func (t *htmlText) counted(n int, noun string) {
	t.number(n)
	t.raw(" ", noun)
	if n != 1 {
		t.raw("s")
	}
}
