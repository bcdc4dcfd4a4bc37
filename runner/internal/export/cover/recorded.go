package cover

import (
	"cmp"
	"slices"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// A recorded has the screens of recordings and their buttons.
type recorded struct {
	screens []*offered
	starts  []begin
}

// An offered is a screen of a recording.
type offered struct {
	flow, id, name string
	buttons        []*davinci.Field
	outcomes       []recordedOutcome
}

// A recordedOutcome is the target of a request that leaves a screen.
type recordedOutcome struct {
	button, to, leads, label string
}

// NewRecorded returns the coverage of recordings, without any journey. Its parts are the
// screens, their buttons, and the recorded outcomes.
func NewRecorded(flows []*recordings.Flow) *Coverage {
	r := &recorded{}
	for _, f := range flows {
		r.read(f)
	}
	return newCoverage(r, kinds[:3])
}

func (r *recorded) called() string { return "the recording" }

func (r *recorded) begins() []begin { return r.starts }

// answerOf reads the answer of a hop in the shape that was recorded.
func answerOf(h *recordings.Hop) *davinci.Answer {
	response := h.Answer()
	body := response.Body(false)
	if body == nil {
		body = response.Body(true)
	}
	var text []byte
	if body != nil {
		text = body.Text
	}
	return davinci.Reader{Waits: !h.Starts()}.Read(response.Status, nil, text)
}

// read reads the screens of a recording, and the requests that leave them.
func (r *recorded) read(f *recordings.Flow) {
	at := map[*recordings.Hop]*offered{}
	for _, h := range f.Hops {
		if h.To != nil || h.Screen() == nil {
			continue
		}
		a := answerOf(h)
		if screen := a.Screen(); screen != nil {
			at[h] = r.screen(f.Name, cmp.Or(a.NodeID(), screen.Name, h.Name), cmp.Or(screen.Name, h.Name))
			at[h].offer(screen)
		}
	}
	for _, h := range f.Hops {
		to := outcomeOf(h, at)
		if h.Starts() {
			r.starts = append(r.starts, begin{flow: f.Name, to: to.to, leads: to.leads, label: to.label})
		}
		for _, from := range h.From {
			s := at[from]
			if s == nil {
				continue
			}
			to.button = s.pressed(h.Request.Action, h.Request.ContinueToken != "")
			same := func(o recordedOutcome) bool { return o.button == to.button && o.to == to.to }
			if !slices.ContainsFunc(s.outcomes, same) {
				s.outcomes = append(s.outcomes, to)
			}
		}
	}
}

// offer adds the buttons of an answer with the screen.
func (s *offered) offer(screen *davinci.Screen) {
	for i := range screen.Fields {
		b := &screen.Fields[i]
		same := func(other *davinci.Field) bool { return keyOf(other) == keyOf(b) }
		if b.IsButton() && !slices.ContainsFunc(s.buttons, same) {
			s.buttons = append(s.buttons, b)
		}
	}
}

// screen returns the screen of a flow with that id, and creates it if needed.
func (r *recorded) screen(flow, id, name string) *offered {
	for _, s := range r.screens {
		if s.flow == flow && s.id == id {
			return s
		}
	}
	s := &offered{flow: flow, id: id, name: name}
	r.screens = append(r.screens, s)
	return s
}

// outcomeOf returns the outcome of a hop.
func outcomeOf(h *recordings.Hop, at map[*recordings.Hop]*offered) recordedOutcome {
	if s := at[h.Screen()]; s != nil {
		return recordedOutcome{to: s.id, leads: export.ToScreen, label: s.name}
	}
	a := answerOf(h)
	outcome := a.Outcome.String()
	o := recordedOutcome{to: cmp.Or(a.NodeID(), outcome), leads: export.ToTerminal, label: outcome}
	if h.Stays() {
		o.leads, o.label = export.ToError, cmp.Or(a.Message(), outcome)
	}
	return o
}

// keyOf returns the name of a button in requests that press it.
func keyOf(b *davinci.Field) string { return cmp.Or(b.Key, b.Label) }

// pressed returns the key of the button that a request pressed. A request of a client that
// comes back from an identity provider does not name it.
func (s *offered) pressed(action string, returns bool) string {
	if action == "" && returns {
		if b, _ := (&davinci.Screen{Fields: s.fields()}).Provider(""); b != nil {
			return keyOf(b)
		}
	}
	return action
}

func (s *offered) fields() (out []davinci.Field) {
	for _, b := range s.buttons {
		out = append(out, *b)
	}
	return out
}

// find returns the screen of a step by its id, or by its name, nil if the recordings have
// neither.
func (r *recorded) find(s export.Step) *offered {
	var named *offered
	for _, o := range r.screens {
		switch {
		case s.Flow != "" && o.flow != s.Flow:
		case o.id == s.Node:
			return o
		case named == nil && o.name == s.Screen:
			named = o
		}
	}
	return named
}

func (r *recorded) add(c *Coverage, steps []export.Step) {
	var at *offered // the screen that the flow is at
	for _, step := range steps {
		var to *offered
		if step.Screen != "" {
			switch to = r.find(step); {
			case to == nil:
				c.Unknown++
			case to.id == step.Node:
				c.ByID++
			default:
				c.ByName++
			}
		}
		if at != nil {
			at.leave(c, step, to)
		}
		if to != nil {
			c.mark(c.part(key{"screens", to.flow, to.id, "", ""}), Observed)
		}
		if step.Screen != "" {
			at = to
		}
	}
}

// leave marks the pressed button of a screen and its outcome.
func (s *offered) leave(c *Coverage, step export.Step, to *offered) {
	button := s.pressed(step.Action, step.Returns)
	if slices.ContainsFunc(s.buttons, func(b *davinci.Field) bool { return keyOf(b) == button }) {
		c.mark(c.part(key{"buttons", s.flow, s.id, button, ""}), Observed)
	}
	likely := "" // if the node is unknown: the only such outcome
	for _, o := range s.outcomes {
		if o.button != button {
			continue
		}
		if to != nil && o.leads == export.ToScreen && o.to == to.id || to == nil && o.to == step.Node {
			likely = o.to
			break
		}
		stays, ends := o.leads == export.ToError, o.leads == export.ToTerminal
		if to == nil && (step.Stays && stays || !step.Stays && ends) && likely == "" {
			likely = o.to
		}
	}
	if likely != "" {
		c.mark(c.part(key{"outcomes", s.flow, s.id, button, likely}), Observed)
	}
}

// list adds the parts of the recordings.
func (r *recorded) list(_ *Coverage, add func(Part, key)) {
	for _, s := range r.screens {
		add(Part{Flow: s.flow, Name: s.name, label: s.name}, key{kind: "screens", node: s.id})
	}
	for _, s := range r.screens {
		for _, b := range s.buttons {
			label := cmp.Or(b.Label, b.Key)
			add(Part{Flow: s.flow, Name: s.name + " – " + label, label: label},
				key{kind: "buttons", node: s.id, button: keyOf(b)})
		}
		for _, o := range s.outcomes {
			label := cmp.Or(o.button, "no button")
			for _, b := range s.buttons {
				if keyOf(b) == o.button {
					label = cmp.Or(b.Label, b.Key)
				}
			}
			name := s.name + " – " + label + " → " + o.leads + " " + o.label
			add(Part{Flow: s.flow, Name: name, leads: o.leads, label: o.label},
				key{kind: "outcomes", node: s.id, button: o.button, to: o.to})
		}
	}
}
