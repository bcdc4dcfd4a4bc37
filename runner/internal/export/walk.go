package export

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
)

// How the way of a button is found. exports.md and describe use these words.
const (
	Dynamic    = "dynamic"    // it has no fixed value, and the screen has other buttons
	Matched    = "matched"    // a comparer names its value
	OnlyOne    = "single"     // it is the only button
	Otherwise  = "otherwise"  // comparers exist, and none names it
	Shared     = "shared"     // nothing reads the pressed button
	Unresolved = "unresolved" // code reads it: its outcomes are only possible ones
)

// The kinds of outcomes.
const (
	ToScreen   = "screen"
	ToError    = "error"    // customErrorMessage: the client stays at the screen before
	ToTerminal = "terminal" // the end of the flow
	ToPause    = "pause"    // the flow waits, and not at a screen
	ToCall     = "call"     // a subflow with screens
	ToDead     = "dead"     // a node without a way out that is not an end
)

// An Outcome is where the flow stops next.
type Outcome struct {
	Kind string
	Node *Node

	// Path is the path from the screen with the fewest failures. Teleports and returns are
	// ways of it too. A long chain of comparisons of the button, which the paths of many buttons
	// have in common, is not in it.
	Path []*Way
}

// String returns the outcome as in the JSON of describe.
func (o *Outcome) String() string { return o.Kind + " " + o.Node.ID }

// pauses are the capabilities that wait and are not screens.
var pauses = map[string]bool{
	"loginFirstFactor": true, "continuePolling": true, "htmlFormInput": true, "skPolling": true,
}

// ends are prefixes of the capabilities that end a flow.
var ends = []string{"returnSuccessResponse", "returnErrorResponse", "createSuccessResponse", "createErrorResponse"}

// Terminal reports whether a node ends the flow.
func (n *Node) Terminal() bool {
	return slices.ContainsFunc(ends, func(e string) bool { return strings.HasPrefix(n.Capability, e) })
}

// Stop returns the kind of outcome of a node, "" if the flow does not stop there.
func (f *Flow) Stop(n *Node) string {
	switch {
	case n.Screen != nil || screens[n.Capability]:
		return ToScreen
	case n.Capability == "customErrorMessage":
		return ToError
	case n.Terminal():
		return ToTerminal
	case pauses[n.Capability]:
		return ToPause
	case n.Capability == "startUiSubFlow":
		return ToCall
	case len(f.next(n)) == 0:
		return ToDead
	}
	return ""
}

// A Comparison compares the pressed button of a screen with a value.
type Comparison struct {
	Node  *Node
	Value string
	Leads bool // there is a way for the value
}

// Comparisons returns the values with which the button of a screen is compared.
func (f *Flow) Comparisons(s *Screen) (out []Comparison) {
	for _, c := range f.comparers[s.Node.ID] {
		for _, value := range slices.Sorted(maps.Keys(c.values)) {
			out = append(out, Comparison{c.node, value, len(c.choose(f.next(c.node), value)) > 0})
		}
	}
	return out
}

// Reads returns the first node that reads the pressed button of a screen, nil if there is
// none. Nodes that run code come before those that compare.
func (f *Flow) Reads(s *Screen) *Node {
	if n := f.readers[s.Node.ID]; n != nil {
		return n
	}
	if list := f.comparers[s.Node.ID]; len(list) > 0 {
		return list[0].node
	}
	return nil
}

// A comparer is a node that compares the pressed button of a screen.
type comparer struct {
	node   *Node
	screen string            // the id of its node
	not    bool              // ANotEqualsB
	values map[string]string // the branch of each value, "" if the node has only two ways
	multi  bool
}

