package diff

import (
	"slices"
	"strings"

	"flowtest/steps/davinci"
)

// scanned bounds how many hops with the same button are compared for each screen, so that the
// time to match a large recording is proportional to its size.
const scanned = 16

// screenPairs finds the screens of one recording in the other.
type screenPairs struct{ before, after *side }

// find finds for each screen of the earlier recording the same screen of the later one, by the
// most reliable criterion first.
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

// pairUp pairs elements with the same key on both sides, in order. An element without a key, which
// has a pair already, is skipped. With lone, only keys count that one element on each side has:
// several could not be distinguished.
func pairUp[T any, K comparable](
	before, after []T, lone bool, key func(t T, earlier bool) (k K, ok bool), join func(b, a T),
) {
	group := func(list []T, earlier bool) map[K][]T {
		m := map[K][]T{}
		for _, t := range list {
			if k, ok := key(t, earlier); ok {
				m[k] = append(m[k], t)
			}
		}
		return m
	}
	later := group(after, false)
	for k, list := range group(before, true) {
		others := later[k]
		if lone && (len(list) != 1 || len(others) != 1) {
			continue
		}
		for i := range min(len(list), len(others)) {
			join(list[i], others[i])
		}
	}
}

// byKey pairs the screens that have the same key. If only unique keys count, one that several
// screens of a side have is not a key.
func (c screenPairs) byKey(key func(*screen) string, unique bool) {
	pairUp(c.before.screens, c.after.screens, unique, func(s *screen, _ bool) (string, bool) {
		if s.pair != nil {
			return "", false
		}
		k := key(s)
		return k, k != ""
	}, join)
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

// follow pairs the screens after edges that leave the same place, first those
// after the same request, then those after the same button.
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

// A pairing is an edge of one recording and the same of the other; one of them is nil if only one
// recording has it.
type pairing struct{ before, after *edge }

// pairEdges pairs the edges that leave one place: those of the same request,
// then those of the same button that are answered alike. Of several that fit,
// those whose answers are alike belong together. Renamed maps the keys of
// fields and buttons that were renamed there.
func pairEdges(before, after []*edge, renamed map[string]string) []pairing {
	// A recording may still send the keys that its screen had before.
	for _, renamed := range []map[string]string{renamed, nil} {
		pairAnswered(before, after, false, func(e *edge, earlier bool) string {
			if earlier {
				return e.request.keyWith(renamed)
			}
			return e.request.key
		})
	}
	for _, renamed := range []map[string]string{renamed, nil} {
		pairAnswered(before, after, true, func(e *edge, earlier bool) string {
			if to, ok := renamed[e.request.action]; ok && earlier {
				return to
			}
			return e.request.action
		})
	}
	var out []pairing
	for _, b := range before {
		out = append(out, pairing{b, b.pair})
	}
	for _, a := range after {
		if a.pair == nil {
			out = append(out, pairing{nil, a})
		}
	}
	return out
}

// pairAnswered pairs the edges that have the same key, first those that are answered
// alike too: with the same outcome, screen, node and code, then with the same outcome
// and screen. Lone is that of [pairUp] for the rest.
func pairAnswered(before, after []*edge, lone bool, key func(e *edge, earlier bool) string) {
	type likeness struct {
		key     string
		outcome davinci.Outcome
		to      *screen // of the later recording
		code    string
	}
	const byCode, byOutcome, byKey = 0, 1, 2
	for pass := byCode; pass <= byKey; pass++ {
		pairUp(before, after, lone && pass == byKey, func(e *edge, earlier bool) (likeness, bool) {
			if e.pair != nil {
				return likeness{}, false
			}
			l := likeness{key: key(e, earlier)}
			if pass < byKey {
				l.outcome, l.to = e.answer.Outcome, e.to
				if earlier && e.to != nil {
					l.to = e.to.pair
				}
			}
			if pass == byCode {
				l.code = e.answer.NodeID() + "\x00" + e.answer.Code()
			}
			return l, true
		}, func(b, a *edge) { b.pair, a.pair = a, b })
	}
}
