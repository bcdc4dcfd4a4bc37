package mutate

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"flowtest/steps/words"
)

// A Score counts mutants by their verdicts.
type Score struct {
	Name       string  `json:"name"` // of the group or flow
	Mutants    int     `json:"mutants"`
	Step       int     `json:"step"`
	Catalogue  int     `json:"conformance"`
	Miss       int     `json:"miss"`
	Survived   int     `json:"survived"`
	NotCovered int     `json:"notCovered"`
	Percent    float64 `json:"score"` // how many of 100 mutants were noticed
}

func (s *Score) add(v Verdict) {
	s.Mutants++
	switch v {
	case ByStep:
		s.Step++
	case ByCatalogue:
		s.Catalogue++
	case ByMiss:
		s.Miss++
	case Survived:
		s.Survived++
	case NotCovered:
		s.NotCovered++
	}
	const hundred = 100
	s.Percent = hundred * float64(s.Step+s.Catalogue+s.Miss) / float64(s.Mutants)
}

// String returns the score as an error names it.
func (s *Score) String() string { return s.Name + " " + percent(s.Percent) }

// A Report is the results of a run of mutants.
type Report struct {
	Format int     `json:"format"` // 1; it grows when a key goes away or changes its meaning
	Total  Score   `json:"total"`
	Groups []Score `json:"groups"` // those with a mutant
	Flows  []Score `json:"flows"`

	// Interrupted says that it was stopped before its end.
	Interrupted bool `json:"interrupted,omitempty"`

	Mutants []Result `json:"mutants"`
}

// NewReport counts results.
func NewReport(results []Result) *Report {
	r := &Report{Format: 1, Total: Score{Name: "total"}, Mutants: results, Groups: []Score{}, Flows: []Score{}}
	count := func(list *[]Score, name string, v Verdict) {
		i := slices.IndexFunc(*list, func(s Score) bool { return s.Name == name })
		if i < 0 {
			i = len(*list)
			*list = append(*list, Score{Name: name})
		}
		(*list)[i].add(v)
	}
	for _, m := range results {
		r.Total.add(m.Verdict)
		count(&r.Groups, m.Group, m.Verdict)
		count(&r.Flows, m.Flow, m.Verdict)
	}
	slices.SortFunc(r.Groups, func(a, b Score) int {
		return slices.Index(Groups(), a.Name) - slices.Index(Groups(), b.Name)
	})
	return r
}

// Below returns the groups whose score is below a percentage.
func (r *Report) Below(percent float64) []Score {
	return slices.DeleteFunc(slices.Clone(r.Groups), func(s Score) bool { return s.Percent >= percent })
}

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// percent writes a score so that it never looks better than it is.
func percent(p float64) string {
	const tenths = 10
	return fmt.Sprintf("%.1f %%", float64(int(p*tenths))/tenths)
}

func columns(first string) []string {
	return []string{first, "mutants", "step", "conformance", "miss", "survived", "not covered", "score"}
}

func (s *Score) cells() []string {
	out := []string{s.Name}
	for _, n := range []int{s.Mutants, s.Step, s.Catalogue, s.Miss, s.Survived, s.NotCovered} {
		out = append(out, strconv.Itoa(n))
	}
	return append(out, percent(s.Percent))
}

// listed returns the results that a report lists: those that nothing noticed, or all.
func (r *Report) listed(all bool) []Result {
	if all {
		return r.Mutants
	}
	return slices.DeleteFunc(slices.Clone(r.Mutants), func(m Result) bool { return m.Verdict.Noticed() })
}

// line describes the verdict on a mutant.
func (m *Result) line() string {
	switch m.Verdict {
	case NotCovered:
		return "not covered: no scenario reaches it in this shape"
	case Survived:
		return "survived: it is crossed by " + m.By
	default:
		return fmt.Sprintf("noticed (%s) by %s", m.Verdict, m.By)
	}
}

// Text writes the report for a terminal.
//
//	all  lists the mutants that were noticed too
func (r *Report) Text(w io.Writer, all bool) error {
	var b strings.Builder
	at := ""
	for _, m := range r.listed(all) {
		if here := m.Flow + ", hop " + m.Hop; here != at {
			fmt.Fprintf(&b, "%s\n", here)
			at = here
		}
		fmt.Fprintf(&b, "  %s: %s\n    %s\n", m.Operator, m.Change, m.line())
		if m.Add != nil {
			fmt.Fprintf(&b, "    %s\n", m.Add)
		}
	}
	if at != "" {
		b.WriteString("\n")
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight) //nolint:mnd // two spaces between columns
	row := func(cells []string) { _, _ = fmt.Fprintln(t, strings.Join(cells, "\t")+"\t") }
	for i, list := range [][]Score{r.Groups, r.Flows} {
		row(columns([]string{"group", "flow"}[i]))
		for j := range list {
			row(list[j].cells())
		}
		_ = t.Flush() // into memory
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%s\n", r.sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// sum is the last line of a report.
func (r *Report) sum() string {
	t := &r.Total
	text := fmt.Sprintf("%s: %d noticed, %d survived, %d not covered · score %s",
		words.Count(t.Mutants, "mutant"), t.Step+t.Catalogue+t.Miss, t.Survived, t.NotCovered, percent(t.Percent))
	if r.Interrupted {
		text += " · stopped before its end"
	}
	return text
}

// Markdown writes the report for a summary of CI.
func (r *Report) Markdown(w io.Writer, all bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## Mutants\n\n%s\n", r.sum())
	for i, list := range [][]Score{r.Groups, r.Flows} {
		head := columns([]string{"group", "flow"}[i])
		fmt.Fprintf(&b, "\n| %s |\n|---%s|\n", strings.Join(head, " | "), strings.Repeat("|---:", len(head)-1))
		for j := range list {
			cells := list[j].cells()
			cells[0] = cell(cells[0])
			fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		}
	}
	if list := r.listed(all); len(list) > 0 {
		b.WriteString("\n| flow | hop | change | result |\n|---|---|---|---|\n")
		for _, m := range list {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(m.Flow), cell(m.Hop), cell(m.Change), cell(m.line()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cell writes a text so that a table of Markdown keeps it.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "\\`").Replace(text)
}
