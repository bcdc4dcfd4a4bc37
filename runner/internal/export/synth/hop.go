package synth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// to ends a hop at a stop, and adds it to the recording.
func (m *maker) to(h *recordings.Hop, s *stop, from *export.Screen, b *export.Button) error {
	status := 200
	var body []byte
	var err error
	switch s.kind {
	case export.ToScreen:
		if known := m.at[s.key()]; known != nil {
			h.To = known.hop
			by, from := "signed-on", ""
			if len(h.From) > 0 {
				by, from = "", h.From[0].Name
			}
			if b != nil {
				by = cmp.Or(b.Key, b.Shown)
			}
			h.Name = m.name(from + "-" + by)
			break
		}
		if len(m.at) == MaxScreens {
			return fmt.Errorf("the recording would have more than %d screens, too many to review "+
				"(a subflow has screens of its own for each call): "+
				"export a subflow without the flow that calls it, and import that",
				MaxScreens)
		}
		h.Name = m.name(cmp.Or(s.node.Screen.Name, s.node.ID))
		s.hop, m.at[s.key()] = h, s
		m.queue = append(m.queue, s)
		body, err = export.Body(s.flow, s.node.Screen)
	case export.ToError:
		h.Name, status = m.name(cmp.Or(s.node.Title, s.node.ID)), 400
		body, err = export.ErrorBody(s.flow, s.node)
	default:
		h.Name = "completed"
		if h.Starts() {
			h.Name = "signed-on"
		}
		h.Name = m.name(h.Name)
		body, err = export.EndBody(s.flow, s.node)
		h.Response.Cookies = []recordings.Cookie{{Name: "ST"}, {Name: "ST-NO-SS"}}
	}
	if err != nil {
		return err
	}
	if h.To == nil {
		h.Response.Status = status
		if h.Response.JSON, err = recordings.NewBody(h.Name+".json", body); err != nil {
			return fmt.Errorf("node %s: %w", davinci.Quote(s.node.ID), err)
		}
	}
	m.out.Flow.Hops = append(m.out.Flow.Hops, h)
	m.out.Nodes[h.Name] = Place{Flow: s.flow, Node: s.node, Screen: from, Button: b}
	return nil
}

// leave makes the hops that leave a screen.
func (m *maker) leave(s *stop) error {
	screen := s.node.Screen
	if len(screen.Buttons) == 0 {
		return m.press(s, nil, screen.Leaves)
	}
	times := map[string]int{}
	var coded []*export.Button
	for _, b := range screen.Buttons {
		if b.Decided == export.Dynamic || b.Decided == export.Unresolved {
			coded = append(coded, b)
			continue
		}
		times[b.Key]++
		if times[b.Key] > 1 {
			continue // no client can distinguish it from the first
		}
		if err := m.press(s, b, b.Outcomes); err != nil {
			return err
		}
	}
	m.coded(s, coded)
	return nil
}

// coded lists where the buttons of a screen may lead if the export does not decide that. It is
// the same for all such buttons.
func (m *maker) coded(at *stop, buttons []*export.Button) {
	if len(buttons) == 0 {
		return
	}
	const most = 3
	var labels []string
	for _, b := range buttons {
		labels = append(labels, cmp.Or(b.Shown, b.Key))
	}
	why := "the value of the button is not fixed"
	if n := at.flow.Reads(at.node.Screen); n != nil {
		why = "decided by " + named(n) + ", which reads the button"
	}
	stops := m.best(m.follow(at.flow, buttons[0].Possible, at.calls, nil, 0))
	for _, s := range append(stops, m.wrong(at, buttons[0], stops)...) {
		m.left(at.node.Screen.Name, words.List(labels, most), s, why)
	}
}

