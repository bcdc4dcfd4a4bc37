package output

import (
	"flowtest/runner/report"
	"fmt"
	"strings"
)

// repeat returns the command that runs a scenario again.
func repeat(p report.Plan, s *report.Scenario) string {
	flags := p.Repeat
	if len(flags) == 0 && p.Live {
		flags = []string{"--target", p.Target}
	}
	words := []string{"flowtest", "run"}
	for _, f := range flags {
		words = append(words, shellWord(f))
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

// placeOf returns FILE:LINE of the step that did not pass, or of the scenario.
func placeOf(s *report.Scenario) (file string, line int) {
	if st := s.FailedStep(); st != nil && st.Line > 0 {
		return s.File, st.Line
	}
	return s.File, s.Line
}

// statuses are those of scenarios in the order in which reports count them.
func statuses() []report.Status {
	return []report.Status{report.Passed, report.Failed, report.Undefined, report.Ambiguous, report.Flaky, report.Known, report.Skipped, report.NotRun}
}

// trouble returns what a person has to know first of a scenario that did not
// simply pass: the step, and what was found and wanted. Both are "" where
// nothing is known. A journey that breaks a requirement fails without a step.
func trouble(s *report.Scenario) (step, text string) {
	var parts []string
	if st := s.FailedStep(); st != nil {
		step = st.Text
		parts = append(parts, strings.TrimSpace(st.Error))
	}
	for _, n := range s.Notes {
		if n.Kind == report.Breaks || n.Kind == report.WhyKnown || n.Kind == report.Retried || s.Status.Bad() {
			parts = append(parts, strings.TrimSpace(n.Text))
		}
	}
	return step, strings.TrimSpace(strings.Join(parts, "\n"))
}

func firstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

// headline says in a few words what came of a run.
func headline(run *report.Run) string {
	total, passed := run.Total(), run.Counts[report.Passed]
	bad := run.Counts[report.Failed] + run.Counts[report.Undefined] + run.Counts[report.Ambiguous]
	var text string
	switch {
	case total == 0:
		text = "no scenario ran"
	case bad > 0:
		text = fmt.Sprintf("%d of %s did not pass", bad, count(total, "scenario"))
	case passed == total && total == 1:
		text = "the scenario passed"
	case passed == total:
		text = fmt.Sprintf("all %d scenarios passed", total)
	default:
		parts := []string{fmt.Sprintf("%d of %s passed", passed, count(total, "scenario"))}
		for _, status := range []report.Status{report.Flaky, report.Known, report.Skipped, report.NotRun} {
			if n := run.Counts[status]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, status))
			}
		}
		text = strings.Join(parts, ", ")
	}
	if run.Failed {
		text += ", and the run as a whole fails"
	}
	return text
}

// caveats are what a reader has to know of a run that is not whole.
func caveats(run *report.Run) []string {
	var out []string
	if run.Interrupted && len(run.Missing) == 0 {
		out = append(out, "The run was stopped before its end.")
	}
	if n := len(run.Missing); n > 0 {
		list := make([]string, n)
		for i, shard := range run.Missing {
			list[i] = itoa(shard)
		}
		noun := "Shard "
		verb := " is missing: its scenarios are not in this report."
		if n > 1 {
			noun, verb = "Shards ", " are missing: their scenarios are not in this report."
		}
		out = append(out, noun+strings.Join(list, ", ")+verb)
	}
	if run.Environment > 0 {
		out = append(out,
			fmt.Sprintf("%d failed for network, rate limit or tenant set-up, not for a flow.", run.Environment))
	}
	for _, n := range run.Notes {
		out = append(out, upperFirst(n.Text))
	}
	return out
}
