package digest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"flowtest/runner/report"
)

// Line returns that of the step that did not pass, or of the scenario.
func Line(s *report.Scenario) int {
	if st := s.FailedStep(); st != nil && st.Line > 0 {
		return st.Line
	}
	return s.Line
}

// Title returns the name by which people and CI servers tell a scenario from the others of its
// file: with its rule, the line where names recur, and which time it ran if that is not the
// first.
func Title(s *report.Scenario) string {
	title := strings.TrimSpace(s.Name)
	switch {
	case title == "" || strings.HasPrefix(title, "(row "):
		title = strings.TrimSpace(fmt.Sprintf("scenario at line %d %s", s.Line, title))
	case s.Recurs:
		title += fmt.Sprintf(" (line %d)", s.Line)
	}
	if s.Rule != "" {
		title = s.Rule + ": " + title
	}
	if s.Platform != "" {
		title += " (" + s.Platform + ")"
	}
	if s.Repeat > 1 {
		title += fmt.Sprintf(" (repeat %d)", s.Repeat)
	}
	return title
}

// Place returns FILE:LINE of the same.
func Place(s *report.Scenario) string { return fmt.Sprintf("%s:%d", s.File, Line(s)) }

// Trouble returns what a person has to know first of a scenario that did not simply pass: the
// step, and what was found and wanted. Both are "" if nothing is known. A journey that breaks a
// requirement fails without a step.
func Trouble(s *report.Scenario) (step, text string) {
	var parts []string
	if st := s.FailedStep(); st != nil {
		step = st.Text
		parts = append(parts, strings.TrimSpace(st.Error))
	}
	for _, n := range s.Notes {
		if n.Kind == report.Breaks || n.Kind == report.WhyKnown || n.Kind == report.Retried || s.Status.Bad() ||
			s.Status == report.Skipped {
			parts = append(parts, strings.TrimSpace(n.Text))
		}
	}
	return step, strings.TrimSpace(strings.Join(parts, "\n"))
}

// TroubleLines returns both, a line each, those that are known.
func TroubleLines(s *report.Scenario) string {
	step, text := Trouble(s)
	if both := strings.Trim(step+"\n"+text, "\n"); both != "" {
		return both + "\n"
	}
	return ""
}

// OwnNotes are the notes that do not repeat the failure of an earlier attempt.
func OwnNotes(s *report.Scenario) []report.Note {
	if len(s.Earlier) == 0 {
		return s.Notes
	}
	return slices.DeleteFunc(slices.Clone(s.Notes), func(n report.Note) bool {
		repeats := func(a report.Attempt) bool { return a.Note == n.Text }
		return n.Kind == report.Retried && slices.ContainsFunc(s.Earlier, repeats)
	})
}

// LastAttempt says how the last attempt ended if there were others: which one it was, and its
// status.
func LastAttempt(s *report.Scenario) string {
	status := s.Status
	if status == report.Flaky {
		status = report.Passed
	}
	return fmt.Sprintf("attempt %d %s", len(s.Earlier)+1, status)
}

// Repeat returns the command that runs a scenario again.
func Repeat(p report.Plan, s *report.Scenario) string {
	flags := p.Repeat
	if len(flags) == 0 && p.Live {
		flags = []string{"--target", p.Target}
	}
	words := []string{"flowtest", "run"}
	for _, f := range flags {
		words = append(words, shellWord(f))
	}
	if s.Platform != "" {
		words = append(words, "--platform", s.Platform)
	}
	return strings.Join(append(words, shellWord(fmt.Sprintf("%s:%d", s.File, s.Line))), " ")
}

// shellWord quotes what a shell would not take as one word.
func shellWord(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("-_./:@%+,=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// CutStep returns the step's keyword and its sentence.
func CutStep(st *report.Step) (keyword, text string) {
	if st.Keyword != "" {
		return st.Keyword, strings.TrimPrefix(st.Text, st.Keyword)
	}
	if first, rest, ok := strings.Cut(st.Text, " "); ok && !strings.HasPrefix(st.Text, "(") {
		return first + " ", rest
	}
	return "", st.Text
}

// Argument returns the lines below the step's sentence, as a feature file has
// them: a table with its columns aligned, or a text between its marks. Below a sentence
// of a file there are its steps, each with its result.
func Argument(st *report.Step) []string {
	switch {
	case len(st.Steps) > 0:
		return innerLines(st.Steps)
	case len(st.Table) > 0:
		return tableLines(st.Table)
	case st.DocString != nil:
		mark := `"""`
		if strings.Contains(*st.DocString, mark) {
			mark = "```"
		}
		return append(append([]string{mark}, strings.Split(*st.DocString, "\n")...), mark)
	default:
		return nil
	}
}

// innerLines writes the steps of a sentence of a file. Their errors are those of the
// sentence.
func innerLines(list []report.Step) []string {
	var out []string
	for i := range list {
		st := &list[i]
		sign := map[report.Status]string{report.Passed: "✓", report.Failed: "✗"}[st.Status]
		out = append(out, fmt.Sprintf("%s %s  (%s:%d)", cmp.Or(sign, "-"), st.Text, st.File, st.Line))
		for _, line := range Argument(st) {
			out = append(out, "    "+line)
		}
	}
	return out
}

var cellEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

func tableLines(table [][]string) []string {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cellEscapes.Replace(cell)))
		}
	}
	lines := make([]string, 0, len(table))
	for _, row := range table {
		var b strings.Builder
		for i, cell := range row {
			cell = cellEscapes.Replace(cell)
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		lines = append(lines, b.String()+"|")
	}
	return lines
}
