package recordings

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

var (
	// plain is text that YAML reads as it stands, wherever it stands.
	plain = regexp.MustCompile(`^[A-Za-z/_][A-Za-z0-9/_.-]*( [A-Za-z0-9/_.(-][A-Za-z0-9/_.);-]*)*$`)

	// hexadecimal is an id, which is no number where a letter is in it.
	hexadecimal = regexp.MustCompile(`^[0-9a-f]+(-[0-9a-f]+)*$`)

	// otherKind is text that YAML takes for no text, in any of its versions.
	otherKind = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|nan|inf)$`)
)

// scalar writes text so that YAML reads it as that text.
func scalar(text string) string {
	if plain.MatchString(text) && !otherKind.MatchString(text) || isID(text) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return `""` // a string can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// optional writes text, and nothing where there is none.
func optional(text string) string {
	if text == "" {
		return ""
	}
	return scalar(text)
}

// isID reports whether text is a hexadecimal id that YAML cannot take for a
// number: 12e5 is one, and so is 0b11.
func isID(text string) bool {
	letters := strings.ContainsFunc(strings.ReplaceAll(text, "e", ""), unicode.IsLetter)
	return hexadecimal.MatchString(text) && letters && !strings.HasPrefix(text, "0b")
}
