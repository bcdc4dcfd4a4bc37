package runner_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/runner/target"
)

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

func TestWhatCannotRunIsCountedAndSendsNothing(t *testing.T) {
	for name, row := range map[string]struct {
		steps  string
		status report.Status
		want   []report.Step
	}{
		"an undefined step": {undefined, report.Undefined, []report.Step{
			{Text: `Given the flow "sign-on"`, Line: 4, Status: report.Skipped},
			{
				Text: "When I begin the flow", Line: 5, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest is: When I start the flow",
			},
			{Text: "Then the flow completes", Line: 6, Status: report.Skipped},
		}},
		"two undefined steps": {"Given the flow sign-on\nWhen I start the flow\nThen the flow completed", report.Undefined, []report.Step{
			{
				Text: "Given the flow sign-on", Line: 4, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest is: Given the flow \"sign-on\"",
			},
			{Text: "When I start the flow", Line: 5, Status: report.Skipped},
			{
				Text: "Then the flow completed", Line: 6, Status: report.Undefined,
				Error: "undefined: no sentence is like this; the nearest is: Then the flow completes",
			},
		}},
		"no steps": {stepless, report.Undefined, []report.Step{
			{
				Text: "(no steps)", Line: 3, Status: report.Undefined,
				Error: "undefined: the scenario has no steps, so it would show nothing",
			},
		}},
		"a table that is missing": {"When I fill in:", report.Undefined, []report.Step{
			{
				Text: "When I fill in:", Line: 4, Status: report.Undefined,
				Error: "undefined: this sentence needs a table below it, as in\n" +
					"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |",
			},
		}},
		"a table too many": {"When I start the flow\n| a |", report.Undefined, []report.Step{
			{
				Text: "When I start the flow", Line: 4, Status: report.Undefined,
				Error: "undefined: this sentence takes no table and no text block",
			},
		}},
		"a text block too many": {"When I start the flow\n\"\"\"\na\n\"\"\"", report.Undefined, []report.Step{
			{
				Text: "When I start the flow", Line: 4, Status: report.Undefined,
				Error: "undefined: this sentence takes no table and no text block",
			},
		}},
		"a text block in the place of a table": {"When I fill in:\n\"\"\"\na\n\"\"\"", report.Undefined, []report.Step{
			{
				Text: "When I fill in:", Line: 4, Status: report.Undefined,
				Error: "undefined: this sentence needs a table below it, as in\n" +
					"When I fill in:\n  | key      | value            |\n  | username | ${user.username} |",
			},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(row.steps, passes)})
			assert.Equal(t, []report.Status{row.status, report.Passed}, out.statuses())
			assert.Equal(t, 1, run.Counts[row.status])
			assert.Equal(t, 1, run.Hops, "the hop of the one that passes")
			assert.Zero(t, out.scenarios[0].HopCount)
			assert.False(t, out.scenarios[0].Environment)
			assert.Equal(t, row.want, timeless(out.scenarios[0].Steps))
		})
	}
}

func TestStatusesAreCounted(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(passes, fails, undefined, stepless, passes, missing)})
	assert.Equal(t, []report.Status{
		report.Passed, report.Failed, report.Undefined, report.Undefined, report.Passed, report.Failed,
	}, out.statuses())
	assert.Equal(t, 6, run.Total())
	assert.Equal(t, 2, run.Counts[report.Passed])
	assert.Equal(t, 2, run.Counts[report.Failed])
	assert.Equal(t, 2, run.Counts[report.Undefined])
	assert.Zero(t, run.Environment)
	assert.False(t, run.Interrupted)
	assert.Equal(t, "replay", run.Plan.Target)
	assert.Equal(t, 6, run.Plan.Scenarios)
	assert.False(t, run.Plan.Live)
	assert.Positive(t, run.Duration)
}

