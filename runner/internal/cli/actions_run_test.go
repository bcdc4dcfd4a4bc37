package cli_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A machine runs steps as GitHub's does: bash with GitHub's flags, in the folder
// of the caller's repository.
type machine struct {
	t         *testing.T
	workspace string
	temp      string // RUNNER_TEMP
	env       map[string]string
}

// needsBash skips a test where bash is not the system's own: what has that name
// on Windows may be another system.
func needsBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("there is no bash of the system's own")
	}
}

// newMachine returns a machine on which flowtest is built.
func newMachine(t *testing.T) *machine {
	t.Helper()
	withoutRace(t, itBuilds)
	needsBash(t)
	m := &machine{t: t, workspace: t.TempDir(), temp: t.TempDir()}
	require.NoError(t, os.Symlink(theBuilt(t), filepath.Join(m.temp, "flowtest")))
	m.ofGitHub(m.temp)
	return m
}

// ofGitHub gives the machine GitHub's environment, with a folder for what its steps make.
func (m *machine) ofGitHub(temp string) {
	m.t.Helper()
	action, err := filepath.Abs(filepath.Dir(actionFile))
	require.NoError(m.t, err)
	m.env = map[string]string{
		"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "4711", "GITHUB_ACTION_PATH": action, "RUNNER_TEMP": temp,
		"GOWORK": filepath.Join(m.workspace, "go.work"), // of the caller; flowtest is none of its modules
	}
	m.write("go.work", "go 1.26\n")
}

// built is a folder in which the action's own step built the program, once for all machines.
var (
	builtOnce sync.Once
	built     string
)

// theBuilt returns the folder that has the program.
func theBuilt(t *testing.T) string {
	t.Helper()
	builtOnce.Do(func() {
		var err error
		built, err = os.MkdirTemp("", "flowtest-of-the-action") //nolint:usetesting // it outlives the test; TestMain removes it
		require.NoError(t, err)
		m := &machine{t: t, workspace: t.TempDir()}
		m.ofGitHub(built)
		got := m.run(step(t, readAction(t).Runs.Steps, "build flowtest"), nil)
		require.Zero(t, got.code, "%s", got.said)
	})
	return filepath.Join(built, "flowtest")
}

// An ended step is the result of one.
type ended struct {
	code    int
	said    string
	outputs map[string]string
	summary string
}

var inputExpression = regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)

// run runs a step with inputs and the machine's environment.
func (m *machine) run(s jobStep, inputs map[string]string) ended {
	m.t.Helper()
	dir := m.t.TempDir()
	script, output, summary := filepath.Join(dir, "script"), filepath.Join(dir, "output"), filepath.Join(dir, "summary")
	require.NoError(m.t, os.WriteFile(script, []byte(s.Run), 0o600))
	env := maps.Clone(m.env)
	env["GITHUB_OUTPUT"], env["GITHUB_STEP_SUMMARY"] = output, summary
	for name, value := range s.Env {
		if in := inputExpression.FindStringSubmatch(value); in != nil {
			value = inputs[in[1]]
		}
		require.NotContains(m.t, value, "${{", name)
		env[name] = value
	}
	cmd := exec.CommandContext(m.t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
	cmd.Dir = m.workspace
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	_ = cmd.Run() // the code says it
	got := ended{code: cmd.ProcessState.ExitCode(), said: said.String(), outputs: map[string]string{}}
	text, _ := os.ReadFile(output) // none where nothing was written
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		got.outputs[name] = value
	}
	text, _ = os.ReadFile(summary)
	got.summary = string(text)
	return got
}

// act runs the action with inputs over its defaults.
func (m *machine) act(inputs map[string]string) ended {
	m.t.Helper()
	a := readAction(m.t)
	all := map[string]string{}
	for name, in := range a.Inputs {
		all[name] = in.Default
	}
	for name, value := range inputs {
		require.Contains(m.t, a.Inputs, name)
		all[name] = value
	}
	return m.run(step(m.t, a.Runs.Steps, "run"), all)
}

// repositoryOfSomebody puts what flowtest init writes into a folder of the workspace.
func (m *machine) repositoryOfSomebody(folder string) {
	m.t.Helper()
	require.NoError(m.t, os.CopyFS(filepath.Join(m.workspace, folder), os.DirFS(initialized(m.t))))
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	require.NoError(m.t, os.WriteFile(filepath.Join(m.workspace, filepath.FromSlash(name)), []byte(text), 0o600))
}

