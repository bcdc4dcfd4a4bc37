// Package edit describes what an edit of a flow changed. It compares the nodes of two
// exports, and finds the scenarios whose journeys cross the changes. It runs nothing.
package edit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

// The kinds of changes that only exports show.
const (
	NodeAdded        diff.Kind = "node-added"
	NodeGone         diff.Kind = "node-gone"
	NodeRenamed      diff.Kind = "node-renamed"
	ConditionChanged diff.Kind = "condition-changed"
	WayAdded         diff.Kind = "way-added"
	WayGone          diff.Kind = "way-gone"
	ComparedChanged  diff.Kind = "compared-changed"
	ActionChanged    diff.Kind = "action-changed"
	SubflowChanged   diff.Kind = "subflow-changed"
)

// An Edit has the changes between two exports.
type Edit struct {
	Old, New *export.File

	// Differences are the changes of each flow. Their locations have no scenarios until
	// [Edit.Touch].
	Differences []*diff.Difference

	touched map[string]bool // ids of nodes
	whole   map[string]bool // names of flows that changed as a whole
}

// Compare compares two exports. It matches flows by id, or else by name, and nodes by id. It
// ignores positions, colors and annotations.
func Compare(before, after *export.File) *Edit {
	e := &Edit{Old: before, New: after, touched: map[string]bool{}, whole: map[string]bool{}}
	for _, f := range before.Flows {
		now := after.Callee(f.ID, f.Name)
		d := &diff.Difference{Flow: f.Name}
		if now == nil {
			e.flow(d, f, diff.Breaking, diff.FlowGone, "the flow is gone")
		} else {
			d.Flow = now.Name
			e.compare(d, f, now)
		}
		e.Differences = append(e.Differences, d)
	}
	for _, f := range after.Flows {
		if before.Callee(f.ID, f.Name) == nil {
			d := &diff.Difference{Flow: f.Name}
			e.flow(d, f, diff.Additive, diff.FlowAdded, "the flow is new")
			e.Differences = append(e.Differences, d)
		}
	}
	return e
}

// flow adds a change of a flow as a whole.
func (e *Edit) flow(d *diff.Difference, f *export.Flow, class diff.Class, kind diff.Kind, text string) {
	e.whole[f.Name] = true
	change := diff.Change{Class: class, Kind: kind, Text: text}
	if len(d.Locations) > 0 && d.Locations[0].At == "flow" {
		d.Locations[0].Changes = append(d.Locations[0].Changes, change)
		return
	}
	at := diff.Location{At: "flow", Changes: []diff.Change{change}, Touched: []diff.Place{}}
	d.Locations = append([]diff.Location{at}, d.Locations...)
}

// compare compares two versions of a flow.
func (e *Edit) compare(d *diff.Difference, f, now *export.Flow) {
	e.head(d, f, now)
	for _, n := range f.Nodes {
		if n.Kind != export.Connection {
			continue
		}
		c := &changes{flow: f, now: now}
		if other := now.Node(n.ID); other != nil && other.Kind == export.Connection {
			c.node(n, other)
		} else if n.Screen != nil {
			c.add(diff.Breaking, diff.ScreenGone, "the screen is gone")
		} else {
			c.add(diff.Breaking, NodeGone, "the node is gone")
		}
		e.locate(d, n, c)
	}
	for _, n := range now.Nodes {
		if n.Kind != export.Connection || f.Node(n.ID) != nil {
			continue
		}
		c := &changes{}
		if n.Screen != nil {
			c.add(diff.Additive, diff.ScreenAdded, "the screen is new")
		} else {
			c.add(diff.Additive, NodeAdded, "the node is new")
		}
		e.locate(d, n, c)
	}
}

