package runner

import (
	"fmt"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/safehtml"
	"flowtest/runner/report"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// redactor knows the secrets of the target, of the scenario and of its earlier
// attempts.
func (it *item) redactor() *secret.Redactor {
	if it.secrets == nil {
		it.secrets = &secret.Redactor{Parent: it.side.Redactor()}
		if it.before != nil {
			it.secrets.Parent = it.before.redactor()
		}
	}
	return it.secrets
}

// redact takes the secrets out of everything that a person reads. What an author
// wrote into a feature file stays as it is, apart from the target's secrets.
func (it *item) redact(out *report.Scenario) {
	hide, own := it.redactor().Redact, it.side.Authored
	redactJourney(out.Steps, out.Hops, it.scenario.Scenario, hide, own)
	for i := range out.Notes {
		out.Notes[i].Text = hide(out.Notes[i].Text)
	}
	name := own(out.Name)
	out.Recurs = out.Recurs || name != out.Name // those that differ only in a secret
	out.Name, out.Rule, out.Feature = name, own(out.Rule), own(out.Feature)
	named := func(st feature.Step) bool { return strings.Contains(st.Text, out.Flow) }
	if slices.ContainsFunc(it.scenario.Steps, named) {
		out.Flow = own(out.Flow)
	} else { // it is from the environment
		out.Flow = hide(out.Flow)
	}
	if out.Conformance != nil {
		out.Conformance.Hide(hide)
		out.Conformance.Name, out.Conformance.Flow = out.Name, out.Flow
	}
	out.Tags = hideAll(out.Tags, own)
	for i := range it.earlier {
		a := &it.earlier[i]
		a.Note = hide(a.Note)
		redactJourney(a.Steps, a.Hops, it.scenario.Scenario, hide, own)
	}
	out.Earlier = it.earlier
}

// redactJourney takes the secrets out of what one attempt did.
func redactJourney(steps []report.Step, hops []report.Hop, of *feature.Scenario, hide, own func(string) string) {
	for i := range steps {
		st := &steps[i]
		st.Text = own(st.Text)
		if st.Error != "" {
			st.Error = words.Cut(hide(st.Error), mostArgument) // it may quote an argument
		}
		if i < len(of.Steps) {
			argue(st, of.Steps[i].Arg, own)
			redactInner(st.Steps, of.Steps[i].Inner(), hide, own)
		}
	}
	for i := range hops {
		h := &hops[i]
		h.Request, h.Response, h.Where = hide(h.Request), hide(h.Response), hide(h.Where)
		if h.Evidence != nil {
			redactEvidence(h.Evidence, hide)
		}
	}
}

// redactInner takes the secrets out of the steps of a sentence of a file.
func redactInner(list []report.Step, of []feature.Step, hide, own func(string) string) {
	for i := range list {
		st := &list[i]
		st.Text = own(st.Text)
		if st.Error != "" {
			st.Error = hide(st.Error)
		}
		if i < len(of) {
			argue(st, of[i].Arg, own)
			redactInner(st.Steps, of[i].Inner(), hide, own)
		}
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

// mostArgument is how many characters of what is below a sentence a report has: each
// row of an outline has it again, in every format.
const mostArgument = 16 << 10

// argue gives the step what is below its sentence. A cell is redacted
// before it is written as a part of a table, and a text before it is cut.
func argue(st *report.Step, arg *messages.PickleStepArgument, hide func(string) string) {
	if arg != nil && arg.DocString != nil {
		text := hide(arg.DocString.Content)
		if kept := words.Cut(text, mostArgument); kept != text {
			text = fmt.Sprintf("%s\n(the first part of %d bytes)", kept, len(text))
		}
		st.DocString = &text
	}
	if arg == nil || arg.DataTable == nil {
		return
	}
	size := 0
	for n, row := range arg.DataTable.Rows {
		cells := make([]string, len(row.Cells))
		if size > mostArgument {
			cells[0] = fmt.Sprintf("(the first %d of %d rows)", n, len(arg.DataTable.Rows))
			st.Table = append(st.Table, cells)
			break
		}
		for i, cell := range row.Cells {
			cells[i] = words.Cut(hide(cell.Value), mostArgument)
			size += len(cells[i])
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
		f.Key, f.Type, f.Label = hide(f.Key), hide(f.Type), hideLabel(f.Label, hide)
		for j := range f.Options {
			f.Options[j] = hide(f.Options[j])
		}
	}
}

// hideLabel removes secrets from a label as it was sent, and from its text as a report shows
// it: markup that splits a secret in the HTML may not be shown.
func hideLabel(label string, hide func(string) string) string {
	label = hide(label)
	if !strings.ContainsAny(label, "<&") {
		return label
	}
	if read := safehtml.Text(label); hide(read) != read {
		return hide(read)
	}
	return label
}
