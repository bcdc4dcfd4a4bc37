package runner

import (
	"time"

	"flowtest/runner/internal/known"
)

// KnownFailures are failures that somebody has taken note of, for a time: a file,
// most often known-failures.yaml, that lists them. A list is for one run.
type KnownFailures = known.List

// ReadKnownFailures reads the text of the file with that name. An entry holds
// through the day on which it expires, in the time zone of now. The error joins a
// line "FILE:LINE: …" for every mistake.
func ReadKnownFailures(file string, text []byte, now time.Time) (*KnownFailures, error) {
	return known.Read(file, text, now)
}
