package diff

import (
	"math"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// members returns what an object holds in its order; of a key that stands
// twice, the first, as every other reader here does. The keys are not read as
// paths: they hold dots and worse.
func members(object gjson.Result) []member {
	if !object.IsObject() {
		return nil
	}
	var out []member
	seen := map[string]bool{}
	object.ForEach(func(key, value gjson.Result) bool {
		if !seen[key.Str] {
			seen[key.Str] = true
			out = append(out, member{key.Str, value})
		}
		return true
	})
	return out
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

// sameText reports whether two texts are the same, where a variable stands for
// any text.
func sameText(b, a string) bool {
	if b == a {
		return true
	}
	x, y := literals(b), literals(a)
	if len(x) == 1 && len(y) == 1 {
		return false
	}
	// Where both have variables, those of the one are text for the other: the
	// recording that learned more of a value says where it may vary.
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
