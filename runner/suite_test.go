package runner_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// Live targets and retries wait: more tests run at once than there are processors, unless
// -parallel says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	shipped.Main(m)
}

// scenarios writes a feature with a scenario for each of the texts, which are
// its steps.
func scenarios(steps ...string) []runner.Source {
	var b strings.Builder
	b.WriteString("Feature: F\n")
	for i, text := range steps {
		fmt.Fprintf(&b, "\nScenario: s%d\n%s\n", i, text)
	}
	return []runner.Source{feature("f.feature", b.String())}
}

// The steps of scenarios that pass, fail and cannot run.
const (
	passes    = "Given the flow \"sign-on\"\nWhen I start the flow\nThen the flow pauses at \"Sign On Form\""
	fails     = "Given the flow \"sign-on\"\nWhen I start the flow\nThen the flow completes\nAnd the session cookies are set"
	undefined = "Given the flow \"sign-on\"\nWhen I begin the flow\nThen the flow completes"
	stepless  = ""
	missing   = "Given the flow \"sign-on\"\nWhen I start the flow\nAnd I press \"REGISTER\"\nAnd I press \"CANCEL\"\nAnd I press \"SIGNON\"\nThen the response status is 404"
)

// statuses lists the statuses of the scenarios.
func (c *collector) statuses() []report.Status {
	var out []report.Status
	for _, s := range c.scenarios {
		out = append(out, s.Status)
	}
	return out
}

func many[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// liveAt is a live target whose endpoints are below base.
func liveAt(t *testing.T, base string) *target.Target {
	t.Helper()
	text := "targets: {there: {type: live, baseUrl: '" + base + "/as', clientId: c, flows: {sign-on: p1, session: p2}}}\n"
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(text)}}, "flowtest.yaml", nil)
	require.NoError(t, err)
	live, err := file.Choose("")
	require.NoError(t, err)
	return live
}

func TestScenariosAreReportedInTheOrderOfTheFiles(t *testing.T) {
	var steps []string
	var want []string
	for i := range 400 {
		text := passes
		if i%3 == 0 { // some take far longer than others
			text += "\nWhen I press \"REGISTER\"\nAnd I press \"CANCEL\"\nAnd I press \"TROUBLE\"\nAnd I press \"CANCEL\""
		}
		if i%50 == 7 {
			text = undefined
		}
		steps = append(steps, text)
		want = append(want, fmt.Sprintf("s%d", i))
	}
	_, out := ran(t, runner.Suite{Features: scenarios(steps...), Concurrency: 8})
	var got []string
	for _, s := range out.scenarios {
		got = append(got, s.Name)
	}
	assert.Equal(t, want, got)
}

// A watcher notes whether two callers call it at the same time.
type watcher struct {
	mu    sync.Mutex
	calls []string
	weak  []weak.Pointer[report.Scenario]
	kept  int // scenarios that were still held when the last was reported
}

func (w *watcher) call(what string) {
	if !w.mu.TryLock() {
		panic("a reporter is called by two at once")
	}
	defer w.mu.Unlock()
	w.calls = append(w.calls, what)
}

// Begin implements report.Reporter.
func (w *watcher) Begin(p report.Plan) { w.call(fmt.Sprintf("begin %d", p.Scenarios)) }

// Scenario implements report.Reporter.
func (w *watcher) Scenario(s *report.Scenario) {
	w.call("scenario")
	w.weak = append(w.weak, weak.Make(s))
}

// End implements report.Reporter.
func (w *watcher) End(r *report.Run) {
	w.call(fmt.Sprintf("end %d", r.Total()))
	runtime.GC()
	for _, p := range w.weak {
		if p.Value() != nil {
			w.kept++
		}
	}
}

