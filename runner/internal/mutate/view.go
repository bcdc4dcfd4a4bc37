package mutate

import (
	"slices"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// Screens returns the screen that a mutant changes, as it was and as it is. Both are nil if what
// changes is on no screen.
func (m *Mutant) Screens() (before, after *davinci.Screen) {
	if m.file == "" {
		return nil, nil
	}
	changed, err := m.Recording()
	if err != nil {
		return nil, nil
	}
	return m.screen(m.of), m.screen(changed)
}

func (m *Mutant) screen(f *recordings.Flow) *davinci.Screen {
	h := hop(f, m.Hop)
	text := m.text(h)
	if text == nil {
		return nil
	}
	return (davinci.Reader{}).Read(h.Response.Status, nil, text).Screen()
}

// Way returns the screen that the way of a mutant leaves, and the button that takes it. It is nil
// if the mutant is of no way, or no screen was recorded there.
func (m *Mutant) Way() (from *davinci.Screen, button string) {
	if m.Group != Ways {
		return nil, ""
	}
	h := hop(m.of, m.Hop)
	for _, screen := range h.From {
		r := screen.Answer()
		for _, b := range []*recordings.Body{r.JSON, r.Detailed} {
			if b == nil {
				continue
			}
			s := (davinci.Reader{}).Read(r.Status, nil, b.Text).Screen()
			if s != nil && slices.ContainsFunc(s.Fields, func(f davinci.Field) bool { return f.Key != "" }) {
				return s, h.Request.Action
			}
		}
	}
	return nil, ""
}
