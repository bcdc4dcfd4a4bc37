// Package diff finds what changed between two recordings of a flow, describes it for people, and
// says how severe it is. It does not know who made the recordings or which features there are:
// its caller provides the scenarios that touch a screen and the results of conformance checks.
package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
)

// Options are what a comparison may know besides the two recordings. The zero value compares
// only the recordings.
type Options struct {
	// Touches holds the scenarios that reach a screen. Optional.
	Touches map[Touch][]Place

	// Judge checks a recording against the documented protocol. Its results for the two versions
	// of a hop are compared. Optional: without it there are no changes of kind [VerdictChanged].
	Judge func(*recordings.Flow) map[*recordings.Hop][]Verdict
}

// A Touch is a screen of a flow, by its name (form.name, in detailed responses nodeTitle)
// or by its node id, or the start of the flow, where Screen is empty.
type Touch struct{ Flow, Screen string }

// A Place is where a scenario is.
type Place struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Scenario string `json:"scenario"`
}

// A Difference is what changed between two recordings of one flow.
type Difference struct {
	// Flow is the flow's name, that of the later recording where it has both.
	Flow string

	// Locations hold the changes: those of the flow itself, of its start, and of
	// its screens in the order of the earlier recording, then the screens that
	// were added. A location without changes is not listed.
	Locations []Location

	// NotRecorded are the hops and screens of the earlier recording that were not reached in the
	// later one: no request that leads there was sent. They are not changes, and no Location has
	// them.
	NotRecorded []Change

	// Notes say what could not be compared, because one recording holds it and the other does not
	// though the flow may still have it. They are not changes.
	Notes []string
}

// A Location is one place of a flow at which something changed.
type Location struct {
	// At is "flow" for the flow itself, "start" for its start, "screen", or, of exports,
	// "node" for one that no client sees. Screen is its title then.
	At string `json:"at"`

	// Screen and Node name the screen. They are those of the earlier recording where
	// it has the screen. Optional.
	Screen string `json:"screen,omitempty"`
	Node   string `json:"node,omitempty"`

	// Changes are sorted, the most severe first.
	Changes []Change `json:"changes"`

	// Touched are the scenarios that reach the screen. It is not nil.
	Touched []Place `json:"touched"`
}

// A Change is one thing that changed.
type Change struct {
	Class Class `json:"class"`
	Kind  Kind  `json:"kind"`

	// Hop is the name of the hop that changed, "" if it is the screen. It is that of the earlier
	// recording where it has the hop.
	Hop string `json:"hop,omitempty"`

	// Shape is "json" or "detailed" where the change shows in one of the two
	// shapes only, and "" otherwise.
	Shape string `json:"shape,omitempty"`

	// Path is the gjson path of what changed, "" if it is not a property.
	Path string `json:"path,omitempty"`

	// Before and After are the two values as a person reads them, "" if there is none. Long ones
	// are cut.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`

	// Text is the sentence. It does not name the screen.
	Text string `json:"text"`
}

// Compare returns what changed from before to after. It does not change the recordings, which
// may be in use elsewhere.
//
// Hops are the same hop if they leave the same screen with the same request;
// screens are the same screen if they have the same node id, else if the same
// request leads to them and their forms are alike, else if their names are the
// same. The names of hops, the order of hops in the file and the order of the
// keys of an object do not matter. A value that is a variable in either
// recording is equal to any other.
func Compare(before, after *recordings.Flow, o Options) *Difference {
	c := &comparing{
		before: newSide(before), after: newSide(after), options: o,
		done: map[[2]*recordings.Hop]bool{}, lacks: map[lack][]string{},
		met: map[*screen]*meeting{}, lost: map[*screen]bool{},
	}
	screenPairs{c.before, c.after}.find()
	c.meet()
	if o.Judge != nil {
		c.verdicts[0], c.verdicts[1] = o.Judge(c.before.flow), o.Judge(c.after.flow)
	}
	c.identity()
	c.start()
	for _, s := range c.before.screens {
		switch {
		case s.pair != nil:
			c.screen(s, s.pair)
		case c.lost[s]:
			c.gone(s)
		}
	}
	for _, s := range c.after.screens {
		if s.pair == nil {
			c.added(s)
		}
	}
	return c.difference()
}

