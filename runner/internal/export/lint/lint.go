package lint

import (
	"cmp"
	"slices"

	"flowtest/runner/internal/export"
	"flowtest/steps/conformance"
)

// A Finding is a place at which a flow breaks a rule.
type Finding struct {
	Rule *Rule
	Flow string
	ID   string // of the flow
	Node string // the id, "" if it is about the flow
	Name string // the label of the node
	Line int    // in the file
	Text string // the finding, a sentence without a full stop

	// Known says until when the finding is a known failure, "" if it is not.
	Known string
}

// Fails reports whether the finding fails a check.
func (f *Finding) Fails() bool { return f.Rule.Level == Error && f.Known == "" }

// Check checks every flow of a file against the rules, including those for the named SDKs. The
// findings are in the order of the flows, their nodes and the rules.
func Check(file *export.File, sdks []conformance.SDK) []Finding {
	var all []Finding
	circles := cycles(file)
	for _, f := range file.Flows {
		c := &checker{
			file: file, flow: f, sdks: sdks, inputs: inputs(f), keys: map[*export.Screen]*export.Paths{},
			cycles: circles,
		}
		c.screens()
		c.graph()
		c.kind()
		if len(sdks) > 0 {
			c.forSDKs()
		}
		slices.SortStableFunc(c.found, func(a, b Finding) int { return cmp.Compare(a.Line, b.Line) })
		all = append(all, c.found...)
	}
	return all
}

// A checker checks one flow.
type checker struct {
	file   *export.File
	flow   *export.Flow
	sdks   []conformance.SDK
	inputs map[string]*export.Paths         // the fields that are read of each screen
	keys   map[*export.Screen]*export.Paths // the fields of each screen, computed when needed
	cycles map[*export.Flow]int
	found  []Finding
}

// add adds a finding at a node, or with nil of the flow.
func (c *checker) add(id string, n *export.Node, text string) {
	f := Finding{Rule: Lookup(id), Flow: c.flow.Name, ID: c.flow.ID, Text: text, Line: 1}
	if n != nil {
		f.Node, f.Name, f.Line = n.ID, n.Label(), c.file.Line(n)
	} else if len(c.flow.Nodes) > 0 {
		f.Line = c.file.Line(c.flow.Nodes[0])
	}
	c.found = append(c.found, f)
}

// kind checks the kind of the flow, its ends and its calls.
func (c *checker) kind() {
	if c.file.Shape == export.Snippet {
		return
	}
	pingOne := c.flow.IsPingOne()
	if p := c.flow.PingOne; p != nil && *p && c.flow.Trigger != "" && !pingOne {
		c.add("EXPORT-FLOW-TRIGGER", nil, "the settings say that it is a PingOne flow, and its trigger is "+
			""+c.flow.Trigger)
	}
	for _, n := range c.flow.Nodes {
		switch n.Capability {
		case "returnSuccessResponseRedirect", "returnErrorResponseRedirect":
			if !pingOne && n.Reached() {
				c.add("EXPORT-FLOW-TRIGGER", n, n.Capability+" ends a PingOne flow, and this is none")
			}
		case "returnSuccessResponseWidget", "returnErrorResponseWidget":
			if pingOne && n.Reached() {
				c.add("EXPORT-FLOW-END", n, n.Capability+" is not an end of a PingOne flow")
			}
		}
	}
	for _, call := range c.flow.Calls {
		c.call(call)
	}
	if pingOne {
		c.first(c.flow, nil, map[*export.Flow]bool{})
	}
}

// call checks a call of a subflow.
func (c *checker) call(call *export.Call) {
	if call.Version > 0 {
		c.add("EXPORT-SUBFLOW-PINNED", call.Node, "the subflow "+export.Quote(call.Label)+" is called at a "+
			"fixed version")
	}
	callee := c.file.Callee(call.FlowID, call.Label)
	if callee == nil {
		return
	}
	if callee.IsPingOne() {
		c.add("EXPORT-SUBFLOW-PINGONE", call.Node, "the subflow "+export.Quote(callee.Name)+" is itself a "+
			"PingOne flow")
	}
	if c.cycles[callee] != 0 && c.cycles[callee] == c.cycles[c.flow] {
		c.add("EXPORT-SUBFLOW-CYCLE", call.Node, "the subflow "+export.Quote(callee.Name)+" calls this flow again")
	}
}

// cycles numbers the flows of a file from 1. Flows that call each other, directly or through
// subflows, have the same number.
func cycles(file *export.File) map[*export.Flow]int {
	c := &calling{file: file, number: map[*export.Flow]int{}}
	seen := map[*export.Flow]bool{}
	var order []*export.Flow // each flow after those that it calls
	for _, f := range file.Flows {
		order = c.below(f, seen, order)
	}
	for _, f := range slices.Backward(order) {
		c.callers(f, 1+len(c.number))
	}
	return c.number
}

// A calling finds which flows call each other.
type calling struct {
	file   *export.File
	number map[*export.Flow]int
}

// below adds a flow to order after the flows that it calls.
func (c *calling) below(f *export.Flow, seen map[*export.Flow]bool, order []*export.Flow) []*export.Flow {
	if seen[f] {
		return order
	}
	seen[f] = true
	for _, call := range f.Calls {
		if callee := c.file.Callee(call.FlowID, call.Label); callee != nil {
			order = c.below(callee, seen, order)
		}
	}
	return append(order, f)
}

// callers sets the number of a flow and of the flows that call it, directly or not.
func (c *calling) callers(f *export.Flow, number int) {
	if c.number[f] != 0 {
		return
	}
	c.number[f] = number
	for _, call := range c.file.Callers(f) {
		c.callers(call.Flow, number)
	}
}

// first finds errors before the first screen, in the flow and in the subflows with which it
// begins.
func (c *checker) first(f *export.Flow, by *export.Node, seen map[*export.Flow]bool) {
	if seen[f] {
		return
	}
	seen[f] = true
	for _, o := range f.Begin {
		switch o.Kind {
		case export.ToError:
			where := ""
			at := o.Node
			if by != nil {
				at, where = by, " of the subflow "+export.Quote(f.Name)
			}
			c.add("EXPORT-ERROR-FIRST", at, "the error "+export.Quote(o.Node.Label())+where+" comes before any screen")
		case export.ToCall:
			call := o.Node.Call()
			if callee := c.file.Callee(call.FlowID, call.Label); callee != nil {
				at := by
				if at == nil {
					at = o.Node
				}
				c.first(callee, at, seen)
			}
		}
	}
}
