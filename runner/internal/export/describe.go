package export

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// A part is one flow in the JSON of describe.
type part struct {
	Flow            string         `json:"flow"`
	FlowID          string         `json:"flowId"`
	Trigger         *string        `json:"trigger"`
	PingOneFlow     *bool          `json:"pingOneFlow"`
	LogLevel        *int64         `json:"logLevel"`
	Nodes           int            `json:"nodes"`
	Connections     int            `json:"connections"`
	Evals           int            `json:"evals"`
	Annotations     int            `json:"annotations"`
	Edges           int            `json:"edges"`
	Dangling        int            `json:"dangling"`
	Disabled        []string       `json:"disabled"`
	Hops            int            `json:"hops"`
	Starts          []string       `json:"starts"`
	Unreachable     []string       `json:"unreachable"`
	Stale           int            `json:"staleConditions"`
	Teleports       int            `json:"teleports"`
	Resolved        int            `json:"teleportsResolved"`
	Begin           []string       `json:"begin"`
	Screens         []screenPart   `json:"screens"`
	ButtonsDecided  map[string]int `json:"buttonsDecided"`
	Transitions     int            `json:"transitions"`
	PossibleOutcome int            `json:"possibleTransitions"`
	Terminals       map[string]int `json:"terminals"`
	Errors          []errorPart    `json:"errors"`
	Pauses          map[string]int `json:"pauses"`
	Calls           []callPart     `json:"calls"`
	Capabilities    map[string]int `json:"capabilities"`
}

