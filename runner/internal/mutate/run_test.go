package mutate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
	"flowtest/steps"
)

func TestMain(m *testing.M) { shipped.Main(m) }

// suite runs the text of a feature against the shipped recordings, without the catalogue.
func suite(tb testing.TB, text string) *runner.Suite {
	tb.Helper()
	return &runner.Suite{
		Features:    []runner.Source{{FS: fstest.MapFS{"a.feature": {Data: []byte(text)}}, Path: ".", Show: "features"}},
		Target:      runner.Replay(),
		Recordings:  shipped.Flows(tb),
		Conformance: runner.OffBroken,
	}
}

// verdicts runs the mutants of a choice and returns the verdict on each.
func verdicts(t *testing.T, text string, c mutate.Choice) map[string]mutate.Verdict {
	t.Helper()
	results, err := mutate.Run(t.Context(), suite(t, text), c, 0, 0)
	require.NoError(t, err)
	out := map[string]mutate.Verdict{}
	for _, r := range results {
		out[r.ID] = r.Verdict
	}
	return out
}

const start = `Feature: Mutants
  Scenario: The first screen
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
`

func TestVerdicts(t *testing.T) {
	t.Parallel()
	const label = "sign-on/sign-on-form/label/form.components.fields.0.label"
	choice := mutate.Choice{Flow: "sign-on", Operators: []string{"label", "button-gone"}}

	got := verdicts(t, start, choice)
	assert.Equal(t, mutate.Survived, got[label])
	assert.Equal(t, mutate.Survived, got["sign-on/sign-on-form/button-gone/form.components.fields.2"])
	assert.Equal(t, mutate.NotCovered, got["sign-on/trouble/button-gone/form.components.fields.0"])

	got = verdicts(t, start+`    Then "form.components.fields.0.label" is "Username"
`, choice)
	assert.Equal(t, mutate.ByStep, got[label])
}

// Only scenarios that cross a change run, until one of them notices.
func TestAMutantRunsUntilAScenarioNoticesIt(t *testing.T) {
	t.Parallel()
	const scenario = "  Scenario: %[1]s\n    Given the flow %[2]q\n    And the user \"alice\"\n    When I start the flow\n" +
		"    Then %[1]s is counted\n    And \"form.name\" is %[3]s\n"
	text := []string{"Feature: Several\n"}
	for _, row := range [][3]string{
		{"one", "sign-on", `present`}, {"two", "sign-on", `"Sign On Form"`}, {"three", "sign-on", `"Sign On Form"`}, {"another", "session", `absent`},
	} {
		text = append(text, fmt.Sprintf(scenario, row[0], row[1], row[2]))
	}
	s := suite(t, strings.Join(text, ""))
	var mu sync.Mutex
	counts := map[string]int{}
	s.Steps = func(r runner.StepRegistry, _ *steps.World) {
		r.Then(`^(\w+) is counted$`, func(name string) {
			mu.Lock()
			defer mu.Unlock()
			counts[name]++
		})
	}
	results, err := mutate.Run(t.Context(), s, mutate.Choice{Flow: "sign-on", Operators: []string{"form-name"}}, 1, 9)
	require.NoError(t, err)
	require.Len(t, results, 1)
	assert.Equal(t, "sign-on/sign-on-form/form-name/form.name", results[0].ID)
	assert.Equal(t, "features/a.feature:8", results[0].By)
	assert.Equal(t, map[string]int{"one": 2, "two": 2, "three": 1, "another": 1}, counts, "once without the change")
}

// Only the catalogue notices it; a link to another host stops the journey itself.
func TestASuiteWithoutAThenScoresNothing(t *testing.T) {
	t.Parallel()
	for conformance, want := range map[runner.Verdict]int{runner.OffBroken: 0, runner.FailBroken: 6} {
		s := suite(t, start)
		s.Conformance = conformance
		results, err := mutate.Run(t.Context(), s, mutate.Choice{Flow: "sign-on"}, 0, 0)
		require.NoError(t, err)
		catalogue := 0
		for _, r := range results {
			switch {
			case r.Verdict == mutate.ByCatalogue:
				catalogue++
			case r.Operator != "next-host":
				assert.False(t, r.Verdict.Noticed(), "%s: %s", r.ID, r.Verdict)
			}
		}
		assert.Equal(t, want, catalogue)
	}
}