func TestScenariosAreDroppedOnceTheyWereReported(t *testing.T) {
	const n = 200
	w := &watcher{}
	_, err := (&runner.Suite{
		Features: scenarios(append(many(passes, n-2), fails, undefined)...), Target: replayTarget(t), Recordings: shipped.Flows(t),
		Concurrency: 4, Reporter: w,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, append(append([]string{"begin 200"}, many("scenario", n)...), "end 200"), w.calls)
	assert.LessOrEqual(t, w.kept, 2, "of all that were reported")
}

func TestTwoSuitesOneAfterTheOther(t *testing.T) {
	steps := []string{passes, fails, undefined, missing}
	suite := runner.Suite{Features: scenarios(steps...), Target: replayTarget(t), Recordings: shipped.Flows(t), Concurrency: 2}
	_, first := ran(t, suite)
	_, second := ran(t, suite)
	_, other := ran(t, runner.Suite{Features: scenarios(passes)})
	assert.Equal(t, first.statuses(), second.statuses())
	assert.Equal(t, []report.Status{report.Passed}, other.statuses())
	for i, s := range first.scenarios {
		if st := s.FailedStep(); st != nil && i != 3 { // a miss names its sign-on
			assert.Equal(t, st.Error, second.scenarios[i].FailedStep().Error)
		}
	}
}

func TestASuiteThatLacksSomethingSaysSo(t *testing.T) {
	for name, row := range map[string]struct {
		suite runner.Suite
		want  string
	}{
		"a target":     {runner.Suite{Features: scenarios(passes), Recordings: shipped.Flows(t)}, "runner: no target"},
		"recordings":   {runner.Suite{Features: scenarios(passes), Target: replayTarget(t)}, "mockserver: no recordings to replay"},
		"features":     {runner.Suite{Target: replayTarget(t), Recordings: shipped.Flows(t)}, "no scenario found: the features have none"},
		"all of these": {runner.Suite{}, "runner: no target"},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := row.suite.Run(t.Context())
			assert.Nil(t, run)
			assert.EqualError(t, err, row.want)
		})
	}
}

// The program loads of what it ships only the recordings of the flows that the chosen scenarios
// name, unless they may start others.
func TestARunLoadsTheShippedRecordingsThatItNeeds(t *testing.T) {
	var all []string
	for _, f := range shipped.Flows(t) {
		if f.Source == recordings.Synthetic {
			all = append(all, f.Name)
		}
	}
	const mfa, start = "Given the flow \"mfa\"\n", "When I start the flow\nThen the flow pauses\n"
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"one flow":                     {mfa + start, []string{"mfa"}},
		"two, once each":               {mfa + start + "Given the flow \"sso\"\n" + start + mfa, []string{"mfa", "sso"}},
		"a flow that is not shipped":   {"Given the flow \"sign-off\"\n", all},
		"a flow that a variable names": {"Given the flow \"${remembered.flow}\"\n", all},
		"no flow":                      {start, all},
		"a parameter that chooses":     {mfa + "And the authorize parameters:\n|name|value|\n|acr_values|sso|\n", all},
		"another parameter":            {mfa + "And the authorize parameters:\n|name|value|\n|prompt|${user.username}|\n", []string{"mfa"}},
		"a parameter that varies":      {mfa + "And the authorize parameters:\n|name|value|\n|${user.username}|a|\n", all},
	} {
		t.Run(name, func(t *testing.T) {
			s := runner.Suite{Features: scenarios(row.text, fails), Name: "s0", Target: replayTarget(t), DryRun: true}
			run, err := s.Run(backend.Shipped(t.Context()))
			require.NoError(t, err)
			assert.Equal(t, row.want, run.Plan.Synthetic)
		})
	}
}

func TestASuiteWithoutReporterRuns(t *testing.T) {
	run, err := (&runner.Suite{Features: scenarios(passes), Target: replayTarget(t), Recordings: shipped.Flows(t)}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, run.Counts[report.Passed])
}

// A line break that a row of an outline puts into a sentence ends nothing but
// that sentence.
func TestALineBreakInASentenceSpoilsNoOtherScenario(t *testing.T) {
	src := feature("f.feature", `Feature: F
Scenario: before
`+passes+`
Scenario Outline: the outline
Given the flow "sign-on"
When I start the flow
And I fill in "username" with "<value>"
Examples:
| value |
| a\nb  |
Scenario: after
`+passes+"\n")
	_, out := ran(t, runner.Suite{Features: []runner.Source{src}})
	require.Len(t, out.scenarios, 3)
	assert.Equal(t, report.Passed, out.scenarios[0].Status)
	assert.Equal(t, report.Passed, out.scenarios[2].Status)
	if s := out.scenarios[1]; s.Status != report.Passed {
		require.NotNil(t, s.FailedStep(), "whatever does not pass says why")
	}
}

func TestEnvironmentVariablesReachTheSteps(t *testing.T) {
	steps := passes + "\nWhen I fill in \"username\" with \"${env.WHO}\"\nAnd I fill in \"password\" with \"${user.password}\"\n" +
		"And I press \"SIGNON\"\nThen the flow completes"
	_, out := ran(t, runner.Suite{
		Features: scenarios(steps), Target: replayTarget(t), Recordings: shipped.Flows(t),
		Env: func(name string) (string, bool) { return "alice", name == "WHO" },
	})
	assert.Equal(t, []report.Status{report.Passed}, out.statuses(), out.verdicts())

	_, out = ran(t, runner.Suite{Features: scenarios(steps)})
	assert.Equal(t, "${env.WHO}: the environment variable WHO is not set", out.scenarios[0].FailedStep().Error)
}
