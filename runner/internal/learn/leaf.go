package learn

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A leaf is one value of a JSON body: a string, a number, true, false, null, or
// a list of numbers, which is one value that was written byte by byte.
type leaf struct {
	path string
	raw  string // as it stands in the body
	text string // of a string: with marks in the place of what is known
	kind gjson.Type
}

// The marks around the name of a variable within a text. What a service sends
// never holds them: they are taken out.
const (
	markOpen  = "\x00{"
	markClose = "}\x00"
)

func mark(name string) string { return markOpen + name + markClose }

// walk visits the leaves of a JSON value in their order, with their paths: the
// keys as they stand, with dots between them, and # and a number for the
// entries of lists.
func walk(v gjson.Result, visit func(path string, v gjson.Result)) {
	walkAt("", v, visit)
}

func walkAt(path string, v gjson.Result, visit func(path string, v gjson.Result)) {
	if !v.IsObject() && (!v.IsArray() || numbers(v)) {
		if v.Exists() {
			visit(path, v)
		}
		return
	}
	list, i := v.IsArray(), 0
	v.ForEach(func(key, value gjson.Result) bool {
		name := strconv.Itoa(i)
		if !list {
			name = key.String()
		}
		i++
		if path != "" {
			name = path + "." + name
		}
		walkAt(name, value, visit)
		return true
	})
}

// numbers reports whether v is a list of numbers alone.
func numbers(v gjson.Result) bool {
	if !v.IsArray() {
		return false
	}
	some, all := false, true
	v.ForEach(func(_, value gjson.Result) bool {
		some, all = true, value.Type == gjson.Number
		return all
	})
	return some && all
}

// leavesOf reads the leaves of a response.
func (l templater) leavesOf(s *step) []leaf {
	var out []leaf
	if s.page || !s.top.Exists() {
		if len(s.x.Response) > 0 {
			text := string(s.x.Response)
			out = append(out, leaf{raw: text, kind: gjson.String, text: s.j.replace(unmarked(text), "")})
		}
		return out
	}
	walk(s.top, func(path string, v gjson.Result) {
		f := leaf{path: path, raw: v.Raw, kind: v.Type}
		if v.Type == gjson.String {
			f.text = l.replaced(s, path, v.Str)
		}
		out = append(out, f)
	})
	return out
}

// unmarked takes out what would be read as a mark.
func unmarked(text string) string {
	if !strings.ContainsAny(text, "\x00\x01") {
		return text
	}
	return strings.NewReplacer("\x00", "", "\x01", "").Replace(text)
}
