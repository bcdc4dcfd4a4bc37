package output

import (
	"slices"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A legend says what the signs mean that a report wrote. The zero value knows
// of none.
type legend []signEntry

// A signEntry is a sign with what it meant where it was written.
type signEntry struct {
	sign  string
	means []string
}

// add notes that a sign was written.
func (l *legend) add(sign, means string) {
	at := slices.IndexFunc(*l, func(e signEntry) bool { return e.sign == sign })
	if at < 0 {
		*l = append(*l, signEntry{sign, []string{means}})
		return
	}
	if e := &(*l)[at]; !slices.Contains(e.means, means) {
		e.means = append(e.means, means)
	}
}

// of notes that the sign of a status was written. What stands for a pass or for
// a failure goes without saying.
func (l *legend) of(sign string, s report.Status) {
	switch s {
	case report.Passed, report.Failed:
	case report.Flaky:
		l.add(sign, "passed after a retry")
	case report.Known:
		l.add(sign, "a known failure")
	case report.Undefined, report.Ambiguous, report.Skipped, report.NotRun:
		l.add(sign, s.String())
	}
}

// String is the line for people, "" where no sign needs one.
func (l *legend) String() string {
	var list []string
	for _, e := range *l {
		list = append(list, e.sign+" "+strings.Join(e.means, " or "))
	}
	if len(list) == 0 {
		return ""
	}
	return "marks: " + strings.Join(list, ", ")
}

// mostNamed is how many requirements a line names.
const mostNamed = 5

// named lists the requirements of a run that came to a result, in brackets: a
// number alone says nothing of which.
func named(m *conformance.Matrix, result conformance.Result) string {
	var ids []string
	more := ""
	for _, r := range conformance.Catalogue() {
		if m.Result(r) != result {
			continue
		}
		if len(ids) == mostNamed {
			more = ", …"
			break
		}
		ids = append(ids, r.ID)
	}
	return " (" + strings.Join(ids, ", ") + more + ")"
}
