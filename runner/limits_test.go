package runner_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
)

// slowly is a recording whose screen polls once an hour.
func slowly(t *testing.T) []*recordings.Flow {
	t.Helper()
	fsys := fstest.MapFS{}
	embedded := recordings.Shipped()
	require.NoError(t, fs.WalkDir(embedded, "mfa", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(embedded, p)
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

// works is a scenario that takes so long.
func works(seconds int) string {
	return "When I work as \"@a\"\n" + strings.Repeat("And I work as \"@a\"\n", seconds-1)
}

func TestEveryLimitNamesItselfAndItsPlace(t *testing.T) {
	flows, replay := shipped.Flows(t), replayTarget(t)
	for name, row := range map[string]struct {
		suite    runner.Suite
		statuses []report.Status
		error    string
		line     int
		took     time.Duration
		notes    []report.Note
	}{
		"of a step": {
			runner.Suite{StepTimeout: 500 * time.Millisecond},
			many(report.Failed, 3), "the step's time limit of 500ms is over", 4, 1500 * time.Millisecond, nil,
		},
		"of a step that is long enough": {
			runner.Suite{StepTimeout: 1500 * time.Millisecond}, many(report.Passed, 3), "", 0, 6 * time.Second, nil,
		},
		"of a scenario": {
			runner.Suite{Timeout: 1500 * time.Millisecond},
			[]report.Status{report.Passed, report.Failed, report.Failed},
			"the scenario's time limit of 1.5s is over", 9, 4 * time.Second, nil,
		},
		"of the run": {
			runner.Suite{RunTimeout: 1500 * time.Millisecond},
			[]report.Status{report.Passed, report.Failed, report.NotRun},
			"the run's time limit of 1.5s is over", 8, 1500 * time.Millisecond,
			[]report.Note{{Kind: report.OutOfTime, Text: "the run's time limit of 1.5s is over: 1 scenario did not run (--run-timeout)"}},
		},
		"of the run, before two": {
			runner.Suite{RunTimeout: 500 * time.Millisecond},
			[]report.Status{report.Failed, report.NotRun, report.NotRun},
			"the run's time limit of 500ms is over", 4, 500 * time.Millisecond,
			[]report.Note{{Kind: report.OutOfTime, Text: "the run's time limit of 500ms is over: 2 scenarios did not run (--run-timeout)"}},
		},
		"of the run, that is long enough": {
			runner.Suite{RunTimeout: 7 * time.Second}, many(report.Passed, 3), "", 0, 6 * time.Second, nil,
		},
		"the shortest counts": {
			runner.Suite{StepTimeout: 800 * time.Millisecond, Timeout: 700 * time.Millisecond, RunTimeout: time.Minute},
			many(report.Failed, 3), "the scenario's time limit of 700ms is over", 4, 2100 * time.Millisecond, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &floor{takes: time.Second}
				s := row.suite
				s.Features, s.Steps = scenarios(works(1), works(2), works(3)), f.steps
				s.Target, s.Recordings, s.Concurrency = replay, flows, 1
				run, out := ran(t, s)
				assert.Equal(t, row.statuses, out.statuses())
				assert.Equal(t, row.took, run.Duration)
				assert.Equal(t, row.notes, run.Notes)
				assert.Equal(t, row.notes != nil, run.Interrupted)
				assert.Zero(t, run.Environment)
				for _, sc := range out.scenarios {
					if st := sc.FailedStep(); st != nil {
						assert.Equal(t, row.error, st.Error)
						assert.Equal(t, row.line, st.Line)
						break
					}
				}
			})
		})
	}
}

// What a service does not answer in time is the environment's fault, whichever
// limit says so; what the run has no time for is not counted.
func TestALimitOverAnAnswerThatDoesNotCome(t *testing.T) {
	for name, row := range map[string]struct {
		suite       runner.Suite
		error       string
		environment bool
	}{
		"of a step":     {runner.Suite{StepTimeout: 2 * time.Second}, "the step's time limit of 2s is over", true},
		"of a scenario": {runner.Suite{Timeout: 2 * time.Second}, "the scenario's time limit of 2s is over", true},
		"of the run":    {runner.Suite{RunTimeout: 2 * time.Second}, "the run's time limit of 2s is over", false},
	} {
		t.Run(name, func(t *testing.T) {
			flows, replay := shipped.Flows(t), replayTarget(t)
			late, err := mockserver.ParseFaults("latency=1h")
			require.NoError(t, err)
			synctest.Test(t, func(t *testing.T) {
				s := row.suite
				s.Features, s.Faults, s.Target, s.Recordings = scenarios(passes), late, replay, flows
				_, out := ran(t, s)
				first, _, _ := strings.Cut(out.scenarios[0].FailedStep().Error, "\n")
				assert.Regexp(t, "^GET /.*: "+row.error+"$", first)
				assert.Equal(t, row.environment, out.scenarios[0].Environment)
				assert.Equal(t, 2*time.Second, out.scenarios[0].Duration)
			})
		})
	}
}
