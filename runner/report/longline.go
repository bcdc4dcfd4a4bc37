package report

import (
	"bufio"
	"strings"
)

// mostLetters is how long a line of a feature file may be, in bytes: the Gherkin
// parser ends the process at one that does not fit its buffer.
const mostLetters = bufio.MaxScanTokenSize - 2

// LongLine returns the number of the first line that is too long for the Gherkin
// parser, and how many bytes it has and may have; 0 where none is.
func LongLine(text string) (number, length, most int) {
	for line := range strings.Lines(text) {
		number++
		if n := len(strings.TrimRight(line, "\r\n")); n > mostLetters {
			return number, n, mostLetters
		}
	}
	return 0, 0, mostLetters
}
