package runner

import (
	"strconv"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A Verdict says what a run makes of requirements that its journeys break.
type Verdict uint8

// The verdicts.
const (
	FailBroken Verdict = iota // a scenario whose journey breaks a MUST fails
	WarnBroken                // it is said, and fails nothing
	OffBroken                 // no journey is held against the requirements
)

// judged reports whether the scenario's journeys are held against the
// catalogue. Those that faults changed are broken on purpose, and what a replay
// has no answer for says nothing of the flow.
func (it *item) judged() bool {
	if it.suite.Conformance == OffBroken || it.world == nil || it.backend == nil {
		return false
	}
	return it.backend.Missed() == nil && !it.backend.Changed()
}

// conform holds the scenario's journeys against the catalogue, and fails it
// where they break a MUST and the run is that strict.
func (it *item) conform(out *report.Scenario) {
	if !it.judged() || len(it.world.Hops()) == 0 {
		return
	}
	j := &conformance.Journey{Name: out.Name, File: out.File, Line: out.Line, Flow: out.Flow}
	verdicts := it.world.Verdicts()
	for i := range verdicts {
		j.Add(&verdicts[i])
	}
	out.Conformance = j
	if it.suite.Conformance != FailBroken {
		return
	}
	hide := it.redactor().Redact
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
