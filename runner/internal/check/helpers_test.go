package check_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// replayTarget is the built-in replay target.
func replayTarget(tb testing.TB) *target.Target {
	tb.Helper()
	replay := runner.Replay()
	return replay
}

func shippedFeatures() []runner.Source {
	return []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}
}

// feature is a source of one file.
func feature(name, text string) runner.Source {
	return runner.Source{FS: fstest.MapFS{name: {Data: []byte(text)}}, Path: name}
}

const beforeScenario = "Feature: A\n  Scenario: one\n    When I start the flow\n"

// A collector keeps every scenario of a run.
type collector struct {
	report.Discard

	scenarios []*report.Scenario
}

// Scenario implements [report.Reporter].
func (c *collector) Scenario(s *report.Scenario) { c.scenarios = append(c.scenarios, s) }

// ran runs a suite against the shipped recordings.
func ran(tb testing.TB, s runner.Suite) (*report.Run, *collector) {
	tb.Helper()
	out := &collector{}
	s.Reporter, s.Target, s.Recordings = out, replayTarget(tb), shipped.Flows(tb)
	run, err := s.Run(tb.Context())
	require.NoError(tb, err)
	return run, out
}