func TestTheActionRuns(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.repositoryOfSomebody(".")
	m.write("features/with a space.feature", "Feature: F\n  Scenario: Alone\n    Given the flow \"sign-on\"\n    When I start the flow\n"+
		"    Then the flow completes\n")
	m.write("live.yaml", "targets:\n  live:\n    type: live\n    baseUrl: https://127.0.0.1:1/as\n    clientId: app\n"+
		"    redirectUri: https://app.example.test/callback\n    flows: {sign-on: 1f2e3d4c5b6a79880716253443526170}\n"+
		"    users:\n      alice: {username: alice, password: \"${ALICE_PASSWORD}\"}\n")
	screen := `{"name": "F", "graphData": {"elements": {"nodes": [{"data": {"id": "a", "nodeType": "CONNECTION", ` +
		`"capabilityName": "customHTMLTemplate", "properties": {"customHTML": %q}}}]}}}`
	m.write("sound.json", fmt.Sprintf(screen, "<p>Hello</p>"))
	m.write("dead.json", fmt.Sprintf(screen, "<a data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"))
	sound := "features/sign-on.feature"
	for name, test := range map[string]struct {
		inputs  map[string]string
		secrets string
		code    int
		outcome string
		says    string
	}{
		"exports that are sound": {map[string]string{"paths": sound, "exports": "sound.json\n"}, "", 0, "passed", "2 scenarios: 2 passed"},
		"an export in which a button leads nowhere": {
			map[string]string{"paths": sound, "exports": "sound.json\ndead.json"}, "", 1, "failed", "::error file=dead.json,line=1,title=EXPORT-BUTTON-DEAD::",
		},
		"coverage of a recording": {
			map[string]string{"paths": sound, "coverage": "sign-on"}, "", 0, "passed", "coverage of the recording by 2 journeys",
		},
		"too little coverage": {
			map[string]string{"paths": sound, "coverage": "sign-on", "min": "buttons=101"}, "", 2, "usage", "is not a demand",
		},
		"an export that does not exist": {map[string]string{"paths": sound, "exports": "gone.json"}, "", 2, "usage", "gone.json does not exist"},
		"what passes":                   {map[string]string{"paths": sound}, "", 0, "passed", "2 scenarios: 2 passed"},
		"paths are lines, and may have a space": {
			map[string]string{"paths": "features/with a space.feature\n" + sound + ":9\n"}, "", 1, "failed", "2 scenarios: 1 passed, 1 failed",
		},
		"a target that does not exist": {map[string]string{"target": "production"}, "", 2, "usage", "production"},
		"a choice that leaves nothing": {map[string]string{"tags": "@nothing"}, "", 3, "nothing", "@nothing"},
		"an environment that cannot be reached": {
			map[string]string{"config": "live.yaml", "paths": sound}, "ALICE_PASSWORD=a-Passw0rd-of-hers\n", 4, "environment", "127.0.0.1",
		},
		"further arguments": {
			map[string]string{"paths": sound, "args": "--name\nA wrong password\n--random=7"}, "", 0, "passed", "order of seed 7",
		},
		"an input that would be a command": {
			map[string]string{"tags": `@a"; touch hacked; "`, "args": "$(touch hacked)", "paths": "`touch hacked`"}, "", 2, "usage", "hacked",
		},
		"a secret that the log is asked to mask in its own characters": {
			map[string]string{"paths": sound}, "ALICE_PASSWORD=a%0A::x%25\r\n", 0, "passed", "::add-mask::a%250A::x%2525\n",
		},
		"a line that is no variable is named by its number": {
			map[string]string{"paths": sound}, "A=1\na-Passw0rd-of-hers\n", 2, "usage", "line 2 of FLOWTEST_SECRETS is not NAME=VALUE",
		},
		"a report folder with a line break": {
			map[string]string{"report": "a\noutcome=passed"}, "", 2, "usage", "the input report is empty or has a line break",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &machine{t: t, workspace: m.workspace, temp: m.temp, env: maps.Clone(m.env)}
			m.env["FLOWTEST_SECRETS"] = test.secrets
			inputs := maps.Clone(test.inputs)
			if inputs["report"] == "" {
				inputs["report"] = strings.ReplaceAll(name, " ", "-")
			}
			got := m.act(inputs)
			assert.Equal(t, test.code, got.code, "%s", got.said)
			assert.Equal(t, test.outcome, got.outputs["outcome"])
			assert.Equal(t, strconv.Itoa(test.code), got.outputs["code"])
			assert.Contains(t, got.said, test.says)
			assert.NoFileExists(t, filepath.Join(m.workspace, "hacked"))
			assert.NotContains(t, strings.ReplaceAll(got.said, "::add-mask::a-Passw0rd-of-hers", ""), "a-Passw0rd-of-hers")
			if test.code > 1 {
				return
			}
			assert.Equal(t, inputs["report"], got.outputs["report"])
			assert.FileExists(t, filepath.Join(m.workspace, inputs["report"], "junit.xml"))
			assert.NotEmpty(t, got.summary)
		})
	}
}

