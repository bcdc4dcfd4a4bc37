package synth

import (
	"slices"

	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// answers lists the answers that the backend may give at a stop instead of the recorded
// one.
//
//	screen, button  that are left for it
func (m *maker) answers(s *stop, screen, button string) {
	switch s.kind {
	case export.ToError:
		m.worded(s, screen, button)
	case export.ToScreen:
		lists := func(f export.Field) bool { return f.Type == "DEVICE_AUTHENTICATION" }
		if slices.ContainsFunc(s.node.Screen.Fields, lists) {
			m.add(Left{screen, button, "error", "decided by " + named(s.node) + ", which needs devices of the user"})
		}
	}
}

// worded lists the author's texts for errors of the backend, and notes if the text of an error is
// not in the export.
func (m *maker) worded(s *stop, screen, button string) {
	for _, r := range s.node.References() {
		n := s.flow.Node(r.Node)
		if n == nil || r.Property != "errorMessage" && r.Property != "errorDescription" {
			continue
		}
		for _, e := range n.Messages() {
			why := "decided by " + named(n) + ", which answers " + e.Code
			m.add(Left{screen, button, "error " + davinci.Quote(e.Text), why})
		}
		m.left(screen, button, s, "the text of which is decided by "+named(n))
	}
}

// named returns the name of a node for a person.
func named(n *export.Node) string { return davinci.Quote(n.Label()) + " (" + n.ID + ")" }
