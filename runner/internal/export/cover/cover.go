// Package cover says how much of a flow journeys went through: its screens, buttons,
// outcomes, nodes and the hops between nodes, as the export of the flow or a recording has
// them, and draws it. It runs nothing.
package cover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// A State says how sure it is that a journey went over a part of the flow.
type State uint8

// The states, the surest last.
const (
	Never    State = iota // no journey can have gone over it
	Possible              // it is on a way between two answers
	Implied               // it is on every way between two answers
	Observed              // its node answered, or the button was pressed
)

// String returns the state as reports write it.
func (s State) String() string { return [...]string{"never", "possible", "implied", "observed"}[s] }

// MarshalText implements [encoding.TextMarshaler].
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// The kinds of parts, in the order of reports.
var kinds = []string{"screens", "buttons", "outcomes", "nodes", "hops"}

// A Part is one part of a flow that can be reached.
type Part struct {
	Kind   string `json:"kind"`
	Flow   string `json:"flow"`
	Node   string `json:"node"`
	Button string `json:"button,omitempty"`
	To     string `json:"to,omitempty"` // the id of the node that an outcome or a hop leads to
	Name   string `json:"name"`
	State  State  `json:"state"`

	// By are the scenarios that passed it, by their place in the coverage. Implied counts.
	By []int32 `json:"scenarios,omitempty"`

	leads string // of an outcome: its kind, as in "screen"
	label string // what a map shows of it: of an outcome that of where it leads
}

// A Scenario is one whose journeys are checked against the flow.
type Scenario struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Name string `json:"name"`
}

// A Coverage is what journeys covered of a flow.
type Coverage struct {
	// Parts are in the order of the flows, and of the kinds in each.
	Parts     []Part
	Journeys  int
	Scenarios []Scenario // none of a recording

	// ByID and ByName count the answers that were found in the flow by the id of their node,
	// and by the name of their screen. Unknown are those that it does not have.
	ByID, ByName, Unknown int

	// Index returns the place of a scenario in the report of the run, from 0, and whether it
	// has one. Nil: no report is linked to. Optional.
	Index func(Scenario) (int, bool)

	of       subject
	kinds    []string
	marks    map[key]*mark
	places   map[Scenario]int32
	now      int32 // the scenario of the journey that is added, -1 for none
	finished bool
}

// A subject is what journeys are checked against.
type subject interface {
	called() string                       // what it is, as in "the export"
	add(c *Coverage, steps []export.Step) // marks what a journey went over
	list(c *Coverage, add func(Part, key))
	begins() []begin // what the flows begin with, and go on with after subflows
}

// A key names a part.
type key struct {
	kind, flow, node, button, to string
}

// A mark is what is known of a part.
type mark struct {
	state State
	by    []int32
}

func newCoverage(of subject, kinds []string) *Coverage {
	return &Coverage{of: of, kinds: kinds, marks: map[key]*mark{}, places: map[Scenario]int32{}}
}

// Add takes in a journey of a scenario; that of a recording has none, and no file.
func (c *Coverage) Add(steps []export.Step, s Scenario) {
	c.Journeys++
	c.at(s)
	c.of.add(c, steps)
}

// AddLog takes in what the execution log has of a journey of a scenario: the nodes that it names
// are observed. A node is known by its id, or by title, capability and connector if only one node
// has them.
func (c *Coverage) AddLog(log *davinci.Log, s Scenario) {
	e, ok := c.of.(*exported)
	if !ok || log == nil {
		return
	}
	c.at(s)
	nodes := log.Nodes()
	for i := range nodes {
		if f, n := e.logged(&nodes[i]); n != nil {
			c.mark(c.part(key{"nodes", f.Name, n.ID, "", ""}), Observed)
		}
	}
}

// at says whose journey is added.
func (c *Coverage) at(s Scenario) {
	c.now = -1
	if s.File != "" {
		at, known := c.places[s]
		if !known {
			at = int32(len(c.Scenarios)) //nolint:gosec // as many as a run has
			c.places[s], c.Scenarios = at, append(c.Scenarios, s)
		}
		c.now = at
	}
}

// part returns the mark of a part.
func (c *Coverage) part(k key) *mark {
	m := c.marks[k]
	if m == nil {
		m = &mark{}
		c.marks[k] = m
	}
	return m
}

// mark says how sure it is that the journey went over a part.
func (c *Coverage) mark(m *mark, s State) {
	m.state = max(m.state, s)
	if s >= Implied && c.now >= 0 && (len(m.by) == 0 || m.by[len(m.by)-1] != c.now) {
		m.by = append(m.by, c.now)
	}
}

