// Package export reads the JSON exports of DaVinci flows: nodes, edges and forms,
// the screens as a client gets them, and what each button leads to. It sends
// nothing, and knows no recording and no feature.
package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// MaxSize is the size in bytes of the largest export that is read.
const MaxSize = 64 << 20

// The shapes of a file, as the console and the API write them.
const (
	Single  = "single"  // one flow
	Multi   = "multi"   // a flow with its subflows
	API     = "api"     // a version of a flow, as the API exports it
	Snippet = "snippet" // nodes that were copied out of a flow
)

// A File is one export.
type File struct {
	Shape string
	Flows []*Flow // in the order of the file, at least one

	data  string // the content of the file
	lines []int  // the offset of each line but the first, computed when needed
	known callees

	// Notes has a sentence for each thing that the reader does not know and skipped.
	Notes []string
}

// A Flow is one flow of an export. It is not changed once it is read.
type Flow struct {
	Name, Description string
	ID                string // "" of a snippet
	Trigger           string // trigger.type, "" if the flow has none
	PingOne           *bool  // settings.pingOneFlow, nil if an export does not say it
	LogLevel          *int64

	Nodes   []*Node // all, annotations too, in the order of the file
	Screens []*Screen

	edges    int
	Dangling int // edges from or to a node that does not exist
	byID     map[string]*Node
	forms    map[string]gjson.Result
	buttons  map[string]bool // the types of fields that are buttons, as far as the flow has them
	graph
}

// The kinds of nodes, as exports name them.
const (
	Connection = "CONNECTION" // a capability of a connector
	Eval       = "EVAL"       // the condition between two of them
	Annotation = "ANNOTATION" // a note on the canvas
)

// A Node is one node of a flow.
type Node struct {
	ID, Kind   string
	Connector  string
	Capability string // "" if the node is not configured
	Title      string // nodeTitle, "" if its author gave none
	Detail     string // nodeDescription
	Disabled   bool

	// Ways lead to the next capabilities, through the EVAL nodes between. They are in
	// the order of the file.
	Ways []*Way

	// Screen is the screen that a client gets if the flow pauses at the node, otherwise
	// nil.
	Screen *Screen

	values  map[string]string // of a comparison, by branch; of an EVAL, its conditions by node
	name    string            // of the connector
	props   gjson.Result
	raw     gjson.Result
	out     []edge
	into    int // edges that lead here
	index   int // among the nodes of the flow
	reached bool
}

// An edge leads to a node.
type edge struct {
	to     *Node
	branch string // multiValueSourceId
}

// Label returns the name of a node for a person: its title, or its capability.
func (n *Node) Label() string {
	switch {
	case n.Title != "":
		return n.Title
	case n.Capability != "":
		return n.Capability
	case n.Kind == Eval:
		return "Evaluator"
	}
	return n.name
}

// Get returns the value at a gjson path in the export's object of a node. It need not
// exist.
func (n *Node) Get(path string) gjson.Result { return n.raw.Get(path) }

// Properties calls do with each property of a node in the export, in order.
func (n *Node) Properties(do func(name string, value gjson.Result)) {
	n.props.ForEach(func(key, v gjson.Result) bool {
		do(key.String(), unwrap(v))
		return true
	})
}

// Line returns the line of the file in which the node begins, at least 1. It must not be
// called by several goroutines at once.
func (f *File) Line(n *Node) int {
	if f.lines == nil {
		f.lines = []int{}
		for at := 0; ; {
			next := strings.IndexByte(f.data[at:], '\n')
			if next < 0 {
				break
			}
			at += next + 1
			f.lines = append(f.lines, at)
		}
	}
	line, _ := slices.BinarySearch(f.lines, n.raw.Index+1)
	return 1 + line
}

// Node returns the node with an id, nil if there is none.
func (f *Flow) Node(id string) *Node { return f.byID[id] }

// Reached reports whether the flow can reach the node from one of its entries.
func (n *Node) Reached() bool { return n.reached }

// IsPingOne reports whether an authorize request can start the flow.
func (f *Flow) IsPingOne() bool {
	return f.Trigger == "AUTHENTICATION" || f.Trigger == "" && f.PingOne != nil && *f.PingOne
}

// index finds the flow that each call starts.
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

// Callee returns the flow of the file that a call starts, by its id or, because imports give
// flows new ids, by its name. It returns nil if the file does not have the flow.
func (f *File) Callee(id, label string) *Flow {
	if flow := f.known.byID[id]; flow != nil && id != "" {
		return flow
	}
	if label == "" {
		return nil
	}
	return f.known.byName[label]
}

// Callers returns the calls in the file that start one of its flows.
func (f *File) Callers(flow *Flow) []Caller { return f.known.callers[flow] }

