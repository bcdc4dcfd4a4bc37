package export

import "slices"

// A trunk is the beginning of the way behind a screen that the buttons have in common: as long as there
// is one way only for a button that no comparison names. A button leaves it at the first comparison
// that names it, so that a long chain of comparisons is gone once and not for each button.
type trunk struct {
	flow   *Flow
	screen *Node
	on     []*Way
	ways   []*Way
	leaves map[string]int // how many ways a button goes along it, by its value
}

// newTrunk returns the trunk behind a screen.
//
//	unnamed  a value that no comparison names
func newTrunk(f *Flow, s *Screen, on []*Way, unnamed string) *trunk {
	t := &trunk{flow: f, screen: s.Node, on: on, leaves: map[string]int{}}
	seen := map[*Node]bool{}
	for next := on; len(next) == 1 && !seen[next[0].To] && f.Stop(next[0].To) == ""; {
		n := next[0].To
		seen[n] = true
		t.ways = append(t.ways, next[0])
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

// walk finds where the flow stops next after the button with a value was pressed.
func (t *trunk) walk(value string) []*Outcome {
	along := t.along(value)
	if along == 0 {
		return t.flow.walk(t.screen, t.on, t.screen.ID, &value)
	}
	from := t.ways[along-1].To
	list := t.flow.walk(from, t.flow.Taken(from, t.screen.ID, &value), t.screen.ID, &value)
	for _, o := range list {
		o.Path = slices.Concat(t.ways[:along], o.Path)
	}
	return list
}

// along is how many ways a button goes along the trunk.
func (t *trunk) along(value string) int {
	if along, leaves := t.leaves[value]; leaves {
		return along
	}
	return len(t.ways)
}

// Lead returns the ways behind a screen that the flow goes for sure, and without a stop, when the button
// with a value is pressed that a comparison decides. They are a part of what it returns for the button
// that goes furthest, so that it costs nothing; none where the screen itself may fail.
func (s *Screen) Lead(value string) []*Way {
	if s.trunk == nil || len(s.Fails) > 0 {
		return nil
	}
	return s.trunk.ways[:s.trunk.along(value)]
}