// press makes the hops of a button, or of a screen without one.
func (m *maker) press(at *stop, b *export.Button, list []*export.Outcome) error {
	screen, label := at.node.Screen, ""
	if b != nil {
		label = cmp.Or(b.Shown, b.Key)
	}
	stops := m.best(m.follow(at.flow, list, at.calls, nil, 0))
	stops = append(stops, m.wrong(at, b, stops)...)
	stops = append(stops, m.chosen(at, b, stops)...)
	plans, instead := m.plan(screen, b, label, stops)
	right(plans)
	reached := map[string]bool{}
	for _, plan := range plans {
		reached[plan.key()] = true
		request := recordings.Request{Method: "POST"}
		if b != nil {
			request.Action = b.Key
		}
		request, err := recordings.NewRequest(request, plan.form)
		if err != nil {
			return fmt.Errorf("screen %s: %w", davinci.Quote(screen.Name), err)
		}
		h := &recordings.Hop{From: []*recordings.Hop{at.hop}, Request: request}
		if err := m.to(h, plan.stop, screen, b); err != nil {
			return err
		}
		m.needs(plan.form)
		m.answers(plan.stop, screen.Name, label)
	}
	for _, s := range stops {
		if i, is := instead[s]; is && !reached[s.key()] {
			m.left(screen.Name, label, s, "decided by "+decider(s, plans[i].stop))
		}
	}
	return nil
}

// answers lists the answers that the backend may give at a stop instead of the recorded
// one.
//
//	screen, button  that are left for it
func (m *maker) answers(s *stop, screen, button string) {
	switch s.kind {
	case export.ToError:
		m.worded(s, screen, button)
	case export.ToScreen:
		lists := func(f export.Field) bool { return f.Type == "DEVICE_AUTHENTICATION" }
		if slices.ContainsFunc(s.node.Screen.Fields, lists) {
			m.add(Left{screen, button, "error", "decided by " + named(s.node) + ", which needs devices of the user"})
		}
	}
}

// worded lists the author's texts for errors of the backend, and notes if the text of an error is
// not in the export.
func (m *maker) worded(s *stop, screen, button string) {
	for _, r := range s.node.References() {
		n := s.flow.Node(r.Node)
		if n == nil || r.Property != "errorMessage" && r.Property != "errorDescription" {
			continue
		}
		for _, e := range n.Messages() {
			why := "decided by " + named(n) + ", which answers " + e.Code
			m.add(Left{screen, button, "error " + davinci.Quote(e.Text), why})
		}
		m.left(screen, button, s, "the text of which is decided by "+named(n))
	}
}

// named returns the name of a node for a person.
func named(n *export.Node) string { return davinci.Quote(n.Label()) + " (" + n.ID + ")" }

// plan says what a client sends for each stop. If it would send the same for several stops, only
// one is planned and the others are listed as left out; instead has the index of the plan for each
// of them.
func (m *maker) plan(
	screen *export.Screen, b *export.Button, label string, stops []*stop,
) (plans []planned, instead map[*stop]int) {
	sent := map[string]int{} // indexes of plans, by the form that a client sends
	instead = map[*stop]int{}
	for _, s := range stops {
		if why := m.unknown(s, b); why != "" {
			m.left(screen.Name, label, s, why)
			continue
		}
		form, sign, can := m.form(screen, b, s)
		if !can {
			m.left(screen.Name, label, s, "no option of the screen leads there")
			continue
		}
		if i, again := sent[sign]; again {
			if other := plans[i]; refuses(s, other.stop, sign) {
				plans = append(plans, other) // the second time
				plans[i] = planned{s, form}
			} else {
				instead[s] = i
			}
			continue
		}
		sent[sign] = len(plans)
		plans = append(plans, planned{s, form})
	}
	return plans, instead
}

// refuses reports whether a stop is an error for a wrong value, while reaching the other stop
// depends on the state of the backend, such as a locked account: no more nodes fail on the way to
// it.
func refuses(s, other *stop, sign string) bool {
	fails := func(s *stop) (n int) {
		for _, w := range s.path {
			if w.Fails() && !w.From.Compares() {
				n++
			}
		}
		return n
	}
	return strings.HasPrefix(sign, " wrong ") && s.kind == export.ToError && other.kind != export.ToError &&
		fails(s) <= fails(other)
}

// wrong finds the stops of the flow if a node on the likely way that reads typed values
// fails, whatever fails after it.
func (m *maker) wrong(at *stop, b *export.Button, stops []*stop) (out []*stop) {
	if len(stops) == 0 {
		return nil
	}
	type outcome struct{ field, stop string }
	known := map[outcome]bool{}
	for i, w := range stops[0].path {
		fields := m.read(at.node.Screen, w.From)
		if w.Fails() || at.flow.Node(w.From.ID) != w.From || len(fields) == 0 {
			continue
		}
		field := fields[max(mistyped(fields), 0)].Key
		for _, s := range m.best(m.follow(at.flow, at.flow.Failing(at.node.Screen, b, w.From), at.calls, nil, 0)) {
			if o := (outcome{field, s.key()}); !known[o] { // of a second node, a client would send the same
				known[o] = true
				s.path = slices.Concat(stops[0].path[:i], s.path)
				out = append(out, s)
			}
		}
	}
	return out
}