// CompareAll compares recordings with the same flow name, in the order of before. A flow that
// only one side has is a difference.
func CompareAll(before, after []*recordings.Flow, o Options) []*Difference {
	later := map[string]*recordings.Flow{}
	for _, f := range after {
		later[f.Name] = f
	}
	var out []*Difference
	known := map[string]bool{}
	for _, f := range before {
		known[f.Name] = true
		if a := later[f.Name]; a != nil {
			out = append(out, Compare(f, a, o))
			continue
		}
		gone := Change{Class: Breaking, Kind: FlowGone, Before: f.Name, Text: "the flow is gone"}
		out = append(out, lone(f.Name, gone))
	}
	for _, f := range after {
		if !known[f.Name] {
			added := Change{Class: Additive, Kind: FlowAdded, After: f.Name, Text: "the flow was added"}
			out = append(out, lone(f.Name, added))
		}
	}
	return out
}

func lone(name string, change Change) *Difference {
	return &Difference{Flow: name, Locations: []Location{{At: "flow", Changes: []Change{change}, Touched: []Place{}}}}
}

// Changes returns the changes of all locations.
func (d *Difference) Changes() []Change {
	var out []Change
	for i := range d.Locations {
		out = append(out, d.Locations[i].Changes...)
	}
	return out
}

// Worst returns the most severe class of the changes, [None] if there are none.
func (d *Difference) Worst() Class {
	worst := None
	for _, change := range d.Changes() {
		worst = max(worst, change.Class)
	}
	return worst
}

// Worst returns the most severe class of several differences.
func Worst(ds []*Difference) Class {
	worst := None
	for _, d := range ds {
		worst = max(worst, d.Worst())
	}
	return worst
}

// comparing is the state of a comparison.
type comparing struct {
	before, after *side
	options       Options
	verdicts      [2]map[*recordings.Hop][]Verdict
	locations     []*Location
	lacks         map[lack][]string
	begin         *meeting
	met           map[*screen]*meeting        // by the screen of the earlier recording
	lost          map[*screen]bool            // the earlier screens that the flow shows no more
	done          map[[2]*recordings.Hop]bool // answers that were compared
}

// location opens the place under which the next changes are: at is "flow", "start",
// or "screen" with the screen before and after.
func (c *comparing) location(at string, screens ...*screen) *Location {
	s := &Location{At: at, Touched: []Place{}}
	keys := map[string]bool{"": at == "start"}
	for i, at := range screens {
		if i == 0 {
			s.Screen, s.Node = at.name, at.node
		}
		keys[at.name], keys[at.node] = at.name != "", at.node != ""
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if keys[k] {
			s.Touched = append(s.Touched, c.options.Touches[Touch{c.before.flow.Name, k}]...)
		}
	}
	slices.SortFunc(s.Touched, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Scenario, b.Scenario))
	})
	s.Touched = slices.Compact(s.Touched)
	c.locations = append(c.locations, s)
	return s
}

func (s *Location) add(changes ...Change) { s.Changes = append(s.Changes, changes...) }

// A lack is a shape that only one of the recordings has of a screen.
type lack struct {
	shape int
	later bool // it is the later recording that has it
}

// lack notes a shape of a screen that only one recording has.
func (c *comparing) lack(shape int, later bool, title string) {
	key := lack{shape, later}
	c.lacks[key] = append(c.lacks[key], title)
}

