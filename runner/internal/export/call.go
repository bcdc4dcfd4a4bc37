package export

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// A Call describes the subflow that a node starts.
type Call struct {
	Node          *Node
	Then          []*Outcome // where the flow goes on after it
	UI            bool       // the subflow may have screens
	FlowID, Label string
	Version       int64 // -1 for the latest
	version       json.RawMessage
}

// CallAt returns the call of a node of the flow, including where the flow goes on after
// it.
func (g *graph) CallAt(n *Node) *Call { return g.calls[n] }

// A Caller is a call, and the flow that makes it.
type Caller struct {
	*Call

	Flow *Flow
}

// callees are the flows of a file by the names that calls use, and the calls of each.
type callees struct {
	byID, byName map[string]*Flow
	callers      map[*Flow][]Caller
}

// Call returns the call of a node, nil if the node starts no subflow.
func (n *Node) Call() *Call {
	if n.Capability != "startUiSubFlow" && n.Capability != "startSubFlow" {
		return nil
	}
	c := &Call{Node: n, UI: n.Capability == "startUiSubFlow", Version: -1, version: json.RawMessage("null")}
	switch v := n.Value("subFlowId"); {
	case v.IsObject():
		c.FlowID, c.Label = v.Get("value").String(), v.Get("label").String()
	case v.Type == gjson.String:
		c.FlowID = plain(v)
	}
	if v := n.Value("subFlowVersionId"); v.Exists() && v.Raw != "" {
		c.version = json.RawMessage(v.Raw)
		if v.String() != "" {
			c.Version = v.Int()
		}
	}
	return c
}