// mistyped returns the index of the field that has a wrong value if a node fails that reads some: a
// password first, -1 if a person types none of them.
func mistyped(fields []export.Field) int {
	i := slices.IndexFunc(fields, secret)
	if i < 0 {
		i = slices.IndexFunc(fields, func(f export.Field) bool { return text(f.Type) })
	}
	return i
}

// unknown says why a stop cannot be in the recording, "" if it can.
func (m *maker) unknown(s *stop, b *export.Button) string {
	switch {
	case b != nil && b.Dynamic && b.Key != "":
		return "the value of the button is not fixed"
	case s.kind == export.ToScreen && s.node.Screen.FormMissing:
		return "its form is not in the file"
	case s.kind == export.ToScreen && s.node.Capability == "customHtmlMessage":
		return "a customHtmlMessage has no JSON form"
	case s.kind == export.ToScreen, s.kind == export.ToError:
		return ""
	case s.kind == export.ToTerminal && strings.Contains(s.node.Capability, "Success"):
		return ""
	case s.kind == export.ToTerminal:
		return "what an end with an error answers is not in the export"
	case s.kind == export.ToCall:
		return "the subflow is not in the file, or calls itself"
	case s.kind == export.ToPause:
		return "a wait of the backend"
	}
	return "the flow waits there, and answers requestTimedOut"
}

// form returns what a client sends for a stop: wrong values in the fields that a failing node
// reads, and right values in those that other nodes on the way read. Forms with equal signs
// cannot be distinguished by the service. Can is false if no value that the screen offers
// leads to the stop.
func (m *maker) form(screen *export.Screen, b *export.Button, s *stop) (form map[string]any, sign string, can bool) {
	t := &typing{maker: m, flow: s.flow, screen: screen, form: map[string]any{}, wrong: map[string]bool{}}
	for _, w := range s.path {
		t.goes(w)
	}
	if b != nil && t.sign == "" && b.Kind != "SUBMIT_BUTTON" { // nothing is typed for this button
		return nil, t.sign, !t.never
	}
	for _, n := range t.right {
		for _, f := range m.read(screen, n) {
			if !t.wrong[f.Key] && text(f.Type) {
				t.form[f.Key] = "${user." + Attribute(f.Key) + "}"
			}
		}
	}
	for _, f := range screen.Fields {
		if _, typed := t.form[f.Key]; !typed && types(f.Type) {
			t.form[f.Key] = "*"
		}
	}
	if len(t.form) == 0 {
		return nil, t.sign, !t.never
	}
	return t.form, t.sign, !t.never
}

// A typing has the values that a person types at a screen so that the flow takes a way.
type typing struct {
	maker  *maker
	flow   *export.Flow
	screen *export.Screen
	form   map[string]any
	wrong  map[string]bool // the fields with a wrong value
	right  []*export.Node  // nodes that read fields and do not fail
	sign   string
	never  bool // no option leads there
}

// goes adds the values for one step of the way.
func (t *typing) goes(w *export.Way) {
	fields := t.maker.read(t.screen, w.From)
	if len(fields) == 0 {
		return
	}
	value, options := t.maker.branch(w, fields)
	switch {
	case w.Fails():
		i := mistyped(fields)
		if i < 0 {
			return // the step does not depend on typed values
		}
		key := fields[i].Key
		t.form[key], t.wrong[key] = recordings.OtherThan(Attribute(key)), true
		t.sign += " wrong " + key
	case options && value.Label == "":
		t.never = true
	case options:
		if v, ok := t.maker.posted(t.flow, t.screen, value); ok {
			t.form[value.Key] = v
		}
		t.sign += " " + value.Key + "=" + value.Label
	default:
		t.right = append(t.right, w.From)
	}
}

// A reading is a node that may read fields of a screen.
type reading struct {
	screen *export.Screen
	node   *export.Node
}

// read returns the fields of a screen that a node reads, in the order of the screen.
func (m *maker) read(screen *export.Screen, n *export.Node) []export.Field {
	fields, known := m.reads[reading{screen, n}]
	if !known && n != screen.Node {
		fields = fieldsRead(screen, n)
		m.reads[reading{screen, n}] = fields
	}
	return fields
}
