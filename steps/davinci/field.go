package davinci

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// A fieldType is what is known of one type of the entries of form.components.fields.
type fieldType struct {
	posts   string // the JSON kind of what it puts under its key in formData, "" for nothing
	button  bool   // pressing it sends a request
	submits bool   // of a button: with eventType submit, otherwise action
	secret  bool   // what a person types into it is a secret
	options bool   // it takes one or more of its options
}

// fieldTypes are the types that are known. The service may know more.
//
// Source: the field types that Ping's web and Android SDKs implement.
var fieldTypes = map[string]fieldType{
	"TEXT":                  {posts: "string"},
	"PASSWORD":              {posts: "string", secret: true},
	"PASSWORD_VERIFY":       {posts: "string", secret: true},
	"DROPDOWN":              {posts: "string", options: true},
	"RADIO":                 {posts: "string", options: true},
	"COMBOBOX":              {posts: "array", options: true},
	"CHECKBOX":              {posts: "array", options: true},
	"SINGLE_CHECKBOX":       {posts: "boolean"},
	"PHONE_NUMBER":          {posts: "object"}, // {"countryCode":"GB","phoneNumber":"7700900123"}
	"DEVICE_REGISTRATION":   {posts: "string", options: true},
	"DEVICE_AUTHENTICATION": {posts: "object", options: true},
	"PROTECT":               {posts: "string"},
	fido2:                   {posts: "object"},
	"POLLING":               {posts: "string"},
	"METADATA":              {posts: "object"},
	"SUBMIT_BUTTON":         {button: true, submits: true},
	"FLOW_BUTTON":           {button: true},
	"FLOW_LINK":             {button: true},
	"LABEL":                 {},
	"ERROR_DISPLAY":         {},
	"QR_CODE":               {},
	"AGREEMENT":             {},
	"IMAGE":                 {},
	socialLogin:             {},
}

// FieldTypes returns the names of the known types, sorted.
func FieldTypes() []string { return slices.Sorted(maps.Keys(fieldTypes)) }

// typed returns the field with what is known of its type.
//
// Source: the web SDK makes a button of every type with BUTTON or LINK in its name,
// Android and iOS of every inputType ACTION.
func (f Field) typed() Field {
	f.kind, f.known = fieldTypes[f.Type]
	named := strings.Contains(f.Type, "BUTTON") || strings.Contains(f.Type, "LINK")
	if !f.known && named || f.InputType == "ACTION" && !f.kind.submits {
		f.kind, f.known = fieldType{button: true}, true
	}
	return f
}

// IsButton reports whether pressing the field sends a request.
func (f *Field) IsButton() bool { return f.kind.button }

// Submits reports whether the field is a button that submits the form.
func (f *Field) Submits() bool { return f.kind.submits }

// Fills reports whether the field takes a value. A field of an unknown type may.
func (f *Field) Fills() bool {
	return f.Key != "" && !f.kind.button && (f.kind.posts != "" || !f.known)
}

// Secret reports whether a value typed into the field is a secret.
func (f *Field) Secret() bool { return f.kind.secret }

// Posts returns the JSON kind of the value that the field posts: "string", "array", "boolean" or
// "object". It is "" if the field posts nothing or its type is unknown.
func (f *Field) Posts() string { return f.kind.posts }

// Encode converts a text from a feature into the JSON that a field of this type posts:
// a string, an array, a boolean or an object. The error says which values the field
// takes, and does not contain the value.
//
//	text  text; for lists a JSON array or values with commas between them; true
//	      or false for a single checkbox; a JSON object where the field posts one; a
//	      phone number also as in +41 79 123 45 67
//
// Source: the values that Ping's SDKs post for each field type.
func (f *Field) Encode(text string) (string, error) {
	switch f.kind.posts {
	case "array":
		return f.encodeArray(text)
	case "boolean":
		if text != "true" && text != "false" {
			return "", fmt.Errorf("%s takes true or false", f.named())
		}
		return text, nil
	case "object":
		if f.Type == "PHONE_NUMBER" {
			return f.encodePhone(text)
		}
		return f.encodeObject(text)
	default:
		if !f.kind.options {
			return Quote(text), nil
		}
		option, err := f.option(text)
		if err != nil {
			return "", err
		}
		return Quote(optionValue(option)), nil
	}
}

// Check returns the JSON that a checkbox posts, checked or not. A checkbox with options can be
// checked only if it has exactly one. The error says what the field is instead.
func (f *Field) Check(on bool) (string, error) {
	options := f.Raw.Get("options").Array()
	switch posts := f.kind.posts; {
	case posts == "boolean", !f.known:
		return strconv.FormatBool(on), nil
	case posts != "array":
		if len(options) == 0 {
			return "", fmt.Errorf("%s is not a checkbox: fill it in", f.named())
		}
		return "", fmt.Errorf("%s is not a checkbox: choose one of its options, %s", f.named(), f.listed())
	case !on:
		return "[]", nil
	case len(options) != 1:
		return "", fmt.Errorf("%s has %d options, so it does not say which of them: choose one, %s",
			f.named(), len(options), f.listed())
	default:
		return "[" + Quote(optionValue(options[0])) + "]", nil
	}
}

