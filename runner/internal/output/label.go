package output

import (
	"strings"

	"golang.org/x/net/html"
)

// The elements with which the text of a screen is formatted; true are those
// that set words apart. What else stands in angle brackets is text: a label may
// say "<your name>".
var formatting = map[string]bool{
	"a": false, "abbr": false, "b": false, "em": false, "font": false, "i": false, "img": false, "label": false,
	"mark": false, "s": false, "small": false, "span": false, "strong": false, "sub": false, "sup": false, "u": false,
	"blockquote": true, "br": true, "center": true, "div": true, "dd": true, "dl": true, "dt": true, "h1": true,
	"h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "hr": true, "li": true, "ol": true, "p": true,
	"pre": true, "script": true, "style": true, "table": true, "tbody": true, "td": true, "th": true, "thead": true,
	"tr": true, "ul": true,
}

// wordsOf returns what a person reads of a label, which on the wire may be
// HTML: a LABEL's content is, and the label of any other field can be.
func wordsOf(label string) string {
	if !strings.ContainsAny(label, "<&") {
		return label
	}
	var b strings.Builder
	unread := false // within what no person sees
	for z := html.NewTokenizer(strings.NewReader(label)); ; {
		kind := z.Next()
		raw := string(z.Raw())
		switch kind {
		case html.ErrorToken:
			b.WriteString(raw) // a tag that never ends
			return strings.Join(strings.Fields(b.String()), " ")
		case html.TextToken:
			if !unread {
				b.WriteString(html.UnescapeString(raw))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			text, _ := z.TagName()
			name := string(text)
			apart, known := formatting[name]
			switch {
			case !known:
				b.WriteString(raw)
			case apart:
				b.WriteByte(' ')
			}
			unread = kind == html.StartTagToken && (name == "script" || name == "style")
		case html.CommentToken, html.DoctypeToken:
		}
	}
}
