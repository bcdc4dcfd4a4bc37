package report_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/report"
)

func TestStatusesHaveNames(t *testing.T) {
	t.Parallel()
	for status, want := range map[report.Status]string{
		report.Passed: "passed", report.Skipped: "skipped", report.NotRun: "not run", report.Undefined: "undefined",
		report.Ambiguous: "ambiguous", report.Failed: "failed", 0: "unknown", 99: "unknown",
	} {
		assert.Equal(t, want, status.String())
	}
}

func TestTheFirstStepThatDidNotPass(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		statuses []report.Status
		want     int
	}{
		"none of none":               {nil, -1},
		"all passed":                 {[]report.Status{report.Passed, report.Passed}, -1},
		"skipped is not a failure":   {[]report.Status{report.Skipped, report.NotRun}, -1},
		"failed":                     {[]report.Status{report.Passed, report.Failed, report.Skipped}, 1},
		"the first of two":           {[]report.Status{report.Skipped, report.Undefined, report.Undefined}, 1},
		"ambiguous before undefined": {[]report.Status{report.Ambiguous, report.Undefined}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &report.Scenario{}
			for i, status := range row.statuses {
				s.Steps = append(s.Steps, report.Step{Line: i, Status: status})
			}
			if got := s.FailedStep(); row.want < 0 {
				assert.Nil(t, got)
			} else if assert.NotNil(t, got) {
				assert.Equal(t, row.want, got.Line)
				assert.Same(t, &s.Steps[row.want], got)
			}
		})
	}
}

func TestARunCounts(t *testing.T) {
	t.Parallel()
	var r report.Run
	r.Add(&report.Scenario{Status: report.Passed, Attempt: report.Attempt{HopCount: 2}, Environment: true})
	r.Add(&report.Scenario{Status: report.Failed, Attempt: report.Attempt{HopCount: 3}, Environment: true})
	r.Add(&report.Scenario{Status: report.Failed})
	r.Add(&report.Scenario{Status: report.NotRun})
	assert.Equal(t, 4, r.Total())
	assert.Equal(t, 5, r.Hops)
	assert.Equal(t, 2, r.Counts[report.Failed])
	assert.Equal(t, 1, r.Environment, "what passed met no trouble")
}

func TestDiscardDoesNothing(t *testing.T) {
	t.Parallel()
	assert.NotPanics(t, func() { tell(report.Discard{}) })
}

func tell(r report.Reporter) *report.Run {
	run := &report.Run{}
	r.Begin(report.Plan{Target: "replay"})
	r.Scenario(&report.Scenario{Name: "Alice signs on"})
	r.End(run)
	return run
}

// A memory is a reporter that keeps what it is given, and that may fail.
type memory struct {
	plan      report.Plan
	scenarios []*report.Scenario
	run       *report.Run
	err       error
}

func (m *memory) Begin(p report.Plan)         { m.plan = p }
func (m *memory) Scenario(s *report.Scenario) { m.scenarios = append(m.scenarios, s) }
func (m *memory) End(r *report.Run)           { m.run = r }
func (m *memory) Err() error                  { return m.err }

func TestManyTellsEachInTurn(t *testing.T) {
	t.Parallel()
	var a, b memory
	all := report.Many(&a, report.Discard{}, &b)
	run := tell(all)
	for _, m := range []*memory{&a, &b} {
		assert.Equal(t, "replay", m.plan.Target)
		assert.Len(t, m.scenarios, 1)
		assert.Same(t, run, m.run)
	}
	joined, ok := all.(interface{ Err() error })
	require.True(t, ok)
	require.NoError(t, joined.Err())
	b.err = errors.New("no space left on device")
	assert.ErrorIs(t, joined.Err(), b.err)
}
