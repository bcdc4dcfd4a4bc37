package diff

import (
	"strings"

	"github.com/tidwall/gjson"
)

// An option is one entry of a field's options.
type option struct {
	name     string // what choosing it posts, or the type of a device
	key      string // the property that holds name
	label    string
	labelKey string
	raw      gjson.Result
}

// newOptions reads the options of a field. One is known by its value, a device
// by its type: the id of a device is the person's.
func newOptions(field gjson.Result) []option {
	var out []option
	field.Get("options").ForEach(func(_, entry gjson.Result) bool {
		o := option{raw: entry}
		if !entry.IsObject() {
			o.name, o.label = entry.String(), entry.String()
			out = append(out, o)
			return true
		}
		o.key, o.name = firstOf(entry, "value", "type", "label", "title", "id")
		o.labelKey, o.label = firstOf(entry, "label", "title")
		if o.labelKey == o.key {
			o.label = o.name
		}
		out = append(out, o)
		return true
	})
	return out
}

// firstOf returns the first of the properties that is there.
func firstOf(entry gjson.Result, keys ...string) (key, value string) {
	for _, k := range keys {
		if v := entry.Get(k); v.Exists() {
			return k, v.String()
		}
	}
	return "", ""
}

// title names an option in a sentence.
func (o option) title() string {
	if o.label == "" || o.label == o.name {
		return quote(o.name)
	}
	return quote(o.name) + " (" + quote(o.label) + ")"
}

func names(options []option) string {
	out := make([]string, 0, len(options))
	for _, o := range options {
		out = append(out, plain(o.name))
	}
	return cut(strings.Join(out, ", "))
}

// pairOptions finds for each option the same of the later field: by its name,
// else by its label.
func pairOptions(before, after []option) map[int]int {
	of, taken := map[int]int{}, map[int]bool{}
	for _, key := range []func(option) string{
		func(o option) string { return "name " + o.name + " " + o.label },
		func(o option) string { return "name " + o.name },
		func(o option) string { return o.label },
	} {
		open := map[string][]int{}
		for j, o := range after {
			if k := key(o); !taken[j] && k != "" {
				open[k] = append(open[k], j)
			}
		}
		for i, o := range before {
			list := open[key(o)]
			if _, ok := of[i]; ok || len(list) == 0 || key(o) == "" {
				continue
			}
			of[i], taken[list[0]] = list[0], true
			open[key(o)] = list[1:]
		}
	}
	return of
}
