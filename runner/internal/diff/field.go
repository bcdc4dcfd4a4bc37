package diff

import (
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/words"

	"github.com/tidwall/gjson"
)

// field compares the earlier and the later version of a field.
func (c *fieldsCompared) field(b, a *formField, path string) {
	subject, name := a.subject(), b.name()
	change := func(class Class, kind Kind, before, after, text string) {
		c.add(subject, Change{Class: class, Kind: kind, Path: path, Before: before, After: after, Text: text})
	}
	if b.Key != a.Key {
		c.key(b, a, path)
		name = a.name()
	}
	if b.Type != a.Type {
		change(Breaking, TypeChanged, b.Type, a.Type, "type of "+name+": "+plain(b.Type)+" is now "+plain(a.Type))
	}
	switch {
	case !b.Required && a.Required:
		change(Breaking, RequiredChanged, "false", "true", name+" was optional and is now required")
	case b.Required && !a.Required:
		change(Additive, RequiredChanged, "true", "false", name+" was required and is now optional")
	}
	if !sameText(b.Label, a.Label) {
		kind, of := LabelChanged, "label of "+name
		if a.Type == "LABEL" && b.Key == "" {
			kind, of = TextChanged, "text"
		} else if !b.Raw.Get("label").Exists() && a.Type == "LABEL" {
			kind, of = TextChanged, name
		}
		was, is := apart(b.Label, a.Label)
		change(Cosmetic, kind, was, is, of+": "+isNow(b.Label, a.Label))
	}
	c.defaults(b, a)
	c.options(b, a, path)
	c.rest(b, a, path)
}

// key reports a field that is the same under another key.
func (c *fieldsCompared) key(b, a *formField, path string) {
	if a.isDecoration() {
		c.add(a.subject(), Change{
			Class: Cosmetic, Kind: FieldRenamed, Path: path, Before: b.Key, After: a.Key,
			Text: "key of " + a.name() + ": " + isNow(b.Key, a.Key),
		})
		return
	}
	if b.Key != "" {
		c.renamed[b.Key] = a.Key
	}
	change := Change{
		Class: Breaking, Kind: FieldRenamed, Path: path, Before: cut(b.Key), After: cut(a.Key),
		Text: b.name() + " was renamed to " + quote(a.Key),
	}
	if a.isButton() {
		change.Kind = ButtonRenamed
		change.Text = b.name() + " (" + quote(b.Label) + ") now has the key " + plain(a.Key)
	}
	c.add(a.subject(), change)
}

// defaults compares the default values of a form. A change is cosmetic: clients send what they
// were asked to, and an empty default may be a text or an array, whatever the type of the field.
func (c *fieldsCompared) defaults(b, a *formField) {
	was, is := b.Default, a.Default
	if was.Raw == is.Raw || was.Type == is.Type && was.Type != gjson.JSON && sameValue(was, is) {
		return
	}
	empty := func(v gjson.Result) bool {
		return !v.Exists() || v.Type == gjson.Null || v.Raw == `""` || v.Raw == "[]" || v.Raw == "{}"
	}
	change := Change{
		Class: Cosmetic, Kind: DefaultChanged, Path: "formData.value." + gjson.Escape(a.Key),
		Before: say(was), After: say(is),
		Text: "default of " + a.name() + ": " + say(was) + " is now " + say(is),
	}
	if !empty(was) && !empty(is) && davinci.KindOf(was) != davinci.KindOf(is) {
		change.Class, change.Kind = Breaking, KindChanged
		change.Text = "default of " + a.name() + " was " + words.Article(davinci.KindOf(was)) + " and is now " +
			words.Article(davinci.KindOf(is)) + " (" + say(was) + " is now " + say(is) + ")"
	} else if davinci.KindOf(was) == davinci.KindOf(is) && was.Type == gjson.JSON && equalJSON(was, is) {
		return
	}
	c.add(a.subject(), change)
}

// equalJSON reports whether two values differ in nothing but white space, the
// order of keys, and variables.
func equalJSON(b, a gjson.Result) bool {
	w := walk{inside: []string{"value"}}
	w.values(at{segments: w.inside, path: "value"}, b, a)
	return len(w.found) == 0
}

// handled are the properties of a field that are compared one by one.
var handled = map[string]bool{
	"key": true, "type": true, "label": true, "content": true, "required": true, "options": true,
	"propertyName": true, "displayName": true, "hashedVisibility": true,
}

