// Package synth makes a recording from the export of a flow, before the flow runs
// anywhere. It does not invent answers that only the backend knows; it lists them.
package synth

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// A Result is a recording, and a list of the outcomes that are not in it.
type Result struct {
	Flow *recordings.Flow
	Main *export.Flow // the flow that is started

	// Left are the outcomes that are not in the recording, a sentence each.
	Left []Left

	// Attributes are the sorted attributes that a user needs to go through the
	// recording.
	Attributes []string

	// Nodes are the nodes of the export from which the hops were made, by the name of
	// the hop.
	Nodes map[string]Place
}

// Screens counts the screens of the recording.
func (r *Result) Screens() (n int) {
	for _, h := range r.Flow.Hops {
		if h.To == nil && r.Nodes[h.Name].Node.Screen != nil {
			n++
		}
	}
	return n
}

// A Place is the place of a hop in the export.
type Place struct {
	Flow   *export.Flow
	Node   *export.Node   // at which the hop ends
	Screen *export.Screen // the screen that it leaves, nil at the start
	Button *export.Button // the pressed button, nil for none
}

// A Left is an outcome that the export does not distinguish from another.
type Left struct {
	Screen, Button, Outcome string
	Decided                 string // why it is left out: the node that decides, or the kind of stop
}

// String returns a sentence without a full stop.
func (l Left) String() string {
	at := "the start of the flow"
	if l.Screen != "" {
		at = davinci.Quote(l.Screen)
		if l.Button != "" {
			at += ", " + davinci.Quote(l.Button)
		}
	}
	return at + ": " + l.Outcome + ", " + l.Decided
}

// MaxScreens limits the screens of a recording, which a person must review. A flow with a hundred
// screens is large. But each call of a subflow adds its screens again, so three calls in each of
// eight nested flows make thousands.
const MaxScreens = 2000

// Make makes a recording from a file. The error says that the file has no suitable flow,
// or that the flow reaches no screen.
//
//	name  of the flow in the recording
func Make(file *export.File, name string) (*Result, error) {
	main := export.Main(file)
	m := &maker{
		file: file, names: map[string]int{}, at: map[string]*stop{}, lefts: map[Left]bool{},
		reads:    map[reading][]export.Field{},
		compared: map[*export.Node]*branches{}, shown: map[*export.Screen]*davinci.Screen{},
		out: &Result{
			Flow: &recordings.Flow{
				Name: name, Source: recordings.Synthetic,
				Description: "Made of the export of the flow " + davinci.Quote(main.Name) + ", and never recorded",
			},
			Main: main, Nodes: map[string]Place{},
		},
	}
	if err := m.begin(main); err != nil {
		return nil, err
	}
	slices.Sort(m.out.Attributes)
	m.out.Attributes = slices.Compact(m.out.Attributes)
	return m.out, nil
}

// A maker makes a recording.
type maker struct {
	file  *export.File
	out   *Result
	names map[string]int // how often each name of a hop was used
	at    map[string]*stop
	queue []*stop
	lefts map[Left]bool
	reads map[reading][]export.Field

	compared map[*export.Node]*branches
	shown    map[*export.Screen]*davinci.Screen // what a client gets of them, nil if nothing
}

// A stop is a node at which a flow stops, with the subflow calls that led there.
type stop struct {
	kind  string
	flow  *export.Flow
	node  *export.Node
	calls []*call
	path  []*export.Way // from the screen before it
	hop   *recordings.Hop
}

// A call is a subflow that has not ended yet.
type call struct {
	from *export.Flow
	call *export.Call
}

// key identifies a stop of the recording.
func (s *stop) key() string {
	var b strings.Builder
	b.WriteString(s.flow.ID + "/" + s.flow.Name + "/" + s.node.ID)
	for _, c := range s.calls {
		b.WriteString("<" + c.from.Name + "/" + c.call.Node.ID)
	}
	return b.String()
}

// follow goes from outcomes to the stops that a client sees: into subflows, and on after
// them.
func (m *maker) follow(f *export.Flow, list []*export.Outcome, calls []*call, path []*export.Way,
	depth int,
) (out []*stop) {
	const deepest = 8 // subflows in each other
	for _, o := range list {
		to := o.Path
		if len(path) > 0 {
			to = slices.Concat(path, o.Path)
		}
		switch {
		case o.Kind == export.ToCall && depth < deepest:
			c := f.CallAt(o.Node)
			callee := m.file.Callee(c.FlowID, c.Label)
			if callee == nil || slices.ContainsFunc(calls, func(up *call) bool { return up.call == c }) {
				out = append(out, &stop{kind: o.Kind, flow: f, node: o.Node, calls: calls, path: to})
				continue
			}
			inside := append(slices.Clone(calls), &call{f, c})
			out = append(out, m.follow(callee, callee.Begin, inside, to, depth+1)...)
		case o.Kind == export.ToTerminal && len(calls) > 0 && depth < deepest:
			up := calls[len(calls)-1]
			fails := strings.Contains(o.Node.Capability, "Error")
			var then []*export.Outcome
			for _, next := range up.call.Then {
				if len(next.Path) == 0 || next.Path[0].Fails() == fails {
					then = append(then, next)
				}
			}
			out = append(out, m.follow(up.from, then, calls[:len(calls)-1], to, depth+1)...)
		default:
			out = append(out, &stop{kind: o.Kind, flow: f, node: o.Node, calls: calls, path: to})
		}
	}
	return out
}

