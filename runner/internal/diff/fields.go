package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/davinci"
)

// fieldsCompared is the result of comparing the fields of one screen.
type fieldsCompared struct {
	found   []found
	renamed map[string]string // keys of fields and buttons: earlier to later
	gone    map[string]bool   // keys
	added   map[string]bool
}

// A formField is a field of one of the two screens.
type formField struct {
	davinci.Field

	at   int        // its place on the screen
	pair *formField // the same field of the other screen, or nil
}

// compareFields compares what is on a screen in one shape. Paths of
// changes begin with base.
func compareFields(before, after []*formField, base string) *fieldsCompared {
	c := &fieldsCompared{renamed: map[string]string{}, gone: map[string]bool{}, added: map[string]bool{}}
	pairFields(before, after)
	for _, b := range before {
		if b.pair == nil {
			c.lone(b, path(base, b), true)
		} else {
			c.field(b, b.pair, path(base, b.pair))
		}
	}
	for _, a := range after {
		if a.pair == nil {
			c.lone(a, path(base, a), false)
		}
	}
	c.order(before, base)
	return c
}

// path returns where a field is in the body. In the detailed shape fields
// are recognised by their name, and buttons are found in the HTML.
func path(base string, f *formField) string {
	switch {
	case base != fieldsPath:
		return base + "." + strconv.Itoa(f.at)
	case f.Raw.Exists():
		return base + ".#(propertyName==" + strconv.Quote(f.Key) + ")"
	default:
		return htmlPath
	}
}

func (c *fieldsCompared) add(subject string, change Change) {
	c.found = append(c.found, found{change, subject})
}

// pairFields finds for each field the same field of the later screen: by its
// key, else the one of the same type that says the same, or the button that does.
// Only for a field that is just shown the place is enough: a field or button with another key and
// another label is another one.
func pairFields(before, after []*formField) {
	pass := func(key func(f *formField) string) {
		pairUp(before, after, false, func(f *formField, _ bool) (string, bool) {
			if f.pair != nil {
				return "", false
			}
			k := key(f)
			return k, k != ""
		}, func(b, a *formField) { b.pair, a.pair = a, b })
	}
	when := func(is bool, key string) string {
		if is {
			return key
		}
		return ""
	}
	pass(func(f *formField) string { return f.Key })
	pass(func(f *formField) string { return when(f.Label != "", f.Type+"\x00"+f.Label) })
	pass(func(f *formField) string { return when(f.isButton(), f.Label) })
	near := places(before, after)
	pass(func(f *formField) string {
		return when(f.Key == "" || f.isDecoration(), f.Type+"\x00"+near[f])
	})
	pass(func(f *formField) string { return when(f.Key == "", f.Type) })
}

// places identifies the place of each field by the nearest field before it that both screens
// have.
func places(before, after []*formField) map[*formField]string {
	near := map[*formField]string{}
	last := "start"
	for _, f := range before {
		if f.pair != nil {
			last = strconv.Itoa(f.at)
		}
		near[f] = last
	}
	last = "start"
	for _, f := range after {
		if f.pair != nil {
			last = strconv.Itoa(f.pair.at)
		}
		near[f] = last
	}
	return near
}

// isButton reports whether a person presses the field.
func (f *formField) isButton() bool { return f.IsButton() || f.Type == "SOCIAL_LOGIN_BUTTON" }

// isDecoration reports whether the field is there only to be looked at.
func (f *formField) isDecoration() bool {
	return slices.Contains([]string{"LABEL", "IMAGE", "ERROR_DISPLAY", "AGREEMENT"}, f.Type)
}

// name names a field in a sentence.
func (f *formField) name() string {
	noun := "field"
	switch {
	case f.Type == "FLOW_LINK":
		noun = "link"
	case f.isButton():
		noun = "button"
	case f.Type == "LABEL":
		noun = "text"
	}
	switch {
	case f.Key != "" && f.isButton():
		return noun + " " + plain(f.Key)
	case f.Key != "":
		return noun + " " + quote(f.Key)
	case f.Label != "":
		return noun + " " + quote(f.Label)
	default:
		return noun + " of type " + plain(f.Type)
	}
}

// subject identifies a field within its screen.
func (f *formField) subject() string {
	if f.Key != "" {
		return "field " + f.Key
	}
	return "field " + f.Type + " " + f.Label
}

// lone reports a field that only one of the screens has.
func (c *fieldsCompared) lone(f *formField, path string, earlier bool) {
	keys, button, became := c.added, ButtonAdded, " was added"
	change := Change{Class: Additive, Kind: FieldAdded, Path: path, After: f.called()}
	if earlier {
		keys, button, became = c.gone, ButtonGone, " is gone"
		change = Change{Class: Breaking, Kind: FieldGone, Path: path, Before: f.called()}
	}
	if f.Key != "" {
		keys[f.Key] = true
	}
	change.Text = f.name() + became
	switch {
	case f.isButton():
		change.Kind = button
		if f.Label != "" {
			change.Text = f.name() + " (" + quote(f.Label) + ")" + became
		}
	case f.isDecoration():
		change.Class = Cosmetic
	case f.Required && !earlier:
		change.Class, change.Text = Breaking, "required "+change.Text+": who does not fill it in is refused"
	}
	c.add(f.subject(), change)
}

// called returns the name of a field for Before and After.
func (f *formField) called() string { return cut(cmp.Or(f.Key, f.Label, f.Type)) }

// order reports fields of both screens that are in another order.
func (c *fieldsCompared) order(before []*formField, base string) {
	var both []*formField // of the later screen
	for _, b := range before {
		if b.pair != nil {
			both = append(both, b.pair)
		}
	}
	written := func() string {
		names := make([]string, 0, len(both))
		for _, f := range both {
			names = append(names, plain(f.called()))
		}
		return cut(strings.Join(names, ", "))
	}
	byPlace := func(x, y *formField) int { return cmp.Compare(x.at, y.at) }
	if slices.IsSortedFunc(both, byPlace) {
		return
	}
	was := written()
	slices.SortFunc(both, byPlace)
	c.add("order", Change{
		Class: Cosmetic, Kind: OrderChanged, Path: base, Before: was, After: written(),
		Text: "the order of the fields: " + was + " is now " + written(),
	})
}
