package cover

import (
	"cmp"
	"slices"
	"strings"

	"flowtest/runner/internal/export"
)

// An exported is an export against which journeys are checked.
type exported struct {
	file   *export.File
	main   *export.Flow
	legs   map[leg]*stretch
	leads  map[place]*lead // after screens
	trails map[place]*trail
}

// A leg has the parts between two answers.
type leg struct {
	flow, from, button, to string
	any                    bool
}

// A stretch is what lies between two answers: parts of the lead of the screen, as many as are
// counted, and other parts.
type stretch struct {
	lead   *lead
	leads  int
	behind []marked
}

// A lead has the parts that the flow passes after a screen, up to where the ways of its buttons part: the
// longest lead so far of any button. Each journey passes the first parts of it.
type lead struct {
	parts  []*mark
	passed []passed
}

// A passed says how many parts of a lead a scenario passed.
type passed struct {
	scenario int32 // -1 for none
	parts    int
}

// A marked is a part with the state to set.
type marked struct {
	*mark

	state State
}

// New returns the coverage of a file, without any journey.
func New(file *export.File) *Coverage {
	return newCoverage(&exported{
		file, export.Main(file), map[leg]*stretch{}, map[place]*lead{}, map[place]*trail{},
	}, kinds)
}

func (e *exported) called() string { return "the export" }

func (e *exported) add(c *Coverage, steps []export.Step) {
	var at place // the screen that the flow is at
	for i, s := range steps {
		f, n := export.Find(e.file, s)
		if n == nil {
			if s.Node != "" || s.Screen != "" {
				c.Unknown++
			}
			if s.Screen != "" {
				at = place{}
			}
			continue
		}
		if n.ID == s.Node {
			c.ByID++
		} else {
			c.ByName++
		}
		c.mark(c.part(key{"nodes", f.Name, n.ID, "", ""}), Observed)
		to := place{f, n}
		switch {
		case i == 0:
			e.between(c, place{e.main, nil}, "", to)
		case at.node != nil && at != to || at.node != nil && s.Action != "":
			e.pressed(c, at, s.Action, to)
		}
		if n.Screen != nil {
			c.mark(c.part(key{"screens", f.Name, n.ID, "", ""}), Observed)
			at = to
		}
	}
}

// pressed marks the pressed button and its outcome.
func (e *exported) pressed(c *Coverage, at place, action string, to place) {
	if slices.ContainsFunc(at.node.Screen.Buttons, func(b *export.Button) bool { return b.Key == action }) {
		c.mark(c.part(key{"buttons", at.flow.Name, at.node.ID, action, ""}), Observed)
	}
	e.between(c, at, action, to)
}

// list adds the reachable parts of each flow.
func (e *exported) list(c *Coverage, add func(Part, key)) {
	for _, l := range e.leads {
		l.settle(c)
	}
	for _, f := range e.file.Flows {
		listFlow(f, add)
	}
}

// settle marks the parts of a lead, once for all journeys: marked for each of them, a chain of comparisons would take
// as many steps as the square of its length.
func (l *lead) settle(c *Coverage) {
	slices.SortFunc(l.passed, func(a, b passed) int {
		return cmp.Or(cmp.Compare(b.parts, a.parts), cmp.Compare(a.scenario, b.scenario))
	})
	var by Scenarios
	at := 0
	for i, m := range slices.Backward(l.parts) {
		for ; at < len(l.passed) && l.passed[at].parts > i; at++ {
			if s := l.passed[at].scenario; s >= 0 {
				by.add(c.to[s])
			}
		}
		if at == 0 {
			continue
		}
		m.state = max(m.state, Implied)
		m.by = m.by.and(by)
	}
}

func listFlow(f *export.Flow, add func(Part, key)) {
	var reached []*export.Node
	for _, n := range f.Nodes {
		if n.Kind != export.Connection || !n.Reached() {
			continue
		}
		if reached = append(reached, n); n.Screen != nil {
			name := cmp.Or(n.Screen.Name, n.ID)
			add(Part{Flow: f.Name, Name: name, label: name}, key{kind: "screens", node: n.ID})
		}
	}
	for _, n := range reached {
		if n.Screen != nil {
			listButtons(f, n.Screen, add)
		}
	}
	for _, n := range reached {
		add(Part{Flow: f.Name, Name: n.Label()}, key{kind: "nodes", node: n.ID})
	}
	for _, n := range reached {
		for _, w := range n.Ways {
			add(Part{Flow: f.Name, Name: n.Label() + " → " + w.To.Label()},
				key{kind: "hops", node: n.ID, to: w.To.ID})
		}
	}
}

// listButtons lists the buttons of a screen, and the outcomes of each.
func listButtons(f *export.Flow, s *export.Screen, add func(Part, key)) {
	screen := cmp.Or(s.Name, s.Node.ID)
	outcomes := func(button, name string, list []*export.Outcome) {
		for _, o := range list {
			to := outcomeLabel(o)
			add(Part{Flow: f.Name, Name: screen + " – " + name + " → " + o.Kind + " " + to, leads: o.Kind, label: to},
				key{kind: "outcomes", node: s.Node.ID, button: button, to: o.Node.ID})
		}
	}
	for _, b := range s.Buttons {
		name := cmp.Or(b.Shown, b.Key)
		add(Part{Flow: f.Name, Name: screen + " – " + name, label: name},
			key{kind: "buttons", node: s.Node.ID, button: b.Key})
		outcomes(b.Key, name, slices.Concat(b.Outcomes, b.Possible))
	}
	outcomes("", "no button", s.Leaves)
}

// outcomeLabel returns the label of an outcome's target.
func outcomeLabel(o *export.Outcome) string {
	to := o.Node.Label()
	switch {
	case o.Node.Screen != nil:
		to = cmp.Or(o.Node.Screen.Name, to)
	case o.Kind == export.ToError:
		to = cmp.Or(strings.Join(strings.Fields(o.Node.Text("errorMessage")), " "), to)
	case o.Kind == export.ToCall && o.Node.Call() != nil:
		to = cmp.Or(o.Node.Call().Label, to)
	}
	return to
}

// begins lists where each flow begins, and where it goes on after a subflow.
func (e *exported) begins() (out []begin) {
	for _, f := range e.file.Flows {
		for _, o := range f.Begin {
			out = append(out, begin{flow: f.Name, to: o.Node.ID, leads: o.Kind, label: outcomeLabel(o)})
		}
		for _, call := range f.Calls {
			if !call.UI || !call.Node.Reached() {
				continue
			}
			for _, o := range call.Then {
				out = append(out, begin{f.Name, call.Node.ID, o.Node.ID, o.Kind, outcomeLabel(o)})
			}
		}
	}
	return out
}