// head compares the properties of a flow as a whole.
func (e *Edit) head(d *diff.Difference, f, now *export.Flow) {
	if f.Name != now.Name {
		e.flow(d, f, diff.Breaking, diff.FlowRenamed, "the flow has the name "+quote(now.Name)+", it was "+
			""+quote(f.Name))
	}
	if f.IsPingOne() != now.IsPingOne() || f.Trigger != now.Trigger {
		e.flow(d, f, diff.Breaking, "trigger-changed", "the flow is started otherwise: its trigger is "+
			quote(now.Trigger)+", it was "+quote(f.Trigger))
	}
	begins := func(f *export.Flow) (ids []string) {
		for _, n := range f.Starts {
			ids = append(ids, n.ID)
		}
		slices.Sort(ids)
		return ids
	}
	if was, is := begins(f), begins(now); !slices.Equal(was, is) {
		e.flow(d, f, diff.Breaking, "start-changed",
			"it begins at the nodes "+words.List(is, 6)+", it began at "+words.List(was, 6))
	}
}

// locate adds the changes of a node to a difference.
func (e *Edit) locate(d *diff.Difference, n *export.Node, c *changes) {
	if len(c.list) == 0 {
		return
	}
	slices.SortStableFunc(c.list, func(a, b diff.Change) int { return cmp.Compare(b.Class, a.Class) })
	at := diff.Location{At: "node", Screen: n.Label(), Node: n.ID, Changes: c.list, Touched: []diff.Place{}}
	if n.Screen != nil {
		at.At, at.Screen = "screen", cmp.Or(n.Screen.Name, n.Label())
	}
	d.Locations = append(d.Locations, at)
	if !c.idle() {
		e.touched[n.ID] = true
	}
}

// changes are the changes of one node.
type changes struct {
	flow, now *export.Flow
	list      []diff.Change
}

func (c *changes) add(class diff.Class, kind diff.Kind, text string) {
	c.list = append(c.list, diff.Change{Class: class, Kind: kind, Text: text})
}

// idle reports whether no journey can notice the changes: only the title of a node that
// no client sees has changed.
func (c *changes) idle() bool {
	return !slices.ContainsFunc(c.list, func(one diff.Change) bool { return one.Kind != NodeRenamed })
}

// node compares two versions of a node.
func (c *changes) node(n, now *export.Node) {
	if n.Capability != now.Capability || n.Connector != now.Connector {
		c.add(diff.Breaking, diff.CapabilityChanged, "it does "+quote(now.Capability)+", it did "+quote(n.Capability))
	}
	if n.Disabled != now.Disabled {
		c.add(diff.Breaking, ActionChanged, map[bool]string{
			true:  "it is disabled",
			false: "it is enabled",
		}[now.Disabled])
	}
	if n.Screen != nil && now.Screen != nil {
		c.screen(n.Screen, now.Screen)
	} else if n.Title != now.Title {
		c.add(diff.Cosmetic, NodeRenamed, "its title is "+quote(now.Title)+", it was "+quote(n.Title))
	}
	c.ways(n, now)
	c.properties(n, now)
}

// ways compares where a node leads.
func (c *changes) ways(n, now *export.Node) {
	type way struct{ to, branch string }
	read := func(n *export.Node) map[way][]string {
		out := map[way][]string{}
		for _, w := range n.Ways {
			at := way{w.To.ID, w.Branch}
			out[at] = append(out[at], w.Condition)
		}
		for _, list := range out {
			slices.Sort(list)
		}
		return out
	}
	was, is := read(n), read(now)
	ways := slices.SortedFunc(maps.Keys(was), func(a, b way) int {
		return cmp.Or(cmp.Compare(a.to, b.to),
			cmp.Compare(a.branch, b.branch))
	})
	for _, at := range ways {
		to := quote(c.flow.Node(at.to).Label())
		switch now, ok := is[at]; {
		case !ok:
			c.add(diff.Breaking, WayGone, "it no longer leads to "+to)
		case !slices.Equal(was[at], now):
			c.add(diff.Breaking, ConditionChanged, "it leads to "+to+" under the condition "+strings.Join(now, ", ")+
				", it was "+strings.Join(was[at], ", "))
		}
	}
	for _, w := range now.Ways {
		if _, before := was[way{w.To.ID, w.Branch}]; !before {
			c.add(diff.Additive, WayAdded, "it leads to "+quote(w.To.Label())+" too")
		}
	}
}