// compares returns the comparer of a node, nil for any other node.
func compares(n *Node) *comparer {
	switch n.Capability {
	case "AEqualsMultipleB", "AEqualsB", "ANotEqualsB":
	default:
		return nil
	}
	c := &comparer{node: n, not: n.Capability == "ANotEqualsB", values: map[string]string{}}
	left, right := n.Text("leftValueA"), n.Text("rightValueB")
	if n.Capability == "AEqualsMultipleB" {
		ref, ok := exactly(left)
		if !ok || !ref.Pressed() {
			return nil
		}
		c.multi = true
		for _, v := range n.Value("rightValueMultiple").Array() {
			value := strings.TrimSpace(plain(v.Get("value")))
			if _, again := c.values[value]; !again {
				c.values[value] = v.Get("id").String()
			}
		}
		c.screen = ref.Node
		return c
	}
	ref, ok := exactly(left)
	if !ok || !ref.Pressed() {
		left, right = right, left
		if ref, ok = exactly(left); !ok || !ref.Pressed() {
			return nil
		}
	}
	c.values[strings.TrimSpace(right)] = ""
	c.screen = ref.Node
	return c
}

// choose returns the ways that the comparer takes for the value of a button.
func (c *comparer) choose(ways []*Way, value string) (out []*Way) {
	branch, equal := c.values[value]
	for _, w := range ways {
		switch {
		case !c.multi:
			if always(w) || w.Fails() == (equal == c.not) {
				out = append(out, w)
			}
		case equal && w.Branch == branch, !equal && w.Branch == "-1":
			out = append(out, w)
		}
	}
	return out
}

// always reports whether a way is taken whatever the result of the node before it.
func always(w *Way) bool { return w.Condition == "always" || w.Condition == "allTriggersComplete" }

// A mark is what a walk remembers about a node.
type mark struct {
	epoch int
	cost  int
	way   *Way // by which it was reached
}

