package learn

import (
	"bytes"
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"flowtest/recordings"
)

var (
	tokenText = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)
	jwt       = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`)
	picture   = regexp.MustCompile(`data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]*`) // as a QR_CODE has it
)

// suspect says what a text looks like that may be a secret, or "".
func suspect(text string) string {
	text = recordings.Variable.ReplaceAllString(text, " ")
	text = anyUUID.ReplaceAllString(text, " ") // the service's resources have such ids
	text = picture.ReplaceAllString(text, " ")
	if jwt.MatchString(text) {
		return "a token"
	}
	if slices.ContainsFunc(email.FindAllString(text, -1), func(a string) bool { return !reserved(a) }) {
		return "an email address"
	}
	if phone.MatchString(text) {
		return "a phone number"
	}
	for _, token := range tokenText.FindAllString(text, -1) {
		if plain, ok := readable(token); ok && plain != text {
			if kind := suspect(plain); kind != "" {
				return kind
			}
			continue // text in Base64, as the components of a custom HTML screen are
		}
		if slices.ContainsFunc(strings.Split(token, "/"), random) {
			return "a string of high entropy"
		}
	}
	return ""
}

// readable returns the text that a token is the Base64 of. What is random is that
// of no text.
func readable(token string) (string, bool) {
	plain := unbase64(token)
	printable := func(r rune) bool { return r != utf8.RuneError && (unicode.IsPrint(r) || unicode.IsSpace(r)) }
	notPrintable := func(r rune) bool { return !printable(r) }
	return string(plain), len(plain) > 0 && !strings.ContainsFunc(string(plain), notPrintable)
}

// random reports whether a text was generated: letters and
// digits mixed, no few of them, and evenly spread.
func random(text string) bool {
	// Flows, connectors and policies have ids of 32 hexadecimal digits.
	const long, digitsLeast, bits = 20, 3, 3.2
	text = strings.TrimRight(text, "=")
	if len(text) < long || hex32.MatchString(text) {
		return false
	}
	if d, letters := digitsAndLetters(text); d < digitsLeast || letters < digitsLeast {
		return false
	}
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	entropy := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(text))
			entropy -= p * math.Log2(p)
		}
	}
	return entropy >= bits
}

// unbase64 decodes either alphabet, with or without padding, or returns nil.
func unbase64(token string) []byte {
	token = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(token, "="))
	if len(token)%4 == 1 {
		token = token[:len(token)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil {
		return nil
	}
	return bytes.TrimRight(plain, "\x00")
}