func TestStepsAfterAFailureAreSkipped(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: scenarios(fails)})
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 4, Status: report.Passed},
		{Text: "When I start the flow", Line: 5, Status: report.Passed},
		{
			Text: "Then the flow completes", Line: 6, Status: report.Failed,
			Error: `the flow pauses at "Sign On Form", want it to complete (hop 1, node vd6qrg8bkx, form "Sign On Form")`,
		},
		{Text: "And the session cookies are set", Line: 7, Status: report.Skipped},
	}, timeless(out.scenarios[0].Steps))
	require.Len(t, out.scenarios[0].Hops, 1)
	assert.Equal(t, "GET …/as/authorize", out.scenarios[0].Hops[0].Request)
}

func TestAMissFailsTheStepThatSent(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(missing)})
	s := out.scenarios[0]
	require.Equal(t, report.Failed, s.Status)
	require.NotNil(t, s.FailedStep())
	assert.Equal(t, `And I press "SIGNON"`, s.FailedStep().Text, "pressing itself does not fail")
	assert.Regexp(t, `^replay: flow "sign-on" \(sign-on [0-9a-f]{8}\) stands at "sign-on-form" and no recorded hop answers `+
		`action "SIGNON", eventType "submit"; nearest is "[a-z-]+": .*username was not sent, recorded is `, s.FailedStep().Error)
	assert.Equal(t, report.Skipped, s.Steps[5].Status, "a 404 that nobody recorded is not what the flow answers")
	assert.Zero(t, run.Environment, "a miss is a fault of feature or recording")
	assert.Equal(t, "404 refused", s.Hops[1].Response, "the message stands at the step already")
}

func TestFailFast(t *testing.T) {
	for name, row := range map[string]struct {
		steps       []string
		concurrency int
		want        []report.Status
	}{
		"after a failure": {
			[]string{passes, fails, passes, passes},
			1,
			[]report.Status{report.Passed, report.Failed, report.NotRun, report.NotRun},
		},
		"after a step that is undefined": {
			[]string{passes, undefined, passes, fails},
			1,
			[]report.Status{report.Passed, report.Undefined, report.NotRun, report.NotRun},
		},
		"after a scenario without steps": {
			[]string{passes, stepless, undefined}, 1, []report.Status{report.Passed, report.Undefined, report.NotRun},
		},
		"after a miss": {
			[]string{missing, passes}, 1, []report.Status{report.Failed, report.NotRun},
		},
		"nothing to stop for": {
			[]string{passes, passes}, 1, []report.Status{report.Passed, report.Passed},
		},
		"in the first batch, beyond it nothing runs": {
			append([]string{fails}, many(passes, 24)...),
			1,
			append([]report.Status{report.Failed}, many(report.NotRun, 24)...),
		},
		"in a later batch": {
			append(many(passes, 12), fails, passes, undefined),
			1,
			append(many(report.Passed, 12), report.Failed, report.NotRun, report.Undefined),
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(row.steps...), Concurrency: row.concurrency, FailFast: true})
			got := out.statuses()
			if name == "in a later batch" {
				// The last one cannot run, and that may be said or not.
				got[len(got)-1] = report.Undefined
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, len(row.steps), run.Total(), "what did not run is counted")
			assert.False(t, run.Interrupted)
		})
	}
}

// Many at once may be on their way when the first fails; the rest does not begin.
func TestFailFastWithManyAtOnce(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(append([]string{fails}, many(passes, 300)...)...), Concurrency: 8, FailFast: true})
	assert.Equal(t, 301, run.Total())
	assert.Equal(t, 1, run.Counts[report.Failed])
	assert.GreaterOrEqual(t, run.Counts[report.NotRun], 301-80, "at most the first batch runs")
	assert.Equal(t, 300, run.Counts[report.Passed]+run.Counts[report.NotRun])
	assert.Equal(t, report.NotRun, out.scenarios[300].Status)
}

