package record_test

import (
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

func TestMain(m *testing.M) { shipped.Main(m) }

// A tally counts the ends that a watcher is called for.
type tally struct{ ended atomic.Int64 }

func (*tally) Start(int, *report.Scenario)    {}
func (*tally) Pause(int)                      {}
func (c *tally) Finish(int, *report.Scenario) { c.ended.Add(1) }

// A planned reporter keeps how many scenarios a run says that it has.
type planned struct {
	report.Discard

	scenarios int
}

func (p *planned) Begin(plan report.Plan) { p.scenarios = plan.Scenarios }

// Who watches a comparison sees as many scenarios end as its reporter was promised: the
// run of the other side is not counted with it.
func TestAComparisonEndsWhatItPlans(t *testing.T) {
	t.Parallel()
	flows := shipped.Flows(t)
	watcher, plan := &tally{}, &planned{}
	s := &runner.Suite{
		Target: stagingOf(t, flows), Rate: 10000, Watcher: watcher, Reporter: plan,
		Features: []runner.Source{{Path: "a.feature", FS: fstest.MapFS{"a.feature": {Data: []byte(
			"Feature: F\n  Scenario: S\n    Given the flow \"sign-on\"\n    When I start the flow\n")}}}},
	}
	other := *s
	other.Target, other.Recordings = &target.Target{Name: "replay", Users: s.Target.Users}, flows
	_, _, err := record.Compare(t.Context(), s, &other, nil)
	require.NoError(t, err)
	assert.Equal(t, record.Times, plan.scenarios)
	assert.EqualValues(t, plan.scenarios, watcher.ended.Load())
}
