package mutate

import (
	"slices"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// Screens returns the screen that a mutant changes, before and after. Both are nil if the change
// is not on a screen.
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

// Way returns, for a mutant that changes where a button leads, the screen and the button. The
// screen is nil for any other mutant, or if the screen was not recorded.
func (m *Mutant) Way() (from *davinci.Screen, button string) {
	if m.Group != Ways {
		return nil, ""
	}
	h := hop(m.of, m.Hop)
	return leaves(h), h.Request.Action
}

// At returns the screen that the hop of a mutant shows, or if it shows none, the screen that it
// leaves. It is nil if neither was recorded.
func (m *Mutant) At() (s *davinci.Screen, shows bool) {
	h := hop(m.of, m.Hop)
	if s := drawable(h); s != nil {
		return s, true
	}
	return leaves(h), false
}

// leaves returns the first screen that a hop leaves, nil if none was recorded.
func leaves(h *recordings.Hop) *davinci.Screen {
	for _, from := range h.From {
		if s := drawable(from); s != nil {
			return s
		}
	}
	return nil
}

// drawable returns the screen that a hop shows, if it has a field or button with a key, and
// otherwise nil.
func drawable(h *recordings.Hop) *davinci.Screen {
	r := h.Answer()
	for _, b := range []*recordings.Body{r.JSON, r.Detailed} {
		if b == nil {
			continue
		}
		s := (davinci.Reader{}).Read(r.Status, nil, b.Text).Screen()
		if s != nil && slices.ContainsFunc(s.Fields, func(f davinci.Field) bool { return f.Key != "" }) {
			return s
		}
	}
	return nil
}
