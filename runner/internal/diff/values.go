package diff

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
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

// plain writes a key without quotes if it is a single word, and with quotes otherwise.
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

// printable makes a text harmless for a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// isNow returns words for the replacement of one text by another.
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

// apart shortens two texts to the part that differs.
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

// part cuts runes from..to out of a text, with a little of what is around them.
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

// bodyOf reads a body as every reader does: the last of two properties with one name counts.
func bodyOf(text []byte) gjson.Result {
	text, _ = davinci.Last(text)
	return gjson.ParseBytes(text)
}

// members returns what an object holds in its order. The keys are not read as
// paths: they may have dots and other signs.
func members(object gjson.Result) []member {
	if !object.IsObject() {
		return nil
	}
	var out []member
	object.ForEach(func(key, value gjson.Result) bool {
		out = append(out, member{key.Str, value})
		return true
	})
	return out
}

// unionOf returns the keys of two maps: those of the first in their order, then those
// that only the second has.
func unionOf[V any](a, b map[string]V) []string {
	more := slices.DeleteFunc(slices.Sorted(maps.Keys(b)), func(k string) bool { _, ok := a[k]; return ok })
	return append(slices.Sorted(maps.Keys(a)), more...)
}

// sameValue reports whether two values that are neither objects nor arrays, or
// that are too deep to be looked into, are the same.
func sameValue(b, a gjson.Result) bool {
	switch {
	case b.Raw == a.Raw:
		return true
	case b.Type != a.Type:
		return false
	case b.Type == gjson.String:
		return sameText(b.Str, a.Str)
	case b.Type == gjson.Number:
		return b.Num == a.Num && math.Abs(b.Num) < 1<<53
	default:
		return false
	}
}

// sameText reports whether two texts are the same, where a variable is in place of
// any text.
func sameText(b, a string) bool {
	if b == a {
		return true
	}
	x, y := literals(b), literals(a)
	if len(x) == 1 && len(y) == 1 {
		return false
	}
	// If both have variables, those of the one are text for the other: the recording that learned
	// more of a value says where it may vary.
	return fits(x, strings.Join(y, "\x00")) || fits(y, strings.Join(x, "\x00"))
}

// literals splits a text at its variables: one with none has one literal.
func literals(s string) []string {
	if !strings.Contains(s, "{{") {
		return []string{s}
	}
	var out []string
	from := 0
	for _, m := range recordings.Variable.FindAllStringSubmatchIndex(s, -1) {
		if recordings.IsVariable(s[m[2]:m[3]]) {
			out = append(out, s[from:m[0]])
			from = m[1]
		}
	}
	return append(out, s[from:])
}

// fits reports whether text is what literals are with any text between them.
func fits(literals []string, text string) bool {
	last := len(literals) - 1
	if last == 0 {
		return literals[0] == text
	}
	rest, ok := strings.CutPrefix(text, literals[0])
	if !ok {
		return false
	}
	for _, l := range literals[1:last] {
		at := strings.Index(rest, l)
		if at < 0 {
			return false
		}
		rest = rest[at+len(l):]
	}
	return strings.HasSuffix(rest, literals[last])
}
