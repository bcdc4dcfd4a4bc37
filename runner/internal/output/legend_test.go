package output_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A newcomer cannot know what the signs mean; who sees none needs no legend.
func TestTheLegendNamesTheMarksThatOccur(t *testing.T) {
	t.Parallel()
	scenario := func(s report.Status, steps ...report.Status) *report.Scenario {
		out := &report.Scenario{Name: "one", File: "a.feature", Line: 2, Status: s}
		for _, status := range steps {
			out.Steps = append(out.Steps, report.Step{Text: "Given it", Status: status})
		}
		return out
	}
	noted := scenario(report.Passed)
	noted.Notes = []report.Note{{Kind: report.Meaningless, Text: "it shows little"}}
	network := scenario(report.Failed)
	network.Environment = true
	pretty := func(w io.Writer) report.Reporter { return output.NewPretty(w, false) }
	progress := func(w io.Writer) report.Reporter { return output.NewProgress(w, false) }
	dots := func(w io.Writer) report.Reporter { return output.NewDots(w) }
	quiet := func(w io.Writer) report.Reporter { return output.NewQuiet(w, false) }
	for name, row := range map[string]struct {
		reporter func(io.Writer) report.Reporter
		ran      []*report.Scenario
		want     string // the line, "" where there is none
	}{
		"none of a pass or a failure": {pretty, []*report.Scenario{scenario(report.Passed), scenario(report.Failed, report.Passed, report.Failed)}, ""},
		"each once, and its meanings together": {
			pretty,
			[]*report.Scenario{
				scenario(report.Failed, report.Failed, report.Skipped, report.Skipped), scenario(report.NotRun),
				scenario(report.Flaky), scenario(report.Known),
			},
			"marks: - skipped or not run, ~ passed after a retry or a known failure",
		},
		"what is undefined":        {progress, []*report.Scenario{scenario(report.Undefined, report.Undefined)}, "marks: ? undefined"},
		"a note":                   {progress, []*report.Scenario{noted}, "marks: ! a remark on the whole scenario or run"},
		"letters":                  {dots, []*report.Scenario{scenario(report.Passed), scenario(report.Known), network}, "marks: K a known failure, E failed for network, rate limit or tenant set-up"},
		"only what quiet does say": {quiet, []*report.Scenario{scenario(report.Skipped), scenario(report.Ambiguous)}, "marks: ? ambiguous"},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			run := &report.Run{}
			r := row.reporter(&b)
			r.Begin(run.Plan)
			for _, s := range row.ran {
				run.Add(s)
				r.Scenario(s)
			}
			r.End(run)
			if row.want == "" {
				assert.NotContains(t, b.String(), "marks:")
				return
			}
			lines := strings.Split(strings.TrimSpace(b.String()), "\n")
			assert.Equal(t, row.want, lines[len(lines)-2])
			assert.Equal(t, 1, strings.Count(b.String(), "marks:"))
		})
	}
}

// A line says which requirements a person has to check.
func TestTheSummaryNamesAFewRequirements(t *testing.T) {
	t.Parallel()
	j := &conformance.Journey{Name: "one", Hops: 1}
	var ids []string
	for _, r := range conformance.Catalogue()[:7] {
		ids = append(ids, r.ID)
		j.Findings = append(j.Findings, conformance.Finding{Requirement: r, Result: conformance.Review})
	}
	run := &report.Run{Conformance: &conformance.Matrix{}}
	run.Conformance.Add(j)
	assert.Contains(t, output.ConformanceSummary(run), ", 7 review ("+strings.Join(ids[:5], ", ")+" and 2 more), ")
}
