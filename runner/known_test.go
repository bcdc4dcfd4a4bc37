package runner_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/known/testdata/entry"
	"flowtest/runner/report"
)

func readKnown(tb testing.TB, text string) *known.List {
	tb.Helper()
	k, err := known.Read("known-failures.yaml", []byte(text), entry.Today)
	require.NoError(tb, err)
	return k
}

const failingStep = `Then the flow completes`

func TestKnownFailures(t *testing.T) {
	broken := shipped.WithoutCompany
	cut := func(name string) mockserver.Faults {
		f, err := mockserver.ParseFaults(name)
		require.NoError(t, err)
		f.Seed = 1
		return f
	}
	part := runner.Suite{Name: "s1"}
	for name, row := range map[string]struct {
		known  string
		flows  func(testing.TB) []*recordings.Flow
		suite  runner.Suite
		steps  []string
		status report.Status
		stale  []string
	}{
		"a broken requirement that is listed is known": {
			known: entry.Of(), flows: broken, steps: []string{passes}, status: report.Known,
		},
		"a failing step that is listed is known": {
			known: entry.Of(entry.AtStep(failingStep)...), flows: shipped.Flows, steps: []string{fails}, status: report.Known,
		},
		"its keyword may be left out": {
			known: entry.Of(entry.AtStep("the flow completes")...), flows: shipped.Flows, steps: []string{fails}, status: report.Known,
		},
		"a step of another name is not meant": {
			known: entry.Of(entry.AtStep("flow completes")...), flows: shipped.Flows, steps: []string{fails}, status: report.Failed,
			stale: []string{`known-failures.yaml:1: the journey "s0" no longer fails "flow completes": remove the entry`},
		},
		"a journey of another flow is not meant": {
			known: entry.Of("flow", "registration"), flows: broken, steps: []string{passes}, status: report.Failed,
			stale: []string{`known-failures.yaml:1: there is no journey "s0" of the flow "registration": remove the entry, or correct its names`},
		},
		"all that fails has to be listed": {
			known: entry.Of(), flows: broken, steps: []string{fails}, status: report.Failed,
		},
		"step and requirement may both be listed": {
			known: entry.Of() + entry.Of(entry.AtStep(failingStep)...), flows: broken, steps: []string{fails}, status: report.Known,
		},
		"what passes now is stale": {
			known: "\n" + entry.Of(), flows: shipped.Flows, steps: []string{passes}, status: report.Passed,
			stale: []string{`known-failures.yaml:2: the journey "s0" no longer fails "MODEL-companyId-PRESENCE": remove the entry`},
		},
		"a step that holds now is stale": {
			known: entry.Of(entry.AtStep("Then the flow pauses at \"Sign On Form\"")...), flows: shipped.Flows, steps: []string{passes},
			status: report.Passed,
			stale: []string{`known-failures.yaml:1: the journey "s0" no longer fails ` +
				`"Then the flow pauses at \"Sign On Form\"": remove the entry`},
		},
		"it holds through the day on which it expires": {
			known: entry.Of("expires", "2026-03-15"), flows: broken, steps: []string{passes}, status: report.Known,
		},
		"after it the failure counts again": {
			known: entry.Of("expires", "2026-03-14"), flows: broken, steps: []string{passes}, status: report.Failed,
			stale: []string{`known-failures.yaml:1: the entry expired on 2026-03-14: fix "MODEL-companyId-PRESENCE" in the journey "s0", ` +
				`or renew the entry`},
		},
		"an entry that expired is stale whatever runs": {
			known: entry.Of("expires", "2026-03-14"), flows: shipped.Flows, suite: part, steps: []string{passes, passes},
			status: report.Passed,
			stale: []string{`known-failures.yaml:1: the entry expired on 2026-03-14: fix "MODEL-companyId-PRESENCE" in the journey "s0", ` +
				`or renew the entry`},
		},
		"what matches nothing is stale": {
			known: entry.Of("journey", "gone"), flows: shipped.Flows, steps: []string{passes}, status: report.Passed,
			stale: []string{`known-failures.yaml:1: there is no journey "gone" of the flow "sign-on": remove the entry, or correct its names`},
		},
		"where fewer were chosen that is not known": {
			known: entry.Of("journey", "gone"), flows: shipped.Flows, suite: part, steps: []string{passes, passes}, status: report.Passed,
		},
		"nor where the run stopped early": {
			known: entry.Of("journey", "s1"), flows: shipped.Flows, suite: runner.Suite{FailFast: true, Concurrency: 1},
			steps: []string{fails, passes}, status: report.Failed,
		},
		"a journey that cannot run is there": {
			known: entry.Of(), flows: shipped.Flows, steps: []string{undefined}, status: report.Undefined,
		},
		"requirements that fail nothing are not stale": {
			known: entry.Of(), flows: shipped.Flows, suite: runner.Suite{Conformance: runner.WarnBroken}, steps: []string{passes},
			status: report.Passed,
		},
		"nor those that are not looked at": {
			known: entry.Of(), flows: shipped.Flows, suite: runner.Suite{Conformance: runner.OffBroken}, steps: []string{passes},
			status: report.Passed,
		},
		"nor those of a journey that faults changed": {
			known: entry.Of(), flows: shipped.Flows, suite: runner.Suite{Faults: cut("extra")}, steps: []string{passes},
			status: report.Passed,
		},
		"a failure of the environment says nothing": {
			known: entry.Of() + entry.Of(entry.AtStep("When I start the flow")...), flows: shipped.Flows,
			suite: runner.Suite{Faults: cut("drop")}, steps: []string{passes}, status: report.Failed,
		},
		"a step that was not reached says nothing": {
			known: entry.Of(entry.AtStep(failingStep)...) + entry.Of(entry.AtStep("And the session cookies are set")...), flows: shipped.Flows,
			steps: []string{fails}, status: report.Known,
		},
		"a journey that fails before it names a flow": {
			known: entry.Of(entry.AtStep(`the flow "sign-in"`, "flow", `""`)...), flows: shipped.Flows,
			steps: []string{`Given the flow "sign-in"`}, status: report.Known,
		},
	} {
		t.Run(name, func(t *testing.T) {
			row.suite.Known, row.suite.Whole = readKnown(t, row.known), true
			run, out := ranOn(t, row.flows(t), row.suite, row.steps...)
			assert.Equal(t, row.status, out.scenarios[0].Status)
			assert.Equal(t, 1, run.Counts[row.status])
			assert.Equal(t, row.stale, notes(run.Notes, report.Stale))
			assert.Equal(t, len(row.stale) > 0, run.Failed)
			assert.Equal(t, row.status == report.Known, len(notes(out.scenarios[0].Notes, report.WhyKnown)) > 0)
		})
	}
}

