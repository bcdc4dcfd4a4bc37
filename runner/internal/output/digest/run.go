package digest

import (
	"fmt"
	"strconv"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/words"
)

// Statuses are those of scenarios in the order in which reports count them.
func Statuses() []report.Status {
	return []report.Status{
		report.Passed, report.Failed, report.Undefined, report.Ambiguous, report.Flaky, report.Known, report.Skipped,
		report.NotRun,
	}
}

// Failed reports whether a run failed: a scenario did not pass, the run as a whole
// fails, or not all of it ran.
func Failed(run *report.Run) bool {
	bad := run.Counts[report.Failed] + run.Counts[report.Undefined] + run.Counts[report.Ambiguous]
	notRun := run.Counts[report.NotRun] > 0 && !run.Plan.DryRun
	return bad > 0 || notRun || run.Failed || run.Interrupted || len(run.Missing) > 0
}

// Headline says in a few words how a run ended.
func Headline(run *report.Run) string {
	total, passed := run.Total(), run.Counts[report.Passed]
	bad := run.Counts[report.Failed] + run.Counts[report.Undefined] + run.Counts[report.Ambiguous]
	var text string
	switch {
	case total == 0:
		text = "no scenario ran"
	case bad > 0:
		text = fmt.Sprintf("%d of %s did not pass", bad, words.Count(total, "scenario"))
	case passed == total && total == 1:
		text = "the scenario passed"
	case passed == total:
		text = fmt.Sprintf("all %d scenarios passed", total)
	default:
		parts := []string{fmt.Sprintf("%d of %s passed", passed, words.Count(total, "scenario"))}
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

// Caveats are what a reader has to know of a run that is not whole, or whose answers nothing sent.
func Caveats(run *report.Run) []string {
	var out []string
	if flows := run.Plan.Synthetic; len(flows) > 0 {
		out = append(out, "Synthetic: nothing of "+words.List(flows, 3)+" was recorded.")
	}
	if run.Interrupted && len(run.Missing) == 0 {
		out = append(out, "The run was stopped before its end.")
	}
	if n := len(run.Missing); n > 0 {
		list := make([]string, n)
		for i, shard := range run.Missing {
			list[i] = strconv.Itoa(shard)
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
		out = append(out, UpperFirst(n.Text))
	}
	return out
}

// Shard says which part of a run a plan is, as in "2/4"; "" for a whole run.
func Shard(p report.Plan) string {
	if p.Shards == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", p.Shard, p.Shards)
}
