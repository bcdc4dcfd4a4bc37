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

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
)

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
