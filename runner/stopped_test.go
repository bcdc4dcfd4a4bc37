package runner_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/report"
)

// A stopper cancels a run after so many scenarios.
type stopper struct {
	collector

	after int
	stop  context.CancelFunc
	ended int
}

// Scenario implements report.Reporter.
func (s *stopper) Scenario(sc *report.Scenario) {
	s.collector.Scenario(sc)
	if len(s.scenarios) == s.after {
		s.stop()
	}
}

// End implements report.Reporter.
func (s *stopper) End(*report.Run) { s.ended++ }

func TestARunThatIsStoppedSaysWhatDidNotRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &stopper{after: 3, stop: cancel}
	run, err := (&runner.Suite{
		Features: scenarios(append(many(passes, 29), undefined)...), Target: replayTarget(t), Recordings: shipped.Flows(t),
		Concurrency: 1, Reporter: out,
	}).Run(ctx)
	require.NoError(t, err)
	assert.True(t, run.Interrupted)
	assert.Equal(t, append(many(report.Passed, 3), many(report.NotRun, 27)...), out.statuses())
	assert.Equal(t, 30, run.Total())
	assert.Equal(t, 27, run.Counts[report.NotRun])
	assert.Equal(t, 1, out.ended, "the report is finished")
	assert.Equal(t, 3, run.Hops)
}

func TestARunThatIsStoppedBeforeItBeginsRunsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := &collector{}
	run, err := (&runner.Suite{
		Features: scenarios(passes, fails), Target: replayTarget(t), Recordings: shipped.Flows(t), Reporter: out,
	}).Run(ctx)
	require.NoError(t, err)
	assert.True(t, run.Interrupted)
	assert.Equal(t, []report.Status{report.NotRun, report.NotRun}, out.statuses())
	assert.Zero(t, run.Hops)
}

// What was on its way when the run was stopped did not fail for the network:
// there is nothing to fix, and nothing to try again.
func TestAScenarioThatIsStoppedMidwayDidNotRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		panic(http.ErrAbortHandler) // an answer now could still arrive
	}))
	defer s.Close()
	out := &collector{}
	run, err := (&runner.Suite{Features: scenarios(passes, passes), Target: liveAt(t, s.URL), Rate: 10_000, Concurrency: 1, Reporter: out}).Run(ctx)
	require.NoError(t, err)
	assert.True(t, run.Interrupted)
	assert.Zero(t, run.Environment)
	assert.Equal(t, many(report.NotRun, 2), out.statuses(), "none of them failed")
	var steps []report.Status
	for _, st := range out.scenarios[0].Steps {
		assert.Empty(t, st.Error)
		steps = append(steps, st.Status)
	}
	assert.Equal(t, []report.Status{report.Passed, report.NotRun, report.NotRun}, steps, "what passed did pass")
}