// sort puts the scenarios in the order of their files, since they end in any, and returns the
// place of each by the one that it had.
func (c *Coverage) sort() []int32 {
	slices.SortFunc(c.Scenarios, func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	to := make([]int32, len(c.Scenarios))
	for i, s := range c.Scenarios {
		to[c.places[s]] = int32(i)
	}
	return to
}

// Finish lists every part that can be reached with its state. No journey is added after it.
func (c *Coverage) Finish() {
	if c.finished {
		return
	}
	c.finished = true
	to := c.sort()
	listed := map[key]bool{}
	c.of.list(c, func(p Part, k key) {
		if k.flow = p.Flow; listed[k] {
			return // two branches to one node are one hop
		}
		listed[k] = true
		p.Kind, p.Node, p.Button, p.To = k.kind, k.node, k.button, k.to
		if m := c.marks[k]; m != nil {
			for i, at := range m.by {
				m.by[i] = to[at]
			}
			slices.Sort(m.by) // a scenario may have run again
			p.State, p.By = m.state, slices.Compact(m.by)
		}
		c.Parts = append(c.Parts, p)
	})
	c.tell(func(p *Part) string { return p.Node })
	c.tell(func(p *Part) string { return p.To })
}

// tell adds an id to the names of screens, buttons and outcomes that are the same for
// different ids, so that one which was observed is not taken for one which never was.
func (c *Coverage) tell(id func(*Part) string) {
	type name struct{ kind, flow, text string }
	ids, shared := map[name]string{}, map[name]bool{}
	of := func(p *Part) name { return name{p.Kind, p.Flow, p.Name} }
	for i := range c.Parts {
		p := &c.Parts[i]
		if known, again := ids[of(p)]; again && known != id(p) {
			shared[of(p)] = true
		}
		ids[of(p)] = id(p)
	}
	for i := range c.Parts {
		if p := &c.Parts[i]; shared[of(p)] && p.Kind != "nodes" && p.Kind != "hops" {
			p.Name += " (" + id(p) + ")"
		}
	}
}

// A Total counts the parts of one kind by their state.
type Total struct {
	All, Observed, Implied, Possible, Never int
}

// Percent is how much was observed or implied, 100 if there is nothing.
func (t Total) Percent() float64 {
	if t.All == 0 {
		return 100
	}
	return 100 * float64(t.Observed+t.Implied) / float64(t.All)
}

// Totals counts the parts of each kind.
func (c *Coverage) Totals() map[string]Total {
	out := map[string]Total{}
	for _, kind := range c.kinds {
		out[kind] = Total{}
	}
	for _, p := range c.Parts {
		t := out[p.Kind]
		t.All++
		switch p.State {
		case Observed:
			t.Observed++
		case Implied:
			t.Implied++
		case Possible:
			t.Possible++
		case Never:
			t.Never++
		}
		out[p.Kind] = t
	}
	return out
}

// A Demand is how much of each kind has to be covered, in percent.
type Demand map[string]float64

// ParseDemand reads a demand, as in buttons=80,outcomes=60.
func ParseDemand(text string) (Demand, error) {
	out := Demand{}
	for one := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		kind, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		var percent float64
		if n, err := fmt.Sscanf(value+" ", "%g ", &percent); n != 1 || err != nil || percent < 0 || percent > 100 ||
			!slices.Contains(kinds, kind) {
			return nil, fmt.Errorf("%q is not a demand, want %s with a percentage, as in buttons=80,outcomes=60",
				one, words.Or(kinds))
		}
		out[kind] = percent
	}
	return out, nil
}

// Counts says of which parts something is demanded that this coverage does not count: a
// recording has neither nodes nor hops of a flow.
func (c *Coverage) Counts(d Demand) error {
	for kind := range d {
		if !slices.Contains(c.kinds, kind) {
			return fmt.Errorf("%s are not counted here, want %s: only an export of the flow has %s", kind,
				words.Or(c.kinds), kind)
		}
	}
	return nil
}

// Lacks says, a sentence a kind, of what less is covered than demanded.
func (c *Coverage) Lacks(d Demand) (out []string) {
	totals := c.Totals()
	for _, kind := range c.kinds {
		if want, ok := d[kind]; ok && totals[kind].Percent() < want {
			out = append(out, fmt.Sprintf("%.1f %% of the %s are covered, want %g %%", totals[kind].Percent(), kind,
				want))
		}
	}
	return out
}
