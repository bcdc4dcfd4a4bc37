package output

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// mostShown is how many bytes of a body the page shows.
const mostShown = 64 << 10

// A shown is a body as the page shows it.
type shown struct {
	Kind string // "JSON", "HTML", "text" or "binary"
	Size int    // as it was sent
	Note string // what is not as it was sent
	Text string
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
	if s.Kind == "JSON" && !strings.Contains(text, "\n") { // else somebody made it readable
		var pretty bytes.Buffer
		if json.Indent(&pretty, []byte(text), "", "  ") == nil {
			text = pretty.String()
		}
	}
	s.Text = text
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
