package lint

import (
	"strings"

	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

// graph checks how the nodes are connected.
func (c *checker) graph() {
	for _, n := range c.flow.Nodes {
		if n.Kind != export.Connection {
			continue
		}
		if !n.Reached() {
			c.add("EXPORT-NODE-UNREACHABLE", n, "nothing leads to the node")
			continue
		}
		if n.Capability == "goToNode" && !c.flow.Lands(n) {
			c.add("EXPORT-TELEPORT-LOST", n, "the goToNode does not go to a startNode of the flow")
		}
		c.failure(n)
		c.outcomes(n)
	}
	stale := map[*export.Node][]string{}
	var order []*export.Node
	for _, s := range c.flow.Stale {
		if stale[s.Eval] == nil {
			order = append(order, s.Eval)
		}
		stale[s.Eval] = append(stale[s.Eval], export.Quote(s.Target))
	}
	for _, n := range order {
		c.add("EXPORT-CONDITION-STALE", n, "the evaluator has a condition for "+words.List(stale[n], 4)+
			", to which it does not lead")
	}
	if n := c.flow.Dangling; n > 0 {
		c.add("EXPORT-EDGE-LOST", nil, words.Count(n, "edge")+" from or to a node that is not there")
	}
}

// failure checks that a node that can fail has a way for its failure.
func (c *checker) failure(n *export.Node) {
	backend := n.Get("capabilityClass").String() == "backend" || strings.HasPrefix(n.Connector, "pingOne") &&
		n.Connector != "pingOneFormsConnector" && !strings.HasPrefix(n.Capability, "return")
	if !backend || n.Screen != nil || len(n.Ways) == 0 || branches(n) {
		return
	}
	for _, w := range n.Ways {
		if w.Fails() || w.Condition == "always" || w.Condition == "allTriggersComplete" {
			return
		}
	}
	c.add("EXPORT-FALSE-MISSING", n, n.Capability+" has no way for its failure")
}

// branches reports whether a node has several ways that depend on its result.
func branches(n *export.Node) bool {
	for _, w := range n.Ways {
		if w.Branch != "" {
			return true
		}
	}
	return false
}

// outcomes checks that every outcome of a node in the export has a way.
func (c *checker) outcomes(n *export.Node) {
	for _, o := range n.Get("outcomes").Array() {
		id, has := o.Get("id").String(), false
		if id == "" {
			continue
		}
		for _, w := range n.Ways {
			has = has || w.Branch == id
		}
		if !has {
			label := o.Get("label").String()
			if label == "" {
				label = id
			}
			c.add("EXPORT-OUTCOME-OPEN", n, "the outcome "+export.Quote(label)+" has no way")
		}
	}
}