// quiet are properties that are ignored, or that are compared as parts of a screen.
var quiet = []string{"nodeTitle", "backgroundColor", "inputSchema", "outputSchema"}

// properties compares the settings of a node.
func (c *changes) properties(n, now *export.Node) {
	read := func(n *export.Node) map[string]gjson.Result {
		out := map[string]gjson.Result{}
		n.Properties(func(name string, v gjson.Result) { out[name] = v })
		return out
	}
	was, is := read(n), read(now)
	names := slices.Sorted(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if slices.Contains(quiet, name) || same(was[name], is[name]) {
			continue
		}
		c.property(n, name, was[name], is[name])
	}
}

// property adds the change of a setting.
func (c *changes) property(n *export.Node, name string, was, is gjson.Result) {
	text := "its " + quote(name) + " is " + short(is) + ", it was " + short(was)
	switch {
	case n.Capability == "customErrorMessage" && name == "errorMessage":
		c.add(diff.Breaking, diff.ErrorMessageChanged, "it reports "+short(is)+", it reported "+short(was))
	case name == "nodeDescription":
		c.add(diff.Cosmetic, diff.TextChanged, "its description is "+short(is)+", it was "+short(was))
	case n.Screen != nil && name == "customHTML":
		c.add(diff.Cosmetic, diff.HTMLChanged, "the HTML of the page changed")
	case n.Screen != nil && name == "customCSS":
		c.add(diff.Cosmetic, diff.CSSChanged, "the CSS of the page changed")
	case n.Screen != nil && name == "customScript":
		c.add(diff.Cosmetic, diff.ScriptChanged, "the script of the page changed")
	case n.Screen != nil && name == "formFieldsList" && len(c.list) > 0:
		// its fields are compared
	case n.Screen != nil && name == "form":
		c.add(diff.Breaking, diff.PropertyChanged, "it shows another form")
	case n.Screen != nil:
		c.add(diff.Cosmetic, diff.TextChanged, text)
	case name == "subFlowId" || name == "subFlowVersionId":
		c.add(diff.Breaking, SubflowChanged, "it calls another subflow or version: "+text)
	case name == "nodeInstanceId":
		c.add(diff.Breaking, diff.HopRedirected, "it goes to another node: "+text)
	case name == "leftValueA" || name == "rightValueB" || name == "rightValueMultiple" || name == "rightValueC":
		c.add(diff.Breaking, ComparedChanged, "it compares otherwise: "+text)
	default:
		c.add(diff.Additive, ActionChanged, text)
	}
}

// same reports whether two values are equal, also if a text in them is stored in
// another form.
func same(a, b gjson.Result) bool {
	if a.Raw == b.Raw {
		return true
	}
	if a.Type == gjson.String && b.Type == gjson.String {
		return export.Plain(a) == export.Plain(b)
	}
	return a.Exists() == b.Exists() && a.Raw != "" && b.Raw != "" && compact(a.Raw) == compact(b.Raw)
}

func compact(raw string) string { return gjson.Get(raw, "@ugly").Raw }

// short returns a value for a sentence.
func short(v gjson.Result) string {
	switch {
	case !v.Exists():
		return "not set"
	case v.Type == gjson.String:
		return quote(words.Cut(strings.Join(strings.Fields(export.Plain(v)), " "), 60))
	case v.IsArray() && v.Get("0.value").Exists():
		var list []string
		for _, one := range v.Array() {
			list = append(list, quote(strings.TrimSpace(export.Plain(one.Get("value")))))
		}
		return words.List(list, 6)
	}
	return words.Cut(compact(v.Raw), 60)
}

func quote(text string) string { return export.Quote(text) }
