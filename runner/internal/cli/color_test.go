package cli_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/cli"
)

func TestColorIsForTerminals(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	for name, row := range map[string]struct {
		terminal bool
		env      map[string]string
		want     bool
	}{
		"on a terminal":                    {true, nil, true},
		"into a pipe or file":              {false, nil, false},
		"a terminal, and NO_COLOR":         {true, map[string]string{"NO_COLOR": "1"}, false},
		"a terminal, and an empty one":     {true, map[string]string{"NO_COLOR": ""}, true},
		"a terminal, and any value":        {true, map[string]string{"NO_COLOR": "false"}, false},
		"a terminal that is dumb":          {true, map[string]string{"TERM": "dumb"}, false},
		"a terminal of another kind":       {true, map[string]string{"TERM": "xterm-256color"}, true},
		"a pipe, whatever the environment": {false, map[string]string{"TERM": "xterm-256color", "NO_COLOR": ""}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { // in no time, so that nothing is said of a run that takes long
				for _, format := range []string{"pretty", "progress"} {
					var out, talk strings.Builder
					code := cli.Main(t.Context(), cli.Process{
						Args:   []string{"run", "--name", "^Alice signs on$", "--format", format},
						Stdout: &out, Stderr: &talk, Terminal: row.terminal, Dir: dir,
						Env: func(name string) (string, bool) {
							v, ok := row.env[name]
							return v, ok
						},
					})
					assert.Equal(t, cli.ExitPassed, code)
					assert.Equal(t, row.want, strings.Contains(out.String(), "\x1b["), format)
					assert.Empty(t, talk.String())
				}
			})
		})
	}
}

// Errors are talk: they are never colored.
func TestTalkHasNoColor(t *testing.T) {
	t.Parallel()
	var out, talk strings.Builder
	code := cli.Main(t.Context(), cli.Process{
		Args: []string{"run", "--tags", "x"}, Stdout: &out, Stderr: &talk, Terminal: true, Env: noEnvironment, Dir: t.TempDir(),
	})
	assert.Equal(t, cli.ExitUsage, code)
	assert.Equal(t, "flowtest: error: tag expression \"x\": \"x\" is not a tag, want one that begins with @\n", talk.String())
	assert.Empty(t, out.String())
}

func TestARunThatIsStoppedBeforeItsFirstScenarioIsExitCode3(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := command(ctx, t.TempDir(), nil, "run", "--name", "^Alice signs on$")
	assert.Equal(t, cli.ExitNothing, got.code)
	assert.Equal(t, "flowtest: error: stopped before a scenario had ended\n", got.errors)
	assert.Contains(t, got.out, "1 scenario: 0 passed, 1 not run, stopped before its end · 0 hops · replay")
}

// A full disk takes nothing.
type full struct{ bytes.Buffer }

func (*full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A result that could not be written is not a success: a pipeline would keep half
// a report and believe it.
func TestAResultThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"run, pretty":   {"run", "--name", "^Alice signs on$"},
		"run, progress": {"run", "--name", "^Alice signs on$", "--format", "progress"},
		"check":         {"check"},
		"steps":         {"steps"},
		"version":       {"version"},
		"init":          {"init", "sub"},
	} {
		t.Run(name, func(t *testing.T) {
			var talk strings.Builder
			code := cli.Main(t.Context(), cli.Process{
				Args: args, Stdout: &full{}, Stderr: &talk, Env: noEnvironment, Dir: t.TempDir(),
			})
			assert.NotEqual(t, cli.ExitPassed, code)
			assert.Contains(t, talk.String(), "no space left on device")
		})
	}
}

func TestServeRefusesALiveTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"flowtest.yaml": "target: staging\ntargets:\n  staging: {type: live, region: EU, environmentId: 0f9e8d7c-6b5a-4938-8271-60f5e4d3c2b1, " +
			"clientId: c, flows: {sign-on: p}}\n",
	})
	got := command(t.Context(), dir, nil, "serve", "--target", "staging", "--listen", "127.0.0.1:0")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Contains(t, got.errors, "flowtest: error: ")
	assert.Empty(t, got.out)
}
