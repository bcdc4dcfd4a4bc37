package feature

import (
	"fmt"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// maxExpanded limits the size, in bytes, of the outlines of a file with all rows filled
// in. A report contains all of it.
const maxExpanded = 64 << 20

// expandable returns an error for an outline that is too large with its rows filled in: a few
// kilobytes can become gigabytes.
func expandable(show string, f *messages.Feature) error {
	left := maxExpanded
	for _, c := range f.Children {
		of := []*messages.Scenario{c.Scenario}
		if c.Rule != nil {
			of = nil
			for _, r := range c.Rule.Children {
				of = append(of, r.Scenario)
			}
		}
		for _, s := range of {
			if s == nil || len(s.Examples) == 0 {
				continue
			}
			if err := outline(s, &left); err != nil {
				return fmt.Errorf("%s:%d: %w", show, s.Location.Line, err)
			}
		}
	}
	return nil
}

// outline subtracts the size of an outline with its rows filled in from the size left.
func outline(s *messages.Scenario, left *int) error { //nolint:gocognit // two sums over the same table
	lines, all := textsOf(s)
	for _, e := range s.Examples {
		if e.TableHeader == nil {
			continue
		}
		longest := make([]int, len(e.TableHeader.Cells)) // by column
		length, times := 0, make([]int, len(longest))    // of all texts, and how often each column occurs in them
		for _, text := range all {
			length += len(text)
		}
		for i, h := range e.TableHeader.Cells {
			for _, text := range all {
				times[i] += strings.Count(text, "<"+h.Value+">")
			}
		}
		for _, row := range e.TableBody {
			*left -= length
			for i, cell := range row.Cells[:min(len(row.Cells), len(longest))] {
				longest[i] = max(longest[i], len(cell.Value))
				*left -= times[i] * len(cell.Value)
			}
			if *left < 0 {
				return fmt.Errorf("the outline with its rows filled in is larger than a file may be, "+
					"want at most %d MiB", maxExpanded>>20)
			}
		}
		for _, text := range lines {
			n := len(text)
			for i, h := range e.TableHeader.Cells {
				n += strings.Count(text, "<"+h.Value+">") * longest[i]
			}
			if n > mostLetters {
				return fmt.Errorf("with a row filled in, a line has up to %d bytes, want at most %d, as in a "+
					"feature file",
					n, mostLetters)
			}
		}
	}
	return nil
}

// textsOf returns the texts of an outline that rows fill in: those that are single
// lines, and all of them.
func textsOf(s *messages.Scenario) (lines, all []string) {
	lines = append(lines, s.Name)
	for _, st := range s.Steps {
		lines = append(lines, st.Text)
	}
	all = append(all, lines...)
	for _, st := range s.Steps {
		if st.DocString != nil {
			all = append(all, st.DocString.Content)
		}
		if st.DataTable == nil {
			continue
		}
		for _, row := range st.DataTable.Rows {
			for _, cell := range row.Cells {
				all = append(all, cell.Value)
			}
		}
	}
	return lines, all
}
