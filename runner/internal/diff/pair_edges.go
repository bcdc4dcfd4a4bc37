package diff

import "flowtest/steps/flow"

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
	outcome flow.Outcome
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
