// Package feature reads feature files. It returns their scenarios, one for each row of
// an outline, with the definition of every step and the text that godog runs. It does
// not know how a scenario runs.
package feature

import (
	"fmt"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps"
)

// A Scenario is one pickle: a scenario, or one row of an outline, with its background.
// It is small, because a run may have many.
type Scenario struct {
	Feature string
	Rule    string // the name of its rule
	Name    string
	Recurs  bool   // another scenario in the file has the same rule and name
	File    string // as reports show it
	Line    int    // of the scenario, or of the row of its examples
	Tags    []string
	Steps   []Step
	Excerpt Excerpt

	own     string   // the name without the number of its row
	written string   // the name in the file; for a row, that of its outline
	at      int      // the line of written
	spans   []span   // the lines that select it
	columns []string // of the examples of an outline
	defined bool     // Define has been called
}

// A Step is one sentence of a scenario.
type Step struct {
	Keyword string // as the file has it: "Given ", "* "
	Text    string
	Line    int
	Arg     *messages.PickleStepArgument

	Template *messages.Step // the step in the outline, nil outside of one

	Def *Definition // nil if it is undefined or ambiguous, and before Loader.Define

	more     *more // nil for most: a run may have hundreds of thousands of steps
	kind     uint8 // of kinds
	unfilled bool  // the step of an outline has a <name> that is not a column
}

// more is what few steps have.
type more struct {
	fault string // why there is no definition
	inner []Step
}

// define sets the definition of a step and the steps that it expands to, or says why there is none.
func (s *Step) define(def *Definition, inner []Step, fault string) {
	s.Def, s.more = def, nil
	if fault != "" {
		s.Def, s.more = nil, &more{fault: fault}
	} else if inner != nil {
		s.more = &more{inner: inner}
	}
}

// Fault says why the step has no definition, "" if it has one and before Loader.Define.
func (s *Step) Fault() string {
	if s.more == nil {
		return ""
	}
	return s.more.fault
}

// Inner returns the steps of a sentence of a file, with their values. They are written in the file
// of Def. It is nil if the step is not such a sentence.
func (s *Step) Inner() []Step {
	if s.more == nil {
		return nil
	}
	return s.more.inner
}

// kinds are the kinds of steps.
var kinds = []messages.PickleStepType{
	messages.PickleStepType_UNKNOWN, messages.PickleStepType_CONTEXT, messages.PickleStepType_ACTION,
	messages.PickleStepType_OUTCOME,
}

func kindOf(t messages.PickleStepType) (kind uint8) {
	for _, k := range kinds {
		if k == t {
			return kind
		}
		kind++
	}
	return 0
}

// Kind returns the kind of the step's keyword; for And, But and *, that of the step
// before.
func (s *Step) Kind() messages.PickleStepType { return kinds[s.kind] }

// Place returns the place of the scenario as FILE:LINE.
func (s *Scenario) Place() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }

// Flows returns the names of the flows that the scenario's steps choose.
func (s *Scenario) Flows() []string {
	var out []string
	for i := range s.Steps {
		out = append(out, s.Steps[i].Flows()...)
	}
	return out
}

// Flows returns the names of the flows that the step chooses.
func (s *Step) Flows() []string {
	if s.Def == nil || !s.Def.Has(steps.FlowName) && s.Inner() == nil {
		return nil
	}
	var out []string
	for _, in := range s.Inner() {
		out = append(out, in.Flows()...)
	}
	for _, v := range s.Def.Values(s.Text, s.Arg) {
		if v.Kind == steps.FlowName {
			out = append(out, v.Text)
		}
	}
	return out
}

// Written returns the name and line of the scenario in its file; for a row, those of
// its outline.
func (s *Scenario) Written() (name string, line int) { return s.written, s.at }

// OwnName returns the author's name of the scenario. For a row it is the outline's name
// with the values filled in, without the number that reports add.
func (s *Scenario) OwnName() string { return s.own }

// Undefined says what is wrong with a step that has no definition. In an outline it names the
// line of the step if that has no definition without its values either, and otherwise the
// line of the row.
func (s *Scenario) Undefined(st *Step, m *Matcher) string {
	line, text, fault := st.Line, st.Text, st.Fault()
	if t := st.Template; st.unfilled {
		text = t.Text
	} else if t != nil && t.Text != st.Text {
		plain := *st
		plain.Text = t.Text
		if def, why := m.find(&plain); def == nil {
			text, fault = t.Text, why
		} else {
			line = s.Line
		}
	}
	return fmt.Sprintf("%s:%d: step %q is %s", s.File, line, text, fault)
}

// MayDrive reports whether a journey of the scenario may run the flow. A scenario that
// fails early names no flow, and the value of a variable is unknown here.
func (s *Scenario) MayDrive(flow string) bool {
	flows := s.Flows()
	return flow == "" || s.unnamed(flows) || slices.Contains(flows, flow)
}

// MayDriveAny reports whether a journey of the scenario may run a flow that no step names: a
// parameter of the authorize request can choose a flow too.
func (s *Scenario) MayDriveAny() bool {
	chooses := func(v steps.Value) bool {
		sets := v.Text == "acr_values" || v.Text == "client_id" || strings.Contains(v.Text, "${")
		return sets && v.Kind == steps.Parameter
	}
	for _, st := range s.Expanded().Steps {
		if st.Def == nil || !st.Def.Has(steps.Parameter) {
			continue
		}
		if slices.ContainsFunc(st.Def.Values(st.Text, st.Arg), chooses) {
			return true
		}
	}
	return s.unnamed(s.Flows())
}

// unnamed reports whether a step of the caller may choose a flow, or only a run knows the
// name of the flow.
func (s *Scenario) unnamed(flows []string) bool {
	return slices.ContainsFunc(s.Steps, func(st Step) bool { return st.Def != nil && st.Def.CallsOwn() }) ||
		slices.ContainsFunc(flows, func(name string) bool { return strings.Contains(name, "${") })
}

// Sentences returns the steps as a list of known failures writes them.
func (s *Scenario) Sentences() []string {
	var out []string
	for i := range s.Steps {
		out = append(out, strings.TrimSpace(s.Steps[i].Keyword+s.Steps[i].Text))
	}
	if len(out) == 0 {
		out = []string{noSteps}
	}
	return out
}

// noSteps is shown in reports for a scenario without steps.
const noSteps = "(no steps)"

// Asserts reports whether the step is a Then.
func (s *Step) Asserts() bool {
	if inner := s.Inner(); inner != nil {
		return slices.ContainsFunc(inner, func(in Step) bool { return in.Asserts() })
	}
	return s.Def != nil && (s.Def.Keyword == "Then" || s.Def.Own && s.Kind() == messages.PickleStepType_OUTCOME)
}

// Table returns the table below the sentence, nil for none.
func (s *Step) Table() *messages.PickleTable {
	if s.Arg == nil {
		return nil
	}
	return s.Arg.DataTable
}

// Writes reports whether a text is in the step itself and not in a row of examples.
func (s *Step) Writes(text string) bool {
	has := func(written string) bool { return strings.Contains(written, text) }
	return s.Template == nil || slices.ContainsFunc(TextsOf(s.Template), has)
}

// A span is a range of lines, both ends included.
type span struct{ from, to int }
