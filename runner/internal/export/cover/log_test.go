package cover_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/steps/davinci"
)

// What the execution log names was observed, where only one node of the export can be it.
func TestTheLogObservesNodes(t *testing.T) {
	t.Parallel()
	file := shop(t)
	find := func(id string) (string, *export.Node) {
		for _, f := range file.Flows {
			for _, n := range f.Nodes {
				if n.ID == id {
					return f.Name, n
				}
			}
		}
		require.Fail(t, "no node "+id)
		return "", nil
	}
	log := &davinci.Log{}
	add := func(flow, title, id, connector, capability string) {
		log.Flows = append(log.Flows, davinci.LoggedFlow{Name: flow})
		log.Events = append(log.Events, davinci.LoggedEvent{
			Flow: len(log.Flows) - 1, Message: "Send Response", Node: title, NodeID: id, Connector: connector, Capability: capability,
		})
	}
	flow, lookup := find("lookup")
	add(flow, lookup.Title, "", lookup.Connector, lookup.Capability)
	_, password := find("checkpw")
	add("renamed", password.Title, "", password.Connector, password.Capability)
	add(flow, "another title", "pwstatus", "", "")
	_, wrong := find("wrong")
	add(flow, wrong.Title, "", "another", wrong.Capability)
	add(flow, "No such node", "", "", "")

	by := cover.Scenario{File: "a.feature", Line: 3, Name: "A"}
	c := cover.New(file)
	c.Add(steps("signform", "", "wrong", "SIGNON"), by)
	c.AddLog(log, by)
	c.AddLog(nil, by)
	c.Finish()
	got := states(c, "nodes")
	for _, node := range []string{"lookup", "checkpw", "pwstatus"} {
		assert.Contains(t, got, node+": observed")
	}
	assert.Equal(t, 1, c.Journeys)
	for _, p := range c.Parts {
		if p.Kind == "nodes" && p.Node == "checkpw" {
			assert.Equal(t, cover.Scenarios{{0, 0}}, p.By)
		}
	}

	same := &davinci.Log{Flows: []davinci.LoggedFlow{{Name: flow}}, Events: []davinci.LoggedEvent{{Message: "Send Response", Node: lookup.Title}}}
	_, password.Title, password.Capability = flow, lookup.Title, ""
	two := cover.New(file)
	two.AddLog(same, by)
	two.Finish()
	assert.Empty(t, states(two, "nodes"), "two nodes of one title may be it")
}
