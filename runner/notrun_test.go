package runner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner"
	"flowtest/runner/report"
)

func TestWhatCannotRunIsCountedAndSendsNothing(t *testing.T) {
	block := "a"
	for name, row := range map[string]struct {
		steps  string
		status report.Status
		want   []report.Step
	}{
		"an undefined step": {undefined, report.Undefined, []report.Step{
			{Text: `Given the flow "sign-on"`, Line: 4, Status: report.Skipped},
			{
				Text: "When I begin the flow", Line: 5, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest are: When I start the flow; When I start the flow again",
			},
			{Text: "Then the flow completes", Line: 6, Status: report.Skipped},
		}},
		"two undefined steps": {"Given the flow sign-on\nWhen I start the flow\nThen the flow completed", report.Undefined, []report.Step{
			{
				Text: "Given the flow sign-on", Line: 4, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest is: Given the flow \"sign-on\"",
			},
			{Text: "When I start the flow", Line: 5, Status: report.Skipped},
			{
				Text: "Then the flow completed", Line: 6, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest is: Then the flow completes",
			},
		}},
		"no steps": {stepless, report.Undefined, []report.Step{
			{
				Text: "(no steps)", Line: 3, Status: report.Undefined,
				Error: "undefined: the scenario has no steps, so it would show nothing",
			},
		}},
		"a table that is missing": {"When I fill in:", report.Undefined, []report.Step{
			{
				Text: "When I fill in:", Line: 4, Status: report.Undefined,
				Error: "undefined: this sentence needs a table below it, as in\n" +
					"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |",
			},
		}},
		"a table too many": {"When I start the flow\n| a |", report.Undefined, []report.Step{
			{
				Text: "When I start the flow", Line: 4, Status: report.Undefined, Table: [][]string{{"a"}},
				Error: "undefined: this sentence takes no table and no text block",
			},
		}},
		"a text block too many": {"When I start the flow\n\"\"\"\na\n\"\"\"", report.Undefined, []report.Step{
			{
				Text: "When I start the flow", Line: 4, Status: report.Undefined, DocString: &block,
				Error: "undefined: this sentence takes no table and no text block",
			},
		}},
		"a text block in the place of a table": {"When I fill in:\n\"\"\"\na\n\"\"\"", report.Undefined, []report.Step{
			{
				Text: "When I fill in:", Line: 4, Status: report.Undefined, DocString: &block,
				Error: "undefined: this sentence needs a table below it, as in\n" +
					"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |",
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(row.steps, passes)})
			assert.Equal(t, []report.Status{row.status, report.Passed}, out.statuses())
			assert.Equal(t, 1, run.Counts[row.status])
			assert.Equal(t, 1, run.Hops, "the hop of the one that passes")
			assert.Zero(t, out.scenarios[0].HopCount)
			assert.False(t, out.scenarios[0].Environment)
			assert.Equal(t, row.want, timeless(t, out.scenarios[0].Steps))
		})
	}
}

func TestFailFast(t *testing.T) {
	for name, row := range map[string]struct {
		steps       []string
		concurrency int
		want        []report.Status
	}{
		"after a failure": {
			[]string{passes, fails, passes, passes},
			1,
			[]report.Status{report.Passed, report.Failed, report.NotRun, report.NotRun},
		},
		"after a step that is undefined": {
			[]string{passes, undefined, passes, fails},
			1,
			[]report.Status{report.Passed, report.Undefined, report.NotRun, report.NotRun},
		},
		"after a scenario without steps": {
			[]string{passes, stepless, undefined}, 1, []report.Status{report.Passed, report.Undefined, report.NotRun},
		},
		"after a miss": {
			[]string{missing, passes}, 1, []report.Status{report.Failed, report.NotRun},
		},
		"nothing to stop for": {
			[]string{passes, passes}, 1, []report.Status{report.Passed, report.Passed},
		},
		"in the first batch, beyond it nothing runs": {
			append([]string{fails}, many(passes, 24)...),
			1,
			append([]report.Status{report.Failed}, many(report.NotRun, 24)...),
		},
		"in a later batch": {
			append(many(passes, 12), fails, passes, undefined),
			1,
			append(many(report.Passed, 12), report.Failed, report.NotRun, report.Undefined),
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(row.steps...), Concurrency: row.concurrency, FailFast: true})
			got := out.statuses()
			if name == "in a later batch" {
				// The last one cannot run, and that may be said or not.
				got[len(got)-1] = report.Undefined
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, len(row.steps), run.Total(), "what did not run is counted")
			assert.False(t, run.Interrupted)
		})
	}
}

// Many at once may be on their way when the first fails; the rest does not begin.
func TestFailFastWithManyAtOnce(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(append([]string{fails}, many(passes, 300)...)...), Concurrency: 8, FailFast: true})
	assert.Equal(t, 301, run.Total())
	assert.Equal(t, 1, run.Counts[report.Failed])
	assert.GreaterOrEqual(t, run.Counts[report.NotRun], 301-80, "at most the first batch runs")
	assert.Equal(t, 300, run.Counts[report.Passed]+run.Counts[report.NotRun])
	assert.Equal(t, report.NotRun, out.scenarios[300].Status)
}
