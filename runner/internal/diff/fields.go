package diff

import (
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

// compareFields compares what stands on a screen in one shape. Paths of
// changes begin with base.
func compareFields(before, after []davinci.Field, base string) *fieldsCompared {
	c := &fieldsCompared{renamed: map[string]string{}, gone: map[string]bool{}, added: map[string]bool{}}
	of := pairFields(before, after)
	taken := map[int]bool{}
	for i := range before {
		j, ok := of[i]
		if !ok {
			c.goneField(&before[i], path(base, i, &before[i]))
			continue
		}
		taken[j] = true
		c.field(&before[i], &after[j], path(base, j, &after[j]))
	}
	for j := range after {
		if !taken[j] {
			c.addedField(&after[j], path(base, j, &after[j]))
		}
	}
	c.order(before, after, of, base)
	return c
}

// path returns where a field stands in the body. In the detailed shape fields
// are told by their name and buttons are found in the HTML.
func path(base string, i int, f *davinci.Field) string {
	switch {
	case base != fieldsPath:
		return base + "." + strconv.Itoa(i)
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
// The place alone tells only of what is there to be looked at: what a person fills
// in or presses, and that has another key and says something else, is something else.
func pairFields(before, after []davinci.Field) map[int]int {
	p := fieldPairs{before, after, map[int]int{}, map[int]bool{}}
	p.pass(func(f []davinci.Field, i int, _ bool) string { return f[i].Key })
	p.pass(func(f []davinci.Field, i int, _ bool) string {
		if f[i].Label == "" {
			return ""
		}
		return f[i].Type + "\x00" + f[i].Label
	})
	p.pass(func(f []davinci.Field, i int, _ bool) string {
		if !isButton(&f[i]) {
			return ""
		}
		return f[i].Label
	})
	place := p.places()
	p.pass(func(f []davinci.Field, i int, earlier bool) string {
		if f[i].Key != "" && !isDecoration(&f[i]) {
			return ""
		}
		return f[i].Type + "\x00" + place(i, earlier)
	})
	p.pass(func(f []davinci.Field, i int, _ bool) string {
		if f[i].Key != "" {
			return ""
		}
		return f[i].Type
	})
	return p.of
}

type fieldPairs struct {
	before, after []davinci.Field
	of            map[int]int
	taken         map[int]bool
}

// pass pairs the fields that are still alone and have the same key, in their order.
func (p *fieldPairs) pass(key func(fields []davinci.Field, i int, earlier bool) string) {
	open := map[string][]int{}
	for j := range p.after {
		if k := key(p.after, j, false); !p.taken[j] && k != "" {
			open[k] = append(open[k], j)
		}
	}
	for i := range p.before {
		if _, ok := p.of[i]; ok {
			continue
		}
		k := key(p.before, i, true)
		if list := open[k]; k != "" && len(list) > 0 {
			p.of[i], open[k] = list[0], list[1:]
			p.taken[list[0]] = true
		}
	}
}

// places names a place by the nearest field before it that both screens have.
func (p *fieldPairs) places() func(i int, earlier bool) string {
	back := map[int]int{}
	for i, j := range p.of {
		back[j] = i
	}
	name := func(n int, anchor func(int) (int, bool)) []string {
		out, last := make([]string, n), "start"
		for i := range n {
			if a, ok := anchor(i); ok {
				last = strconv.Itoa(a)
			}
			out[i] = last
		}
		return out
	}
	earlier := name(len(p.before), func(i int) (int, bool) { _, ok := p.of[i]; return i, ok })
	later := name(len(p.after), func(j int) (int, bool) { i, ok := back[j]; return i, ok })
	return func(i int, before bool) string {
		if before {
			return earlier[i]
		}
		return later[i]
	}
}

// isButton reports whether a person presses the field.
func isButton(f *davinci.Field) bool { return f.IsButton() || f.Type == "SOCIAL_LOGIN_BUTTON" }

// isDecoration reports whether the field is there to be looked at alone.
func isDecoration(f *davinci.Field) bool {
	switch f.Type {
	case "LABEL", "IMAGE", "ERROR_DISPLAY", "AGREEMENT":
		return true
	default:
		return false
	}
}

// nameOf names a field in a sentence.
func nameOf(f *davinci.Field) string {
	noun := "field"
	switch {
	case f.Type == "FLOW_LINK":
		noun = "link"
	case isButton(f):
		noun = "button"
	case f.Type == "LABEL":
		noun = "text"
	}
	switch {
	case f.Key != "" && isButton(f):
		return noun + " " + plain(f.Key)
	case f.Key != "":
		return noun + " " + quote(f.Key)
	case f.Label != "":
		return noun + " " + quote(f.Label)
	default:
		return noun + " of type " + plain(f.Type)
	}
}

// subjectOf identifies a field within its screen.
func subjectOf(f *davinci.Field) string {
	if f.Key != "" {
		return "field " + f.Key
	}
	return "field " + f.Type + " " + f.Label
}

func (c *fieldsCompared) goneField(f *davinci.Field, path string) {
	if f.Key != "" {
		c.gone[f.Key] = true
	}
	change := Change{Class: Breaking, Kind: FieldGone, Path: path, Before: called(f), Text: nameOf(f) + " is gone"}
	if isButton(f) {
		change.Kind = ButtonGone
	} else if isDecoration(f) {
		change.Class = Cosmetic
	}
	if isButton(f) && f.Label != "" {
		change.Text = nameOf(f) + " (" + quote(f.Label) + ") is gone"
	}
	c.add(subjectOf(f), change)
}

func (c *fieldsCompared) addedField(f *davinci.Field, path string) {
	if f.Key != "" {
		c.added[f.Key] = true
	}
	change := Change{Class: Additive, Kind: FieldAdded, Path: path, After: called(f), Text: nameOf(f) + " was added"}
	switch {
	case isButton(f):
		change.Kind = ButtonAdded
		if f.Label != "" {
			change.Text = nameOf(f) + " (" + quote(f.Label) + ") was added"
		}
	case isDecoration(f):
		change.Class = Cosmetic
	case f.Required:
		change.Class = Breaking
		change.Text = "required " + change.Text + ": who does not fill it in is refused"
	}
	c.add(subjectOf(f), change)
}

// called is what a field is called in Before and After.
func called(f *davinci.Field) string {
	switch {
	case f.Key != "":
		return cut(f.Key)
	case f.Label != "":
		return cut(f.Label)
	default:
		return cut(f.Type)
	}
}

// order says that fields which both screens have stand in another order.
func (c *fieldsCompared) order(before, after []davinci.Field, of map[int]int, base string) {
	var later []int
	var was []string
	for i := range before {
		if j, ok := of[i]; ok {
			later = append(later, j)
			was = append(was, plain(called(&after[j])))
		}
	}
	if slices.IsSorted(later) {
		return
	}
	slices.Sort(later)
	is := make([]string, 0, len(later))
	for _, j := range later {
		is = append(is, plain(called(&after[j])))
	}
	b, a := cut(strings.Join(was, ", ")), cut(strings.Join(is, ", "))
	c.add("order", Change{
		Class: Cosmetic, Kind: OrderChanged, Path: base, Before: b, After: a,
		Text: "the order of the fields: " + b + " is now " + a,
	})
}
