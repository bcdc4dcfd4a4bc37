// Package exercised fails a run in which a requirement applied to no hop though
// it had to. It knows no step and no format of a report.
package exercised

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A Demand says which requirements have to apply to some hop of a run.
type Demand struct {
	// Level demands those of this level and of more severe ones, as far as they are about a shape
	// of response that the run asked for. Zero demands none. Optional.
	Level conformance.Level

	// IDs demand the requirements whose ids begin with one of them, in any case
	// of letters and whatever the run asked for. Optional.
	IDs []string
}

// Parse reads a list with commas of levels, MUST and SHOULD, and of
// beginnings of ids. Empty demands nothing.
func Parse(text string) (Demand, error) {
	var d Demand
	if text == "" {
		return d, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		switch one = strings.TrimSpace(one); strings.ToUpper(one) {
		case "MUST":
			d.Level = max(d.Level, conformance.Must)
		case "SHOULD":
			d.Level = max(d.Level, conformance.Should)
		default:
			id := func(r *conformance.Requirement) bool { return begins(r.ID, one) }
			if one == "" || !slices.ContainsFunc(conformance.Catalogue(), id) {
				return d, fmt.Errorf("%q is neither a level, MUST or SHOULD, "+
					"nor what the id of a requirement begins with", one)
			}
			d.IDs = append(d.IDs, one)
		}
	}
	return d, nil
}

func begins(id, with string) bool {
	return strings.HasPrefix(strings.ToUpper(id), strings.ToUpper(with))
}

// Any reports whether anything is demanded.
func (d Demand) Any() bool { return d.Level != 0 || len(d.IDs) > 0 }

// Hold notes what the run lacks, and fails it for that. A run that is not whole,
// or that held nothing against the requirements, gives no answer.
func (d Demand) Hold(run *report.Run) {
	whole := run.Counts[report.NotRun] == 0 && !run.Interrupted && len(run.Missing) == 0 && run.Plan.Shards <= 1
	if !d.Any() || run.Conformance == nil || !whole {
		return
	}
	ran, spared := shapes(run.Conformance), 0
	for _, r := range conformance.Catalogue() {
		named := slices.ContainsFunc(d.IDs, func(id string) bool { return begins(r.ID, id) })
		switch {
		case run.Conformance.Result(r) != conformance.NotExercised:
		case !named && r.Level > d.Level:
		case !named && ran != 0 && r.Shapes&ran == 0:
			spared++
		default:
			note(run, r.ID+" ("+r.Level.String()+") applied to no hop: "+r.Sentence)
			run.Failed = true
		}
	}
	switch {
	case spared == 0:
	case ran == conformance.JSON:
		note(run, spare(spared, "detailed")+" not demanded: no journey asked for detailed responses")
	default:
		note(run, spare(spared, "JSON")+" not demanded: every journey asked for detailed responses")
	}
}

// spare is the subject and the verb of a sentence on n requirements of a mode.
func spare(n int, mode string) string {
	if n == 1 {
		return "1 requirement of the " + mode + " mode is"
	}
	return fmt.Sprintf("%d requirements of the %s mode are", n, mode)
}

// note adds a note about requirements that applied to no hop, unless the run
// has it already, as one that is read again may.
func note(run *report.Run, text string) {
	n := report.Note{Kind: report.Unexercised, Text: text}
	if !slices.Contains(run.Notes, n) {
		run.Notes = append(run.Notes, n)
	}
}

// shapes returns the shapes of the hops of a run. Each shape has requirements of
// its own that apply to every hop of that shape.
func shapes(m *conformance.Matrix) conformance.Shape {
	var ran conformance.Shape
	for _, r := range conformance.Catalogue() {
		if r.Shapes != conformance.BothShapes && m.Result(r) != conformance.NotExercised {
			ran |= r.Shapes
		}
	}
	return ran
}

type reporter struct {
	report.Discard

	demand Demand
}

// Reporter returns a reporter that notes at the end of a run what it lacks. Those
// that write the run come after it.
func Reporter(d Demand) report.Reporter { return reporter{demand: d} }

// End implements [report.Reporter].
func (r reporter) End(run *report.Run) { r.demand.Hold(run) }