func TestAKnownFailureSaysWhy(t *testing.T) {
	listed := readKnown(t, entry.Of()+entry.Of(entry.AtStep(failingStep, "reason", "it waits", "expires", "2026-05-01")...))
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Known: listed}, fails)
	assert.Equal(t, []string{
		"known: it waits (team sign-on, until 2026-05-01, known-failures.yaml:7)",
		"known: the flow lacks it (team sign-on, until 2026-04-01, known-failures.yaml:1)",
	}, notes(out.scenarios[0].Notes, report.WhyKnown))
	assert.Empty(t, listed.New())
}

// Known failures go on past fail-fast; others do not.
func TestAKnownFailureDoesNotStopARun(t *testing.T) {
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Known: readKnown(t, entry.Of()), FailFast: true, Concurrency: 1}, passes, passes, passes)
	assert.Equal(t, []report.Status{report.Known, report.Failed, report.NotRun}, out.statuses())
}

func TestFailuresThatAreNotKnownAreListedInTheirOrderAndOnce(t *testing.T) {
	listed := readKnown(t, entry.Of())
	steps := append([]string{passes, fails}, many(passes, 30)...)
	_, out := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Known: listed, Concurrency: 8}, steps...)
	require.Len(t, out.scenarios, 32)
	list := listed.New()
	require.Len(t, list, 32, "two of s1, one of each of the others")
	assert.Equal(t, known.Failure{
		Journey: "s1", Flow: "sign-on", Step: "Then the flow completes",
		Found: `the flow pauses at "Sign On Form", want it to complete (hop 1, node vd6qrg8bkx, form "Sign On Form")`,
	}, unnumbered(list[0]))
	assert.Equal(t, "MODEL-companyId-PRESENCE: companyId is nothing, want a value", list[1].Found)
	for i, n := range list[1:] {
		assert.Equal(t, fmt.Sprintf("s%d", i+1), n.Journey)
		assert.Equal(t, "MODEL-companyId-PRESENCE", n.Requirement)
	}

	// Scenarios of one name that fail alike are one failure.
	listed = known.New(entry.Today)
	twice := []runner.Source{
		feature("a.feature", "Feature: A\nScenario: twice\n"+fails+"\n"), feature("b.feature", "Feature: B\nScenario: twice\n"+fails+"\n"),
	}
	ran(t, runner.Suite{Features: twice, Known: listed})
	assert.Len(t, listed.New(), 1)
}

// unnumbered is a failure as a caller could write it.
func unnumbered(n known.Failure) known.Failure {
	return known.Failure{Journey: n.Journey, Flow: n.Flow, Requirement: n.Requirement, Step: n.Step, Found: n.Found}
}

func TestAnEnvironmentThatFailsIsNoNewFailure(t *testing.T) {
	faults, err := mockserver.ParseFaults("drop")
	require.NoError(t, err)
	listed := known.New(entry.Today)
	run, _ := ran(t, runner.Suite{Features: scenarios(passes), Faults: faults, Known: listed})
	assert.Equal(t, 1, run.Environment)
	assert.Empty(t, listed.New())
}

func TestAShardDoesNotKnowTheJourneysOfTheOthers(t *testing.T) {
	for shard := 1; shard <= 2; shard++ {
		listed := readKnown(t, entry.Of("journey", "s0")+entry.Of("journey", "s1"))
		run, _ := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Known: listed, Whole: true, Shard: shard, Shards: 2}, passes, passes)
		assert.Equal(t, 1, run.Counts[report.Known])
		assert.Empty(t, run.Notes)
		assert.False(t, run.Failed)
	}
}

// An entry expires where the person lives who wrote the date.
func TestTheDayEndsAtMidnightOfThePlace(t *testing.T) {
	west := time.FixedZone("west", -10*3600)
	late := time.Date(2026, time.March, 15, 23, 30, 0, 0, west) // the 16th already in UTC
	for want, expires := range map[bool]string{true: "2026-03-15", false: "2026-03-14"} {
		k, err := known.Read("FILE", []byte(entry.Of("expires", expires)), late)
		require.NoError(t, err)
		run, _ := ranOn(t, shipped.WithoutCompany(t), runner.Suite{Known: k}, passes)
		assert.Equal(t, want, !run.Failed, expires)
	}
}
