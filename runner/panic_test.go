package runner_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/report"
)

// A bomb panics at its second scenario.
type bomb struct {
	collector

	n int
}

func (b *bomb) goOff(at int) {
	if b.n++; b.n == at {
		none := make([]int, at-2)
		_ = none[at]
	}
}

// Start, Pause and Finish implement report.Watcher.
func (b *bomb) Start(int, *report.Scenario)  { b.goOff(2) }
func (*bomb) Pause(int)                      {}
func (*bomb) Finish(int, *report.Scenario)   {}
func (b *bomb) record(runner.Recorded)       { b.goOff(2) }
func (b *bomb) Scenario(sc *report.Scenario) { b.goOff(2); b.collector.Scenario(sc) }

// A panic is a failure of its scenario, with the place of both, and the others run.
func TestAPanicFailsOnlyItsScenario(t *testing.T) {
	t.Parallel()
	const fault = `^a fault of flowtest: runtime error: index out of range \[2\] with length 0 \(panic_test\.go:\d+\)$`
	for name, suite := range map[string]runner.Suite{
		"where it begins": {Watcher: &bomb{}},
		"where it ends":   {Record: (&bomb{}).record},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			suite.Features, suite.Concurrency = scenarios(passes, passes, passes), 1
			run, out := ran(t, suite)
			assert.Equal(t, []report.Status{report.Passed, report.Failed, report.Passed}, out.statuses())
			assert.Regexp(t, fault, out.scenarios[1].FailedStep().Error)
			assert.Equal(t, 1, run.Counts[report.Failed])
		})
	}
}

func TestAPanicOfAReporterFailsTheRun(t *testing.T) {
	t.Parallel()
	out := &bomb{}
	run, err := (&runner.Suite{
		Features: scenarios(passes, passes, passes), Target: replayTarget(t), Recordings: shipped.Flows(t), Concurrency: 1, Reporter: out,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Len(t, out.scenarios, 2)
	assert.True(t, run.Failed)
	assert.Regexp(t, `^\S+:\d+ is not in every report: a fault of flowtest: runtime error: index out of range`, run.Notes[0].Text)
}
