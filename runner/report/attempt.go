package report

import (
	"fmt"
	"slices"
	"time"
)

// An Attempt is a try of a scenario that failed, and after which the scenario
// ran once more.
type Attempt struct {
	// Origin is whose failure it was, as in "network". Note is the sentence for
	// people that stands among the notes of the scenario too, redacted.
	Origin string `json:"origin,omitempty"`
	Note   string `json:"note,omitempty"`

	Steps    []Step        `json:"steps,omitempty"`
	Hops     []Hop         `json:"-"` // as those of a scenario that failed
	HopCount int           `json:"hopCount"`
	Began    time.Time     `json:"began,omitzero"`
	Duration time.Duration `json:"nanoseconds"`
}

// trouble returns the step at which the attempt failed and what was found and
// wanted there, or why it was tried again where no step says so.
func (a *Attempt) trouble() (step, text string) {
	if st := failedStep(a.Steps); st != nil {
		return st.Text, st.Error
	}
	return "", a.Note
}

// ownNotes are the notes that no earlier attempt stands for.
func (s *Scenario) ownNotes() []Note {
	if len(s.Earlier) == 0 {
		return s.Notes
	}
	return slices.DeleteFunc(slices.Clone(s.Notes), func(n Note) bool {
		return n.Kind == Retried && slices.ContainsFunc(s.Earlier, func(a Attempt) bool { return a.Note == n.Text })
	})
}

// lastAttempt says what came of the last attempt where there were others: which
// one it was, and its status.
func (s *Scenario) lastAttempt() string {
	status := s.Status
	if status == Flaky {
		status = Passed
	}
	return fmt.Sprintf("attempt %d %s", len(s.Earlier)+1, status)
}

// withoutHops is a copy for who keeps scenarios, and needs no journey of theirs.
func (s *Scenario) withoutHops() *Scenario {
	light := *s
	light.Hops, light.Earlier = nil, nil
	return &light
}
