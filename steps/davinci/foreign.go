package davinci

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// bodyKind says what a body is that should have been JSON: its kind, and how it
// begins for a person.
func bodyKind(a *Answer) string {
	if len(bytes.TrimSpace(a.Body)) == 0 {
		return "empty"
	}
	kind, _, _ := strings.Cut(a.Header.Get("Content-Type"), ";")
	kind = strings.TrimSpace(kind)
	title := a.Page().title()
	switch {
	case title != "" && kind != "":
		kind = "a page titled " + strconv.Quote(title) + " (" + kind + ")"
	case title != "":
		kind = "a page titled " + strconv.Quote(title)
	case kind == "":
		kind = "a text without a Content-Type"
	case beginsAsObject(a.Body):
		kind += " that is not valid JSON"
	}
	if title != "" && a.Page().Text() == "" {
		return kind
	}
	return kind + ": " + strconv.Quote(beginning(a))
}

// beginning returns how a foreign body begins, on one line and without secrets: first those that
// are known, for one that is cut off would no longer be found, then what looks like one.
func beginning(a *Answer) string {
	const most = 60 // characters
	text := string(a.Body)
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		if read := a.Page().Text(); read != "" {
			text = read
		}
	}
	text = strings.ToValidUTF8(hidden(a, text), "�")
	for _, m := range masks {
		text = m.like.ReplaceAllString(text, m.by)
	}
	text = fold(text)
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return text
}

// hidden takes the secrets that are known out of a text.
func hidden(a *Answer, text string) string {
	secrets := a.Secrets()
	if a.hide != nil {
		return a.hide(text, secrets)
	}
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "…")
		}
	}
	return text
}

// masks hide what may be a secret that no redactor knows: a gateway in between may show
// a token, and half an answer holds values that cannot be looked up by their names any
// longer.
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
