package diff

import (
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// field compares a field with what it has become.
func (c *fieldsCompared) field(b, a *davinci.Field, path string) {
	subject, name := subjectOf(a), nameOf(b)
	change := func(class Class, kind Kind, before, after, text string) {
		c.add(subject, Change{Class: class, Kind: kind, Path: path, Before: before, After: after, Text: text})
	}
	if b.Key != a.Key {
		c.key(b, a, path)
		name = nameOf(a)
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
func (c *fieldsCompared) key(b, a *davinci.Field, path string) {
	if isDecoration(a) {
		c.add(subjectOf(a), Change{
			Class: Cosmetic, Kind: FieldRenamed, Path: path, Before: b.Key, After: a.Key,
			Text: "key of " + nameOf(a) + ": " + isNow(b.Key, a.Key),
		})
		return
	}
	if b.Key != "" {
		c.renamed[b.Key] = a.Key
	}
	change := Change{
		Class: Breaking, Kind: FieldRenamed, Path: path, Before: cut(b.Key), After: cut(a.Key),
		Text: nameOf(b) + " was renamed to " + quote(a.Key),
	}
	if isButton(a) {
		change.Kind = ButtonRenamed
		change.Text = nameOf(b) + " (" + quote(b.Label) + ") now has the key " + plain(a.Key)
	}
	c.add(subjectOf(a), change)
}

// defaults compares what the form proposes. It is cosmetic: clients send what
// they were told to, and a field that was proposed empty may be proposed as
// text or as an array, whatever its type.
func (c *fieldsCompared) defaults(b, a *davinci.Field) {
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
		Text: "default of " + nameOf(a) + ": " + say(was) + " is now " + say(is),
	}
	if !empty(was) && !empty(is) && kindOf(was) != kindOf(is) {
		change.Class, change.Kind = Breaking, KindChanged
		change.Text = "default of " + nameOf(a) + " was " + withArticle(kindOf(was)) + " and is now " +
			withArticle(kindOf(is)) + " (" + say(was) + " is now " + say(is) + ")"
	} else if kindOf(was) == kindOf(is) && was.Type == gjson.JSON && equalJSON(was, is) {
		return
	}
	c.add(subjectOf(a), change)
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
func (c *fieldsCompared) rest(b, a *davinci.Field, path string) {
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
	w := walk{skip: skip, of: "of " + nameOf(a), inside: []string{"field"}, path: path}
	w.objects(b.Raw, a.Raw)
	for _, f := range w.found {
		f.subject = subjectOf(a) + " " + f.subject
		c.found = append(c.found, f)
	}
}

// options compares what a person may choose from.
func (c *fieldsCompared) options(b, a *davinci.Field, path string) {
	before, after := newOptions(b.Raw), newOptions(a.Raw)
	of := pairOptions(before, after)
	taken := map[int]bool{}
	add := func(o option, change Change) {
		change.Path = path + ".options"
		c.add(subjectOf(a)+" option "+o.name, change)
	}
	inOrder, last := true, -1
	for i, o := range before {
		j, ok := of[i]
		if !ok {
			add(o, Change{
				Class: Breaking, Kind: OptionGone, Before: cut(o.name),
				Text: "option " + o.title() + " of " + nameOf(a) + " is gone",
			})
			continue
		}
		taken[j] = true
		inOrder, last = inOrder && j > last, j
		c.option(o, after[j], a, add)
	}
	for j, o := range after {
		if !taken[j] {
			add(o, Change{
				Class: Additive, Kind: OptionAdded, After: cut(o.name),
				Text: "option " + o.title() + " of " + nameOf(a) + " was added",
			})
		}
	}
	if !inOrder {
		add(option{name: "order"}, Change{
			Class: Cosmetic, Kind: OrderChanged, Before: names(before), After: names(after),
			Text: "the order of the options of " + nameOf(a) + ": " + names(before) + " is now " + names(after),
		})
	}
}

// option compares an option with what it has become.
func (c *fieldsCompared) option(b, a option, f *davinci.Field, add func(option, Change)) {
	if b.name != a.name {
		add(a, Change{
			Class: Breaking, Kind: OptionChanged, Before: cut(b.name), After: cut(a.name),
			Text: "option " + b.title() + " of " + nameOf(f) + " now posts " + quote(a.name),
		})
	}
	if !sameText(b.label, a.label) {
		was, is := apart(b.label, a.label)
		add(a, Change{
			Class: Cosmetic, Kind: OptionRelabelled, Before: was, After: is,
			Text: "label of option " + quote(a.name) + " of " + nameOf(f) + ": " + isNow(b.label, a.label),
		})
	}
	w := walk{
		inside: []string{"option"}, skip: map[string]bool{b.key: true, b.labelKey: true},
		of: "of option " + quote(a.name) + " of " + nameOf(f),
	}
	w.objects(b.raw, a.raw)
	for _, found := range w.found {
		found.Path = ""
		add(option{name: a.name + " " + found.subject}, found.Change)
	}
}

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
