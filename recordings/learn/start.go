package learn

import (
	"slices"
	"strconv"

	"flowtest/recordings"
)

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
	plain := d.startID(base)
	for _, s := range d.l.steps {
		if !s.starts {
			continue
		}
		s.request.Query = nil
		if other := d.knowsOtherStart(s); other || d.startID(s) != plain {
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

// startID identifies the answer to a start; a wrong body is said later.
func (d *drawing) startID(s *step) string {
	a, err := d.answer(s)
	if err != nil {
		return strconv.Itoa(s.x.Status)
	}
	return identityOf(a)
}

// knowsOtherStart reports whether the recording before this one answers the
// flow's plain start differently.
func (d *drawing) knowsOtherStart(s *step) bool {
	a, err := d.answer(s)
	return err == nil && slices.ContainsFunc(d.starts, func(h *recordings.Hop) bool {
		return len(h.Request.Query) == 0 && identityOf(h.Answer()) != identityOf(a)
	})
}
