package check

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Fields finds faults in the forms of recorded answers: a form without a next link, which no
// client can answer; a misspelt field type; and a property whose JSON type is not the one
// that clients read. An unknown type that is not like a known one is taken for a new one,
// not a fault. Each fault is a line "DIR/BODY.json:LINE: …".
func Fields(flows []*recordings.Flow) (faults []string) {
	for _, f := range flows {
		seen := map[string]bool{} // several hops may have the same body
		for _, h := range f.Hops {
			b := h.Response.JSON
			if b == nil || seen[b.File] {
				continue
			}
			seen[b.File] = true
			if why, line := deadEnd(h.Answer().Status, b.Text); why != "" {
				faults = append(faults, fmt.Sprintf("%s:%d: %s", path.Join(f.Dir, b.File), line, why))
			}
			gjson.GetBytes(b.Text, "form.components.fields").ForEach(func(_, entry gjson.Result) bool {
				entry.ForEach(func(name, value gjson.Result) bool {
					if why := misspelt(name.Str, value); why != "" {
						// The index of a nested value counts from the start of the whole text.
						line := 1 + bytes.Count(b.Text[:value.Index], []byte{'\n'})
						faults = append(faults,
							fmt.Sprintf("%s:%d: %s%s", path.Join(f.Dir, b.File), line, nameOf(entry), why))
					}
					return true
				})
				return true
			})
		}
	}
	return faults
}

// deadEnd says why no client can answer the form of an answer, and in which line the form
// is. It returns "" if a client can, or if there is no form.
func deadEnd(status int, text []byte) (why string, line int) {
	a := davinci.Reader{Waits: true}.Read(status, nil, text)
	form := a.Property("form")
	if a.Failure == nil || a.Failure.Code != davinci.CodeNoAuthorizeResponse || !form.IsObject() {
		return "", 0
	}
	return a.Failure.Message, 1 + bytes.Count(text[:max(0, form.Index)], []byte{'\n'})
}

// nameOf returns the name of a field for a fault.
func nameOf(entry gjson.Result) string {
	if key := entry.Get("key").String(); key != "" {
		return fmt.Sprintf("the field %q: ", key)
	}
	return "a field: "
}

// fieldKinds are the JSON types of the properties that clients read of every field.
//
// Source: the types of the SDKs.
var fieldKinds = map[string]string{
	"type": "a string", "key": "a string", "inputType": "a string",
	"required": "true or false", "options": "an array",
}

// misspelt says what is wrong with a property of a field, "" for nothing.
func misspelt(name string, value gjson.Result) string {
	right := map[string]bool{
		"a string": value.Type == gjson.String, "true or false": value.IsBool(), "an array": value.IsArray(),
	}
	want, known := fieldKinds[name]
	switch {
	case !known || value.Type == gjson.Null || recordings.Variable.MatchString(value.Raw):
		return ""
	case !right[want]:
		return fmt.Sprintf("%s is %s, want %s", name, words.Cut(value.Raw, mostQuoted), want)
	case name == "type":
		v := steps.Value{Kind: steps.FieldType, Text: value.Str}
		if err := v.Check(nil); err != nil {
			return err.Error()
		}
	}
	return ""
}

// typed finds values that a step types but that no recorded field with that key
// accepts: they are not an option of it, or have the wrong type. A run would fail
// there.
func (r *reading) typed(st *feature.Step, values []steps.Value) {
	if r.own || r.strayed || r.suite.Known.ListsStep(r.scenario, st) {
		return
	}
	has := r.recorded(r.chosen)
	if has == nil {
		return
	}
	for i, v := range values {
		key := keyOf(values, i)
		if v.Kind != steps.TypedValue || key == "" || strings.Contains(v.Text, "${") {
			continue
		}
		why := ""
		for _, f := range has.byKey[key] {
			_, err := f.Encode(v.Text)
			if err == nil || recordings.Variable.MatchString(f.Raw.Raw) {
				why = ""
				break
			}
			why = err.Error()
		}
		if why == "" {
			continue
		}
		note := r.found.fault
		text := fmt.Sprintf("the field %q of the flow %q does not take this value: %s", key, r.chosen, why)
		if r.suite.Target.Live != nil {
			note, text = r.found.warning, text+" (the flow itself may take it by now)"
		}
		r.say(note, st, !st.Writes(v.Written), text)
	}
}

// keyOf returns the key of the field into which the value at i is typed, or "".
func keyOf(values []steps.Value, i int) string {
	for _, n := range []int{i - 1, i + 1} {
		if n >= 0 && n < len(values) && slices.Contains(keyKinds, values[n].Kind) {
			return values[n].Text
		}
	}
	return ""
}
