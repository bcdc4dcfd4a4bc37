package diff

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/words"
)

// A meeting is what is known of a screen that both recordings have before its changes are
// listed: what happened to its form, and which of its hops are the same.
type meeting struct {
	compared [2]*shapeCompared
	keys     *changedKeys
	pairs    []pairing
}

// meet compares the start and every screen that has a pair.
func (c *comparing) meet() {
	c.begin = &meeting{keys: &changedKeys{}}
	c.begin.pairs = pairEdges(c.before.starts, c.after.starts, nil)
	for _, b := range c.before.screens {
		if b.pair == nil {
			continue
		}
		m := &meeting{keys: &changedKeys{map[string]string{}, map[string]bool{}, map[string]bool{}}}
		for i := range m.compared {
			s := c.shape(b, b.pair, i)
			m.compared[i] = s
			if s != nil && s.fields != nil {
				maps.Copy(m.keys.renamed, s.fields.renamed)
				maps.Copy(m.keys.gone, s.fields.gone)
				maps.Copy(m.keys.added, s.fields.added)
			}
		}
		m.pairs = pairEdges(b.edges, b.pair.edges, m.keys.renamed)
		c.met[b] = m
	}
	c.lose()
}

// lose finds the screens that the flow no longer shows: those whose request was sent again and
// led elsewhere, or could not be sent, and those after them. Other missing screens were not
// visited again.
func (c *comparing) lose() {
	for more := true; more; {
		more = false
		for _, e := range c.before.edges {
			if e.to == nil || e.to.pair != nil || c.lost[e.to] {
				continue
			}
			if e.from != nil && e.from.pair == nil && c.lost[e.from] || c.tried(e) {
				c.lost[e.to], more = true, true
			}
		}
	}
}

// tried reports whether the later recording shows what happened to a hop: its request
// was sent again, or its screen no longer has its button or one of its fields.
func (c *comparing) tried(e *edge) bool {
	m := c.begin
	if e.from != nil {
		if m = c.met[e.from]; m == nil {
			return false
		}
	}
	if m.keys.hinder(&e.request) {
		return true
	}
	for _, p := range m.pairs {
		switch {
		case p.before == e && p.after != nil:
			return true
		case p.after == nil:
		case p.after.request.key == e.request.keyWith(m.keys.renamed):
			return true
		case p.before == nil && p.after.request.maybe(&e.request, m.keys.renamed):
			return true
		}
	}
	return false
}

// maybe reports whether a request may be the later form of another: it has the same button, and
// no value that is known to be another case.
func (r *request) maybe(earlier *request, renamed map[string]string) bool {
	now := func(key string) string { return cmp.Or(renamed[key], key) }
	if now(earlier.action) != r.action || (earlier.eventType == polling) != (r.eventType == polling) ||
		(earlier.token == "") != (r.token == "") || earlier.client != r.client {
		return false
	}
	if len(earlier.query) > 0 || len(r.query) > 0 {
		return slices.EqualFunc(earlier.query, r.query, func(a, b member) bool { return a.key == b.key })
	}
	for _, m := range earlier.formData {
		for _, o := range r.formData {
			if o.key == now(m.key) && otherCase(m.value, o.value) {
				return false
			}
		}
	}
	return true
}

const polling = "polling"

// otherCase reports whether two values that a recording expects exclude each other: the user's
// own and another one, or two literal texts.
func otherCase(a, b gjson.Result) bool {
	x, wrongX := recordings.Attribute(a.Str)
	y, wrongY := recordings.Attribute(b.Str)
	switch {
	case x != "" && x == y:
		return wrongX != wrongY
	case a.Str == recordings.Passkey || b.Str == recordings.Passkey:
		return false
	case x != "" || y != "" || a.Str == "*" || b.Str == "*":
		return false
	default:
		return !sameValue(a, b)
	}
}

// unwalked lists what was not recorded again, in the order of the earlier recording.
func (c *comparing) unwalked() []Change {
	out := c.unwalkedOf(c.begin, "the start of the flow")
	for _, s := range c.before.screens {
		if m := c.met[s]; m != nil {
			out = append(out, c.unwalkedOf(m, "screen "+s.title())...)
		} else if !c.lost[s] {
			text := "screen " + s.title() + s.reached(c.before, "led to it")
			if n := len(s.edges); n > 0 {
				text += " (and " + words.Count(n, "hop") + " there)"
			}
			out = append(out, Change{
				Class: NotRecorded, Kind: ScreenUnrecorded, Hop: s.hop.Name, Text: text,
				Before: cut(cmp.Or(s.name, s.node)),
			})
		}
	}
	return out
}

func (c *comparing) unwalkedOf(m *meeting, at string) []Change {
	var out []Change
	for _, p := range m.pairs {
		if b := p.before; p.after == nil && !b.toLoneScreen() && !c.tried(b) {
			out = append(out, Change{
				Class: NotRecorded, Kind: HopUnrecorded, Hop: b.hop.Name, Before: b.result(),
				Text: at + ": hop " + plain(b.hop.Name) + " (" + b.request.words() + "): the flow " + b.did(),
			})
		}
	}
	return out
}
