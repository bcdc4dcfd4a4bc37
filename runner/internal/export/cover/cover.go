// Package cover says how much of a flow journeys went through: its screens, buttons,
// outcomes, nodes and the hops between nodes. It reads exports and journeys, and runs nothing.
package cover

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/internal/export"
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
}

// A Coverage is what journeys covered of a file.
type Coverage struct {
	Parts    []Part // in the order of the flows, and of the kinds in each
	Journeys int

	// ByID and ByName count the answers that were found in the export by the id of their node,
	// and by the name of their screen. Unknown are those that the export does not have.
	ByID, ByName, Unknown int

	file *export.File
	at   map[key]State
	legs map[leg]bool
}

// A key names a part.
type key struct {
	kind, flow, node, button, to string
}

// A leg is what lies between two answers.
type leg struct {
	flow, from, button, to string
	any                    bool
}

// New returns the coverage of a file that no journey went through yet.
func New(file *export.File) *Coverage {
	return &Coverage{file: file, at: map[key]State{}, legs: map[leg]bool{}}
}

// Add takes in a journey.
func (c *Coverage) Add(steps []export.Step) {
	c.Journeys++
	var at place // the screen that the flow is at
	for i, s := range steps {
		f, n := export.Find(c.file, s)
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
		c.mark(key{"nodes", f.Name, n.ID, "", ""}, Observed)
		to := place{f, n}
		switch {
		case i == 0:
			c.between(place{export.Main(c.file), nil}, "", to)
		case at.node != nil && at != to || at.node != nil && s.Action != "":
			c.pressed(at, s.Action, to)
		}
		if n.Screen != nil {
			c.mark(key{"screens", f.Name, n.ID, "", ""}, Observed)
			at = to
		}
	}
}

// pressed marks the button that was pressed, and what it led to.
func (c *Coverage) pressed(at place, action string, to place) {
	if slices.ContainsFunc(at.node.Screen.Buttons, func(b *export.Button) bool { return b.Key == action }) {
		c.mark(key{"buttons", at.flow.Name, at.node.ID, action, ""}, Observed)
	}
	c.between(at, action, to)
}

func (c *Coverage) mark(k key, s State) { c.at[k] = max(c.at[k], s) }

// Finish lists every part that can be reached with its state.
func (c *Coverage) Finish() {
	listed := map[key]bool{}
	for _, f := range c.file.Flows {
		c.list(f, func(k key, name string) {
			if k.flow = f.Name; listed[k] {
				return // two branches to one node are one hop
			}
			listed[k] = true
			c.Parts = append(c.Parts, Part{
				Kind: k.kind, Flow: f.Name, Node: k.node, Button: k.button, To: k.to, Name: name, State: c.at[k],
			})
		})
	}
}

// list adds the parts of a flow that can be reached.
func (c *Coverage) list(f *export.Flow, add func(k key, name string)) {
	var reached []*export.Node
	for _, n := range f.Nodes {
		if n.Kind == export.Connection && n.Reached() {
			reached = append(reached, n)
		}
	}
	for _, n := range reached {
		if n.Screen != nil {
			add(key{kind: "screens", node: n.ID}, cmp.Or(n.Screen.Name, n.ID))
		}
	}
	for _, n := range reached {
		if n.Screen != nil {
			buttons(n.Screen, add)
		}
	}
	for _, n := range reached {
		add(key{kind: "nodes", node: n.ID}, n.Label())
	}
	for _, n := range reached {
		for _, w := range n.Ways {
			add(key{kind: "hops", node: n.ID, to: w.To.ID}, n.Label()+" → "+w.To.Label())
		}
	}
}

// buttons lists the buttons of a screen, and the outcomes of each.
func buttons(s *export.Screen, add func(k key, name string)) {
	screen := cmp.Or(s.Name, s.Node.ID)
	outcomes := func(button, name string, list []*export.Outcome) {
		for _, o := range list {
			to := o.Node.Label()
			switch {
			case o.Node.Screen != nil:
				to = cmp.Or(o.Node.Screen.Name, to)
			case o.Kind == export.ToError:
				to = cmp.Or(strings.Join(strings.Fields(o.Node.Text("errorMessage")), " "), to)
			}
			add(key{kind: "outcomes", node: s.Node.ID, button: button, to: o.Node.ID},
				screen+" – "+name+" → "+o.Kind+" "+to)
		}
	}
	for _, b := range s.Buttons {
		name := cmp.Or(b.Shown, b.Key)
		add(key{kind: "buttons", node: s.Node.ID, button: b.Key}, screen+" – "+name)
		outcomes(b.Key, name, slices.Concat(b.Outcomes, b.Possible))
	}
	outcomes("", "go on", s.Leaves)
}

// A Total counts the parts of one kind by their state.
type Total struct {
	All, Observed, Implied, Possible, Never int
}

// Percent is how much was observed or implied, 100 where there is nothing.
func (t Total) Percent() float64 {
	if t.All == 0 {
		return 100
	}
	return 100 * float64(t.Observed+t.Implied) / float64(t.All)
}

// Totals counts the parts of each kind.
func (c *Coverage) Totals() map[string]Total {
	out := map[string]Total{}
	for _, kind := range kinds {
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
			return nil, fmt.Errorf("%q is no demand, want %s with a percentage, as in buttons=80,outcomes=60",
				one, words.Or(kinds))
		}
		out[kind] = percent
	}
	return out, nil
}

// Lacks says, a sentence a kind, of what less is covered than demanded.
func (c *Coverage) Lacks(d Demand) (out []string) {
	totals := c.Totals()
	for _, kind := range kinds {
		if want, ok := d[kind]; ok && totals[kind].Percent() < want {
			out = append(out, fmt.Sprintf("%.1f %% of the %s are covered, want %g %%", totals[kind].Percent(), kind,
				want))
		}
	}
	return out
}
