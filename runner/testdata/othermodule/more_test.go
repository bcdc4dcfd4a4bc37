package welcome

import (
	"embed"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/gotest"
	"flowtest/runner/report"
	"flowtest/steps"
)

//go:embed more
var more embed.FS

// TestMore runs further features with the sentences of the page that this module is
// from. The environment says how.
func TestMore(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		t.Fatal(err)
	}
	limit, err := time.ParseDuration(os.Getenv("LIMIT"))
	if err != nil {
		limit = 0
	}
	gotest.Run(t, runner.Suite{
		Features:   []runner.Source{{FS: more, Path: "more"}},
		Target:     runner.Replay(),
		Recordings: flows,
		Tags:       os.Getenv("CHOOSE"),
		DryRun:     os.Getenv("DRY_RUN") != "",
		RunTimeout: limit,
		Steps:      sentences,
	})
}

// heard is a reporter of the caller.
type heard struct {
	report.Discard

	names []string
}

// Scenario implements [report.Reporter].
func (h *heard) Scenario(s *report.Scenario) { h.names = append(h.names, s.Name) }

func TestRunReturnsTheRunAndCallsTheReporter(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		t.Fatal(err)
	}
	var own heard
	sentences := 0
	run := gotest.Run(t, runner.Suite{
		Features: []runner.Source{{Path: "a.feature", FS: fstest.MapFS{"a.feature": {Data: []byte(
			"Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then it is counted\n" +
				"  Scenario: two\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then it is counted\n",
		)}}}},
		Target: runner.Replay(), Recordings: flows, Reporter: &own, Concurrency: 1,
		Steps: func(sc runner.StepRegistry, _ *steps.World) { sc.Then(`^it is counted$`, func() { sentences++ }) },
	})
	if run.Counts[report.Passed] != 2 || run.Hops != 2 {
		t.Errorf("%d scenarios passed with %d hops, want 2 with 2", run.Counts[report.Passed], run.Hops)
	}
	if !slices.Equal(own.names, []string{"one", "two"}) {
		t.Errorf("the caller's reporter heard of %q, want one and two", own.names)
	}
	if sentences != 2 {
		t.Errorf("the sentence ran %d times, want 2", sentences)
	}
}
