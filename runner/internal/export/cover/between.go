package cover

import (
	"strings"

	"flowtest/runner/internal/export"
)

// A place is a node of a flow; a nil node means the start of the flow.
type place struct {
	flow *export.Flow
	node *export.Node
}

// A link leads from one place to the next. A link into a subflow has no way.
type link struct {
	to  place
	way *export.Way
}

// point returns the first point of a link: its way, or without one its target.
func (l link) point() point {
	if l.way == nil {
		return point{place: l.to}
	}
	return point{place{flow: l.to.flow}, l.way}
}

// between marks the parts between two answers: implied if they are on every way, possible
// if they are on some.
func (e *exported) between(c *Coverage, from place, action string, to place) {
	l := leg{flow: from.flow.Name, button: action, to: to.flow.Name + "/" + to.node.ID}
	var value *string
	if from.node != nil {
		l.from = from.node.ID
		value = export.Pressed(from.node, action)
	}
	l.any = value == nil
	lies, known := e.legs[l]
	if !known {
		lies = e.leg(c, from, action, to, value)
		e.legs[l] = lies
	}
	if lies == nil {
		return
	}
	if lies.leads > 0 {
		lies.lead.passed = append(lies.lead.passed, passed{c.now, lies.leads})
	}
	for _, m := range lies.behind {
		c.mark(m.mark, m.state)
	}
}

// lead returns the lead of a screen, the number of its parts that the flow certainly passes after a
// button of the screen is pressed, and the place where those end.
func (e *exported) lead(c *Coverage, from place, value *string) (l *lead, parts int, behind place) {
	if value == nil {
		return nil, 0, from
	}
	ways := from.node.Screen.Lead(*value)
	if len(ways) == 0 {
		return nil, 0, from
	}
	if l = e.leads[from]; l == nil {
		l = &lead{parts: []*mark{c.part(key{"nodes", from.flow.Name, from.node.ID, "", ""})}}
		e.leads[from] = l
	}
	for _, w := range ways[min(len(l.parts)/2, len(ways)):] {
		l.parts = append(l.parts, c.part(key{"hops", from.flow.Name, w.From.ID, "", w.To.ID}),
			c.part(key{"nodes", from.flow.Name, w.To.ID, "", ""}))
	}
	return l, 1 + 2*len(ways), place{from.flow, ways[len(ways)-1].To}
}

// leg finds the parts between two answers, nil if no way leads from the one to the other.
func (e *exported) leg(c *Coverage, from place, action string, to place, value *string) *stretch {
	lead, parts, start := e.lead(c, from, value)
	t := e.trail(start, from, value)
	t.end = to
	inside := t.inside()
	if len(inside) == 0 {
		return nil
	}
	sure := t.sure(inside)
	implied := func(p point) State {
		if sure[p] {
			return Implied
		}
		return Possible
	}
	var lies []marked
	for p := range inside {
		if p.node == nil {
			continue
		}
		lies = append(lies, marked{c.part(key{"nodes", p.flow.Name, p.node.ID, "", ""}), implied(point{place: p})})
		for _, next := range t.links[p] {
			if next.way == nil || !inside[next.to] {
				continue
			}
			at := key{"hops", next.to.flow.Name, next.way.From.ID, "", next.way.To.ID}
			lies = append(lies, marked{c.part(at), implied(next.point())})
		}
	}
	if from.node != nil {
		lies = append(lies, t.outcome(c, action, inside, sure)...)
	}
	return &stretch{lead, parts, lies}
}

// outcome finds the outcome of a button that a journey took: the first stop in the flow of the
// screen, which may be the call of a subflow.
func (t *trail) outcome(
	c *Coverage, action string, inside map[place]bool, sure map[point]bool,
) (lies []marked) {
	from := t.screen
	list := from.node.Screen.Leaves
	button := ""
	for _, b := range from.node.Screen.Buttons {
		if b.Key == action {
			list, button = append(append([]*export.Outcome(nil), b.Outcomes...), b.Possible...), b.Key
			break
		}
	}
	for _, o := range list {
		p := place{from.flow, o.Node}
		m := c.part(key{"outcomes", from.flow.Name, from.node.ID, button, o.Node.ID})
		switch {
		case p == t.end:
			lies = append(lies, marked{m, Observed})
		case p != from && sure[point{place: p}]:
			lies = append(lies, marked{m, Implied})
		case inside[p]:
			lies = append(lies, marked{m, Possible})
		}
	}
	return lies
}

// A trail is the part of a file between an answer and the next stops of the flow.
type trail struct {
	file        *export.File
	screen      place // whose button was pressed
	origin, end place // the screen, or where the ways of its buttons part, and the second answer
	value       *string
	links       map[place][]link
	into        map[place][]place // the places that lead to a place
}

// trail returns the places that the flow may reach from a place after a button of a screen was
// pressed. If no button decides the way, all buttons have the same trail, so it is cached.
func (e *exported) trail(from, screen place, value *string) *trail {
	if t := e.trails[from]; t != nil && value == nil {
		return t
	}
	t := &trail{
		file: e.file, screen: screen, origin: from, value: value,
		links: map[place][]link{}, into: map[place][]place{},
	}
	t.explore()
	if value == nil {
		e.trails[from] = t
	}
	return t
}

// explore finds the places that the flow may reach from the first answer.
func (t *trail) explore() {
	queue := []place{t.origin}
	for len(queue) > 0 {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if _, seen := t.links[p]; seen {
			continue
		}
		t.links[p] = t.next(p)
		for _, l := range t.links[p] {
			t.into[l.to] = append(t.into[l.to], p)
			queue = append(queue, l.to)
		}
	}
}

// next returns the links after a place.
func (t *trail) next(p place) []link {
	if p.node == nil {
		out := []link{}
		for _, n := range p.flow.Starts {
			out = append(out, link{to: place{p.flow, n}})
		}
		return out
	}
	switch p.flow.Stop(p.node) {
	case export.ToScreen, export.ToError, export.ToPause:
		if p != t.origin {
			return []link{}
		}
		return links(p.flow, p.flow.Taken(p.node, "", nil))
	case export.ToTerminal:
		return append(links(p.flow, p.flow.Taken(p.node, "", nil)), t.back(p)...)
	}
	if call := p.node.Call(); call != nil {
		if callee := t.file.Callee(call.FlowID, call.Label); callee != nil && call.UI {
			return []link{{to: place{callee, nil}}}
		}
	}
	screen := ""
	if t.screen.node != nil {
		screen = t.screen.node.ID
	}
	return links(p.flow, p.flow.Taken(p.node, screen, t.value))
}

// links turns the ways of a flow into links.
func links(f *export.Flow, ways []*export.Way) []link {
	out := []link{}
	for _, w := range ways {
		out = append(out, link{place{f, w.To}, w})
	}
	return out
}

// back returns the links after the calls of a subflow that ends at a place.
func (t *trail) back(p place) (out []link) {
	fails := strings.Contains(p.node.Capability, "Error")
	for _, call := range t.file.Callers(p.flow) {
		for _, l := range links(call.Flow, call.Flow.Taken(call.Node, "", nil)) {
			if l.way.Fails() == fails {
				out = append(out, l)
			}
		}
	}
	return out
}

// inside returns the places on any way to the second answer.
func (t *trail) inside() map[place]bool {
	out := map[place]bool{}
	queue := []place{t.end}
	if _, found := t.links[t.end]; !found {
		return out
	}
	for len(queue) > 0 {
		p := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if out[p] {
			continue
		}
		out[p] = true
		queue = append(queue, t.into[p]...)
	}
	return out
}
