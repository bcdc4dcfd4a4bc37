package secret

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// telling reports whether a short secret is no mere word: a word in quotes, a
// small number and the text of a cell are more often something else.
func telling(value string) bool {
	const least = 4
	return utf8.RuneCountInString(value) >= least &&
		strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) })
}

// whole reports whether a short secret is a whole value where it was found, in a text that may be JSON.
func whole(text string, m *match, inJSON bool) bool {
	tells := telling(m.form.text)
	if m.from == 0 && m.to == len(text) {
		return tells
	}
	if m.from == 1 && m.to == len(text)-1 && text[0] == '"' { // a string of JSON as it came
		return true
	}
	if tells && inJSON && isNumber(text, m.from, m.to) {
		return true
	}
	before, at := charBefore(text, m.from)
	after, end := charAt(text, m.to)
	switch before {
	case '"', '\'', '`', '“', '„', '«':
		if after != closing[before] {
			return false
		}
		rest := strings.TrimLeft(text[end:], blanks)
		if key, _ := charAt(rest, 0); key == ':' { // the name of a JSON value
			return false
		}
		return tells || before == '"' && inJSON && valueAt(text, at)
	case '=':
		return (after == 0 || unicode.IsSpace(after) || strings.ContainsRune(`&;#"'<>,)`, after)) && named(text, at)
	}
	return tells && cell(text, m.from, m.to)
}

const blanks = " \t\r\n"

var closing = map[rune]rune{'"': '"', '\'': '\'', '`': '`', '“': '”', '„': '“', '«': '»'}

// cell reports whether text[from:to] is all of a cell of a table, or of an
// element of HTML.
func cell(text string, from, to int) bool {
	const padding = 40 // characters of white space
	before, from := charBefore(text, from)
	for n := 0; n < padding && unicode.IsSpace(before); n++ {
		before, from = charBefore(text, from)
	}
	after, to := charAt(text, to)
	for n := 0; n < padding && unicode.IsSpace(after); n++ {
		after, to = charAt(text, to)
	}
	return before == '|' && after == '|' || before == '>' && after == '<'
}

// named reports whether the name of a parameter or cookie ends at text[at].
func named(text string, at int) bool {
	const longest = 100
	for i := at; at-i < longest; {
		r, before := charBefore(text, i)
		switch {
		case r == 0, r == '?', r == '&', r == ';', r == '#':
			return i < at
		case unicode.IsSpace(r):
			c, _ := charBefore(text, before)
			return i < at && (c == ';' || c == ':')
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune("_-.[]$", r):
			i = before
		default:
			return false
		}
	}
	return false
}

// isJSON reports whether the text is an object or array of JSON.
func isJSON(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && (text[0] == '{' || text[0] == '[')
}

// valueAt reports whether a value of JSON may begin at text[at].
func valueAt(text string, at int) bool {
	r, _ := charBefore(text, len(strings.TrimRight(text[:at], blanks)))
	return r == ':' || r == ',' || r == '['
}

// isNumber reports whether text[from:to] is a whole number, if the text is JSON.
func isNumber(text string, from, to int) bool {
	if strings.Trim(text[from:to], "0123456789.-") != "" || !valueAt(text, from) {
		return false
	}
	after := strings.TrimLeft(text[to:], blanks)
	return after != "" && strings.IndexByte(",]}", after[0]) >= 0
}

// apart reports whether neither letter nor digit is beside what was found.
func apart(text string, m *match) bool {
	before, _ := charBefore(text, m.from)
	after, _ := charAt(text, m.to)
	letter := func(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
	return !letter(before) && !letter(after)
}

// charBefore returns the character in front of text[i], 0 at its beginning, and
// where it begins. It may be written as an escape sequence.
func charBefore(text string, i int) (rune, int) {
	const longest = 14 // bytes of an escape sequence
	for at := max(0, i-longest); at < i; at++ {
		if kinds[text[at]]&escapes == 0 || text[at] == '=' {
			continue
		}
		c, next := char{rune(text[at]), asByte}, at+1
		r := nothing
		for level := 0; level < levels && next <= i && c.escapes(); level++ {
			if c, next = c.decode(text, next, level); next == i && next > at+1 {
				r = c.r
			}
		}
		if r != nothing {
			return r, at
		}
	}
	if i == 0 {
		return 0, 0
	}
	r, n := utf8.DecodeLastRuneInString(text[:i])
	return r, i - n
}

// charAt returns the character at text[i], 0 at its end, and where it ends.
func charAt(text string, i int) (rune, int) {
	if i >= len(text) {
		return 0, i
	}
	if kinds[text[i]]&escapes != 0 {
		c, next := decode(text, i, levels)
		return c.r, next
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	return r, i + n
}