func TestTheCatalogueCountsWhereNoStepFails(t *testing.T) {
	t.Parallel()
	s := suite(t, start+"  Scenario: Again\n    Given the flow \"sign-on\"\n    When I start the flow\n")
	s.Conformance = runner.FailBroken
	results, err := mutate.Run(t.Context(), s, mutate.Choice{Flow: "sign-on", Operators: []string{"property-gone"}}, 0, 0)
	require.NoError(t, err)
	for _, r := range results {
		if r.ID == "sign-on/sign-on-form/property-gone/companyId" {
			assert.Equal(t, mutate.ByCatalogue, r.Verdict)
			assert.Equal(t, "features/a.feature:2", r.By)
			return
		}
	}
	t.Fatal("there is no such mutant")
}

func TestARedSuiteIsRefused(t *testing.T) {
	t.Parallel()
	_, err := mutate.Run(t.Context(), suite(t, start+"    Then the flow completes\n"), mutate.Choice{}, 0, 0)
	require.EqualError(t, err, "mutate: features/a.feature:2: the scenario failed on the recordings as they are; "+
		"a suite has to pass before mutants mean anything")
	_, isRed := err.(*mutate.RedError) //nolint:errorlint // it is returned as it is
	assert.True(t, isRed)
}

// The same mutants, order, suggestions and scores for the same input: on one processor and on
// several, with scenarios in turn or at once, and from shards that are put together.
func TestEveryMachineHasTheSameResult(t *testing.T) { //nolint:paralleltest // it changes GOMAXPROCS
	s := suite(t, start)
	s.Features = []runner.Source{{FS: features.Shipped(), Path: "sign-on", Show: "features/sign-on"}}
	s.Conformance = runner.FailBroken
	choice := mutate.Choice{Flow: "sign-on", Operators: []string{"form-name", "description", "message", "let-in", "password-shown", "cookie-gone"}}
	report := func(processors, concurrency, shards int) string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
		s := *s
		s.Concurrency = concurrency
		parts := make([][]mutate.Result, shards)
		var joined []mutate.Result
		for i := range parts {
			var err error
			parts[i], err = mutate.Run(t.Context(), &s, choice, i+1, shards)
			require.NoError(t, err)
		}
		for n := range parts[0] {
			for _, part := range parts {
				if n < len(part) {
					joined = append(joined, part[n])
				}
			}
		}
		var b bytes.Buffer
		require.NoError(t, json.NewEncoder(&b).Encode(mutate.NewReport(joined, nil, true)))
		return b.String()
	}
	whole := report(1, 1, 1)
	assert.Contains(t, whole, `"verdict":"survived"`)
	assert.Contains(t, whole, `"verdict":"step"`)
	for name, got := range map[string]string{
		"two processors, three shards": report(2, 1, 3), "scenarios at once": report(4, 8, 1), //nolint:mnd // as it says
	} {
		assert.Equal(t, whole, got, name)
	}
}

func TestACancelledRunReturnsWhatIsKnown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results, err := mutate.Run(ctx, suite(t, start), mutate.Choice{}, 0, 0)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, results)
}

func TestChoiceSaysWhatThereIs(t *testing.T) {
	t.Parallel()
	flows := suite(t, start).Recordings
	require.ErrorContains(t, mutate.Choice{Flow: "nothing"}.Check(flows),
		`no recording of the flow "nothing", there are recordings of errors,`)
	require.ErrorContains(t, mutate.Choice{Operators: []string{"x"}}.Check(flows),
		`no operator "x", want a group or an operator: ways,`)
	require.NoError(t, mutate.Choice{Flow: "sign-on", Operators: []string{"texts", "label"}}.Check(flows))
}

// Scenarios of the original run at once: under the race detector, which is run with -short, this
// fails where what they cross is not guarded. It takes those of all flows to see that.
func TestScenariosOfTheOriginalRunAtOnce(t *testing.T) {
	t.Parallel()
	s := suite(t, start)
	where := "sign-on"
	if testing.Short() {
		where = "."
	}
	s.Features = []runner.Source{{FS: features.Shipped(), Path: where, Show: "features"}}
	s.Concurrency = 8
	_, err := mutate.Run(t.Context(), s, mutate.Choice{Flow: "sign-on", Operators: []string{"cookie-gone"}}, 0, 0)
	require.NoError(t, err)
}
