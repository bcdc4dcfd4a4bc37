package edit

import (
	"cmp"
	"slices"
	"strings"

	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

// screen compares the parts of a screen that a client gets.
func (c *changes) screen(was, is *export.Screen) {
	if was.Name != is.Name {
		c.add(diff.Breaking, diff.ScreenRenamed, "the screen has the name "+quote(is.Name)+", it was "+quote(was.Name))
	}
	if was.Description != is.Description && was.Category == "CUSTOM_FORM" {
		c.add(diff.Cosmetic, diff.TextChanged, "its description is "+quote(is.Description))
	}
	c.fields(was, is)
	before, after := buttons(was), buttons(is)
	for _, b := range was.Buttons {
		now := after[b.Key]
		if now == nil {
			c.add(diff.Breaking, diff.ButtonGone, "the button "+named(b)+" is gone")
			continue
		}
		c.button(b, now)
	}
	for _, b := range is.Buttons {
		if before[b.Key] == nil {
			c.add(diff.Additive, diff.ButtonAdded, "the button "+named(b)+" is new")
		}
	}
}

// buttons returns the buttons of a screen by key, the first of each.
func buttons(s *export.Screen) map[string]*export.Button {
	out := map[string]*export.Button{}
	for _, b := range s.Buttons {
		if out[b.Key] == nil {
			out[b.Key] = b
		}
	}
	return out
}

// fields compares the fields of a screen by key; fields without a key by their order.
func (c *changes) fields(was, is *export.Screen) {
	index := func(list []export.Field) map[string]*export.Field {
		out := map[string]*export.Field{}
		for i := range list {
			if out[list[i].Key] == nil {
				out[list[i].Key] = &list[i]
			}
		}
		return out
	}
	before, after := index(was.Fields), index(is.Fields)
	for _, f := range was.Fields {
		if f.Key == "" {
			continue
		}
		now := after[f.Key]
		switch {
		case now == nil:
			c.add(diff.Breaking, diff.FieldGone, "the field "+quote(f.Key)+" is gone")
			continue
		case now.Type != f.Type:
			c.add(diff.Breaking, diff.TypeChanged, "the field "+quote(f.Key)+" is "+now.Type+", it was "+f.Type)
		}
		if now.Shown != f.Shown {
			c.add(diff.Cosmetic, diff.LabelChanged, "the field "+quote(f.Key)+" has the label "+
				""+quote(now.Shown)+", it was "+quote(f.Shown))
		} else if f.Raw.Raw != now.Raw.Raw && now.Type == f.Type && compact(f.Raw.Raw) != compact(now.Raw.Raw) {
			c.add(diff.Breaking, diff.PropertyChanged, "the field "+quote(f.Key)+" has other settings, such as "+
				"options or validation")
		}
	}
	for _, f := range is.Fields {
		if f.Key != "" && before[f.Key] == nil {
			c.add(diff.Breaking, diff.FieldAdded, "the field "+quote(f.Key)+" is new")
		}
	}
	if keyless(was.Fields) != keyless(is.Fields) {
		c.add(diff.Cosmetic, diff.TextChanged, "the texts of the form changed")
	}
}

// keyless returns the entries of a form that take no value.
func keyless(list []export.Field) string {
	var all []string
	for _, f := range list {
		if f.Key == "" {
			all = append(all, f.Type, compact(f.Raw.Raw))
		}
	}
	return strings.Join(all, " ")
}

// button compares two versions of a button.
func (c *changes) button(was, is *export.Button) {
	if was.Kind != is.Kind {
		c.add(diff.Breaking, diff.TypeChanged, "the button "+named(was)+" is a "+is.Kind+", it was a "+was.Kind)
	}
	if was.Shown != is.Shown {
		c.add(diff.Cosmetic, diff.LabelChanged, "the button "+quote(was.Key)+" has the label "+quote(is.Shown)+
			", it was "+quote(was.Shown))
	}
	before, after := slices.Concat(was.Outcomes, was.Possible), slices.Concat(is.Outcomes, is.Possible)
	type place struct{ kind, node string }
	missing := func(a, b []*export.Outcome) (out []string) {
		known := make(map[place]bool, len(b))
		for _, o := range b {
			known[place{o.Kind, o.Node.ID}] = true
		}
		for _, o := range a {
			if known[place{o.Kind, o.Node.ID}] {
				continue
			}
			name := o.Node.Label()
			if o.Node.Screen != nil {
				name = cmp.Or(o.Node.Screen.Name, name)
			}
			out = append(out, o.Kind+" "+quote(name))
		}
		return out
	}
	if gone := missing(before, after); len(gone) > 0 {
		c.add(diff.Breaking, diff.HopRedirected, "the button "+named(was)+" no longer leads to "+words.List(gone, 6))
	}
	if fresh := missing(after, before); len(fresh) > 0 {
		c.add(diff.Additive, diff.HopAdded, "the button "+named(was)+" leads to "+words.List(fresh, 6)+" now")
	}
}

// named returns the name of a button for a person.
func named(b *export.Button) string {
	if b.Key == "" {
		return quote(b.Shown)
	}
	return quote(b.Key)
}