// failures returns the number of failures on the way to a stop.
func (s *stop) failures() (n int) {
	for _, w := range s.path {
		if w.Fails() || w.Branch == "-1" {
			n++
		}
	}
	return n
}

// rank orders stops that a client cannot distinguish: first those at which the flow goes on,
// then refusals, each in the order of the values in a comparison.
func (m *maker) rank(s *stop) []int {
	kinds := []string{export.ToScreen, export.ToTerminal, export.ToError}
	rank := []int{s.failures(), (slices.Index(kinds, s.kind) + len(kinds) + 1) % (len(kinds) + 1)}
	for _, w := range s.path {
		if w.Branch != "" && w.From.Screen == nil {
			named := m.branches(w.From)
			at, is := named.places[w.Branch]
			if !is {
				at = len(named.places)
			}
			rank = append(rank, at)
		}
	}
	return rank
}

// best keeps one way to each stop, with the fewest failures, those ways first.
func (m *maker) best(stops []*stop) []*stop {
	if len(stops) > 1 {
		ranks := map[*stop][]int{}
		for _, s := range stops {
			ranks[s] = m.rank(s)
		}
		slices.SortStableFunc(stops, func(a, b *stop) int { return slices.Compare(ranks[a], ranks[b]) })
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(stops, func(s *stop) bool {
		again := seen[s.key()]
		seen[s.key()] = true
		return again
	})
}

// left lists an outcome that is not in the recording.
func (m *maker) left(screen, button string, s *stop, why string) {
	m.add(Left{screen, button, naming(s), why})
}

// add lists an outcome once.
func (m *maker) add(l Left) {
	if !m.lefts[l] {
		m.lefts[l], m.out.Left = true, append(m.out.Left, l)
	}
}

// naming returns the name of a stop for a person.
func naming(s *stop) string {
	switch s.kind {
	case export.ToScreen:
		return "screen " + davinci.Quote(cmp.Or(s.node.Screen.Name, s.node.ID))
	case export.ToError:
		return "error " + davinci.Quote(cmp.Or(message(s.node), s.node.Label()))
	case export.ToCall:
		return "subflow " + davinci.Quote(s.flow.CallAt(s.node).Label)
	case export.ToTerminal:
		return "end " + s.node.Capability + " " + davinci.Quote(s.node.Label())
	}
	return s.kind + " " + davinci.Quote(s.node.Label())
}

func message(n *export.Node) string { return strings.Join(strings.Fields(n.Text("errorMessage")), " ") }

// decider returns the name of the node at which the ways to two stops divide.
func decider(s, other *stop) string {
	for i, w := range s.path {
		if i >= len(other.path) || other.path[i] != w {
			return named(w.From)
		}
	}
	return "the flow"
}

// name returns a unique name for a hop.
func (m *maker) name(text string) string {
	text = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, text), "-")
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "-")
	}
	const most = 40
	if len(text) > most {
		text = text[:most]
		text = strings.Trim(text[:max(strings.LastIndexByte(text, '-'), most/2)], "-")
	}
	if text == "" || text == "recording" {
		text = "hop"
	}
	name := text
	for m.names[name] > 0 {
		m.names[text]++
		name = text + "-" + strconv.Itoa(m.names[text])
	}
	m.names[name] = 1
	return name
}

// A planned is a stop with the form that a client sends for it.
type planned struct {
	*stop

	form map[string]any
}

// right makes requests without a wrong value expect the user's value in each field that is wrong
// in another request. Otherwise they would match that request too.
func right(plans []planned) {
	wrong := map[string]bool{}
	sound := make([]bool, len(plans))
	for i, p := range plans {
		sound[i] = true
		for key, v := range p.form {
			if _, is := recordings.Attribute(v); is {
				wrong[key], sound[i] = true, false
			}
		}
	}
	for i, p := range plans {
		for key, v := range p.form {
			if sound[i] && wrong[key] && v == "*" {
				p.form[key] = "${user." + Attribute(key) + "}"
			}
		}
	}
}

// needs adds the user attributes that a form needs.
func (m *maker) needs(form map[string]any) {
	for _, v := range form {
		if name, _ := recordings.Attribute(v); name != "" {
			m.out.Attributes = append(m.out.Attributes, name)
		}
	}
}