// walk finds the next stops of the flow, starting with ways of a node. Value is that of the
// pressed button of a screen; with nil every way of its comparers is taken.
func (f *Flow) walk(origin *Node, from []*Way, screen string, value *string) []*Outcome {
	f.epoch++
	k := &walker{flow: f}
	for _, w := range from {
		k.visit(w, 0)
	}
	for cost := 0; len(k.now)+len(k.later) > 0; {
		if len(k.now) == 0 {
			k.now, k.later = k.later, nil
			cost++
		}
		n := k.now[0]
		k.now = k.now[1:]
		if f.marks[n.index].cost < cost { // a way with fewer failures was found later
			continue
		}
		for _, w := range f.Taken(n, screen, value) {
			k.visit(w, cost)
		}
	}
	out := make([]*Outcome, 0, len(k.found))
	for _, n := range k.found {
		out = append(out, &Outcome{Kind: f.Stop(n), Node: n, Path: f.path(origin, n)})
	}
	slices.SortFunc(out, func(a, b *Outcome) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

// A walker is a walk in progress.
type walker struct {
	flow       *Flow
	found      []*Node // the stops found
	now, later []*Node // nodes to continue from: with the current number of failures, and with one more
}

// visit takes a way, given the number of failures before it.
func (k *walker) visit(w *Way, cost int) {
	if w.Fails() {
		cost++
	}
	m := &k.flow.marks[w.To.index]
	fresh := m.epoch != k.flow.epoch
	if !fresh && m.cost <= cost {
		return
	}
	*m = mark{epoch: k.flow.epoch, cost: cost, way: w}
	if k.flow.Stop(w.To) != "" {
		if fresh {
			k.found = append(k.found, w.To)
		}
		if !w.To.Terminal() { // the flow goes on after an end that fails
			return
		}
	}
	if w.Fails() {
		k.later = append(k.later, w.To)
	} else {
		k.now = append(k.now, w.To)
	}
}

// path returns the ways that the last walk took from one node to another.
func (f *Flow) path(origin, n *Node) (out []*Way) {
	for m := f.marks[n.index]; m.epoch == f.epoch; m = f.marks[n.index] {
		out = append(out, m.way)
		if n = m.way.From; n == origin {
			break
		}
	}
	slices.Reverse(out)
	return out
}

// Taken returns the ways that may be taken after a node if a button was pressed at a screen;
// nil means any button.
func (f *Flow) Taken(n *Node, screen string, value *string) []*Way {
	ways := f.next(n)
	if n.Terminal() {
		return slices.DeleteFunc(slices.Clone(ways), func(w *Way) bool { return !w.Fails() })
	}
	if value == nil {
		return ways
	}
	if c := f.compared[n]; c != nil && c.screen == screen {
		return c.choose(ways, *value)
	}
	return ways
}

// decide finds where each button leads.
func (f *Flow) decide() {
	f.comparers, f.compared, f.readers = map[string][]*comparer{}, map[*Node]*comparer{}, map[string]*Node{}
	f.named, f.calls = map[string]map[string]bool{}, map[*Node]*Call{}
	for _, n := range f.Nodes {
		if n.Kind != Connection {
			continue
		}
		if call := n.Call(); call != nil {
			call.Then = f.walk(n, f.next(n), "", nil)
			f.Calls, f.calls[n] = append(f.Calls, call), call
		}
		if c := compares(n); c != nil {
			f.compare(c)
			continue
		}
		for _, ref := range references(n.props.Raw) {
			if ref.Pressed() && f.readers[ref.Node] == nil {
				f.readers[ref.Node] = n
			}
		}
	}
	for _, s := range f.Screens {
		f.leave(s)
	}
	for _, n := range f.Starts {
		if kind := f.Stop(n); kind != "" {
			f.Begin = append(f.Begin, &Outcome{Kind: kind, Node: n})
			continue
		}
		f.Begin = append(f.Begin, f.walk(n, f.next(n), "", nil)...)
	}
	slices.SortFunc(f.Begin, func(a, b *Outcome) int { return cmp.Compare(a.String(), b.String()) })
	f.Begin = slices.CompactFunc(f.Begin, func(a, b *Outcome) bool { return a.Node == b.Node })
}

// leave finds where the flow goes on after a screen.
func (f *Flow) leave(s *Screen) {
	var on, fails []*Way
	for _, w := range s.Node.Ways {
		if w.Fails() {
			fails = append(fails, w)
		} else {
			on = append(on, w)
		}
	}
	if len(fails) > 0 {
		s.Fails = f.walk(s.Node, fails, s.Node.ID, nil)
	}
	if len(s.Buttons) == 0 {
		s.Leaves = f.walk(s.Node, on, s.Node.ID, nil)
		return
	}
	every := sync.OnceValue(func() []*Outcome { return f.walk(s.Node, on, s.Node.ID, nil) })
	unnamed := ""
	for f.names(s, unnamed) {
		unnamed += "-"
	}
	other := sync.OnceValue(func() []*Outcome { return f.walk(s.Node, on, s.Node.ID, &unnamed) })
	for _, b := range s.Buttons {
		b.Decided = f.decided(s, b)
		switch {
		case b.Decided == OnlyOne && b.Dynamic:
			b.Outcomes = f.bound(every())
		case b.Decided == Dynamic, b.Decided == Unresolved:
			b.Possible = f.bound(every())
		case b.Decided == Matched:
			if s.trunk == nil {
				s.trunk = newTrunk(f, s, on, unnamed)
			}
			b.Outcomes = f.bound(s.trunk.walk(b.Key))
		default:
			b.Outcomes = f.bound(other())
		}
	}
}

// mostOutcomes limits the ways of a flow from a button to an outcome: each of a thousand buttons
// that code reads may lead to each of a thousand screens.
const mostOutcomes = 20_000

// compare adds a comparer.
func (f *Flow) compare(c *comparer) {
	f.comparers[c.screen] = append(f.comparers[c.screen], c)
	f.compared[c.node] = c
	if f.named[c.screen] == nil {
		f.named[c.screen] = map[string]bool{}
	}
	for value := range c.values {
		f.named[c.screen][value] = true
	}
}

// bound returns the outcomes of a button, but only one of them if the flow already has too
// many.
func (f *Flow) bound(list []*Outcome) []*Outcome {
	if f.listed > mostOutcomes {
		return list[:min(len(list), 1)]
	}
	f.listed += len(list)
	return list
}

// decided says how the way of a button is found.
func (f *Flow) decided(s *Screen, b *Button) string {
	switch {
	case b.Dynamic && len(s.Buttons) > 1:
		return Dynamic
	case !b.Dynamic && f.names(s, b.Key):
		return Matched
	case len(s.Buttons) == 1:
		return OnlyOne
	case len(f.comparers[s.Node.ID]) > 0:
		return Otherwise
	case f.readers[s.Node.ID] == nil:
		return Shared
	}
	return Unresolved
}
