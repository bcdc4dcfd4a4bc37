package davinci

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tidwall/gjson"
)

// A Log is the execution log of one journey: the flow that was started, its subflows, and the
// events of their nodes.
type Log struct {
	Flows  []LoggedFlow  `json:"flows"`  // the flow that was started, followed by its subflows
	Events []LoggedEvent `json:"events"` // of all flows, in order

	// Gaps has a sentence for each gap in the log. If there are gaps, an event that is
	// not in the log may still have happened.
	Gaps []string `json:"gaps,omitempty"`
}

// A LoggedFlow is one run of a flow.
type LoggedFlow struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name"`
	Version     int64  `json:"version,omitempty"`
	Interaction string `json:"interactionId,omitempty"`
	Transaction string `json:"transactionId,omitempty"` // the journey's
	Subflow     bool   `json:"subflow,omitempty"`
}

// A LoggedEvent is an entry of the log.
type LoggedEvent struct {
	Time       time.Time       `json:"time,omitzero"`
	Flow       int             `json:"flow"` // the index of its flow in [Log.Flows]
	Message    string          `json:"message"`
	Node       string          `json:"node,omitempty"` // the title; "" for an event of the flow itself
	NodeID     string          `json:"nodeId,omitempty"`
	Connector  string          `json:"connector,omitempty"`
	Capability string          `json:"capability,omitempty"`
	Success    string          `json:"success,omitempty"`      // true, false, or "" if the entry does not have it
	Took       *int64          `json:"milliseconds,omitempty"` // as the service measured it
	Properties json.RawMessage `json:"properties,omitempty"`   // inputs and outputs of the node, a JSON object

	// Hop is the number of the answer of the journey before which it happened, from 1; 0 if that
	// is not known.
	Hop int `json:"hop,omitempty"`
}

// The messages of events.
const (
	nodeBegins   = "Receive Request"
	nodeAnswers  = "Send Response"
	nodeFails    = "Send Error Response"
	startsFlow   = "Starting subflow"
	comparesWith = "functionsConnector" // the connector of comparisons
)

// ReadEvent reads an entry of the log of the flow with that index. A property that it does
// not have is zero.
//
// Source: the management API, GET …/flows/{flowId}/interactions/{interactionId}/events.
func ReadEvent(entry gjson.Result, flow int) LoggedEvent {
	e := LoggedEvent{
		Flow: flow, Message: entry.Get("message").String(), Node: text(entry.Get("nodeTitle")),
		NodeID: entry.Get("nodeId").String(), Connector: entry.Get("connector.id").String(),
		Capability: entry.Get("capabilityName").String(),
	}
	if took := entry.Get("executionTime"); took.Exists() {
		n := took.Int()
		e.Took = &n
	}
	if e.NodeID == "" {
		e.NodeID = entry.Get("node.id").String()
	}
	if s := strings.ToLower(entry.Get("success").String()); s == "true" || s == "false" {
		e.Success = s
	}
	e.Time, _ = time.Parse(time.RFC3339Nano, entry.Get("timestamp").String())
	if p := entry.Get("properties"); p.IsObject() {
		e.Properties = json.RawMessage(p.Raw)
	}
	return e
}

// text returns a text, which may be the value of an object.
func text(v gjson.Result) string {
	if v.IsObject() {
		v = v.Get("value")
	}
	return v.String()
}

// Answers reports whether the event says how a node, or the flow, has answered.
func (e *LoggedEvent) Answers() bool { return e.Message == nodeAnswers || e.Message == nodeFails }

// Starts returns the id of the flow that the event starts as a subflow, and reports whether it
// starts one. The id is "" if the entry does not have it.
func (e *LoggedEvent) Starts() (flow string, ok bool) {
	if !strings.EqualFold(e.Message, startsFlow) {
		return "", false
	}
	id := gjson.GetBytes(e.Properties, "subFlowId")
	for id.IsObject() {
		id = id.Get("value")
	}
	return id.String(), true
}

// A LoggedNode is one run of a node, from its request to its last answer.
type LoggedNode struct {
	Flow       string // the name of its flow
	Title, ID  string
	Connector  string
	Capability string
	Success    string        // of its last answer: true, false, or ""
	Failed     bool          // it answered with an error, or without success; a comparison that is false has not failed
	Took       time.Duration // the longest time in its entries
	Timed      bool          // whether an entry has a time
	Began      time.Time
	Answered   bool // false if it waits, or if the log ends before

	events []*LoggedEvent
}

