package report

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"
	"unicode/utf8"
)

// mostShown is how many bytes of a body the page shows.
const mostShown = 64 << 10

// A shown is a body as the page shows it.
type shown struct {
	Kind string        // "JSON", "HTML", "text" or "binary"
	Size int           // as it was sent
	Note string        // what is not as it was sent
	Text template.HTML // escaped, and highlighted where it is JSON
}

// show renders a body. It returns nil where there was none.
func show(body []byte, cut int) *shown {
	if len(body) == 0 {
		return nil
	}
	s := &shown{Size: len(body) + cut}
	var notes []string
	if cut > 0 {
		notes = append(notes, "the report keeps the first "+size(len(body)))
	}
	if !utf8.Valid(body) {
		s.Kind = "binary"
		notes = append(notes, "it is not UTF-8: what is no character is shown as \uFFFD")
	}
	if len(body) > mostShown {
		body = body[:mostShown]
		notes = append(notes, "the first "+size(mostShown)+" are shown; "+MessagesFile+" has more")
	}
	s.Note = strings.Join(notes, "; ")
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	if s.Kind == "" {
		s.Kind = kindOf(text)
	}
	if s.Kind == "JSON" {
		var pretty bytes.Buffer
		if json.Indent(&pretty, []byte(text), "", "  ") == nil {
			text = pretty.String()
		}
		s.Text = highlight(text)
		return s
	}
	s.Text = template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // it is escaped
	return s
}

func kindOf(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "text"
	case text[0] == '{' || text[0] == '[':
		return "JSON"
	case text[0] == '<':
		return "HTML"
	default:
		return "text"
	}
}

// size writes a number of bytes for people.
func size(n int) string {
	if n < 1024 {
		return count(n, "byte")
	}
	return itoa((n+512)/1024) + " KiB"
}

// highlight marks the keys, strings and other values of a JSON text. It takes
// every text, and what comes out reads as what went in.
func highlight(text string) template.HTML {
	var b strings.Builder
	b.Grow(2 * len(text))
	span := func(class, token string) {
		b.WriteString(`<span class="` + class + `">`)
		template.HTMLEscape(&b, []byte(token))
		b.WriteString("</span>")
	}
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end := stringEnd(text, i)
			class := "s"
			if rest := strings.TrimLeft(text[end:], " \t\r\n"); strings.HasPrefix(rest, ":") {
				class = "k"
			}
			span(class, text[i:end])
			i = end
		case c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z':
			end := i
			for end < len(text) && !strings.ContainsRune(" \t\r\n,]}:\"<>&", rune(text[end])) {
				end++
			}
			span("n", text[i:max(end, i+1)])
			i = max(end, i+1)
		default:
			end := i
			for end < len(text) && text[end] != '"' && text[end] != '-' && !isWord(text[end]) {
				end++
			}
			end = max(end, i+1)
			template.HTMLEscape(&b, []byte(text[i:end]))
			i = end
		}
	}
	return template.HTML(b.String()) //nolint:gosec // everything in it is escaped
}

func isWord(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' }

// stringEnd returns the end of the JSON string that begins at i.
func stringEnd(text string, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