// handed evaluates what the workflow hands to the action in one shard.
func handed(t *testing.T, with map[string]any, inputs map[string]string, shard string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for key, value := range with {
		text := fmt.Sprint(value)
		text = strings.ReplaceAll(text, "${{ matrix.shard }}", shard)
		text = regexp.MustCompile(`\$\{\{ inputs\.([a-z-]+) \}\}`).ReplaceAllStringFunc(text, func(e string) string {
			return inputs[strings.TrimSuffix(strings.TrimPrefix(e, "${{ inputs."), " }}")]
		})
		require.NotContains(t, text, "${{", key)
		out[key] = text
	}
	return out
}

func TestTheWorkflowRunsShardsAndMergesThem(t *testing.T) {
	t.Parallel()
	w, m := readWorkflow(t), newMachine(t)
	m.repositoryOfSomebody("flow-tests")
	inputs := map[string]string{"shards": "3", "config": "flow-tests/flowtest.yaml", "coverage": "sign-on", "min": "screens=10"}
	for name, in := range w.On.Call.Inputs {
		if _, ok := inputs[name]; !ok {
			inputs[name] = fmt.Sprint(in.Default)
		}
	}
	planned := m.run(step(t, w.Jobs["plan"].Steps, "plan"), inputs)
	require.Zero(t, planned.code, planned.said)
	assert.Equal(t, "[1,2,3]", planned.outputs["shards"])

	i := slices.IndexFunc(w.Jobs["run"].Steps, func(s jobStep) bool { return strings.HasSuffix(s.Uses, "/.github/actions/flowtest") })
	require.GreaterOrEqual(t, i, 0)
	for shard, says := range map[string]string{
		"1": "1 scenario: 1 passed", "2": "1 scenario: 1 passed", "3": "nothing is left for shard 3/3",
	} {
		with := handed(t, w.Jobs["run"].Steps[i].With, inputs, shard)
		got := m.act(with)
		require.Zero(t, got.code, got.said)
		assert.Contains(t, got.said, says)
		assert.NotContains(t, got.said, "coverage of", "that of a shard says nothing")
		assert.Empty(t, got.summary, "the summary is that of the merged report")
		folder := with["report"]
		assert.Equal(t, "flowtest-shard-"+shard, folder)
		require.NoError(t, os.MkdirAll(filepath.Join(m.workspace, "shards"), 0o750))
		require.NoError(t, os.Rename(filepath.Join(m.workspace, folder), filepath.Join(m.workspace, "shards", folder)))
	}

	merge := step(t, w.Jobs["report"].Steps, "merge")
	got := m.run(merge, inputs)
	require.Zero(t, got.code, got.said)
	assert.Contains(t, got.said, "2 scenarios: 2 passed")
	assert.Equal(t, "passed", got.outputs["outcome"])
	assert.Contains(t, got.summary, "all 2 scenarios passed")
	assert.Contains(t, got.summary, "## Coverage")
	inputs["min"] = "buttons=100"
	got = m.run(merge, inputs)
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.said, "of the buttons are covered, want 100 %")
	assert.FileExists(t, filepath.Join(m.workspace, "report", "report.html"))

	require.NoError(t, os.RemoveAll(filepath.Join(m.workspace, "shards", "flowtest-shard-2")))
	got = m.run(merge, inputs)
	assert.Equal(t, 1, got.code)
	assert.Equal(t, "failed", got.outputs["outcome"])
	assert.Contains(t, got.said, "of 3 shards 2 left a report")

	require.NoError(t, os.RemoveAll(filepath.Join(m.workspace, "shards")))
	got = m.run(merge, inputs)
	assert.Equal(t, 2, got.code)
	assert.Contains(t, got.said, "no shard left a report")
}

func TestTheWorkflowRefusesNumbersOfShardsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w, m := readWorkflow(t), newMachine(t)
	for shards, want := range map[string]string{"1": "[1]", "3": "[1,2,3]", "0": "", "-1": "", "65": "", "1.5": "", "": "", "a[0$(touch hacked)]": ""} {
		got := m.run(step(t, w.Jobs["plan"].Steps, "plan"), map[string]string{"shards": shards})
		assert.Equal(t, want, got.outputs["shards"], "%q", shards)
		assert.Equal(t, want == "", got.code != 0, "%q: %s", shards, got.said)
	}
	assert.NoFileExists(t, filepath.Join(m.workspace, "hacked"))
}