// Parse reads an export. Its error says what the data is instead. Unknown parts in a flow are
// not an error (see File.Notes).
func Parse(data []byte) (*File, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > MaxSize {
		return nil, fmt.Errorf("the file has %d MiB, want a flow export of at most %d MiB", len(data)>>20, MaxSize>>20)
	}
	if !json.Valid(data) { // json.Valid limits the depth; the reader below does not
		return nil, invalid(data)
	}
	root := gjson.ParseBytes(data)
	if !root.IsObject() {
		return nil, errors.New("the file holds a JSON " + davinci.KindOf(root) +
			", want an object: the export of a flow")
	}
	f := &File{data: root.Raw}
	var flows, forms, graph, meta, cloned gjson.Result
	root.ForEach(func(key, v gjson.Result) bool { // one pass, because each look-up reads the whole file
		switch key.Str {
		case "flows":
			flows = v
		case "forms":
			forms = v
		case "graphData":
			graph = v
		case "flow":
			meta = v
		case "clonedNodes":
			cloned = v
		}
		return true
	})
	switch {
	case flows.Get("#(graphData)").Exists():
		f.Shape = Multi
		flows.ForEach(func(_, flow gjson.Result) bool {
			f.read(flow, forms)
			return true
		})
	case graph.IsObject() && meta.IsObject():
		f.Shape = API
		f.read(root, forms)
	case graph.IsObject():
		f.Shape = Single
		f.read(root, forms)
	case cloned.Exists():
		f.Shape = Snippet
		f.read(root, forms)
	default:
		return nil, errors.New("the file is JSON and no flow export: it has neither graphData nor flows " +
			"nor clonedNodes; \"Download Flow JSON\" in DaVinci writes one")
	}
	f.index()
	return f, nil
}

// invalid returns an error with the place at which data is no longer JSON.
func invalid(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("the file is empty, want the JSON export of a flow")
	}
	var into json.RawMessage
	err := json.Unmarshal(data, &into)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		if int(syntax.Offset) >= len(data) {
			return fmt.Errorf("the file ends in the middle of its JSON, after %d bytes: it was cut off", len(data))
		}
		line := bytes.Count(data[:syntax.Offset], []byte("\n")) + 1
		return fmt.Errorf("the file is not JSON: %s, at byte %d in line %d", syntax.Error(), syntax.Offset, line)
	}
	return fmt.Errorf("the file is not JSON: %w", err)
}

// read reads one flow. Shared are the forms of the whole file.
func (f *File) read(v, shared gjson.Result) {
	flow := &Flow{byID: map[string]*Node{}, forms: map[string]gjson.Result{}, buttons: map[string]bool{}}
	flow.Name, flow.ID = v.Get("name").String(), v.Get("flowId").String()
	if f.Shape == API {
		flow.Name, flow.ID = v.Get("flow.name").String(), v.Get("flow.id").String()
	}
	flow.Description = v.Get("description").String()
	flow.Trigger = v.Get("trigger.type").String()
	if p := v.Get("settings.pingOneFlow"); p.IsBool() {
		is := p.Bool()
		flow.PingOne = &is
	}
	if l := v.Get("settings.logLevel"); l.Type == gjson.Number {
		level := l.Int()
		flow.LogLevel = &level
	}
	for _, from := range []gjson.Result{shared, v.Get("forms")} {
		from.ForEach(func(key, form gjson.Result) bool {
			id := form.Get("id").String()
			if from.IsObject() {
				id = key.String()
			}
			flow.forms[id] = form
			return true
		})
	}
	nodes, edges := v.Get("graphData.elements.nodes"), v.Get("graphData.elements.edges")
	if f.Shape == Snippet {
		nodes, edges = v.Get("clonedNodes"), v.Get("clonedEdges")
	}
	f.nodes(flow, nodes)
	flow.connect(edges)
	if flow.hops(); flow.returns > mostReturns {
		f.note(flow, "there are more than "+strconv.Itoa(mostReturns)+
			" ways by which a node returns to a goToNode; the others are ignored")
	}
	for _, n := range flow.Nodes {
		if n.Kind == Connection && screens[n.Capability] {
			n.Screen = flow.screen(n)
			if err := n.Screen.html(n); err != nil {
				f.note(flow, "the HTML of node "+davinci.Quote(n.ID)+
					" is not read, so its buttons are missing: "+err.Error())
			}
			flow.Screens = append(flow.Screens, n.Screen)
		}
	}
	flow.decide()
	if flow.listed > mostOutcomes {
		f.note(flow, "there are more than "+strconv.Itoa(mostOutcomes)+
			" ways from a button to where the flow stops next; of each of the other buttons one is listed")
	}
	f.Flows = append(f.Flows, flow)
}

// nodes reads the nodes of a flow.
func (f *File) nodes(flow *Flow, list gjson.Result) {
	number := 0
	list.ForEach(func(key, v gjson.Result) bool {
		number++
		data := v.Get("data")
		if !data.IsObject() {
			data = v
		}
		n := &Node{
			ID: data.Get("id").String(), Kind: data.Get("nodeType").String(),
			Connector: data.Get("connectorId").String(), Capability: data.Get("capabilityName").String(),
			Disabled: data.Get("isDisabled").Bool(),
			name:     data.Get("name").String(), props: data.Get("properties"), raw: data, index: len(flow.Nodes),
		}
		if n.ID == "" && list.IsObject() { // the form in which Terraform keeps nodes
			n.ID = key.String()
		}
		switch {
		case n.ID == "":
			f.note(flow, "node "+strconv.Itoa(number)+" has no id and is skipped")
			return true
		case flow.byID[n.ID] != nil:
			f.note(flow, "two nodes have the id "+davinci.Quote(n.ID)+"; only the first is read")
			return true
		}
		switch n.Kind {
		case Connection:
			n.Title, n.Detail = strings.TrimSpace(n.Text("nodeTitle")), strings.TrimSpace(n.Text("nodeDescription"))
		case Eval, Annotation, "START":
		default:
			f.note(flow, "node "+davinci.Quote(n.ID)+" is of the unknown type "+davinci.Quote(n.Kind))
		}
		flow.byID[n.ID] = n
		flow.Nodes = append(flow.Nodes, n)
		return true
	})
}

// note adds a sentence about something that was skipped.
func (f *File) note(flow *Flow, text string) {
	f.Notes = append(f.Notes, "flow "+davinci.Quote(flow.Name)+": "+text)
}
