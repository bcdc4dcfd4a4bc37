package har

import (
	"fmt"
	"strings"
)

// A SyntaxError reports a file that is not JSON.
type SyntaxError struct {
	Line   int   // from 1
	Offset int64 // of the byte that does not fit, from 0
	Why    string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("har: line %d, byte %d: not JSON: %s", e.Line, e.Offset, e.Why)
}

// A CutOffError reports a file that ends in the middle.
type CutOffError struct {
	Entries int // the whole ones before the end
	Line    int
	Offset  int64 // the length of the file
}

// Error implements error.
func (e *CutOffError) Error() string {
	return fmt.Sprintf("har: the file is cut off at line %d, byte %d, after %s: save it again",
		e.Line, e.Offset, plural(e.Entries, "whole entry", "whole entries"))
}

// A FormatError reports JSON that is no HAR.
type FormatError struct{ Found string }

// Error implements error.
func (e *FormatError) Error() string {
	return "har: this is no HAR: found " + e.Found + ", want an object whose log.entries is an array"
}

// A SizeError reports a file that is over a bound.
type SizeError struct{ Found, Want string }

// Error implements error.
func (e *SizeError) Error() string {
	return "har: " + e.Found + ", want " + e.Want + ": filter by the host of the sign-on before you save"
}

// A NoFlowError reports an archive without a sign-on that could be used.
type NoFlowError struct {
	Entries  int
	Ignored  []Ignored
	Problems []Problem
}

// Error implements error.
func (e *NoFlowError) Error() string {
	const want = "want requests to /as/authorize with response_mode=pi.flow and what follows them"
	if e.Entries == 0 {
		return "har: it has no entries, " + want + ": open the network panel before you sign on"
	}
	count := plural(e.Entries, "entry", "entries")
	if len(e.Problems) > 0 {
		const most = 10
		var lines []string
		for i, p := range e.Problems {
			if i == most {
				lines = append(lines, fmt.Sprintf("\n\tand %d more", len(e.Problems)-most))
				break
			}
			lines = append(lines, "\n\t"+p.String())
		}
		return "har: " + count + ", and no sign-on that could be used:" + strings.Join(lines, "")
	}
	return "har: " + count + ", none of a DaVinci flow: " + listed(e.Ignored) + "; " + want
}

// listed says how many requests went where.
func listed(ignored []Ignored) string {
	const most = 5
	parts := make([]string, 0, most+1)
	for i, g := range ignored {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %s more", plural(len(ignored)-most, "sort", "sorts")))
			break
		}
		parts = append(parts, fmt.Sprintf("%d of %s (%s)", g.Count, g.Host, g.Kind))
	}
	return strings.Join(parts, ", ")
}

// plural counts things.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
