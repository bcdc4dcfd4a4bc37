package flow

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// bodyKind says what a body is that should have been JSON: its kind, and how it
// begins for a person.
func (h *Hop) bodyKind() string {
	if len(bytes.TrimSpace(h.Body)) == 0 {
		return "empty"
	}
	kind, _, _ := strings.Cut(h.Header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	title := h.Page().Title()
	switch {
	case title != "" && kind != "":
		kind = "a page titled " + strconv.Quote(title) + " (" + kind + ")"
	case title != "":
		kind = "a page titled " + strconv.Quote(title)
	case kind == "":
		kind = "a text without a Content-Type"
	case h.isJSON():
		kind += " that is not valid JSON"
	}
	if title != "" && h.Page().Text() == "" {
		return kind
	}
	return kind + ": " + strconv.Quote(h.beginning())
}

// beginning returns how a foreign body begins, on one line and without secrets:
// first those that are known, for one that is cut off would not be found any
// more, then what looks like one.
func (h *Hop) beginning() string {
	const most = 60 // characters
	text := string(h.Body)
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		if read := h.Page().Text(); read != "" {
			text = read
		}
	}
	known := &secret.Redactor{Parent: h.known}
	known.Add(h.secrets()...)
	text = strings.ToValidUTF8(known.Redact(text), "�")
	for _, m := range masks {
		text = m.like.ReplaceAllString(text, m.by)
	}
	return words.Cut(fold(text), most)
}

// masks hide what may be a secret of somebody else's, which no redactor knows: a
// gateway in between may show a token, and half an answer holds values that
// cannot be looked up by their names any more.
var masks = []struct {
	like *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`("[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*(?:"|\\?$)|[^\s"{}\[\],]+)`), "$1…"}, // a value in JSON
	{regexp.MustCompile(`\?[^\s"'<>]+`), "?…"},                                                   // a query
	{regexp.MustCompile(`([\w.-]+=)(?:"[^"]*"?|'[^']*'?|[^\s&;,"'<>]+)`), "$1…"},                 // a name with a value
	{regexp.MustCompile(`(?i)((?:pass|token|secret|code|otp|pin|key)\w*\s*:\s*)\S+`), "$1…"},     // words for a secret
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+\S+`), "$1 …"},
	{regexp.MustCompile(`[\w~+=-]{20,}`), "…"},
}
