package runner

import (
	"fmt"
	"strings"
	"time"

	"flowtest/steps/words"
)

// A UsageError reports that a run cannot begin as it was asked for: a feature
// that does not parse, a wrong selection, a target that cannot be used.
type UsageError struct{ Err error }

// Error implements error.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// A NothingError reports that no scenario was chosen. A shard to which none of
// those that were chosen falls is a run without scenarios, and no such error.
type NothingError struct {
	Seen      int // how many there were to choose from
	Tags      string
	Name      string
	Rerun     bool     // only what failed before was asked for
	Untouched bool     // only what a change touches was asked for
	Line      string   // FILE:LINE, where a line was asked for
	Lines     []string // the lines at which scenarios stand
}

// Error implements error.
func (e *NothingError) Error() string {
	if e.Line != "" {
		return fmt.Sprintf("no scenario at %s, there are scenarios at the lines %s",
			e.Line, strings.Join(e.Lines, ", "))
	}
	if e.Rerun {
		return fmt.Sprintf("none of the scenarios that did not pass there is among the %d here", e.Seen)
	}
	if e.Untouched {
		return "the change touches no scenario"
	}
	var asked []string
	if e.Tags != "" {
		asked = append(asked, fmt.Sprintf("the tags %q", e.Tags))
	}
	if e.Name != "" {
		asked = append(asked, fmt.Sprintf("the name %q", e.Name))
	}
	if len(asked) == 0 {
		return "no scenario found: the features have none"
	}
	return fmt.Sprintf("no scenario has %s; there are %d to choose from", words.And(asked), e.Seen)
}

// An EnvironmentError reports that a live target could not be reached before
// the first scenario.
type EnvironmentError struct{ Err error }

// Error implements error.
func (e *EnvironmentError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *EnvironmentError) Unwrap() error { return e.Err }

// limitError says that a step or a scenario took too long.
type limitError struct {
	of    string
	limit time.Duration
}

// Error implements error.
func (e *limitError) Error() string {
	return "the " + e.of + "'s time limit of " + e.limit.String() + " is over"
}