type screenPart struct {
	ID          string         `json:"id"`
	Capability  string         `json:"capability"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Fields      []fieldPart    `json:"fields"`
	Buttons     []buttonPart   `json:"buttons"`
	FormMissing bool           `json:"formMissing,omitempty"`
	Components  map[string]int `json:"skcomponents,omitempty"`
	Outcomes    *[]string      `json:"outcomes,omitempty"` // of a screen without a button
	Failing     []string       `json:"failing,omitempty"`
}

type fieldPart struct {
	Type  string `json:"type"`
	Key   string `json:"key"`
	Label string `json:"label"`
	Shown string `json:"shown,omitempty"` // the text that a person reads, if it differs from the label
}

type buttonPart struct {
	Kind        string   `json:"kind"`
	Key         string   `json:"key"`
	Label       string   `json:"label"`
	Shown       string   `json:"shown,omitempty"`
	Event       string   `json:"event,omitempty"`
	Conditional bool     `json:"conditional"`
	Dynamic     bool     `json:"dynamic"`
	Decided     string   `json:"decided"`
	Outcomes    []string `json:"outcomes"`
	Possible    []string `json:"possible,omitempty"`
}

type errorPart struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Message string `json:"message"`
}

type callPart struct {
	ID      string          `json:"id"`
	UI      bool            `json:"ui"`
	FlowID  string          `json:"flowId"`
	Label   string          `json:"label"`
	Version json.RawMessage `json:"version"`
}

// JSON writes the content of a file as JSON.
func (f *File) JSON(w io.Writer) error {
	out := struct {
		Shape  string         `json:"shape"`
		Flows  int            `json:"flows"`
		Totals map[string]int `json:"totals"`
		Parts  []part         `json:"parts"`
		Notes  []string       `json:"notes,omitempty"`
	}{Shape: f.Shape, Flows: len(f.Flows), Totals: map[string]int{}, Notes: f.Notes}
	for _, flow := range f.Flows {
		p := partOf(flow)
		out.Parts = append(out.Parts, p)
		for name, n := range p.totals(f) {
			out.Totals[name] += n
		}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

// totals returns the counts of a part.
func (p *part) totals(f *File) map[string]int {
	t := map[string]int{
		"nodes": p.Nodes, "connections": p.Connections, "evals": p.Evals, "annotations": p.Annotations,
		"edges": p.Edges, "hops": p.Hops, "screens": len(p.Screens), "transitions": p.Transitions,
		"possibleTransitions": p.PossibleOutcome, "errors": len(p.Errors), "calls": len(p.Calls),
		"unreachable": len(p.Unreachable), "fields": 0, "buttons": 0, "buttonsResolved": 0,
		"terminals": 0, "pauses": 0, "callsInFile": 0,
	}
	for _, s := range p.Screens {
		t["fields"] += len(s.Fields)
		t["buttons"] += len(s.Buttons)
		for _, b := range s.Buttons {
			if b.Decided != Dynamic && b.Decided != Unresolved {
				t["buttonsResolved"]++
			}
		}
	}
	for _, n := range p.Terminals {
		t["terminals"] += n
	}
	for _, n := range p.Pauses {
		t["pauses"] += n
	}
	for _, c := range p.Calls {
		if f.Callee(c.FlowID, c.Label) != nil {
			t["callsInFile"]++
		}
	}
	return t
}

func partOf(f *Flow) part {
	p := part{
		Flow: f.Name, FlowID: f.ID, PingOneFlow: f.PingOne, LogLevel: f.LogLevel,
		Nodes: len(f.Nodes), Edges: f.edges, Dangling: f.Dangling, Disabled: []string{}, Hops: f.ways,
		Starts: []string{}, Unreachable: []string{}, Stale: len(f.Stale), Teleports: f.teleports,
		Resolved: len(f.landings),
		Begin:    texts(f.Begin), Screens: []screenPart{}, ButtonsDecided: map[string]int{},
		Terminals: map[string]int{}, Errors: []errorPart{}, Pauses: map[string]int{}, Calls: []callPart{},
		Capabilities: map[string]int{},
	}
	if f.Trigger != "" {
		p.Trigger = &f.Trigger
	}
	for _, n := range f.Starts {
		p.Starts = append(p.Starts, n.ID)
	}
	slices.Sort(p.Starts)
	for _, n := range f.Nodes {
		p.count(n)
	}
	for _, c := range f.Calls {
		p.Calls = append(p.Calls, callPart{c.Node.ID, c.UI, c.FlowID, c.Label, c.version})
	}
	slices.Sort(p.Unreachable)
	slices.Sort(p.Disabled)
	for _, s := range f.Screens {
		p.Screens = append(p.Screens, p.screen(s))
	}
	return p
}

func (p *part) count(n *Node) {
	if n.Disabled {
		p.Disabled = append(p.Disabled, n.ID)
	}
	switch n.Kind {
	case Eval:
		p.Evals++
		return
	case Annotation:
		p.Annotations++
		return
	case Connection:
		p.Connections++
	default:
		return
	}
	p.Capabilities[n.Capability]++
	if !n.reached {
		p.Unreachable = append(p.Unreachable, n.ID)
	}
	switch {
	case n.Terminal():
		p.Terminals[n.Capability]++
	case pauses[n.Capability]:
		p.Pauses[n.Capability]++
	case n.Capability == "customErrorMessage":
		p.Errors = append(p.Errors, errorPart{n.ID, n.Title, strings.TrimSpace(n.Text("errorMessage"))})
	}
}

func (p *part) screen(s *Screen) screenPart {
	out := screenPart{
		ID: s.Node.ID, Capability: s.Node.Capability, Name: s.Name, Description: s.Description,
		Fields: []fieldPart{}, Buttons: []buttonPart{}, FormMissing: s.FormMissing, Components: s.Components,
		Failing: texts(s.Fails),
	}
	for _, f := range s.Fields {
		out.Fields = append(out.Fields, fieldPart{f.Type, f.Key, f.Label, differs(f.Label, f.Shown)})
	}
	for _, b := range s.Buttons {
		out.Buttons = append(out.Buttons, buttonPart{
			Kind: b.Kind, Key: b.Key, Label: b.Label, Shown: differs(b.Label, b.Shown), Event: b.Event,
			Conditional: b.Conditional, Dynamic: b.Dynamic, Decided: b.Decided,
			Outcomes: texts(b.Outcomes), Possible: texts(b.Possible),
		})
		p.ButtonsDecided[b.Decided]++
		p.Transitions += len(b.Outcomes)
		p.PossibleOutcome += len(b.Possible)
	}
	if len(s.Buttons) == 0 {
		leaves := texts(s.Leaves)
		out.Outcomes = &leaves
	}
	return out
}

// differs returns the shown text if it differs from the label, otherwise "".
func differs(label, shown string) string {
	if label == shown {
		return ""
	}
	return shown
}

func texts(list []*Outcome) []string {
	out := []string{}
	for _, o := range list {
		out = append(out, o.String())
	}
	return out
}
