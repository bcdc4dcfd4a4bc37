package diff

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// longest bounds, in runes, how much of a value a sentence shows.
const longest = 100

// cut shortens what is too long to be read.
func cut(s string) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	runes := []rune(s[:min(len(s), longest*utf8.UTFMax)])
	return string(runes[:min(longest-1, len(runes))]) + "…"
}

// quote writes a text in quotes, on one line whatever it holds.
func quote(s string) string { return strconv.Quote(cut(s)) }

// plain writes a key without quotes where it is a word, and with them where it
// could be misread.
func plain(s string) string {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-$#", r)
	}
	if s == "" || strings.ContainsFunc(s, odd) {
		return quote(s)
	}
	return cut(s)
}

// say writes a JSON value as a person reads it.
func say(v gjson.Result) string {
	switch {
	case !v.Exists():
		return "nothing"
	case v.Type == gjson.String && strings.HasPrefix(v.Str, "${"):
		return cut(printable(v.Str))
	case v.Type == gjson.String:
		return quote(v.Str)
	case v.Type == gjson.JSON:
		return cut(printable(strings.Join(strings.Fields(v.Raw), " ")))
	default:
		return v.Raw
	}
}

// printable keeps a text from doing anything to a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// isNow says that one text has taken the place of another.
func isNow(before, after string) string {
	switch {
	case before == "":
		return "was empty and is now " + quote(after)
	case after == "":
		return quote(before) + " is now empty"
	default:
		before, after = apart(before, after)
		return strconv.Quote(before) + " is now " + strconv.Quote(after)
	}
}

// apart shortens two texts so that what differs shows.
func apart(b, a string) (before, after string) {
	if utf8.RuneCountInString(b) <= longest && utf8.RuneCountInString(a) <= longest {
		return b, a
	}
	x, y := []rune(b), []rune(a)
	from := 0
	for from < len(x) && from < len(y) && x[from] == y[from] {
		from++
	}
	end := 0
	for end < len(x)-from && end < len(y)-from && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	return part(x, from, len(x)-end), part(y, from, len(y)-end)
}

// part cuts runes from..to out of a text, with a little of what stands around them.
func part(r []rune, from, to int) string {
	const around = 20
	head, tail := max(0, from-around), min(len(r), to+around)
	out := string(r[head:tail])
	if tail-head > longest {
		out = string(r[head:head+longest-1]) + "…"
	} else if tail < len(r) {
		out += "…"
	}
	if head > 0 {
		out = "…" + out
	}
	return out
}

// kindOf names the JSON kind of a value.
func kindOf(v gjson.Result) string {
	switch {
	case v.Type == gjson.Null:
		return "null"
	case v.Type == gjson.String:
		return "string"
	case v.Type == gjson.Number:
		return "number"
	case v.IsBool():
		return "boolean"
	case v.IsArray():
		return "array"
	default:
		return "object"
	}
}

// withArticle puts the article before a kind.
func withArticle(kind string) string {
	switch kind {
	case "null":
		return kind
	case "array", "object":
		return "an " + kind
	default:
		return "a " + kind
	}
}
