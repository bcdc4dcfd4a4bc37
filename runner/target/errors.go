package target

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flowtest/steps/words"
)

// An Error holds every mistake that a person can mend in one go. It never holds
// a value that came from the environment, nor any secret: where a setting is
// quoted, it is quoted as the file has it.
type Error struct {
	// Mistakes has a line each, in the order of the file. What no line of the
	// file is to blame for, such as a variable, comes last. It is never empty.
	Mistakes []string
}

// Error returns the mistakes, a line each.
func (e *Error) Error() string { return strings.Join(e.Mistakes, "\n") }

// A position is a place in the file; line and column count from 1, the column
// in characters. The zero value is no place.
type position struct{ line, column int }

// mistakes gathers what is wrong with one file.
type mistakes struct {
	file  string
	found []mistake
}

type mistake struct {
	at   position
	text string
}

// add notes a mistake at a place of the file.
func (m *mistakes) add(at position, format string, args ...any) {
	m.found = append(m.found, mistake{at, fmt.Sprintf(format, args...)})
}

// err is an *[Error], or nil where nothing was added.
func (m *mistakes) err() error {
	if len(m.found) == 0 {
		return nil
	}
	slices.SortStableFunc(m.found, func(a, b mistake) int {
		return cmp.Or(last(a.at)-last(b.at), a.at.line-b.at.line, a.at.column-b.at.column)
	})
	e := &Error{}
	for _, one := range m.found {
		line := one.text
		if one.at != (position{}) {
			line = fmt.Sprintf("%s:%d:%d: %s", m.file, one.at.line, one.at.column, one.text)
		}
		e.Mistakes = append(e.Mistakes, line)
	}
	return e
}

// last is 1 for what has no place in the file.
func last(at position) int {
	if at == (position{}) {
		return 1
	}
	return 0
}

// orMeant ends a mistake with the nearest of the wanted words, where one is near.
func orMeant(found string, wanted []string) string {
	if hint := words.DidYouMean(found, wanted); hint != "" {
		return ": " + hint
	}
	return ""
}
