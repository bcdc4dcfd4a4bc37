package stream

import (
	"fmt"
	"strings"

	"flowtest/steps/words"
)

// Lost says what of a stream could not be read.
type Lost struct {
	Bytes     int64 // at its end, after the last whole line
	Lines     int   // that are not JSON, or not what they say they are
	Hops      int   // of scenarios and attempts that could be read
	Attempts  int   // before the last one, of scenarios that could be read
	Scenarios int   // that were chosen and are not there
	End       bool  // the end of the run is missing
}

// Any reports whether anything was lost.
func (l Lost) Any() bool { return l != Lost{} }

// String says what was lost, in one line, or "".
func (l Lost) String() string {
	var parts []string
	add := func(n int, noun, rest string) {
		if n > 0 {
			parts = append(parts, words.Count(n, noun)+rest)
		}
	}
	add(l.Scenarios, "scenario", " of the plan did not finish or cannot be read")
	add(l.Attempts, "earlier attempt", " cannot be read")
	add(l.Hops, "hop", " cannot be read")
	add(l.Lines, "line", " cannot be read")
	if l.Bytes > 0 {
		parts = append(parts, fmt.Sprintf("the last line was cut off after %d bytes", l.Bytes))
	}
	if l.End {
		parts = append(parts, "the end of the run is missing")
	}
	return strings.Join(parts, ", ")
}
