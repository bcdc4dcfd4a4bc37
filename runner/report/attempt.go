package report

import (
	"fmt"
	"slices"
)

// attemptTrouble returns the step at which the attempt failed and what was found and
// wanted there, or why it was tried again where no step says so.
func attemptTrouble(a *Attempt) (step, text string) {
	if st := a.FailedStep(); st != nil {
		return st.Text, st.Error
	}
	return "", a.Note
}

// ownNotes are the notes that no earlier attempt stands for.
func ownNotes(s *Scenario) []Note {
	if len(s.Earlier) == 0 {
		return s.Notes
	}
	return slices.DeleteFunc(slices.Clone(s.Notes), func(n Note) bool {
		return n.Kind == Retried && slices.ContainsFunc(s.Earlier, func(a Attempt) bool { return a.Note == n.Text })
	})
}

// lastAttempt says what came of the last attempt where there were others: which
// one it was, and its status.
func lastAttempt(s *Scenario) string {
	status := s.Status
	if status == Flaky {
		status = Passed
	}
	return fmt.Sprintf("attempt %d %s", len(s.Earlier)+1, status)
}

// withoutHops is a copy for who keeps scenarios, and needs no journey of theirs.
func withoutHops(s *Scenario) *Scenario {
	light := *s
	light.Hops, light.Earlier = nil, nil
	return &light
}
