package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// What did not pass runs again where it did not pass.
func TestARerunGoesToTheTargetOfTheReport(t *testing.T) {
	t.Parallel()
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		_, _ = w.Write([]byte(`{"status":"FAILED","error":{"code":"no","message":"not today"}}`))
	}))
	defer s.Close()
	const live = "  staging:\n    type: live\n    baseUrl: %s/as\n    clientId: app\n    flows: {sign-on: policy}\n"
	targets := "targets:\n  replay:\n    type: replay\n  second:\n    type: replay\n"
	whole := targets + fmt.Sprintf(live, s.URL)
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo("Other")})
	write(t, dir, map[string]string{"flowtest.yaml": whole})
	for _, name := range []string{"replay", "second", "staging"} {
		got := command(t.Context(), dir, nil, "run", "--target", name, "--report", "of-"+name)
		require.Equal(t, cli.ExitFailed, got.code, got.out+got.errors)
	}

	for name, row := range map[string]struct {
		config string
		env    string
		args   []string
		code   int
		sent   bool
		talk   string
		repeat string // what the command of the repetition names
	}{
		"of a live target": {
			whole, "",
			[]string{"--rerun", "of-staging"},
			cli.ExitFailed, true,
			"flowtest: --rerun of-staging: against the target \"staging\", which is live, as that run was; --target names another\n",
			"run --target staging ",
		},
		"of another replay": {
			whole, "",
			[]string{"--rerun", "of-second"},
			cli.ExitFailed, false,
			"flowtest: --rerun of-second: against the target \"second\", which is a replay, as that run was; --target names another\n",
			"run --target second ",
		},
		"of the usual target": {
			whole, "",
			[]string{"--rerun", "of-replay"},
			cli.ExitFailed, false,
			"flowtest: --rerun of-replay: against the target \"replay\", which is a replay, as that run was; --target names another\n",
			"run " + filepath.ToSlash(dir),
		},
		"of a replay, where a variable names a live target": {
			whole, "staging",
			[]string{"--rerun", "of-replay"},
			cli.ExitFailed, false,
			"flowtest: --rerun of-replay: against the target \"replay\", which is a replay, as that run was; --target names another\n", "",
		},
		"of a live target, and --target says otherwise": {
			whole, "", []string{"--rerun", "of-staging", "--target", "replay"}, cli.ExitFailed, false, "", "run --target replay ",
		},
		"of a target that is gone": {
			targets, "",
			[]string{"--rerun", "of-staging"},
			cli.ExitUsage, false,
			"flowtest: error: --rerun of-staging: that run was against the target \"staging\", which flowtest.yaml does not have; " +
				"it has replay, second\nflowtest: hint: say with --target where what did not pass runs again\n", "",
		},
		"of a replay that is live by now": {
			strings.Replace(whole, "second", "x", 1) + strings.Replace(fmt.Sprintf(live, s.URL), "staging", "second", 1), "",
			[]string{"--rerun", "of-second"},
			cli.ExitUsage, false,
			"flowtest: error: --rerun of-second: that run was against the target \"second\", which was a replay then and is live now\n" +
				"flowtest: hint: say with --target where what did not pass runs again\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, dir, map[string]string{"flowtest.yaml": row.config})
			asked = 0
			env := map[string]string{"FLOWTEST_TARGET": row.env}
			got := command(t.Context(), dir, env, append([]string{"run"}, row.args...)...)
			assert.Equal(t, row.code, got.code, got.out)
			assert.Equal(t, row.talk, got.errors)
			assert.Equal(t, row.sent, asked > 0, "%d requests were sent", asked)
			assert.Contains(t, got.out, row.repeat)
		})
	}
}

// Only where there is no configuration flowtest init is of use.
func TestAFolderWithAConfigurationGetsNoHintOfInit(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"a password that is written out": "targets:\n  s: {type: live, region: EU, users: {alice: {password: a-Passw0rd}}}\n",
		"a base without /as":             "targets:\n  s: {type: live, baseUrl: 'https://auth.example.test', clientId: c}\n",
		"a variable that is not set":     "target: ${NOWHERE}\n",
		"no YAML":                        "targets: [\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"flowtest.yaml": config})
			got := command(t.Context(), dir, nil, "run")
			assert.Equal(t, cli.ExitUsage, got.code)
			assert.Contains(t, got.errors, "flowtest: error: ")
			assert.NotContains(t, got.errors, "flowtest init")
		})
	}
	got := command(t.Context(), t.TempDir(), nil, "run", "--config", "nosuch.yaml")
	assert.Equal(t, "flowtest: error: nosuch.yaml does not exist\nflowtest: hint: flowtest init writes a folder to start from\n", got.errors)
}
