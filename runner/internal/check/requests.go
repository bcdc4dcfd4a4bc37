package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// Requests finds recorded requests that no client can send from their screen: they have an
// action or a formData key that the screen does not have, a value that is not an option or has
// the wrong type, or an attribute that no user has. Attributes are the names of the users'
// attributes; nil means unknown. Each fault is a line "DIR/recording.yaml:LINE: …".
func Requests(flows []*recordings.Flow, attributes []string) (faults []string) {
	for _, f := range flows {
		for _, h := range f.Hops {
			c := &request{hop: h, attributes: attributes}
			for _, name := range slices.Sorted(maps.Keys(h.Request.Query)) {
				c.attribute(fmt.Sprintf("query %q", name), h.Request.Query[name])
			}
			c.attribute("continueToken", h.Request.ContinueToken)
			for _, from := range h.From {
				c.leaves(from)
			}
			for _, text := range c.faults {
				faults = append(faults, fmt.Sprintf("%s:%d: hop %q: %s",
					path.Join(f.Dir, recordings.FileName), max(1, h.Line), h.Name, text))
			}
		}
	}
	return faults
}

// A request is the request that a hop expects from a client.
type request struct {
	hop        *recordings.Hop
	attributes []string
	faults     []string
}

func (c *request) fault(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.faults, text) {
		c.faults = append(c.faults, text)
	}
}

// leaves checks the request against the screen that it answers. A screen recorded only in the
// detailed shape may get more fields from its scripts.
func (c *request) leaves(from *recordings.Hop) {
	answer := from.Answer()
	if answer.JSON == nil {
		return
	}
	screen := davinci.Reader{}.Read(answer.Status, nil, answer.JSON.Text).Screen()
	if screen == nil {
		return
	}
	has := newRecorded()
	for _, body := range []*recordings.Body{answer.JSON, answer.Detailed} {
		if body != nil {
			has.answer(davinci.Reader{}.Read(answer.Status, nil, body.Text))
		}
	}
	all := partNames{open: has.keys.open || has.inputs.open || has.buttons.open}
	for _, name := range slices.Concat(has.keys.list, has.inputs.list, has.buttons.list) {
		all.add(name)
	}
	r := &c.hop.Request
	if r.Action != "" && !all.open && !slices.Contains(all.list, r.Action) && !screen.EndsPrompt(r.Action) {
		c.fault("the screen %q has no action %q; %s", from.Name, r.Action, instead(r.Action, has.buttons.list))
	}
	expects := r.FormData()
	for _, key := range slices.Sorted(maps.Keys(expects)) {
		c.attribute(fmt.Sprintf("formData %q", key), expects[key])
		field := screen.Field(key)
		switch {
		case !all.open && !slices.Contains(all.list, key):
			c.fault("the screen %q has no field %q; %s", from.Name, key,
				instead(key, slices.Concat(has.fields.list, has.inputs.list)))
		case field != nil && !recordings.Variable.MatchString(field.Raw.Raw):
			if why := misfit(field, expects[key]); why != "" {
				c.fault("formData %q: %s", key, why)
			}
		}
	}
}

// attribute checks that a user has the attribute in a value.
func (c *request) attribute(where string, value any) {
	name, _ := recordings.Attribute(value)
	if name == "" || c.attributes == nil || slices.Contains(c.attributes, name) {
		return
	}
	c.fault("%s is %s, and no user has %q; %s", where, value, name, instead(name, c.attributes))
}

// misfit says why a field cannot post a value, "" if it can.
func misfit(f *davinci.Field, value any) string {
	text, isText := value.(string)
	if name, _ := recordings.Attribute(value); name != "" || text == "*" || text == recordings.Passkey && f.Prompts() {
		return ""
	}
	raw := davinci.Quote(text)
	if literal, ok := value.(json.RawMessage); ok {
		raw, text = string(literal), string(literal)
	}
	got := gjson.Parse(raw)
	is := map[string]bool{"string": isText, "array": got.IsArray(), "boolean": got.IsBool(), "object": got.IsObject()}
	if want, known := is[f.Posts()]; !known || got.Type == gjson.Null {
		return ""
	} else if !want {
		return fmt.Sprintf("%s posts %s, and this is %s", f.Type, words.Article(f.Posts()), words.Cut(raw, mostQuoted))
	}
	if f.Posts() == "object" {
		ids := f.Raw.Get("options.#.id").Array()
		id := got.Get("id")
		is := func(option gjson.Result) bool { return option.Str == id.Str }
		if len(ids) > 0 && id.Exists() && !slices.ContainsFunc(ids, is) {
			return fmt.Sprintf("%s has no option with the id %q", f.Type, id.Str)
		}
		return ""
	}
	if text == "" || text == "[]" {
		return "" // the user did not change the field
	}
	posts, err := f.Encode(text)
	if err != nil {
		return err.Error()
	}
	if posts != raw && !gjson.Parse(posts).IsArray() {
		return fmt.Sprintf("%s posts %s for this option, and not %s", f.Type, posts, words.Cut(raw, mostQuoted))
	}
	return ""
}

const mostQuoted = 60

// instead suggests the name that was meant, or lists those that exist.
func instead(name string, there []string) string {
	if near := nearestOf(name, there); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(there) == 0 {
		return "it has none"
	}
	there = slices.Sorted(slices.Values(there))
	return "there are " + words.List(slices.Compact(there), mostListed)
}
