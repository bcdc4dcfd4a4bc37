package cover

import (
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// AddLog takes in what the execution log has of a journey of a scenario: the nodes that it
// names are observed. A node is known by its id, or by title, capability and connector where
// only one node has them.
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

// logged returns the node of the export that the log names, nil where none or several may be it.
func (e *exported) logged(of *davinci.LoggedNode) (flow *export.Flow, node *export.Node) {
	fits := func(n *export.Node) bool {
		if n.Kind != export.Connection || !n.Reached() {
			return false
		}
		if of.ID != "" {
			return n.ID == of.ID
		}
		return n.Title == of.Title && (of.Capability == "" || n.Capability == of.Capability) &&
			(of.Connector == "" || n.Connector == of.Connector)
	}
	flows := e.file.Flows
	for _, f := range flows {
		if f.Name == of.Flow {
			flows = []*export.Flow{f}
			break
		}
	}
	for _, f := range flows {
		for _, n := range f.Nodes {
			switch {
			case !fits(n):
			case node != nil:
				return nil, nil
			default:
				flow, node = f, n
			}
		}
	}
	return flow, node
}