// Nodes returns the runs of nodes in the order in which they began.
func (l *Log) Nodes() []LoggedNode {
	type key struct {
		flow      int
		title, id string
	}
	open := map[key]int{} // the last run of a node, as an index of nodes
	var nodes []LoggedNode
	for i := range l.Events {
		e := &l.Events[i]
		if e.Node == "" {
			continue
		}
		k := key{e.Flow, e.Node, e.NodeID}
		at, known := open[k]
		if !known || e.Message == nodeBegins && nodes[at].Answered {
			at = len(nodes)
			open[k] = at
			name := ""
			if e.Flow < len(l.Flows) {
				name = l.Flows[e.Flow].Name
			}
			nodes = append(nodes, LoggedNode{
				Flow: name, Title: e.Node, ID: e.NodeID, Connector: e.Connector, Capability: e.Capability,
				Began: e.Time,
			})
		}
		n := &nodes[at]
		n.events = append(n.events, e)
		if e.Took != nil {
			n.Took, n.Timed = max(n.Took, time.Duration(*e.Took)*time.Millisecond), true
		}
		if e.Answers() {
			n.Answered, n.Success = true, e.Success
			n.Failed = e.Message == nodeFails || e.Success == "false" && !e.compares()
			if n.Failed {
				n.Success = "false"
			}
		}
	}
	return nodes
}

// compares reports whether the node of an event compares values: that it is false is one
// of its ways on, and no failure.
//
// Source: connectors and capabilities of exported flows, such as AEqualsB and AIsEmpty.
func (e *LoggedEvent) compares() bool {
	c := []rune(e.Capability)
	return e.Connector == comparesWith && e.Capability != "customFunction" ||
		len(c) > 1 && c[0] == 'A' && unicode.IsUpper(c[1])
}

// Get returns the value at a gjson path of the outputs of the node, or of all its
// properties in the log. If the value is an object that describes a value, it returns the
// property value of that object.
func (n *LoggedNode) Get(path string) (found gjson.Result) {
	head, rest, deep := strings.Cut(path, ".")
	for _, in := range []string{"outputs.", "output.", "response.", ""} {
		for _, e := range slices.Backward(n.events) {
			found = gjson.GetBytes(e.Properties, in+path)
			if deep && !found.Exists() {
				found = described(gjson.GetBytes(e.Properties, in+head)).Get(rest)
			}
			if found = described(found); found.Exists() {
				return found
			}
		}
	}
	return found
}

// TimedOut reports whether the node failed because something did not answer in time.
func (n *LoggedNode) TimedOut() bool {
	var says strings.Builder
	for _, path := range []string{"errorMessage", "message", "error", "code"} {
		says.WriteString(strings.ToLower(n.Get(path).String()) + "\n")
	}
	late := func(word string) bool { return strings.Contains(says.String(), word) }
	return n.Failed && slices.ContainsFunc([]string{"timeout", "timed out", "timedout"}, late)
}

// described returns the value of a property that an object describes.
func described(v gjson.Result) gjson.Result {
	for v.IsObject() && v.Get("value").Exists() {
		v = v.Get("value")
	}
	return v
}

// Properties returns the inputs and outputs of the node in all its entries as a JSON object, ""
// if there are none. Of a repeated name it has the last value.
func (n *LoggedNode) Properties() string {
	var names []string
	values := map[string]string{}
	for _, e := range n.events {
		gjson.ParseBytes(e.Properties).ForEach(func(key, value gjson.Result) bool {
			if _, again := values[key.Str]; !again {
				names = append(names, key.Str)
			}
			values[key.Str] = value.Raw
			return true
		})
	}
	if len(names) == 0 {
		return ""
	}
	var b strings.Builder
	for i, name := range names {
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + Quote(name) + ":" + values[name])
	}
	return b.String() + "}"
}

// Assign sets, for each event, the number of the answer before which it happened. An answer
// includes the events up to the entry in which its node answers. Events after the last
// answer belong to that.
func (l *Log) Assign(answers []*Answer) {
	at, last := 0, -1 // the first event that is not assigned, and the answer of the one before
	for i, a := range answers {
		end := len(l.Events)
		if i+1 < len(answers) {
			next := slices.IndexFunc(l.Events[at:], func(e LoggedEvent) bool {
				if !e.Answers() || a.Capability() == "" || e.Capability != a.Capability() {
					return false
				}
				if e.NodeID != "" {
					return e.NodeID == a.NodeID()
				}
				// A form answers once more when it is left.
				again := last >= 0 && e.Node == l.Events[last].Node
				return !again || answers[i-1].NodeID() == a.NodeID()
			})
			if end = at; next >= 0 {
				last = at + next
				end = last + 1
			}
		}
		for ; at < end; at++ {
			l.Events[at].Hop = i + 1
		}
	}
}

// LastFailed returns the index of the last failed node, -1 if none failed.
func LastFailed(nodes []LoggedNode) int {
	for i := range slices.Backward(nodes) {
		if nodes[i].Failed {
			return i
		}
	}
	return -1
}
