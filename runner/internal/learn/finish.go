package learn

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// sharpen lets the text of the fields count that makes the difference between
// two answers to one request, and reports whether there is any left to count.
func (l *learner) sharpen(c conflict) bool {
	screen, found := screenKey(c.s.from), false
	mark := func(key string) {
		f := field{screen, key}
		found = found || !l.sharp[f]
		l.sharp[f] = true
	}
	if c.s.starts || c.order || l.asked[c.s.x.Hop] != nil {
		return false
	}
	if c.s.eventType == "action" {
		mark(c.s.action)
	}
	form := c.s.request.FormData()
	for _, key := range slices.Sorted(keysOf(form)) {
		if form[key] == anything && !l.input(c.s, key).secret {
			mark(key)
		}
	}
	return found
}

// ambiguous says of a conflict that is left what makes it: a value of which
// nobody told, or the service, which answered the same twice differently.
func (l *learner) ambiguous(c *conflict) error {
	if c.order {
		return nil
	}
	var fields []string
	form := c.s.request.FormData()
	for _, key := range slices.Sorted(keysOf(form)) {
		if form[key] == anything && l.asked[c.s.x.Hop] == nil {
			fields = append(fields, key)
		}
	}
	screen := "at the start"
	if c.s.from != nil {
		screen = strconv.Quote(title(gjson.ParseBytes(c.s.from.text)))
	}
	answers := []string{c.hop.Name, nameOf(c.s, nil)}
	if len(fields) > 0 {
		return &AmbiguousError{Screen: screen, Action: c.s.action, Fields: fields, Answers: answers}
	}
	if c.first != nil && len(typedOtherwise(c.first, c.s)) > 0 {
		return nil // that is warned of
	}
	before := "before"
	if c.first != nil {
		before = "at " + c.first.where()
	}
	l.unsure("%s: the same request was answered %s with %s and now with %s: the first is kept",
		c.s.where(), before, answers[0], answers[1])
	return nil
}

// prune takes away the hops to which no way leads any more. A screen that is
// still shown though the hop that held it is gone moves to one that shows it.
func (d *drawing) prune() {
	d.l.result.Removed = nil
	reached := d.reached()
	for moved := true; moved; {
		moved = false
		for _, h := range d.flow.Hops {
			if s := h.To; s != nil && reached[h] && !reached[s] {
				d.move(s, h)
				moved = true
			}
		}
		reached = d.reached()
	}
	gone := func(h *recordings.Hop) bool { return !reached[h] }
	for _, h := range d.flow.Hops {
		if gone(h) {
			d.l.result.Removed = append(d.l.result.Removed, h.Name)
			continue
		}
		h.From = slices.DeleteFunc(h.From, func(s *recordings.Hop) bool { return !reached[s] || !d.pauses(s) })
	}
	d.flow.Hops = slices.DeleteFunc(d.flow.Hops, gone)
}

// reached finds the hops to which a way leads from a start.
func (d *drawing) reached() map[*recordings.Hop]bool {
	reached := map[*recordings.Hop]bool{}
	for changed := true; changed; {
		changed = false
		for _, h := range d.flow.Hops {
			way := func(s *recordings.Hop) bool { return reached[s] && d.pauses(s) }
			if !reached[h] && (h.Starts() || slices.ContainsFunc(h.From, way)) {
				reached[h], changed = true, true
			}
		}
	}
	return reached
}

// move makes h hold the screen that s held.
func (d *drawing) move(s, h *recordings.Hop) {
	h.To, h.Response = nil, s.Response
	for _, o := range d.flow.Hops {
		if o.To == s {
			o.To = h
		}
		for i := range o.From {
			if o.From[i] == s {
				o.From[i] = h
			}
		}
	}
}

func (d *drawing) pauses(h *recordings.Hop) bool { return h.Screen() == h }

// finish writes the head of the recording.
func (d *drawing) finish() {
	if d.l.o.Policy != "" {
		d.l.policy = d.l.o.Policy
	}
	d.flow.Policy = cmp.Or(d.l.policy, d.flow.Policy)
	if asked := d.l.o.Asked; asked != nil {
		d.flow.Client = cmp.Or(d.flow.Client, asked.Client)
	}
	d.flow.Meta = d.l.meta()
	d.flow.Dir = ""
	d.settle()
	for _, h := range d.flow.Hops {
		h.Line = 0
	}
}
