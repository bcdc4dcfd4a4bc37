package cover

import (
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// logged returns the node of the export for a node in the log, nil if there is none or
// several match.
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
