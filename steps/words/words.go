// Package words helps to word messages: lists, counts, shortened texts and suggestions
// of similar names. It does not know what the messages are about.
package words

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// And returns a list for a sentence: "a", "a and b", "a, b and c". An empty list is
// "none".
func And(list []string) string { return joined(list, " and ") }

// Or is And with "or" before the last.
func Or(list []string) string { return joined(list, " or ") }

func joined(list []string, last string) string {
	end := len(list) - 1
	if end < 1 {
		return List(list, 0)
	}
	return strings.Join(list[:end], ", ") + last + list[end]
}

// List returns a list with commas, and counts the elements beyond the first most: "a, b
// and 3 more". If most is 0, it lists all. An empty list is "none".
func List(list []string, most int) string {
	if len(list) == 0 {
		return "none"
	}
	if more := len(list) - most; most > 0 && more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), more)
	}
	return strings.Join(list, ", ")
}

// Count returns a number of things: "1 hop", "2 hops". The plural of the noun must be
// the noun with an s.
func Count(n int, noun string) string { return fmt.Sprintf("%d %s", n, Plural(n, noun)) }

// Plural returns the form of the noun that follows n.
func Plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// Article returns one of our words, such as a JSON kind, with "a" or "an" before it:
// "an array". It does not change "null" and "nothing".
func Article(word string) string {
	switch {
	case word == "" || word == "null" || word == "nothing":
		return word
	case strings.ContainsRune("aeiou", rune(word[0])):
		return "an " + word
	default:
		return "a " + word
	}
}

// Steers reports whether a character changes how a terminal or a viewer shows the text around
// it, and must be written as an escape: a control character other than a line end and a tab,
// one that changes the direction of text, or a Unicode line separator.
func Steers(r rune) bool {
	switch {
	case ' ' <= r && r <= '~', r == '\n', r == '\t':
		return false
	case '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069', r == '\u2028', r == '\u2029':
		return true
	}
	return unicode.IsControl(r)
}

// Cut returns a text unchanged or, if it has more characters than most, that many of
// them followed by …. Redact a text before you cut it, because a part of a secret would
// not be found.
func Cut(text string, most int) string {
	if len(text) <= most || utf8.RuneCountInString(text) <= most {
		return text
	}
	at := 0
	for range most {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return strings.ToValidUTF8(text[:at], "") + "…"
}
