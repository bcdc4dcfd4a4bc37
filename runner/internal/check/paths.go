package check

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// onePart matches the first part of a gjson path if it can be checked: a name, # or a query about
// the elements of an array. Other parts, such as modifiers, are not checked.
var onePart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((?:[^.|#@*?{}\[\]()\\!:"=~%<>]|\\.)+|#\((?:[^()"]|"(?:[^"\\]|\\.)*")*\)#?|#)(?:\.|$)`)
})

// query matches a query about one property: its path, the comparison and the value.
var query = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^#\(\s*([\w.\\-]+)\s*(?:([=!<>%]+)\s*(.*?)\s*)?\)#?$`)
})

// lacksPath reports whether no body has a value at a path, and returns the most similar path. A
// path through a value that only a run fills in may exist.
func (r *recorded) lacksPath(path string) (near string, lacks bool) {
	above := r.bodies
	for at := 0; at < len(path); {
		m := onePart().FindStringSubmatch(path[at:])
		if m == nil {
			return "", false
		}
		name, before, after := m[1], path[:at], path[at+len(m[1]):]
		at += len(m[0])
		next, other, open := within(above, name, at < len(path))
		switch {
		case len(next) > 0:
			above = next
			continue
		case open:
			return "", false
		case other != "":
			near = before + other + after
		}
		if near != "" && len(r.at(near)) == 0 {
			near = before + other
		}
		return near, true
	}
	return "", false
}

// at returns the values that the bodies have at a path.
func (r *recorded) at(path string) (found []gjson.Result) {
	for _, body := range r.bodies {
		if v := body.Get(path); v.Exists() {
			found = append(found, v)
		}
	}
	return found
}

// within returns the values below above at a part of a path. If there are none, it returns the most
// similar part. Open says that a run may find a value there.
func within(above []gjson.Result, part string, more bool) (next []gjson.Result, near string, open bool) {
	if !strings.HasPrefix(part, "#") {
		for _, v := range above {
			if got := v.Get(part); got.Exists() {
				next = append(next, got)
			}
		}
		keys, open := keysOf(above)
		if key := nearestOf(strings.ReplaceAll(part, `\`, ""), keys); key != "" {
			near = gjson.Escape(key)
		}
		return next, near, open
	}
	arrays, elements := 0, []gjson.Result(nil)
	for _, v := range above {
		if v.IsArray() {
			arrays++
			elements = append(elements, v.Array()...)
		}
		open = open || !v.IsArray() && recordings.Variable.MatchString(v.Raw)
	}
	switch m := query().FindStringSubmatch(part); {
	case arrays == 0:
		return nil, "", open
	case part == "#" && more:
		return elements, "", true // an empty array may have elements in a run
	case m == nil || len(elements) == 0:
		return nil, "", true
	default:
		return asked(elements, part, m[1], m[2], m[3])
	}
}

// asked returns the elements that match a query. If there are none, the query has a mistake if no
// element has its property, or, in a query for a single element, if no element has its text.
func asked(
	elements []gjson.Result, part, property, comparison, value string,
) (next []gjson.Result, near string, open bool) {
	var have []gjson.Result
	var texts []string
	for _, e := range elements {
		if got := e.Get(property); got.Exists() {
			have = append(have, got)
			texts = append(texts, got.String())
			open = open || recordings.Variable.MatchString(got.Raw)
		}
		if one := gjson.Parse("[" + e.Raw + "]").Get(strings.TrimSuffix(part, "#")); one.Exists() {
			next = append(next, one)
		}
	}
	switch keys, unknown := keysOf(elements); {
	case len(next) > 0 || open:
		return next, "", true
	case len(have) == 0:
		if key := nearestOf(property, keys); key != "" {
			near = strings.Replace(part, property, key, 1)
		}
		return nil, near, unknown
	case strings.HasSuffix(part, "#") || strings.Trim(comparison, "=") != "" || comparison == "":
		return nil, "", true // the query may expect no element
	}
	wanted := strings.Trim(value, `"`)
	if other := nearestOf(wanted, texts); other != "" {
		near = strings.Replace(part, value, strings.Replace(value, wanted, other, 1), 1)
	}
	return nil, near, false
}

// keysOf returns the keys of objects, and reports whether a run may add others.
func keysOf(above []gjson.Result) (keys []string, open bool) {
	for _, v := range above {
		if !v.IsObject() {
			open = open || recordings.Variable.MatchString(v.Raw)
			continue
		}
		v.ForEach(func(key, _ gjson.Result) bool {
			if !slices.Contains(keys, key.Str) {
				keys = append(keys, key.Str)
			}
			return true
		})
	}
	return keys, open
}

// written returns a path as it is written in a sentence, where only a quote needs a backslash.
func written(path string) string { return `"` + strings.ReplaceAll(path, `"`, `\"`) + `"` }
