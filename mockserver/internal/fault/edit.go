package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// fieldsPath is where a form has its fields.
const fieldsPath = "form.components.fields"

// Additions that no client can know: the property has every kind of value, and the
// field has all parts of a field.
const (
	unknownName     = "flowtestUnknown"
	unknownProperty = `{"text":"of a later version","number":1,"list":[true,null]}`
	unknownField    = `{"type":"FLOWTEST_UNKNOWN","key":"` + unknownName + `","label":"Unknown","required":false}`
)

// edit returns the body as the fault leaves it, and false if the fault finds nothing in it: it is
// not a JSON object, or it has no form.
func (f *Rule) edit(body []byte, at place) ([]byte, bool) {
	if !gjson.ValidBytes(body) {
		return nil, false
	}
	top := gjson.ParseBytes(body)
	if !top.IsObject() {
		return nil, false
	}
	switch f.name {
	case extra:
		return f.extra(top)
	case reordered:
		return f.reordered(top, at)
	case missing:
		return f.missing(top, at)
	default:
		return nil, false
	}
}

// extra adds a property and a field that no client can know.
func (f *Rule) extra(top gjson.Result) ([]byte, bool) {
	out, done := []byte(top.Raw), false
	if f.value != "field" {
		out, done = setRaw(out, unknownName, unknownProperty), true
	}
	if f.value != "property" && top.Get(fieldsPath).IsArray() {
		out, done = setRaw(out, fieldsPath+".-1", unknownField), true
	}
	return out, done
}

// reordered puts properties and fields into another order. To a client none of
// it may matter: JSON objects have no order, and fields are found by their keys.
func (f *Rule) reordered(top gjson.Result, at place) ([]byte, bool) {
	var fields []string
	for _, field := range top.Get(fieldsPath).Array() {
		fields = append(fields, field.Raw)
	}
	out := []byte(top.Raw)
	moved := shuffle(fields, at, "field")
	if moved {
		out = setRaw(out, fieldsPath, "["+strings.Join(fields, ",")+"]")
	}
	var properties []string
	gjson.ParseBytes(out).ForEach(func(key, value gjson.Result) bool {
		properties = append(properties, key.Raw+":"+value.Raw)
		return true
	})
	if shuffle(properties, at, "property") {
		out, moved = []byte("{"+strings.Join(properties, ",")+"}"), true
	}
	return out, moved
}

// missing takes a field away: the one with the key, else one that is drawn.
func (f *Rule) missing(top gjson.Result, at place) ([]byte, bool) {
	fields := top.Get(fieldsPath).Array()
	i := at.below(len(fields), "missing")
	if f.value != "" {
		i = slices.IndexFunc(fields, func(field gjson.Result) bool { return field.Get("key").String() == f.value })
	}
	if i < 0 || i >= len(fields) {
		return nil, false
	}
	out, err := sjson.DeleteBytes([]byte(top.Raw), fieldsPath+"."+strconv.Itoa(i))
	return out, err == nil
}

// set puts a value into a body. The paths are ours, so there is no error.
func setRaw(body []byte, path, value string) []byte {
	out, err := sjson.SetRawBytes(body, path, []byte(value))
	if err != nil {
		return body
	}
	return out
}

// shuffle puts a list into another order than it has, which needs two entries.
func shuffle(list []string, at place, what string) bool {
	if len(list) < 2 {
		return false
	}
	before := slices.Clone(list)
	for i := len(list) - 1; i > 0; i-- {
		j := at.below(i+1, fmt.Sprintf("order of %s %d", what, i))
		list[i], list[j] = list[j], list[i]
	}
	if slices.Equal(list, before) {
		copy(list, append(before[1:], before[0]))
	}
	return true
}
