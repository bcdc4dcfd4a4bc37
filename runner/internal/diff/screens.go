package diff

import (
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/steps/flow"
)

// The names of the two shapes, in Change.Shape and in sentences.
var (
	shapeNames = [2]string{"json", "detailed"}
	shapeWords = [2]string{"JSON", "detailed"}
)

// screen compares a screen with what it has become, and the hops that leave it.
func (c *comparing) screen(b, a *screen) {
	spot := c.spot(b, a)
	m := c.met[b]
	spot.add(merge(m.compared)...)
	c.edges(spot, m)
}

// shapeCompared is what came of comparing one shape of a screen.
type shapeCompared struct {
	found  []found
	fields *fieldsCompared // nil where the shape shows no form in either recording
}

// shape compares one shape of a screen, or returns nil where there is nothing
// to compare: that a shape was recorded says nothing of the flow.
func (c *comparing) shape(b, a *screen, i int) *shapeCompared {
	before, after := b.shapes[i], a.shapes[i]
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil || after == nil:
		c.lack(i, before == nil, b.title())
		return nil
	}
	out := &shapeCompared{}
	if string(before.Body) == string(after.Body) {
		return out
	}
	if i == 0 {
		out.json(before, after)
	} else {
		out.detailed(before, after)
	}
	return out
}

// compareFieldsOf compares the fields where the flow pauses at the screen in
// both recordings; where it does not, the outcome of the hop says so.
func (s *shapeCompared) compareFieldsOf(before, after *flow.Hop, base string) {
	if before.Screen == nil || after.Screen == nil {
		return
	}
	s.fields = compareFields(fieldsOf(before), fieldsOf(after), base)
	s.found = append(s.found, s.fields.found...)
	if b, a := before.Screen.Name, after.Screen.Name; !sameText(b, a) {
		s.found = append(s.found, found{Change{
			Class: Breaking, Kind: ScreenRenamed, Before: cut(b), After: cut(a),
			Text: "name of the screen: " + isNow(b, a) + " (features name it)",
		}, "name"})
	}
}

// fieldsOf returns the fields of a screen without the one that the client
// derives from the settings for polling: those are properties of their own.
func fieldsOf(h *flow.Hop) []flow.Field {
	return slices.DeleteFunc(slices.Clone(h.Screen.Fields), func(f flow.Field) bool {
		return h.Detailed && f.Type == "POLLING"
	})
}

// json compares the JSON shape.
func (s *shapeCompared) json(before, after *flow.Hop) {
	s.compareFieldsOf(before, after, "form.components.fields")
	b, a := gjson.ParseBytes(before.Body), gjson.ParseBytes(after.Body)
	w := walk{skip: map[string]bool{}}
	if s.fields != nil {
		w.skip["form.name"], w.skip["form.components.fields"] = true, true
		for _, h := range []*flow.Hop{before, after} {
			for i := range h.Screen.Fields {
				if f := &h.Screen.Fields[i]; f.Fills() {
					w.skip["formData.value."+gjson.Escape(f.Key)] = true
				}
			}
		}
		w.skip["fieldTypes"] = slices.ContainsFunc(s.fields.found, func(f found) bool {
			return f.Kind == TypeChanged || f.Kind == FieldAdded || f.Kind == FieldGone ||
				f.Kind == ButtonAdded || f.Kind == ButtonGone
		})
	}
	// A form repeats its name and description among the settings of its node.
	for _, twin := range [][2]string{{"nodeTitle", "form.name"}, {"nodeDescription", "form.description"}} {
		if b.Get(twin[0]).Raw == b.Get(twin[1]).Raw && a.Get(twin[0]).Raw == a.Get(twin[1]).Raw {
			w.skip[twin[0]] = true
		}
	}
	w.objects(b, a)
	s.found = append(s.found, w.found...)
}

// An identity is equal for changes that are the same in both shapes.
type identity struct {
	kind          Kind
	class         Class
	subject       string
	before, after string
}

func (f *found) identity() identity { return identity{f.Kind, f.Class, f.subject, f.Before, f.After} }

func (s *shapeCompared) identities() map[identity]bool {
	m := map[identity]bool{}
	if s != nil {
		for i := range s.found {
			m[s.found[i].identity()] = true
		}
	}
	return m
}

// merge makes one change of what shows in both shapes, and says of what shows
// in one alone where it shows.
func merge(compared [2]*shapeCompared) []Change {
	var out []Change
	both := compared[0] != nil && compared[1] != nil
	seen := [2]map[identity]bool{compared[0].identities(), compared[1].identities()}
	for i, s := range compared {
		if s == nil {
			continue
		}
		for _, f := range s.found {
			shared := both && seen[1-i][f.identity()]
			if shared && i == 1 {
				continue // said for the JSON shape
			}
			if !shared {
				f.Shape = shapeNames[i]
				if both && f.ofForm() {
					f.Text += " (in the " + shapeWords[i] + " shape only)"
				}
			}
			out = append(out, f.Change)
		}
	}
	return out
}

// ofForm reports whether the change is about what both shapes show.
func (f *found) ofForm() bool {
	switch f.Kind {
	case FieldAdded, FieldGone, FieldRenamed, ButtonAdded, ButtonGone, ButtonRenamed, ScreenRenamed, LabelChanged,
		TypeChanged, OrderChanged, NodeChanged, CapabilityChanged:
		return true
	default:
		return false
	}
}
