package davinci

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// Encode turns what a feature writes into the JSON that a field of this type
// posts: text, an array, a boolean or an object. The error says what the field
// takes and does not hold the value.
//
//	text  text; for lists a JSON array or values with commas between them; true
//	      or false for a single checkbox; a JSON object where the field posts one
//
// Source: the values that Ping's SDKs post for each field type.
func (f *Field) Encode(text string) (string, error) {
	switch f.kind.posts {
	case "array":
		return f.encodeArray(text)
	case "boolean":
		if text != "true" && text != "false" {
			return "", fmt.Errorf("%s takes true or false", f.Type)
		}
		return text, nil
	case "object":
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

// encodeArray takes a JSON array, or values with commas between them.
func (f *Field) encodeArray(text string) (string, error) {
	var values []string
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "[") {
		if err := json.Unmarshal([]byte(trimmed), &values); err != nil {
			return "", fmt.Errorf("%s takes a JSON array of strings, or values with commas between them", f.Type)
		}
	} else if trimmed != "" {
		for v := range strings.SplitSeq(trimmed, ",") {
			values = append(values, strings.TrimSpace(v))
		}
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

// encodeObject takes a JSON object, and for a device also one of its options.
func (f *Field) encodeObject(text string) (string, error) {
	if gjson.Valid(text) && gjson.Parse(text).IsObject() {
		return text, nil
	}
	if !f.kind.options {
		return "", fmt.Errorf("%s takes a JSON object", f.Type)
	}
	if !f.Raw.Get("options.0").Exists() {
		return "", fmt.Errorf("%s lists no options here and takes a JSON object", f.Type)
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
	for _, name := range optionNames {
		for _, o := range options {
			if v := o.Get(name); v.Exists() && v.String() == text {
				return o, nil
			}
		}
	}
	if len(options) == 0 {
		return gjson.Parse(`{"value":` + Quote(text) + `}`), nil
	}
	var have []string
	for _, o := range options {
		have = append(have, Quote(optionValue(o)))
	}
	return gjson.Result{}, fmt.Errorf("%s has no such option, it has %s", f.Type, strings.Join(have, ", "))
}

// optionValue is what choosing an option posts.
func optionValue(option gjson.Result) string {
	for _, name := range optionNames {
		if v := option.Get(name); v.Exists() && (name != "id" || !option.Get("type").Exists()) {
			return v.String()
		}
	}
	return ""
}
