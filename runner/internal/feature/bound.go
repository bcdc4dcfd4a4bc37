package feature

import (
	"fmt"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// maxExpanded is how many bytes the outlines of a file may have with their rows put in:
// a report has them all.
const maxExpanded = 64 << 20

// expandable returns an error for an outline that has too much text with its rows put in: a few
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

// outline takes what an outline has with its rows put in from what is left.
func outline(s *messages.Scenario, left *int) error { //nolint:gocognit // two sums over the same table
	lines, all := textsOf(s)
	for _, e := range s.Examples {
		if e.TableHeader == nil {
			continue
		}
		longest := make([]int, len(e.TableHeader.Cells)) // by column
		length, times := 0, make([]int, len(longest))    // of all texts, and how often each column is in them
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
				return fmt.Errorf("with its rows put in the outline has more text than a file may have, "+
					"want at most %d MiB", maxExpanded>>20)
			}
		}
		for _, text := range lines {
			n := len(text)
			for i, h := range e.TableHeader.Cells {
				n += strings.Count(text, "<"+h.Value+">") * longest[i]
			}
			if n > mostLetters {
				return fmt.Errorf("with a row put in a line has up to %d bytes, want at most %d, as in a feature file",
					n, mostLetters)
			}
		}
	}
	return nil
}

// textsOf returns the texts of an outline into which rows are put: those that are lines,
// and all of them.
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