// rest compares the properties of a field that have no rule of their own.
func (c *fieldsCompared) rest(b, a *formField, path string) {
	if !b.Raw.IsObject() || !a.Raw.IsObject() {
		return
	}
	skip := handled
	if a.Raw.Get("label").Exists() && b.Raw.Get("label").Exists() && a.Raw.Get("content").Exists() {
		skip = map[string]bool{}
		for k := range handled {
			skip[k] = k != "content"
		}
	}
	w := walk{skip: skip, of: "of " + a.name(), inside: []string{"field"}, path: path}
	w.objects(b.Raw, a.Raw)
	for _, f := range w.found {
		f.subject = a.subject() + " " + f.subject
		c.found = append(c.found, f)
	}
}

// options compares the options of a field.
func (c *fieldsCompared) options(b, a *formField, path string) {
	before, after := newOptions(b.Raw), newOptions(a.Raw)
	pairOptions(before, after)
	add := func(o *option, change Change) {
		change.Path = path + ".options"
		c.add(a.subject()+" option "+o.name, change)
	}
	inOrder, last := true, -1
	for _, o := range before {
		if o.pair == nil {
			add(o, Change{
				Class: Breaking, Kind: OptionGone, Before: cut(o.name),
				Text: "option " + o.title() + " of " + a.name() + " is gone",
			})
			continue
		}
		inOrder, last = inOrder && o.pair.at > last, o.pair.at
		c.option(o, o.pair, a, add)
	}
	for _, o := range after {
		if o.pair == nil {
			add(o, Change{
				Class: Additive, Kind: OptionAdded, After: cut(o.name),
				Text: "option " + o.title() + " of " + a.name() + " was added",
			})
		}
	}
	if !inOrder {
		add(&option{name: "order"}, Change{
			Class: Cosmetic, Kind: OrderChanged, Before: names(before), After: names(after),
			Text: "the order of the options of " + a.name() + ": " + names(before) + " is now " + names(after),
		})
	}
}

// option compares the earlier and the later version of an option.
func (c *fieldsCompared) option(b, a *option, f *formField, add func(*option, Change)) {
	if b.name != a.name {
		add(a, Change{
			Class: Breaking, Kind: OptionChanged, Before: cut(b.name), After: cut(a.name),
			Text: "option " + b.title() + " of " + f.name() + " now posts " + quote(a.name),
		})
	}
	if !sameText(b.label, a.label) {
		was, is := apart(b.label, a.label)
		add(a, Change{
			Class: Cosmetic, Kind: OptionRelabelled, Before: was, After: is,
			Text: "label of option " + quote(a.name) + " of " + f.name() + ": " + isNow(b.label, a.label),
		})
	}
	w := walk{
		inside: []string{"option"}, skip: map[string]bool{b.key: true, b.labelKey: true},
		of: "of option " + quote(a.name) + " of " + f.name(),
	}
	w.objects(b.raw, a.raw)
	for _, found := range w.found {
		found.Path = ""
		add(&option{name: a.name + " " + found.subject}, found.Change)
	}
}

// An option is an entry of a field's options.
type option struct {
	name     string // what choosing it posts, or the type of a device
	key      string // the property that holds name
	label    string
	labelKey string
	raw      gjson.Result
	at       int     // its place
	pair     *option // the same option of the other field, or nil
}

// newOptions reads the options of a field. An option is identified by its value, a device by its
// type, because its id depends on the user.
func newOptions(field gjson.Result) []*option {
	var out []*option
	field.Get("options").ForEach(func(_, entry gjson.Result) bool {
		o := &option{raw: entry, at: len(out), name: entry.String(), label: entry.String()}
		if entry.IsObject() {
			o.key, o.name = firstOf(entry, "value", "type", "label", "title", "id")
			o.labelKey, o.label = firstOf(entry, "label", "title")
		}
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
func (o *option) title() string {
	if o.label == "" || o.label == o.name {
		return quote(o.name)
	}
	return quote(o.name) + " (" + quote(o.label) + ")"
}

func names(options []*option) string {
	out := make([]string, 0, len(options))
	for _, o := range options {
		out = append(out, plain(o.name))
	}
	return cut(strings.Join(out, ", "))
}

// pairOptions finds for each option the same of the later field: by its name,
// else by its label.
func pairOptions(before, after []*option) {
	for _, key := range []func(*option) string{
		func(o *option) string { return "name " + o.name + " " + o.label },
		func(o *option) string { return "name " + o.name },
		func(o *option) string { return o.label },
	} {
		pairUp(before, after, false, func(o *option, _ bool) (string, bool) {
			k := key(o)
			return k, k != "" && o.pair == nil
		}, func(b, a *option) { b.pair, a.pair = a, b })
	}
}
