package synth

import (
	"fmt"
	"slices"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// begin makes the hops that start the flow, and all hops after them: one start for any browser,
// and, if a journey ends with a session, one for a browser with a session.
func (m *maker) begin(main *export.Flow) error {
	var stops, signedOn []*stop
	for _, s := range m.best(m.follow(main, main.Begin, nil, nil, 0)) {
		if s.needsSession() {
			signedOn = append(signedOn, s)
		} else {
			stops = append(stops, s)
		}
	}
	shows := func(s *stop) bool { return s.kind == export.ToScreen && !s.node.Screen.FormMissing }
	i := slices.IndexFunc(stops, shows)
	if i < 0 { // all screens are for a browser with a session
		stops, signedOn = slices.Concat(signedOn, stops), nil
		i = slices.IndexFunc(stops, shows)
	}
	if i < 0 {
		return fmt.Errorf("the flow %s comes to no screen that the export has, so there is nothing to record",
			davinci.Quote(main.Name))
	}
	for j, s := range stops {
		if j != i {
			m.left("", "", s, apart(s, stops[i]))
		}
	}
	if err := m.start(stops[i], false); err != nil {
		return err
	}
	ends := slices.ContainsFunc(m.out.Flow.Hops, func(h *recordings.Hop) bool { return len(h.Response.Cookies) > 0 })
	chosen := stops[i]
	for _, s := range signedOn {
		switch why := m.unknown(s, nil); {
		case why != "":
			m.left("", "", s, why)
		case !ends || chosen != stops[i]:
			m.left("", "", s, apart(s, chosen))
		default:
			chosen = s
			if err := m.start(s, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// start makes a hop that starts the flow, and those that follow.
func (m *maker) start(s *stop, session bool) error {
	request, err := recordings.NewRequest(recordings.Request{Path: "/as/authorize", Session: session}, nil)
	if err != nil {
		return fmt.Errorf("the start of the flow: %w", err)
	}
	h := &recordings.Hop{Request: request}
	if err := m.to(h, s, nil, nil); err != nil {
		return err
	}
	m.answers(s, "", "")
	if hops := m.out.Flow.Hops; session { // beside the other start
		copy(hops[2:], hops[1:])
		hops[1] = h
	}
	for len(m.queue) > 0 {
		s := m.queue[0]
		m.queue = m.queue[1:]
		if err := m.leave(s); err != nil {
			return err
		}
	}
	return nil
}

// needsSession reports whether a browser reaches a stop only if a person has signed on in it
// before.
func (s *stop) needsSession() bool {
	return slices.ContainsFunc(s.path, func(w *export.Way) bool {
		succeeds := slices.Contains([]string{"", "allTriggersTrue", "anyTriggersTrue"}, w.Condition)
		return w.From.Capability == "checkSession" && succeeds
	})
}

// apart says why the flow begins with one stop and not with another.
func apart(s, other *stop) string {
	entry := func(s *stop) *export.Node {
		if len(s.path) > 0 {
			return s.path[0].From
		}
		return s.node
	}
	if n := entry(s); n != entry(other) {
		return "from another entry, " + named(n) + ": nothing leads to it"
	}
	return "decided by " + decider(s, other)
}