// notes returns what was lacking, in a fixed order.
func (c *comparing) notes() []string {
	var out []string
	for shape, name := range shapeWords {
		for _, later := range []bool{false, true} {
			titles := c.lacks[lack{shape, later}]
			if len(titles) == 0 {
				continue
			}
			side := "earlier"
			if later {
				side = "later"
			}
			out = append(out, fmt.Sprintf("the %s shape, which only the %s recording has, of screen %s",
				name, side, strings.Join(titles, ", ")))
		}
	}
	return out
}

func (c *comparing) difference() *Difference {
	d := &Difference{Flow: c.after.flow.Name, NotRecorded: c.unwalked(), Notes: c.notes()}
	for _, s := range c.locations {
		if len(s.Changes) == 0 {
			continue
		}
		slices.SortStableFunc(s.Changes, func(a, b Change) int { return cmp.Compare(b.Class, a.Class) })
		d.Locations = append(d.Locations, *s)
	}
	return d
}

// identity compares what names the flow. An environment gives these ids, so
// none of them breaks a client that is configured for its environment.
func (c *comparing) identity() {
	s := c.location("flow")
	b, a := c.before.flow, c.after.flow
	for _, id := range []struct {
		kind          Kind
		name          string
		before, after string
	}{
		{FlowRenamed, "name of the flow", b.Name, a.Name},
		{PolicyChanged, "flow policy id", b.Policy, a.Policy},
		{ClientChanged, "client id", b.Client, a.Client},
	} {
		if id.before != id.after && id.before != "" && id.after != "" { // one may not say it
			s.add(Change{
				Class: Cosmetic, Kind: id.kind, Before: id.before, After: id.after,
				Text: id.name + ": " + isNow(id.before, id.after),
			})
		}
	}
}

// gone reports a screen that only the earlier recording has, and the hops that
// led to it with it.
func (c *comparing) gone(s *screen) {
	c.location("screen", s).add(Change{
		Class: Breaking, Kind: ScreenGone, Hop: s.hop.Name, Before: cut(cmp.Or(s.name, s.node)),
		Text: "the screen is gone" + s.reached(c.before, "led to it"),
	})
}

// added reports a screen that only the later recording has.
func (c *comparing) added(s *screen) {
	c.location("screen", s).add(Change{
		Class: Additive, Kind: ScreenAdded, Hop: s.hop.Name, After: cut(cmp.Or(s.name, s.node)),
		Text: "the screen was added" + s.reached(c.after, "leads to it"),
	})
}

// A Verdict is the result of a conformance check for one recorded hop.
type Verdict struct {
	// Requirement is the id of the requirement.
	Requirement string

	// Result is the result, as reports write it: passed, review, warning
	// or failed. "" and any other word mean that it was not exercised.
	Result string
}

// gravity sorts results: not exercised counts as passed.
var gravity = map[string]int{"passed": 0, "review": 1, "warning": 2, "failed": 3}

// compareVerdicts compares the results of conformance checks for a hop. A requirement
// that is broken now is breaking, one that is only in doubt or a SHOULD is
// cosmetic, and one that holds again is additive.
func (c hopChanges) compareVerdicts(b, a *edge) {
	was, is := worstOf(c.verdicts[0][b.hop]), worstOf(c.verdicts[1][a.hop])
	for _, id := range slices.Sorted(slices.Values(unionOf(was, is))) {
		x, y := was[id], is[id]
		class := Cosmetic
		switch {
		case gravity[x] == gravity[y]:
			continue
		case y == "failed":
			class = Breaking
		case gravity[y] < gravity[x]:
			class = Additive
		}
		x, y = cmp.Or(x, "not exercised"), cmp.Or(y, "not exercised")
		c.add(class, VerdictChanged, b, x, y,
			"requirement "+plain(id)+" at hop "+b.name()+": it was "+x+" and is now "+y)
	}
}

// worstOf holds the most severe result of each requirement.
func worstOf(verdicts []Verdict) map[string]string {
	m := map[string]string{}
	for _, v := range verdicts {
		if known, ok := m[v.Requirement]; !ok || gravity[v.Result] > gravity[known] {
			m[v.Requirement] = v.Result
		}
	}
	return m
}
