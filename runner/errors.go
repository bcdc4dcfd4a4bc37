package runner

import "time"

// A NothingError reports that no scenario was chosen. It is not returned for an empty
// shard, which is a run without scenarios.
type NothingError struct {
	Rerun bool // scenarios were chosen, and none of them failed in the earlier run

	message string
}

// Error implements error.
func (e *NothingError) Error() string { return e.message }

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
