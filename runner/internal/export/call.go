package export

import (
	"encoding/json"

	"github.com/tidwall/gjson"
)

// A Call is what a node says of the subflow that it starts.
type Call struct {
	Node          *Node
	Then          []*Outcome // where the flow goes on to behind it
	UI            bool       // the subflow may have screens
	FlowID, Label string
	Version       int64 // -1 for the latest
	version       json.RawMessage
}

// CallAt returns the call of a node of the flow, with where the flow goes on to behind it.
func (g *graph) CallAt(n *Node) *Call { return g.calls[n] }

// A Caller is a call, and the flow that makes it.
type Caller struct {
	*Call

	Flow *Flow
}

// callees are the flows of a file as calls name them, and the calls of each.
type callees struct {
	byID, byName map[string]*Flow
	callers      map[*Flow][]Caller
}

// index finds which flow each call starts.
func (f *File) index() {
	k := &f.known
	k.byID, k.byName, k.callers = map[string]*Flow{}, map[string]*Flow{}, map[*Flow][]Caller{}
	for _, flow := range f.Flows {
		if k.byID[flow.ID] == nil {
			k.byID[flow.ID] = flow
		}
		if k.byName[flow.Name] == nil {
			k.byName[flow.Name] = flow
		}
	}
	for _, flow := range f.Flows {
		for _, call := range flow.Calls {
			if to := f.Callee(call.FlowID, call.Label); to != nil {
				k.callers[to] = append(k.callers[to], Caller{call, flow})
			}
		}
	}
}

// Callee returns the flow of the file that a call starts, by its id or, as imports give flows new
// ids, by its name; nil if the file does not have it.
func (f *File) Callee(id, label string) *Flow {
	if flow := f.known.byID[id]; flow != nil && id != "" {
		return flow
	}
	if label == "" {
		return nil
	}
	return f.known.byName[label]
}

// Callers returns the calls of the file that start a flow of it.
func (f *File) Callers(flow *Flow) []Caller { return f.known.callers[flow] }

// Call returns the call of a node, nil of a node that starts no subflow.
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
