package runner

import (
	"slices"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/report"
	"flowtest/steps/secret"
)

// redactor knows the secrets of the scenario, with those that its text alone
// shows to be ones.
func (it *item) redactor() *secret.Redactor {
	if it.secrets == nil {
		it.secrets = &secret.Redactor{Parent: it.side.redactor()}
	}
	if it.told != it.secrets {
		it.told = it.secrets
		it.secrets.Add(it.scenario.typedSecrets()...)
	}
	return it.secrets
}

// redact takes the secrets out of everything that a person reads. A scenario
// that passed shows its own text alone, which can hold only what was typed.
func (it *item) redact(out *report.Scenario) {
	known := it.redactor()
	known.Add(learnedIn(it.scenario.typed, &it.keys)...)
	hide := it.hiding(known.Redact)
	if out.Status == report.Passed {
		hide = it.hiding(known.RedactTyped)
	}
	it.redactJourney(out.Steps, out.Hops, hide, known.Redact)
	for i := range out.Notes {
		out.Notes[i].Text = known.Redact(out.Notes[i].Text)
	}
	if out.Conformance != nil {
		out.Conformance.Name, out.Conformance.Flow = hide(out.Conformance.Name), hide(out.Conformance.Flow)
		out.Conformance.Hide(known.Redact)
	}
	out.Name, out.Flow, out.Feature = hide(out.Name), hide(out.Flow), hide(out.Feature)
	out.Tags = hideAll(out.Tags, hide)
}

// redactJourney takes the secrets out of what one attempt did: hide out of what
// stands in short, wire out of what went over it.
func (it *item) redactJourney(steps []report.Step, hops []report.Hop, hide, wire func(string) string) {
	for i := range steps {
		st := &steps[i]
		st.Text, st.Error = hide(st.Text), hide(st.Error)
		if i < len(it.scenario.steps) {
			argue(st, it.scenario.steps[i].arg, hide)
		}
	}
	for i := range hops {
		h := &hops[i]
		h.Request, h.Response, h.Where = hide(h.Request), hide(h.Response), hide(h.Where)
		if h.Evidence != nil {
			redactEvidence(h.Evidence, wire)
		}
	}
}

// hiding adds the secrets that are so short that they are hidden where they stand
// alone.
func (it *item) hiding(hide func(string) string) func(string) string {
	brief := briefIn(it.scenario.typed, &it.keys)
	if len(brief) == 0 {
		return hide
	}
	h := hider{alone: map[string]bool{}}
	for _, v := range brief {
		h.alone[v] = true
	}
	return func(text string) string {
		if h.alone[text] {
			return secret.Redacted
		}
		return hide(h.quoted(text))
	}
}

// hideAll returns the list itself where it holds no secret: others have it too.
func hideAll(list []string, hide func(string) string) []string {
	for i, text := range list {
		if hidden := hide(text); hidden != text {
			list = slices.Clone(list)
			list[i] = hidden
		}
	}
	return list
}

// argue gives the step what stands below its sentence. A cell is redacted before
// anybody writes it as a part of a table.
func argue(st *report.Step, arg *messages.PickleStepArgument, hide func(string) string) {
	if arg == nil {
		return
	}
	if d := arg.DocString; d != nil {
		text := hide(d.Content)
		st.DocString = &text
	}
	if arg.DataTable == nil {
		return
	}
	for _, row := range arg.DataTable.Rows {
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = hide(cell.Value)
		}
		st.Table = append(st.Table, cells)
	}
}

func redactEvidence(e *report.Evidence, hide func(string) string) {
	e.URL, e.Message = hide(e.URL), hide(e.Message)
	e.RequestHeader, e.Header = hideHeader(e.RequestHeader, hide), hideHeader(e.Header, hide)
	if e.RequestBody != nil {
		e.RequestBody = []byte(hide(string(e.RequestBody)))
	}
	e.Body = []byte(hide(string(e.Body)))
	for i := range e.Findings {
		e.Findings[i].Hide(hide)
	}
	if e.Screen == nil {
		return
	}
	s := e.Screen
	s.Name, s.Node, s.Capability, s.HTML = hide(s.Name), hide(s.Node), hide(s.Capability), hide(s.HTML)
	for i := range s.Fields {
		f := &s.Fields[i]
		f.Key, f.Type, f.Label = hide(f.Key), hide(f.Type), hide(f.Label)
		for j := range f.Options {
			f.Options[j] = hide(f.Options[j])
		}
	}
}
