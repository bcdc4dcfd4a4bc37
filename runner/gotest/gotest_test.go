package gotest_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/gotest"
	"flowtest/runner/report"
	"flowtest/steps"
)

// heard is a reporter of the caller.
type heard struct {
	report.Discard

	names []string
}

// Scenario implements [report.Reporter].
func (h *heard) Scenario(s *report.Scenario) { h.names = append(h.names, s.Name) }

// What fails and what is skipped is shown by runner/othermodule_test.go: a
// subtest that fails here would fail this test.
func TestRunReturnsTheRunAndCallsTheReporter(t *testing.T) {
	flows := shipped.Flows(t)
	var own heard
	var sentences int
	run := gotest.Run(t, runner.Suite{
		Features: []runner.Source{{Path: "a.feature", FS: fstest.MapFS{"a.feature": {Data: []byte(
			"Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then it is counted\n" +
				"  Scenario: two\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then it is counted\n",
		)}}}},
		Target: runner.Replay(), Recordings: flows, Reporter: &own, Concurrency: 1,
		Steps: func(sc runner.StepRegistry, _ *steps.World) { sc.Then(`^it is counted$`, func() { sentences++ }) },
	})
	assert.Equal(t, 2, run.Counts[report.Passed])
	assert.Equal(t, 2, run.Hops)
	assert.Equal(t, []string{"one", "two"}, own.names)
	assert.Equal(t, 2, sentences)
}
