package learn

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// replace puts marks into a text in the place of every value that is known,
// however it is written.
func (j *journey) replace(text, path string) string {
	if text == "" {
		return text
	}
	parts := []string{text} // text and marks in turn, beginning with text
	for i := range j.known {
		k := &j.known[i]
		if k.exact {
			if text == k.value && !choice(path) && !j.structure[text] {
				return k.mark()
			}
			continue
		}
		if k.word && (choice(path) || text != k.value && !strings.Contains(text, " ") || j.structure[text]) {
			continue // what the screen offers or is made of is no fact about a person
		}
		if k.forms == nil {
			k.forms = spellings(k.value)
		}
		for _, form := range k.forms {
			parts = split(parts, form, k.mark())
		}
	}
	return strings.Join(parts, "")
}

func (k *known) mark() string {
	if k.name == "" {
		return k.text
	}
	return mark(k.name)
}

// choice reports whether a path is one of what a field offers to choose from.
func choice(path string) bool { return strings.Contains(path, ".options.") }

// sensitive reports whether a value is no mere word, such as a language.
func sensitive(value string) bool {
	const longWord = 12
	return len(value) > longWord || !strings.ContainsFunc(value, unicode.IsLetter) ||
		strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '_' })
}

// secretName is the name of an attribute that is a secret whatever its value.
var secretName = regexp.MustCompile(`(?i)pass|secret|otp|code|token|pin`)

// secretive reports whether an attribute must not be left anywhere. A mere word
// that nobody types as a secret, such as a language or a first name, cannot be
// told from the same word elsewhere: it is replaced where it stands in a sentence.
func (l *learner) secretive(attr, value string) bool {
	return sensitive(value) || secretName.MatchString(attr) || l.hidden[value]
}

// split cuts every text of parts at each occurrence of form and puts mark there.
func split(parts []string, form, mark string) []string {
	for i := 0; i < len(parts); i += 2 {
		at := find(parts[i], form)
		if at < 0 {
			continue
		}
		text := parts[i]
		parts[i] = text[:at]
		parts = slices.Insert(parts, i+1, mark, text[at+len(form):])
	}
	return parts
}

// find returns where form stands in text. A short one has to stand by itself,
// for in a longer word it is a part of that.
func find(text, form string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], form)
		if at < 0 {
			return -1
		}
		at += from
		if len(form) >= minLength || alone(text, at, at+len(form)) {
			return at
		}
		from = at + 1
	}
}

// alone reports whether neither letter nor digit stands beside text[from:to].
func alone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	return !letter(before) && !letter(after)
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// spellings returns the ways in which a value is written inside of a text, the
// longest first.
func spellings(value string) []string {
	forms := []string{value, html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value)}
	for _, form := range forms {
		if quoted, err := json.Marshal(form); err == nil {
			forms = append(forms, string(quoted[1:len(quoted)-1]))
		}
		if plain := inside(form); plain != form {
			forms = append(forms, plain)
		}
		if strings.Contains(form, "%") {
			forms = append(forms, lowerPercent(form))
		}
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(forms)
}

// inside writes s as it stands in a JSON string whose writer spares HTML.
func inside(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return s
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// lowerPercent writes the escapes of a URL with small letters.
func lowerPercent(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}
