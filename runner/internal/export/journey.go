package export

// A Step is one answer of a journey: the node that answered, and the button pressed before
// it.
type Step struct {
	Flow    string // its name in features, "" if unknown
	Node    string // the id
	Screen  string // the name of the screen, "" if the flow does not pause
	Action  string // "" at the start, and if no button was pressed
	Returns bool   // the client came back from an identity provider
	Stays   bool   // the flow stays at the screen: it was refused, or rewound
}

// Main returns the flow that an authorize request starts: the PingOne flow of a file, or
// the first flow that no other flow of the file calls.
func Main(f *File) *Flow {
	called := map[*Flow]bool{}
	for _, flow := range f.Flows {
		for _, call := range flow.Calls {
			called[f.Callee(call.FlowID, call.Label)] = true
		}
	}
	for _, flow := range f.Flows {
		if flow.IsPingOne() && !called[flow] {
			return flow
		}
	}
	for _, flow := range f.Flows {
		if !called[flow] {
			return flow
		}
	}
	return f.Flows[0]
}

// Find finds the node of an answer by its id, or the screen by its name. It returns nil if the
// file has neither.
func Find(f *File, s Step) (*Flow, *Node) {
	for _, flow := range f.Flows {
		if n := flow.Node(s.Node); n != nil && s.Node != "" {
			return flow, n
		}
	}
	for _, flow := range f.Flows {
		for _, screen := range flow.Screens {
			if s.Screen != "" && screen.Name == s.Screen {
				return flow, screen.Node
			}
		}
	}
	return nil, nil
}

// Pressed returns the value of a pressed button of a screen that decides the way, nil if the
// button is unknown.
func Pressed(n *Node, action string) *string {
	if n.Screen == nil {
		return nil
	}
	for _, b := range n.Screen.Buttons {
		if b.Key == action && !b.Dynamic && b.Decided == Matched {
			return &b.Key
		}
	}
	return nil
}
