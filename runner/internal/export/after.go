package export

// Failing finds the next stops of the flow after a button was pressed, if a node after the
// screen fails.
func (f *Flow) Failing(s *Screen, b *Button, n *Node) []*Outcome {
	var fails []*Way
	for _, w := range n.Ways {
		if w.Fails() {
			fails = append(fails, w)
		}
	}
	return f.after(s, b, n, fails)
}

// Going finds the next stops of the flow after a button was pressed, by one of the ways of a node
// after the screen.
func (f *Flow) Going(s *Screen, b *Button, w *Way) []*Outcome {
	return f.after(s, b, w.From, []*Way{w})
}

func (f *Flow) after(s *Screen, b *Button, n *Node, ways []*Way) []*Outcome {
	if b == nil || b.Decided != Matched {
		return f.walk(n, ways, s.Node.ID, nil)
	}
	return f.walk(n, ways, s.Node.ID, &b.Key)
}
