package show

import (
	"cmp"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/safehtml"
	"flowtest/steps/davinci"
)

// A screenView is a screen on the page, with the change of a mutant marked.
type screenView struct {
	Title, TitleWas string
	Inputs, Buttons []entryView
	Note            string // what is marked, for people who do not see colors
	Beside          string // the place of the change if it is not on the screen
}

// An entryView is one entry of a screen.
type entryView struct {
	Key, Type, Label string
	Required         bool
	Options          []string
	Mark             string // gone, new, changed or leads; "" for none
}

// draw returns the screen of a mutant, nil if its hop has none.
func draw(m *mutate.Mutant) *screenView {
	if from, button := m.Way(); from != nil {
		s := &screenView{Title: from.Name, Note: "the way begins here"}
		for i := range from.Fields {
			mark := ""
			if from.Fields[i].Key == button && button != "" {
				mark, s.Note = "leads", "the way of the marked button is changed"
			}
			s.add(&from.Fields[i], mark)
		}
		return s
	}
	before, after := m.Screens()
	if before == nil || after == nil {
		return beside(m)
	}
	s := &screenView{Title: after.Name}
	if before.Name != after.Name {
		s.TitleWas, s.Note = before.Name, "the title is changed"
	}
	s.entries(before.Fields, after.Fields)
	if s.Note == "" {
		return beside(m)
	}
	return s
}

// beside returns the screen at the hop of a mutant that changes nothing on a screen.
func beside(m *mutate.Mutant) *screenView {
	at, shows := m.At()
	if at == nil {
		return nil
	}
	s := &screenView{Title: at.Name, Beside: cmp.Or(m.Property, m.Operator), Note: "the hop leaves it"}
	if shows {
		s.Note = "the hop shows it"
	}
	for i := range at.Fields {
		s.add(&at.Fields[i], "")
	}
	return s
}

// entries adds the entries of a screen: the original ones if one is gone, otherwise the
// changed ones.
func (s *screenView) entries(was, is []davinci.Field) {
	first := 0 // the first that differs
	for first < len(was) && first < len(is) && same(&was[first], &is[first]) {
		first++
	}
	list, marked, mark := is, func(j int) bool { return j == first }, "changed"
	switch {
	case len(is) < len(was):
		list, mark, s.Note = was, "gone", "the marked entry is gone"
	case len(is) > len(was):
		first, mark, s.Note = len(is)-1, "new", "the marked entry is new"
	case first < len(was):
		marked = func(j int) bool { return !same(&was[j], &is[j]) }
		s.Note = "the marked entries are changed"
	}
	for j := range list {
		if marked(j) {
			s.add(&list[j], mark)
		} else {
			s.add(&list[j], "")
		}
	}
}

func same(a, b *davinci.Field) bool {
	return a.Raw.Raw == b.Raw.Raw && a.Default.Raw == b.Default.Raw && a.Key == b.Key && a.Type == b.Type
}

func (s *screenView) add(f *davinci.Field, mark string) {
	e := entryView{Key: f.Key, Type: f.Type, Label: safehtml.Text(f.Label), Required: f.Required, Mark: mark}
	for _, o := range f.Options() {
		e.Options = append(e.Options, cmp.Or(o.Label, o.Value))
	}
	if e.Label == "" {
		e.Label = safehtml.Text(f.Raw.Get("content").String())
	}
	if f.IsButton() {
		s.Buttons = append(s.Buttons, e)
	} else {
		s.Inputs = append(s.Inputs, e)
	}
}
