package edit

import (
	"cmp"
	"slices"

	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/export"
)

// A Journey is the way of a scenario through a flow.
type Journey struct {
	Place diff.Place
	Steps []export.Step
}

// Touch finds the journeys that cross the changes, and lists them at the locations that they
// cross. In doubt a journey counts: it crosses every node that the flow may reach from one of
// its screens by the button that was pressed there. Journeys of other flows cross nothing.
func (e *Edit) Touch(journeys []Journey) (affected []diff.Place) {
	at := map[string][]diff.Place{} // by the id of a node
	for _, j := range journeys {
		crossed, whole, ours := e.crossed(j)
		if !ours {
			continue
		}
		hit := whole
		for id := range crossed {
			if e.touched[id] {
				hit = true
				at[id] = append(at[id], j.Place)
			}
		}
		if hit {
			affected = append(affected, j.Place)
		}
	}
	for _, d := range e.Differences {
		for i := range d.Locations {
			if list := at[d.Locations[i].Node]; list != nil {
				d.Locations[i].Touched = sorted(list)
			} else if d.Locations[i].At == "flow" {
				d.Locations[i].Touched = sorted(affected)
			}
		}
	}
	return sorted(affected)
}

func sorted(list []diff.Place) []diff.Place {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b diff.Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Scenario, b.Scenario))
	})
	return slices.Compact(list)
}

// crossed returns the ids of the nodes that a journey may cross in either export, whether
// it crosses a flow that changed as a whole, and whether the exports have its flow.
func (e *Edit) crossed(j Journey) (ids map[string]bool, whole, ours bool) {
	ids = map[string]bool{}
	found := make([]bool, len(j.Steps))
	for _, file := range []*export.File{e.Old, e.New} {
		if len(file.Flows) == 0 { // the file is new
			continue
		}
		c := &crossing{file: file, ids: ids, flows: map[string]bool{}, seen: map[leg]bool{}}
		ours = c.journey(j, found) || ours
		for name := range c.flows {
			whole = whole || e.whole[name]
		}
	}
	// A screen that neither export has may come after any change.
	return ids, whole || slices.Contains(found, false), ours
}

// journey adds the nodes that a journey may cross, and marks the steps that the export has.
// It reports whether the export has any of them.
func (c *crossing) journey(j Journey, found []bool) (ours bool) {
	var flow *export.Flow
	var node *export.Node
	for i, s := range j.Steps {
		if i == 0 {
			c.from(export.Main(c.file), nil, nil)
		} else if node != nil {
			c.from(flow, node, export.Pressed(node, s.Action))
		}
		f, n := export.Find(c.file, s)
		if n != nil {
			ours = true
			c.ids[n.ID], c.flows[f.Name] = true, true
		}
		found[i] = found[i] || n != nil || s.Node == "" && s.Screen == ""
		if s.Screen != "" {
			flow, node = f, n
		}
	}
	return ours
}

// A crossing collects the nodes that a journey may cross in one export.
type crossing struct {
	file  *export.File
	ids   map[string]bool
	flows map[string]bool
	seen  map[leg]bool
}

// A leg is a part of the way that begins at a node of a flow.
type leg struct {
	flow  *export.Flow
	from  *export.Node
	value string
	any   bool
}

// from adds the nodes that the flow may cross from a node on, also in subflows and
// after them.
func (c *crossing) from(f *export.Flow, n *export.Node, value *string) {
	at := leg{flow: f, from: n, any: value == nil}
	if value != nil {
		at.value = *value
	}
	if c.seen[at] {
		return
	}
	c.seen[at] = true
	c.flows[f.Name] = true
	for _, crossed := range f.Crossed(n, value) {
		c.ids[crossed.ID] = true
		if call := crossed.Call(); call != nil && crossed != n {
			if callee := c.file.Callee(call.FlowID, call.Label); callee != nil {
				c.from(callee, nil, nil)
			}
			c.from(f, crossed, nil)
		}
		if crossed.Terminal() {
			c.back(f)
		}
	}
}

// back continues after the calls of a subflow that has ended.
func (c *crossing) back(f *export.Flow) {
	for _, call := range c.file.Callers(f) {
		c.from(call.Flow, call.Node, nil)
	}
}