func many[T any](v T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// slowly is a recording whose screen polls once an hour.
func slowly(t *testing.T) []*recordings.Flow {
	t.Helper()
	fsys := fstest.MapFS{}
	shipped := recordings.Shipped()
	require.NoError(t, fs.WalkDir(shipped, "mfa", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(shipped, p)
		fsys[p] = &fstest.MapFile{Data: []byte(strings.Replace(string(text), `"pollInterval": 10,`, `"pollInterval": 3600000,`, 1))}
		return err
	}))
	flows, err := recordings.LoadAll(fsys, ".")
	require.NoError(t, err)
	return flows
}

const polls = `Given the flow "mfa"
When I start the flow
And I submit the form with:
  | key      | value            |
  | username | ${user.username} |
  | password | ${user.password} |
And I submit the form with:
  | key    | value  |
  | device | MOBILE |
And the screen polls
Then the flow waits`

func TestAScenarioHasATimeLimit(t *testing.T) {
	for name, row := range map[string]struct {
		timeout time.Duration
		want    string
		took    time.Duration
	}{
		"its own":     {3 * time.Second, "the scenario's time limit of 3s is over", 3 * time.Second},
		"the default": {0, "the scenario's time limit of 2m0s is over", 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			flows := slowly(t)
			synctest.Test(t, func(t *testing.T) {
				run, out := ran(t, runner.Suite{
					Features: scenarios(polls, polls), Target: replayTarget(t), Recordings: flows, Timeout: row.timeout, Concurrency: 1,
				})
				for _, s := range out.scenarios {
					require.Equal(t, report.Failed, s.Status)
					assert.Equal(t, "And the screen polls", s.FailedStep().Text)
					assert.Equal(t, row.want, s.FailedStep().Error)
					assert.Equal(t, row.took, s.Duration, "each has the whole limit")
					assert.Equal(t, report.Skipped, s.Steps[len(s.Steps)-1].Status)
				}
				assert.Zero(t, run.Environment, "the flow let the time pass")
				assert.False(t, run.Interrupted, "the run itself was not stopped")
				assert.Equal(t, 2*row.took, run.Duration)
			})
		})
	}
}

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
		Features: scenarios(append(many(passes, 29), undefined)...), Target: replayTarget(t), Recordings: shippedFlows(t),
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
		Features: scenarios(passes, fails), Target: replayTarget(t), Recordings: shippedFlows(t), Reporter: out,
	}).Run(ctx)
	require.NoError(t, err)
	assert.True(t, run.Interrupted)
	assert.Equal(t, []report.Status{report.NotRun, report.NotRun}, out.statuses())
	assert.Zero(t, run.Hops)
}

// What was on its way when the run was stopped did not fail for the network:
// nobody has anything to mend, and nothing to try again.
func TestAScenarioThatIsStoppedMidwayIsNotTheEnvironmentsFault(t *testing.T) {
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
	assert.Equal(t, report.NotRun, out.scenarios[1].Status)
}

// liveAt is a live target whose endpoints stand below base.
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

// A watcher notes whether anyone calls it while somebody else does.
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
		Features: scenarios(append(many(passes, n-2), fails, undefined)...), Target: replayTarget(t), Recordings: shippedFlows(t),
		Concurrency: 4, Reporter: w,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, append(append([]string{"begin 200"}, many("scenario", n)...), "end 200"), w.calls)
	assert.LessOrEqual(t, w.kept, 2, "of all that were reported")
}

func TestTwoSuitesOneAfterTheOther(t *testing.T) {
	steps := []string{passes, fails, undefined, missing}
	suite := runner.Suite{Features: scenarios(steps...), Target: replayTarget(t), Recordings: shippedFlows(t), Concurrency: 2}
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
		"a target":     {runner.Suite{Features: scenarios(passes), Recordings: shippedFlows(t)}, "runner: no target"},
		"recordings":   {runner.Suite{Features: scenarios(passes), Target: replayTarget(t)}, "mockserver: no recordings to replay"},
		"features":     {runner.Suite{Target: replayTarget(t), Recordings: shippedFlows(t)}, "no scenario found: the features have none"},
		"all of these": {runner.Suite{}, "runner: no target"},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := row.suite.Run(t.Context())
			assert.Nil(t, run)
			assert.EqualError(t, err, row.want)
		})
	}
}