// Choose returns the JSON that the field posts if an option, given by its label or value, is
// chosen. If the field takes several, it adds one to the JSON before, which may be "". The error
// lists the options.
func (f *Field) Choose(option, before string) (string, error) {
	switch {
	case f.known && !f.kind.options:
		return "", fmt.Errorf("%s has no options to choose from", f.named())
	case f.kind.posts != "array":
		return f.Encode(option)
	}
	chosen, err := f.option(option)
	if err != nil {
		return "", err
	}
	var list []string
	for _, v := range gjson.Parse(before).Array() {
		list = append(list, v.Raw)
	}
	if one := Quote(optionValue(chosen)); !slices.Contains(list, one) {
		list = append(list, one)
	}
	return "[" + strings.Join(list, ",") + "]", nil
}

// encodeArray takes a JSON array, or values with commas between them.
func (f *Field) encodeArray(text string) (string, error) {
	var values []string
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "[") {
		if err := json.Unmarshal([]byte(trimmed), &values); err != nil {
			return "", fmt.Errorf("%s takes a JSON array of strings, or values with commas between them", f.named())
		}
	} else if trimmed != "" {
		values = f.split(trimmed)
	}
	quoted := make([]string, 0, len(values))
	for _, v := range values {
		option, err := f.option(v)
		if err != nil {
			return "", err
		}
		quoted = append(quoted, Quote(optionValue(option)))
	}
	return "[" + strings.Join(quoted, ",") + "]", nil
}

// split takes values with commas between them apart. An option may hold commas: the
// longest run of parts that is one counts.
func (f *Field) split(text string) []string {
	parts := strings.Split(text, ",")
	var out []string
	for len(parts) > 0 {
		n := len(parts)
		for n > 1 && !f.offers(strings.TrimSpace(strings.Join(parts[:n], ","))) {
			n--
		}
		out = append(out, strings.TrimSpace(strings.Join(parts[:n], ",")))
		parts = parts[n:]
	}
	return out
}

// offers reports whether a text names one of the options of the field.
func (f *Field) offers(text string) bool {
	_, err := f.option(text)
	return err == nil && f.Raw.Get("options.0").Exists()
}

// encodeObject takes a JSON object, and for a device also one of its options. A device of
// a type that no option has is none of them.
func (f *Field) encodeObject(text string) (string, error) {
	if gjson.Valid(text) && gjson.Parse(text).IsObject() {
		if kind := gjson.Get(text, "type"); f.kind.options && kind.Exists() {
			_, err := f.option(kind.String())
			return text, err
		}
		return text, nil
	}
	if !f.kind.options {
		return "", fmt.Errorf("%s takes a JSON object", f.named())
	}
	if !f.Raw.Get("options.0").Exists() {
		return "", fmt.Errorf("%s lists no options here and takes a JSON object", f.named())
	}
	option, err := f.option(text)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`{"type":%s,"id":%s,"value":%s}`, Quote(option.Get("type").String()),
		Quote(option.Get("id").String()), Quote(option.Get("description").String())), nil
}

// optionNames are the keys by which an option may be chosen.
var optionNames = []string{"value", "id", "type", "label", "title"}

// option finds the option that text names. A field that lists none takes
// anything: its options may be loaded elsewhere.
func (f *Field) option(text string) (gjson.Result, error) {
	options := f.Raw.Get("options").Array()
	for _, o := range options {
		if !o.IsObject() && Read(o.String()) == Read(text) {
			return o, nil
		}
	}
	for _, name := range optionNames {
		for _, o := range options {
			if v := o.Get(name); v.Exists() && v.String() == text {
				return o, nil
			}
		}
	}
	for _, name := range []string{"label", "title"} {
		for _, o := range options {
			if v := o.Get(name); v.Exists() && Read(v.String()) == Read(text) {
				return o, nil
			}
		}
	}
	if len(options) == 0 {
		return gjson.Parse(`{"value":` + Quote(text) + `}`), nil
	}
	return gjson.Result{}, fmt.Errorf("%s has no such option, it has %s", f.named(), f.listed())
}

// named is how an error calls the field whose key it has named: by its type and the label that a person reads.
func (f *Field) named() string {
	const most = 60 // characters; the text of a consent says less than the key
	label := Read(f.Label)
	if label == "" || utf8.RuneCountInString(label) > most {
		return "the " + f.Type
	}
	return "the " + f.Type + " " + Quote(label)
}

// listed lists the options of the field.
func (f *Field) listed() string {
	var have []string
	for _, o := range f.Options() {
		label := Read(o.Label)
		if have = append(have, Quote(o.Value)); label != "" && label != o.Value {
			have[len(have)-1] += " (" + Quote(label) + ")"
		}
	}
	return strings.Join(have, ", ")
}

// An Option is an option of a field.
type Option struct {
	Value string // the value that is posted for it
	Label string // the text that a person reads, "" for none
}

// Options returns the options of the field, in order.
func (f *Field) Options() []Option {
	var out []Option
	for _, o := range f.Raw.Get("options").Array() {
		if !o.IsObject() {
			out = append(out, Option{o.String(), o.String()})
			continue
		}
		out = append(out, Option{optionValue(o), cmp.Or(o.Get("label").String(), o.Get("title").String())})
	}
	return out
}

// optionValue is what choosing an option posts: an option that is a plain text, that text, as apps
// with the web SDK do.
func optionValue(option gjson.Result) string {
	if !option.IsObject() {
		return option.String()
	}
	for _, name := range optionNames {
		if v := option.Get(name); v.Exists() && (name != "id" || !option.Get("type").Exists()) {
			return v.String()
		}
	}
	return ""
}
