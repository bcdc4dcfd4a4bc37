// Package show writes the results of mutation testing, in every format. It neither
// makes nor tries mutants.
package show

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/output"
	"flowtest/steps/words"
)

// Text writes the report for a terminal.
//
//	all  lists the mutants that were noticed too
func Text(w io.Writer, r *mutate.Report, all bool) error {
	var b strings.Builder
	at := ""
	for _, m := range listed(r, all) {
		if here := m.Flow + ", hop " + m.Hop; here != at {
			fmt.Fprintf(&b, "%s\n", here)
			at = here
		}
		fmt.Fprintf(&b, "  %s: %s\n    %s\n", m.Operator, m.Change, line(&m))
		if what := advice(&m); what != "" {
			fmt.Fprintf(&b, "    %s\n", what)
		}
	}
	if at != "" {
		b.WriteString("\n")
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight) //nolint:mnd // two spaces between columns
	row := func(cells []string) { _, _ = fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	for i, list := range tables(r) {
		row(columns(r, []string{"group", "flow"}[i]))
		for j := range list {
			row(cells(r, &list[j]))
		}
		_ = t.Flush() // into memory
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s\n", sum(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// tables are the scores of a report by group and by flow; there are none if nothing was tried.
func tables(r *mutate.Report) [][]mutate.Score {
	if len(r.Mutants) == 0 {
		return nil
	}
	return [][]mutate.Score{r.Groups, r.Flows}
}

// sum returns the last line of a report.
func sum(r *mutate.Report) string {
	t := &r.Total
	if len(r.Mutants) == 0 {
		return "stopped before the first mutant was tried"
	}
	text := fmt.Sprintf("%s: %d noticed, %d survived, %d not covered · score %s",
		words.Count(t.Mutants, "mutant"), t.Step+t.Catalogue+t.Miss, t.Survived, t.NotCovered, t.Percentage())
	if t.NotCounted > 0 {
		text += fmt.Sprintf(" · %d not counted", t.NotCounted)
	}
	if t.Accepted > 0 {
		text += fmt.Sprintf(" · %d accepted", t.Accepted)
	}
	if r.Interrupted {
		text += " · stopped before its end"
	}
	return text
}

// Markdown writes the report for a summary of CI.
func Markdown(w io.Writer, r *mutate.Report, all bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Mutants\n\n%s\n", sum(r))
	for _, line := range r.Stale {
		fmt.Fprintf(&b, "\n- %s\n", output.Mark(line))
	}
	for i, list := range tables(r) {
		head := columns(r, []string{"group", "flow"}[i])
		fmt.Fprintf(&b, "\n| %s |\n|---%s|\n", strings.Join(head, " | "), strings.Repeat("|---:", len(head)-1))
		for j := range list {
			cells := cells(r, &list[j])
			cells[0] = output.Mark(cells[0])
			fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		}
	}
	if list := listed(r, all); len(list) > 0 {
		b.WriteString("\n| flow | hop | change | result |\n|---|---|---|---|\n")
		for _, m := range list {
			result := line(&m)
			if what := advice(&m); what != "" { // one line has room in a table
				first, _, more := strings.Cut(what, "\n")
				result += "; " + first
				if more {
					result += " …"
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", output.Mark(m.Flow), output.Mark(m.Hop), output.Mark(m.Change),
				output.Mark(result))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes the report as one object.
func JSON(w io.Writer, r *mutate.Report) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// columns returns the heads of a table of scores. There is one for accepted mutants
// only if there are any.
func columns(r *mutate.Report, first string) []string {
	out := []string{first, "mutants", "step", "conformance", "miss", "survived", "not covered"}
	if r.Total.Accepted > 0 {
		out = append(out, "accepted")
	}
	return append(out, "score")
}

func cells(r *mutate.Report, s *mutate.Score) []string {
	out := []string{s.Name}
	for _, n := range []int{s.Mutants, s.Step, s.Catalogue, s.Miss, s.Survived, s.NotCovered} {
		out = append(out, strconv.Itoa(n))
	}
	if r.Total.Accepted > 0 {
		out = append(out, strconv.Itoa(s.Accepted))
	}
	return append(out, s.Percentage())
}

// listed returns the results that a report lists: those that nothing noticed, or all.
func listed(r *mutate.Report, all bool) []mutate.Result {
	if all {
		return r.Mutants
	}
	return slices.DeleteFunc(slices.Clone(r.Mutants), func(m mutate.Result) bool {
		return m.Verdict != mutate.Survived && m.Verdict != mutate.NotCovered
	})
}

// advice says what would let a scenario notice a survivor, or why nothing does. It is "" for any other
// mutant.
func advice(m *mutate.Result) string {
	switch {
	case m.Verdict != mutate.Survived:
		return ""
	case m.Add != nil:
		return m.Add.String()
	default:
		return m.Why
	}
}

// line describes the verdict on a mutant.
func line(m *mutate.Result) string {
	switch m.Verdict {
	case mutate.NotCovered:
		return "not covered: no scenario reaches it in this shape"
	case mutate.Survived:
		return "survived: it passes " + m.By
	case mutate.Accepted:
		return "accepted: " + m.Why
	case mutate.NotCounted:
		return "not counted: " + m.Why
	default:
		return fmt.Sprintf("noticed (%s) by %s", m.Verdict, m.By)
	}
}