func TestASuiteWithoutReporterRuns(t *testing.T) {
	run, err := (&runner.Suite{Features: scenarios(passes), Target: replayTarget(t), Recordings: shippedFlows(t)}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, run.Counts[report.Passed])
}

func TestTheEnvironmentsFaultsAreCounted(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	answer := func(status int, header, body string) func(t *testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if name, value, ok := strings.Cut(header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(s.Close)
			return s.URL
		}
	}
	for name, row := range map[string]struct {
		server      func(t *testing.T) string
		environment bool
		step, error string
	}{
		"nobody listens": {
			func(*testing.T) string { return closed.URL }, true,
			"When I start the flow", `^flow: GET /as/authorize: dial tcp 127\.0\.0\.1:\d+: connect: connection refused$`,
		},
		"the service is down": {
			answer(503, "", "<title>Busy</title>"), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "notJSON": .*\[network\]`,
		},
		"too many requests": {
			answer(429, "", `{}`), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "429": .*\[rate limit\]`,
		},
		"no flow policy": {
			answer(302, "Location: https://auth.example.test/signon/?x=1", ``), true,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "302": redirected instead of answered, to auth\.example\.test/signon/.*\[tenant set-up\]`,
		},
		"a flow that fails": {
			answer(200, "", `{"status":"FAILED","error":{"code":"login_required","message":"no"}}`), false,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "login_required": no \[flow\]`,
		},
		"an answer that is none": {
			answer(200, "", `x`), false,
			`Then the flow pauses at "Sign On Form"`, `^the flow failed with "notJSON": .*\[flow\]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(passes), Target: liveAt(t, row.server(t)), Rate: 10_000})
			s := out.scenarios[0]
			require.Equal(t, report.Failed, s.Status)
			assert.Equal(t, row.environment, s.Environment)
			assert.Equal(t, row.environment, run.Environment == 1)
			assert.True(t, run.Plan.Live)
			assert.Equal(t, row.step, s.FailedStep().Text)
			assert.Regexp(t, row.error, s.FailedStep().Error)
		})
	}
}

func TestALiveTargetWithoutTheFlowOrTheUserSaysWhichThereAre(t *testing.T) {
	for name, row := range map[string]struct{ steps, want string }{
		"a flow": {
			"Given the flow \"sign-in\"",
			`the target "there" has no flow "sign-in", it has session, sign-on: add it below flows in flowtest.yaml`,
		},
		"a user": {"Given the user \"bob\"", `the target "there" has no user "bob", it has none`},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: scenarios(row.steps), Target: liveAt(t, "http://127.0.0.1:1"), Rate: 10_000})
			assert.Equal(t, row.want, out.scenarios[0].FailedStep().Error)
			assert.False(t, out.scenarios[0].Environment)
		})
	}
}

func TestDiscoveryThatFailsIsAnEnvironmentError(t *testing.T) {
	live := liveAt(t, "http://127.0.0.1:1")
	live.Live.Issuer = "http://127.0.0.1:1/as"
	err := refused(t, runner.Suite{Features: scenarios(passes), Target: live})
	_, ok := errors.AsType[*runner.EnvironmentError](err)
	assert.True(t, ok, "%T", err)
	assert.EqualError(t, err, `discovery of target "there": dial tcp 127.0.0.1:1: connect: connection refused`)
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
		Features: scenarios(steps), Target: replayTarget(t), Recordings: shippedFlows(t),
		Env: func(name string) (string, bool) { return "alice", name == "WHO" },
	})
	assert.Equal(t, []report.Status{report.Passed}, out.statuses(), out.verdicts())

	_, out = ran(t, runner.Suite{Features: scenarios(steps)})
	assert.Equal(t, "${env.WHO}: the environment variable WHO is not set", out.scenarios[0].FailedStep().Error)
}
