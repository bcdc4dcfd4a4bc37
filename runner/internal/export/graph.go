package export

import (
	"cmp"
	"strings"

	"github.com/tidwall/gjson"
)

// A Way leads from a capability to the next one.
type Way struct {
	From, To *Node

	// Condition is the condition under which the EVAL between takes it, such as
	// anyTriggersFalse.
	Condition string

	// Branch is the branch of a node with several ways, "-1" for the default branch, and
	// "" after other nodes.
	Branch string
}

// Fails reports whether the way is taken if the node before it fails or compares to
// false.
func (w *Way) Fails() bool { return strings.HasSuffix(w.Condition, "False") }

// A graph has the ways of a flow.
type graph struct {
	Starts []*Node // the entries: nodes to which nothing leads
	Begin  []*Outcome
	Calls  []*Call

	Stale     []Stale
	ways      int                    // hops
	teleports int                    // goToNode
	landings  map[*Node]*Node        // a goToNode and its startNode
	returns   int                    // ways by which nodes return to a goToNode
	jumps     map[*Node][]*Way       // the ways of a goToNode and of a returnBackToCallingNode
	comparers map[string][]*comparer // by the screen whose button they compare
	compared  map[*Node]*comparer
	named     map[string]map[string]bool // the values that the comparers name, by screen
	readers   map[string]*Node           // the first other node that reads the button of a screen
	calls     map[*Node]*Call
	listed    int // number of ways from a button to an outcome
	marks     []mark
	epoch     int
}

// connect reads the edges.
func (f *Flow) connect(list gjson.Result) {
	list.ForEach(func(_, v gjson.Result) bool {
		data := v.Get("data")
		if !data.IsObject() {
			data = v
		}
		f.edges++
		from, to := f.byID[data.Get("source").String()], f.byID[data.Get("target").String()]
		if from == nil || to == nil {
			f.Dangling++
			return true
		}
		branch := cmp.Or(data.Get("multiValueSourceId").String(), data.Get("multi_value_source_id").String())
		from.out = append(from.out, edge{to, branch})
		to.into++
		return true
	})
}

// hops finds the ways between capabilities, the teleports and the entries.
func (f *Flow) hops() {
	f.landings, f.jumps = map[*Node]*Node{}, map[*Node][]*Way{}
	f.marks = make([]mark, len(f.Nodes))
	for _, n := range f.Nodes {
		switch n.Kind {
		case Eval:
			f.Stale = append(f.Stale, staleConditions(n)...)
		case Connection:
			f.findWaysOut(n)
			if n.Capability == "goToNode" {
				f.teleports++
				if to := f.byID[target(n)]; to != nil && to.Capability == "startNode" {
					f.landings[n] = to
					f.jumps[n] = []*Way{{From: n, To: to, Condition: "allTriggersTrue"}}
				}
			}
			if n.into == 0 && n.Capability != "startNode" {
				f.Starts = append(f.Starts, n)
			}
		}
	}
	f.callers()
	f.reach()
}

// target returns the id of the node that a goToNode goes to.
func target(n *Node) string {
	v := n.Value("nodeInstanceId")
	if v.IsObject() {
		return v.Get("value").String()
	}
	return strings.TrimSpace(plain(v))
}

// A Stale is a condition of an EVAL for a node to which it does not lead.
type Stale struct {
	Eval   *Node
	Target string // the id
}

// staleConditions finds the conditions of an EVAL for nodes to which it does not lead.
func staleConditions(n *Node) (stale []Stale) {
	leads := make(map[string]bool, len(n.out))
	for _, e := range n.out {
		leads[e.to.ID] = true
	}
	n.props.ForEach(func(key, _ gjson.Result) bool {
		if !leads[key.String()] {
			stale = append(stale, Stale{n, key.String()})
		}
		return true
	})
	return stale
}

// conditionOf returns the condition of an EVAL for a node to which it leads, "" if there is
// none.
func conditionOf(n *Node, to string) string {
	const few = 8 // if there are more, read them all at once
	if len(n.out) < few {
		return n.Text(to)
	}
	if n.values == nil {
		n.values = map[string]string{}
		n.Properties(func(name string, v gjson.Result) {
			if _, again := n.values[name]; !again {
				n.values[name] = textOf(v)
			}
		})
	}
	return n.values[to]
}

// branches returns the values in a comparison, by the ids of their branches.
func branches(n *Node) map[string]string {
	out := map[string]string{}
	for _, v := range n.Value("rightValueMultiple").Array() {
		id := v.Get("id").String()
		if _, again := out[id]; !again {
			out[id] = plain(v.Get("value"))
		}
	}
	return out
}

