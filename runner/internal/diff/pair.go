package diff

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
)

// scanned bounds how many hops with the same button are looked at for each
// screen whose place is sought, so that a large recording is matched in
// proportion to its size.
const scanned = 16

// screenPairs finds the screens of one recording in the other.
type screenPairs struct{ before, after *side }

// find finds for each screen of the earlier recording the same screen
// of the later one, the surest way first.
func (c screenPairs) find() {
	c.byKey(func(s *screen) string { return s.digest }, true)
	c.byKey(func(s *screen) string { return known(s.node) }, true)
	c.byKey(func(s *screen) string { // of several with one node, those that are exactly alike
		if known(s.node) == "" {
			return ""
		}
		return s.node + "\x00" + s.name + "\x00" + strings.Join(s.keys, "\x00")
	}, true)
	c.byPlace()
	c.byKey(func(s *screen) string { return known(s.node) }, false)
	c.byPlace()
	c.byKey(func(s *screen) string { return known(s.name) }, false)
	c.byKey(func(s *screen) string { return strings.Join(s.keys, "\x00") }, false)
	c.byPlace()
}

// known returns what may identify a screen: a variable differs each run.
func known(s string) string {
	if len(literals(s)) > 1 {
		return ""
	}
	return s
}

// byKey pairs the screens that have the same key, in their order. Where only
// unique keys count, one that several screens of a side have is no key.
func (c screenPairs) byKey(key func(*screen) string, unique bool) {
	group := func(s *side) map[string][]*screen {
		m := map[string][]*screen{}
		for _, at := range s.screens {
			if k := key(at); at.pair == nil && k != "" {
				m[k] = append(m[k], at)
			}
		}
		return m
	}
	before, after := group(c.before), group(c.after)
	for k, list := range before {
		others := after[k]
		if unique && (len(list) != 1 || len(others) != 1) {
			continue
		}
		for i := range min(len(list), len(others)) {
			join(list[i], others[i])
		}
	}
}

func join(b, a *screen) { b.pair, a.pair = a, b }

// byPlace walks both recordings at once from where they are known to be at the
// same place, and pairs the screens to which the same request leads.
func (c screenPairs) byPlace() {
	queue := c.follow(c.before.starts, c.after.starts)
	for _, s := range c.before.screens {
		if s.pair != nil {
			queue = append(queue, c.follow(s.edges, s.pair.edges)...)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = append(queue[1:], c.follow(s.edges, s.pair.edges)...)
	}
}

// follow pairs the screens behind edges that leave the same place, first those
// behind the same request, then those behind the same button.
func (c screenPairs) follow(before, after []*edge) []*screen {
	var paired []*screen
	for _, key := range []func(*edge) string{
		func(e *edge) string { return e.request.key },
		func(e *edge) string { return e.request.action },
	} {
		open := map[string][]*screen{}
		for _, e := range after {
			if e.to != nil && e.to.pair == nil {
				open[key(e)] = append(open[key(e)], e.to)
			}
		}
		for _, e := range before {
			if e.to == nil || e.to.pair != nil {
				continue
			}
			list := open[key(e)]
			if i := slices.IndexFunc(list[:min(len(list), scanned)], e.to.mayBe); i >= 0 {
				join(e.to, list[i])
				paired = append(paired, e.to)
			}
			open[key(e)] = slices.DeleteFunc(list, func(s *screen) bool { return s.pair != nil })
		}
	}
	return paired
}

// mayBe reports whether two screens that have no pair may be one that was
// rebuilt: they have the same name, or share at least half of their fields and buttons.
func (s *screen) mayBe(a *screen) bool {
	if a.pair != nil {
		return false
	}
	if s.name != "" && s.name == a.name {
		return true
	}
	if len(s.keys) == 0 && len(a.keys) == 0 {
		return s.name == "" && a.name == "" && s.capability == a.capability
	}
	shared, j := 0, 0
	for _, key := range s.keys {
		for j < len(a.keys) && a.keys[j] < key {
			j++
		}
		if j < len(a.keys) && a.keys[j] == key {
			shared++
			j++
		}
	}
	return 2*shared >= max(len(s.keys), len(a.keys))
}

// A pairing is an edge of one recording and the same of the other; one of them
// is nil where only one recording has it.
type pairing struct{ before, after *edge }

// pairEdges pairs the edges that leave one place: those of the same request,
// then those of the same button that are answered alike. Of several that fit,
// those whose answers are alike belong together. Renamed maps the keys of
// fields and buttons that were renamed there.
func pairEdges(before, after []*edge, renamed map[string]string) []pairing {
	p := pairer{of: map[*edge]*edge{}, taken: map[*edge]bool{}}
	// A recording may still send the keys that its screen had before.
	for _, renamed := range []map[string]string{renamed, nil} {
		p.passes(before, after, false, func(e *edge, earlier bool) likeness {
			if earlier {
				return likeness{key: e.request.keyWith(renamed)}
			}
			return likeness{key: e.request.key}
		})
	}
	for _, renamed := range []map[string]string{renamed, nil} {
		p.passes(before, after, true, func(e *edge, earlier bool) likeness {
			if to, ok := renamed[e.request.action]; ok && earlier {
				return likeness{key: to}
			}
			return likeness{key: e.request.action}
		})
	}
	var out []pairing
	for _, b := range before {
		out = append(out, pairing{b, p.of[b]})
	}
	for _, a := range after {
		if !p.taken[a] {
			out = append(out, pairing{nil, a})
		}
	}
	return out
}

// likeness is equal for edges that a pass takes for the same.
type likeness struct {
	key     string
	outcome davinci.Outcome
	to      *screen // of the later recording
	code    string
}

// answered adds to a likeness how the edge was answered.
func (l likeness) answered(e *edge, earlier, code bool) likeness {
	l.outcome, l.to = e.answer.Outcome, e.to
	if earlier && e.to != nil {
		l.to = e.to.pair
	}
	if code {
		l.code = e.answer.NodeID() + "\x00" + e.answer.Code()
	}
	return l
}

type pairer struct {
	of    map[*edge]*edge
	taken map[*edge]bool
}

// passes pairs edges that are alike, first those that are answered alike too.
func (p *pairer) passes(before, after []*edge, lone bool, like func(e *edge, earlier bool) likeness) {
	for _, code := range []bool{true, false} {
		p.pass(before, after, false, func(e *edge, earlier bool) likeness {
			return like(e, earlier).answered(e, earlier, code)
		})
	}
	p.pass(before, after, lone, like)
}

// pass pairs the edges that are still alone and alike, in their order. With
// lone, only where there is one on either side: among several nothing tells
// which is which.
func (p *pairer) pass(before, after []*edge, lone bool, like func(e *edge, earlier bool) likeness) {
	open := map[likeness][]*edge{}
	for _, a := range after {
		if !p.taken[a] {
			l := like(a, false)
			open[l] = append(open[l], a)
		}
	}
	alone := map[likeness]int{}
	for _, b := range before {
		if p.of[b] == nil {
			alone[like(b, true)]++
		}
	}
	for _, b := range before {
		if p.of[b] != nil {
			continue
		}
		l := like(b, true)
		if len(open[l]) == 0 || lone && (len(open[l]) > 1 || alone[l] > 1) {
			continue
		}
		p.of[b], p.taken[open[l][0]] = open[l][0], true
		open[l] = open[l][1:]
	}
}
