// Package cover measures which parts of a flow journeys went through: its screens,
// buttons, outcomes, nodes and the hops between nodes. The parts come from the export of
// the flow or from a recording. It also draws a map. It runs nothing.
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

// A State says how certain it is that a journey passed a part of the flow.
type State uint8

// The states, the most certain last.
const (
	Never    State = iota // no journey can have passed it
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

	// By are the indexes of the scenarios that passed the part. Implied parts count as
	// passed.
	By Scenarios `json:"scenarios,omitempty"`

	leads string // for an outcome: its kind, such as "screen"
	label string // its label on a map; for an outcome, that of its target
}

// A Scenario is a scenario whose journeys are checked against the flow.
type Scenario struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Name string `json:"name"`
}

// A Coverage says which parts of a flow journeys covered.
type Coverage struct {
	// Parts are in the order of the flows, and of the kinds in each.
	Parts     []Part
	Journeys  int
	Scenarios []Scenario // empty for a recording

	// ByID and ByName count the answers found in the flow by the id of their node, and by
	// the name of their screen. Unknown counts the answers that were not found.
	ByID, ByName, Unknown int

	// Index returns the index of a scenario in the report of the run, from 0, and whether it
	// is there. Nil means no links to a report. Optional.
	Index func(Scenario) (int, bool)

	of       subject
	kinds    []string
	marks    map[key]*mark
	places   map[Scenario]int32
	now      int32   // the scenario of the current journey, -1 for none
	to       []int32 // the indexes of the scenarios after Finish, by those before
	finished bool
}

// A subject is an export or a recording against which journeys are checked.
type subject interface {
	called() string                       // its name, such as "the export"
	add(c *Coverage, steps []export.Step) // marks the parts that a journey passed
	list(c *Coverage, add func(Part, key))
	begins() []begin // where the flows begin, and where they go on after subflows
}

// A key names a part.
type key struct {
	kind, flow, node, button, to string
}

// A mark has the state of a part and the scenarios that passed it.
type mark struct {
	state State
	by    Scenarios
}

func newCoverage(of subject, kinds []string) *Coverage {
	return &Coverage{of: of, kinds: kinds, marks: map[key]*mark{}, places: map[Scenario]int32{}}
}

// Add adds a journey of a scenario. For a journey of a recording, the scenario is
// empty.
func (c *Coverage) Add(steps []export.Step, s Scenario) {
	c.Journeys++
	c.at(s)
	c.of.add(c, steps)
}

// AddLog adds the execution log of a journey of a scenario. The nodes in the log are observed. A
// node is identified by its id, or by title, capability and connector if only one node has them.
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

// at sets the scenario of the next journey.
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

// mark sets the state of a part for the current journey.
func (c *Coverage) mark(m *mark, s State) {
	m.state = max(m.state, s)
	if s >= Implied && c.now >= 0 {
		m.by.add(c.now)
	}
}

// sort sorts the scenarios by file, because they end in any order. It returns the new index
// of each scenario by its old one.
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

// Finish lists every reachable part with its state. No journey may be added afterwards.
func (c *Coverage) Finish() {
	if c.finished {
		return
	}
	c.finished = true
	c.to = c.sort()
	if !slices.IsSorted(c.to) {
		for _, m := range c.marks {
			m.by = m.by.renumbered(c.to)
		}
	}
	listed := map[key]bool{}
	c.of.list(c, func(p Part, k key) {
		if k.flow = p.Flow; listed[k] {
			return // two branches to one node are one hop
		}
		listed[k] = true
		p.Kind, p.Node, p.Button, p.To = k.kind, k.node, k.button, k.to
		if m := c.marks[k]; m != nil {
			p.State, p.By = m.state, m.by
		}
		c.Parts = append(c.Parts, p)
	})
	c.distinguish(func(p *Part) string { return p.Node })
	c.distinguish(func(p *Part) string { return p.To })
}

// distinguish adds an id to the names of screens, buttons and outcomes that have the
// same name but different ids.
func (c *Coverage) distinguish(id func(*Part) string) {
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

// Percent returns the percentage of observed and implied parts, 100 if there are no
// parts.
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

// A Demand is the least coverage of each kind of part, in percent.
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

// Counts returns an error if the demand has a kind of part that this coverage does not
// count: a recording has neither nodes nor hops of a flow.
func (c *Coverage) Counts(d Demand) error {
	for kind := range d {
		if !slices.Contains(c.kinds, kind) {
			return fmt.Errorf("%s are not counted here, want %s: only an export of the flow has %s", kind,
				words.Or(c.kinds), kind)
		}
	}
	return nil
}

// Lacks returns a sentence for each kind of part that is covered less than demanded.
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
