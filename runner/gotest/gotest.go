// Package gotest runs a suite as a Go test, in which every scenario is a subtest. Use it to test
// flows beside other Go code, with your own sentences. It does not know the meaning of sentences
// or where a target comes from.
package gotest

import (
	"context"
	"strings"
	"testing"
	"time"

	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// Run runs the suite and makes a subtest FEATURE/SCENARIO for each scenario, which
// shows what was found and wanted if it failed. It fails t if the run as a whole
// failed. It also calls the suite's Reporter. The run ends early enough to be reported
// before the time limit of go test.
//
// The subtests are created after their scenarios have run, so -run chooses which of them are
// shown, not which scenarios run. To choose scenarios, set [runner.Suite.Tags] or Name. A
// scenario that is a known failure, or that did not run, is skipped.
//
// If nothing could run, the run is nil and t has ended.
func Run(t *testing.T, s runner.Suite) *report.Run {
	t.Helper()
	ctx, stop := untilDeadline(t)
	defer stop()
	subtests := &subtests{t: t}
	if s.Reporter == nil {
		s.Reporter = subtests
	} else {
		s.Reporter = report.Many(s.Reporter, subtests)
	}
	run, err := s.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if run.Interrupted {
		left := run.Counts[report.NotRun]
		t.Errorf("the run was stopped before its end; %d of %d scenarios did not run", left, run.Total())
	}
	for _, n := range run.Notes {
		if run.Failed {
			t.Error(n.Text)
		} else {
			t.Log(n.Text)
		}
	}
	return run
}

// grace is the time before the limit of go test that is kept for the reports.
const grace = 5 * time.Second

func untilDeadline(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	deadline, ok := t.Deadline()
	if !ok {
		return context.WithCancel(t.Context())
	}
	return context.WithDeadline(t.Context(), deadline.Add(-min(grace, time.Until(deadline)/2)))
}

// subtests makes subtests of scenarios.
type subtests struct {
	t    *testing.T
	plan report.Plan
}

// Begin implements [report.Reporter].
func (r *subtests) Begin(p report.Plan) {
	r.plan = p
	r.plan.Where = "" // it is said once, and not for each subtest
}

// Scenario implements [report.Reporter].
func (r *subtests) Scenario(s *report.Scenario) {
	r.t.Run(s.Feature+"/"+s.Name, func(t *testing.T) {
		text := r.text(s)
		switch {
		case s.Status.Bad():
			t.Error(text)
		case s.Status == report.Known, s.Status == report.Skipped, s.Status == report.NotRun:
			t.Skip(text)
		case s.Status == report.Flaky, len(s.Notes) > 0:
			t.Log(text)
		}
	})
}

// End implements [report.Reporter].
func (r *subtests) End(*report.Run) {}

// text is what a person reads of one scenario.
func (r *subtests) text(s *report.Scenario) string {
	var b strings.Builder
	p := output.NewPretty(&b, false)
	p.Begin(r.plan)
	p.Scenario(s)
	return "\n" + strings.Trim(b.String(), "\n")
}
