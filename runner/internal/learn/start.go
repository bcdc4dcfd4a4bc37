package learn

import (
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
)

// customary returns what clients usually send in the parameters that all of them send.
func (l *learner) customary() map[string]string {
	most := maps.Clone(customary)
	for name, value := range customary {
		if value != "" {
			continue
		}
		count, best := map[string]int{}, 0
		for _, s := range l.steps {
			if !s.starts {
				continue
			}
			sent := s.query.Get(name)
			if count[sent]++; count[sent] > best {
				most[name], best = sent, count[sent]
			}
		}
	}
	return most
}

// extras returns the parameters of a start that may choose an answer, as a
// recording has them: an attribute of the user by its name. What is minted is
// none of them, and neither is what looks like a secret.
func (l *learner) extras(s *step, most map[string]string) map[string]string {
	extras := map[string]string{}
	for name, values := range s.query {
		if slices.Contains(standard, name) || len(values) == 0 || values[0] == "" {
			continue
		}
		if value, ok := most[name]; ok && value == values[0] {
			continue
		}
		if attr := s.j.attribute(name, values[0]); attr != "" {
			extras[name] = "${user." + attr + "}"
		} else if l.harmless(s, values[0]) {
			extras[name] = values[0]
		}
	}
	return extras
}

// harmless reports whether a parameter may be recorded as it was sent.
func (l *learner) harmless(s *step, text string) bool {
	if s.j.replace(unmarked(text), "") != text || private(text) || suspect(text) != "" {
		return false
	}
	mint := l.varies[text] || slices.ContainsFunc(word.FindAllString(text, -1), minted)
	return !mint && !strings.HasPrefix(text, "${")
}

// queries gives the requests that start a flow the parameters that choose the
// answer: those in which they differ from the plainest start, where that is
// answered differently.
func (d *drawing) queries() {
	var base *step
	for _, s := range d.l.steps {
		if s.starts && (base == nil || len(s.extras) < len(base.extras)) {
			base = s
		}
	}
	if base == nil {
		return
	}
	for _, s := range d.l.steps {
		if !s.starts || d.l.asked[s.x.Hop] != nil {
			continue
		}
		s.request.Query = nil
		// Without a plain start among the journeys, the one that was recorded before is the plain one.
		if other := len(base.extras) > 0 && d.knowsOtherStart(s); other || !d.startsAlike(s, base) {
			s.request.Query = beyond(s, base, other)
		}
		if r, err := recordings.NewRequest(s.request, nil); err == nil {
			s.request = r
		}
	}
}

// beyond returns the parameters in which a start differs from the plainest, or
// all that may choose an answer; nil where there are none.
func beyond(s, base *step, all bool) map[string]string {
	var query map[string]string
	for name, value := range s.extras {
		if !all && base.extras[name] == value {
			continue
		}
		if query == nil {
			query = map[string]string{}
		}
		query[name] = value
	}
	return query
}

// startsAlike reports whether two starts are answered alike; a wrong body is
// said later.
func (d *drawing) startsAlike(s, base *step) bool {
	a, err := d.answer(s)
	b, err2 := d.answer(base)
	if err != nil || err2 != nil {
		return err != nil && err2 != nil && s.x.Status == base.x.Status
	}
	return fits(a, b)
}

// knowsOtherStart reports whether the recording before this one answers the
// flow's plain start differently.
func (d *drawing) knowsOtherStart(s *step) bool {
	a, err := d.answer(s)
	return err == nil && slices.ContainsFunc(d.starts, func(h *recordings.Hop) bool {
		return len(h.Request.Query) == 0 && !fits(h.Answer(), a)
	})
}
