package output

import (
	"flowtest/runner/report"
	"fmt"
	"slices"
)

// attemptTrouble returns the step at which the attempt failed and what was found and
// wanted there, or why it was tried again where no step says so.
func attemptTrouble(a *report.Attempt) (step, text string) {
	if st := a.FailedStep(); st != nil {
		return st.Text, st.Error
	}
	return "", a.Note
}

// ownNotes are the notes that no earlier attempt stands for.
func ownNotes(s *report.Scenario) []report.Note {
	if len(s.Earlier) == 0 {
		return s.Notes
	}
	return slices.DeleteFunc(slices.Clone(s.Notes), func(n report.Note) bool {
		return n.Kind == report.Retried && slices.ContainsFunc(s.Earlier, func(a report.Attempt) bool { return a.Note == n.Text })
	})
}

// lastAttempt says what came of the last attempt where there were others: which
// one it was, and its status.
func lastAttempt(s *report.Scenario) string {
	status := s.Status
	if status == report.Flaky {
		status = report.Passed
	}
	return fmt.Sprintf("attempt %d %s", len(s.Earlier)+1, status)
}

// withoutHops is a copy for who keeps scenarios, and needs no journey of theirs.
func withoutHops(s *report.Scenario) *report.Scenario {
	light := *s
	light.Hops, light.Earlier = nil, nil
	return &light
}
