package conformance

import (
	"fmt"
	"strings"

	"flowtest/steps/words"
)

// A Result says what came of a requirement at one hop, or of a whole run.
type Result uint8

// The results, the gravest last.
const (
	NotExercised Result = iota // it applied to no hop
	Passed
	Review   // a doubt: a person must look
	Warning  // a SHOULD is broken
	Violated // a MUST is broken
)

// String returns the result as reports write it.
func (r Result) String() string {
	switch r {
	case Passed:
		return "passed"
	case Review:
		return "review"
	case Warning:
		return "warning"
	case Violated:
		return "failed"
	default:
		return "not exercised"
	}
}

// A Finding is one requirement held against one hop.
type Finding struct {
	Requirement *Requirement
	Result      Result

	// Hop is the hop's number. Path is the gjson path, header or parameter
	// that was looked at. Found and Wanted say the difference; they are empty
	// where it passed. They may hold secrets until [Finding.Hide].
	Hop                 int
	Path, Found, Wanted string
}

// Hide takes the secrets out of the finding's words, and shortens them then: a
// secret that is cut off would not be found any more.
func (f *Finding) Hide(redact func(string) string) {
	const most = 200
	for _, at := range []*string{&f.Path, &f.Found, &f.Wanted} {
		*at = strings.Clone(redact(*at)) // else it would hold on to the body that it stands in
		*at = words.Cut(*at, most)
	}
}

// String says what was found and wanted, in a line.
func (f *Finding) String() string {
	return fmt.Sprintf("%s: %s is %s, want %s", f.Requirement.ID, f.Path, f.Found, f.Wanted)
}