// findWaysOut finds the ways out of a capability, through the EVAL nodes after it.
func (f *Flow) findWaysOut(n *Node) {
	t := &tracer{flow: f, from: n, seen: map[crossing]bool{}}
	for _, e := range n.out {
		if e.branch != "" && n.values == nil {
			n.values = branches(n)
		}
		t.follow(e.to, nil, e.branch)
	}
}

// A tracer finds the ways out of a capability.
type tracer struct {
	flow *Flow
	from *Node
	seen map[crossing]bool
}

// A crossing is an edge after an EVAL, on a branch of the capability before it.
type crossing struct {
	eval, to *Node
	branch   string
}

// follow continues at a node after an EVAL, or with nil after the capability itself.
func (t *tracer) follow(to, eval *Node, branch string) {
	if to.Kind == Connection {
		t.flow.ways++
	}
	at := crossing{eval, to, branch}
	if t.seen[at] && (eval != nil || to.Kind != Eval) { // drawn twice
		return
	}
	t.seen[at] = true
	switch to.Kind {
	case Eval:
		for _, e := range to.out {
			t.follow(e.to, to, branch)
		}
	case Connection:
		condition := ""
		if eval != nil {
			condition = conditionOf(eval, to.ID)
		}
		t.from.Ways = append(t.from.Ways, &Way{
			From: t.from, To: to, Branch: branch, Condition: cmp.Or(condition, "allTriggersTrue"),
		})
	}
}

// callers finds, for each returnBackToCallingNode, the goToNodes to which it may
// return: those that have a way out and whose startNode reaches it.
func (f *Flow) callers() {
	calls := map[*Node][]*Node{}
	var starts []*Node
	for _, n := range f.Nodes {
		if to := f.landings[n]; to != nil && len(n.Ways) > 0 {
			if calls[to] == nil {
				starts = append(starts, to)
			}
			calls[to] = append(calls[to], n)
		}
	}
	for _, start := range starts {
		for _, n := range f.within(start) {
			if n.Capability == "returnBackToCallingNode" {
				f.back(n, calls[start])
			}
		}
	}
}

// within returns the nodes to which a node leads, also through screens and teleports.
func (f *Flow) within(start *Node) (found []*Node) {
	seen := make([]bool, len(f.Nodes))
	queue := []*Node{start}
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[n.index] {
			continue
		}
		seen[n.index] = true
		found = append(found, n)
		if to := f.landings[n]; to != nil {
			queue = append(queue, to)
		}
		for _, w := range n.Ways {
			queue = append(queue, w.To)
		}
	}
	return found
}

// mostReturns limits the ways by which nodes of a flow return to goToNodes: each may return to
// every goToNode that leads to it.
const mostReturns = 50_000

// back adds the ways by which a node returns to goToNodes.
func (f *Flow) back(n *Node, callers []*Node) {
	for _, c := range callers {
		for _, w := range c.Ways {
			if f.returns++; f.returns > mostReturns {
				return
			}
			f.jumps[n] = append(f.jumps[n], &Way{From: n, To: w.To, Condition: w.Condition, Branch: w.Branch})
		}
	}
}

// Crossed returns the nodes that the flow may cross from a node to its next stops, including
// these. Value is that of the pressed button of a screen; nil means any button. A nil node means
// the start of the flow. It must not be called by several goroutines at once.
func (f *Flow) Crossed(from *Node, value *string) (out []*Node) {
	starts := f.Starts
	if from != nil {
		starts = []*Node{from}
	}
	seen := map[*Node]bool{}
	for _, n := range starts {
		screen := ""
		if n.Screen != nil {
			screen = n.ID
		}
		if from == nil && f.Stop(n) != "" {
			seen[n] = true
			continue
		}
		f.walk(n, f.next(n), screen, value)
		seen[n] = true
		for _, other := range f.Nodes {
			if f.marks[other.index].epoch == f.epoch {
				seen[other] = true
			}
		}
	}
	for _, n := range f.Nodes {
		if seen[n] {
			out = append(out, n)
		}
	}
	return out
}

// Lands reports whether a goToNode goes to a startNode of the flow.
func (f *Flow) Lands(n *Node) bool { return f.landings[n] != nil }

// next returns the ways that the flow may take after a node.
func (f *Flow) next(n *Node) []*Way {
	if ways := f.jumps[n]; ways != nil {
		return ways
	}
	return n.Ways
}

// reach marks the nodes that the flow can reach.
func (f *Flow) reach() {
	queue := append([]*Node(nil), f.Starts...)
	for len(queue) > 0 {
		n := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if n.reached {
			continue
		}
		n.reached = true
		for _, w := range f.next(n) {
			queue = append(queue, w.To)
		}
	}
}

// names reports whether a comparer of a screen's button has a value.
func (f *Flow) names(s *Screen, value string) bool { return f.named[s.Node.ID][value] }

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
