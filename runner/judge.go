package runner

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
)

// A Verdict says how a run treats requirements that its journeys break.
type Verdict uint8

// The verdicts.
const (
	FailBroken Verdict = iota // a scenario whose journey breaks a MUST fails
	WarnBroken                // it is reported, and fails nothing
	OffBroken                 // no journey is checked against the requirements
)

// judged reports whether the scenario's journeys are checked against the catalogue. Injected
// faults break them on purpose, and a request that a replay has no response to says nothing of
// the flow.
func (a *attempt) judged() bool {
	if a.suite.Conformance == OffBroken || a.world == nil || a.backend == nil {
		return false
	}
	return a.backend.Missed() == nil && !a.backend.Injected().Changed()
}

// conform checks the scenario's journeys against the catalogue, and fails it
// where they break a MUST and the run is that strict.
func (a *attempt) conform(out *report.Scenario, hide func(string) string) {
	if !a.judged() || len(a.world.Hops()) == 0 {
		return
	}
	j := &conformance.Journey{Name: out.Name, File: out.File, Line: out.Line, Flow: out.Flow}
	verdicts := a.world.Verdicts()
	for i := range verdicts {
		j.Add(&verdicts[i])
	}
	out.Conformance = j
	if a.suite.Conformance != FailBroken {
		return
	}
	for _, f := range j.Failed() {
		f.Hide(hide) // which shortens it too
		out.Notes = append(out.Notes, report.Note{Kind: report.Breaks, Text: note(&f)})
		if out.Status == report.Passed {
			out.Status = report.Failed
		}
	}
}

// note writes a finding for a person.
func note(f *conformance.Finding) string {
	r := f.Requirement
	return "hop " + strconv.Itoa(f.Hop) + " breaks " + f.String() + "\n" + r.Sentence + " (" + r.Page + ")"
}

// weakPass notes what a scenario that passed does not show: a scenario without a
// Then asserts nothing, some hops were not asserted on, and a field that was filled
// in and never sent was not tested.
func (a *attempt) weakPass(out *report.Scenario) {
	if out.Status != report.Passed {
		return
	}
	add := func(format string, args ...any) {
		out.Notes = append(out.Notes, report.Note{Kind: report.Meaningless, Text: fmt.Sprintf(format, args...)})
	}
	if !slices.ContainsFunc(a.scenario.Steps, func(s feature.Step) bool { return s.Asserts() }) {
		add("the scenario has no Then, so a pass proves little: add a Then")
	}
	if never := a.unsent.never(); never != "" {
		add("%s", never)
	}
	if a.world == nil || a.suite.Record != nil && a.suite.Conformance == OffBroken {
		return // a recording run without a catalogue asserts nothing on purpose
	}
	judged := a.judged()
	var blind []string
	for i, h := range a.world.Hops() {
		looked := i < len(a.trail.asserted) && len(a.trail.asserted[i]) > 0
		if !looked && (!judged || !a.world.Verdicts()[i].Applied()) {
			blind = append(blind, strconv.Itoa(h.Number))
		}
	}
	switch len(blind) {
	case 0:
	case 1:
		add("nothing was asserted on hop %s, and no requirement applied to it", blind[0])
	default:
		add("nothing was asserted on the hops %s, and no requirement applied to them", strings.Join(blind, ", "))
	}
}

// hopsWith401 counts the hops that were answered with 401.
func (a *attempt) hopsWith401() int {
	if a.world == nil {
		return 0
	}
	n := 0
	for _, h := range a.world.Hops() {
		if h.Status == http.StatusUnauthorized {
			n++
		}
	}
	return n
}

// strict fails a scenario whose pass means little.
func strict(out *report.Scenario) {
	meaningless := func(n report.Note) bool { return n.Kind == report.Meaningless }
	if out.Status == report.Passed && slices.ContainsFunc(out.Notes, meaningless) {
		out.Status = report.Failed
	}
}

// refusedPasswords counts the hops at which a password was refused, by the user
// of each journey. A form that comes back after a password counts as well: some
// flows refuse with status 200.
func (a *attempt) refusedPasswords() map[string]int {
	out := map[string]int{}
	if a.world == nil {
		return out
	}
	for _, d := range a.world.Driven() {
		for i, h := range d.Hops {
			back := h.Outcome == davinci.Paused && i > 0 && h.NodeID() != "" && h.NodeID() == d.Hops[i-1].NodeID()
			if (h.Outcome == davinci.Refused || back) && holdsSecret(h.Exchange.Body) {
				out[d.User]++
			}
		}
	}
	return out
}
