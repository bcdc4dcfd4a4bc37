package export

import "slices"

// A trunk is the common beginning of the ways of a screen's buttons. It goes on as long as a button
// that no comparison names has only one way. A button leaves the trunk at the first comparison that
// names it. So a long chain of comparisons is walked once and not for each button.
type trunk struct {
	flow   *Flow
	screen *Node
	on     []*Way
	ways   []*Way
	kept   []*Way         // those of the ways that do not leave a comparison of the button
	keeps  []int          // by how many ways of the trunk a button follows, how many of kept these are
	leaves map[string]int // by the value of a button, the number of ways that it follows the trunk
}

// newTrunk returns the trunk of a screen.
//
//	unnamed  a value that no comparison names
func newTrunk(f *Flow, s *Screen, on []*Way, unnamed string) *trunk {
	t := &trunk{flow: f, screen: s.Node, on: on, keeps: []int{0}, leaves: map[string]int{}}
	seen := map[*Node]bool{}
	for next := on; len(next) == 1 && !seen[next[0].To] && f.Stop(next[0].To) == ""; {
		n := next[0].To
		seen[n] = true
		t.ways = append(t.ways, next[0])
		if c := f.compared[next[0].From]; c == nil || c.screen != s.Node.ID {
			t.kept = append(t.kept, next[0])
		}
		t.keeps = append(t.keeps, len(t.kept))
		if c := f.compared[n]; c != nil && c.screen == s.Node.ID {
			for value := range c.values {
				if _, before := t.leaves[value]; !before {
					t.leaves[value] = len(t.ways)
				}
			}
		}
		next = f.Taken(n, s.Node.ID, &unnamed)
	}
	return t
}

// walk finds the next stops of the flow after the button with a value was pressed.
func (t *trunk) walk(value string) []*Outcome {
	along := t.along(value)
	if along == 0 {
		return t.flow.walk(t.screen, t.on, t.screen.ID, &value)
	}
	from := t.ways[along-1].To
	list := t.flow.walk(from, t.flow.Taken(from, t.screen.ID, &value), t.screen.ID, &value)
	for _, o := range list {
		o.Path = slices.Concat(t.kept[:t.keeps[along]], o.Path)
	}
	return list
}

// along returns how many ways of the trunk a button follows.
func (t *trunk) along(value string) int {
	if along, leaves := t.leaves[value]; leaves {
		return along
	}
	return len(t.ways)
}

// Lead returns the ways that the flow certainly takes, without a stop, after the button with a
// value is pressed, if a comparison decides where that button leads. The slice shares its memory
// with those for other buttons. It is empty if the screen itself may fail.
func (s *Screen) Lead(value string) []*Way {
	if s.trunk == nil || len(s.Fails) > 0 {
		return nil
	}
	return s.trunk.ways[:s.trunk.along(value)]
}
