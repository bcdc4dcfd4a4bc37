package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	repository   = "../../.."
	actionFile   = repository + "/.github/actions/flowtest/action.yml"
	workflowFile = repository + "/.github/workflows/flow-conformance.yml"
)

// A jobStep is a step of a workflow or of a composite action.
type jobStep struct {
	Name  string
	ID    string
	If    string
	Uses  string
	Run   string
	Shell string
	Env   map[string]string
	With  map[string]any
}

// An action is action.yml, as far as it is checked.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []jobStep
	}
}

// A workflow is a workflow that others call, as far as it is checked.
type workflow struct {
	On struct {
		Call struct {
			Inputs  map[string]struct{ Default any }
			Secrets map[string]any
			Outputs map[string]struct{ Value string }
		} `yaml:"workflow_call"`
	} `yaml:"on"`
	Permissions map[string]string
	Jobs        map[string]struct{ Steps []jobStep }
}

func readYAML(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, into), file)
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	readYAML(t, actionFile, &a)
	return a
}

func readWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	readYAML(t, workflowFile, &w)
	return w
}

// step returns the step with that id or name.
func step(t *testing.T, steps []jobStep, name string) jobStep {
	t.Helper()
	i := slices.IndexFunc(steps, func(s jobStep) bool { return s.ID == name || s.Name == name })
	require.GreaterOrEqual(t, i, 0, "there is no step %q", name)
	return steps[i]
}

// allSteps returns every step of both files.
func allSteps(t *testing.T) []jobStep {
	t.Helper()
	out := readAction(t).Runs.Steps
	for _, job := range readWorkflow(t).Jobs {
		out = append(out, job.Steps...)
	}
	require.NotEmpty(t, out)
	return out
}

var (
	pinned  = regexp.MustCompile(`(?m)^\s*-?\s*uses: (?:\./\S+|[\w-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	useLine = regexp.MustCompile(`(?m)^\s*-?\s*uses: .*$`)
)

func TestWhatTheWorkflowsUseIsPinnedByCommit(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(repository + "/.github/workflows/*.yml")
	require.NoError(t, err)
	commits := map[string]string{}
	for _, file := range append(files, actionFile) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, line := range useLine.FindAllString(string(text), -1) {
			assert.Regexp(t, pinned, line, "%s: want NAME@ 40 hex digits # VERSION", file)
			name, commit, _ := strings.Cut(strings.Fields(strings.TrimLeft(line, "- "))[1], "@")
			if before, ok := commits[name]; ok {
				assert.Equal(t, before, commit, "%s is pinned to one commit everywhere", name)
			}
			commits[name] = commit
		}
	}
	assert.Contains(t, commits, "actions/download-artifact")
}

func TestNoScriptHoldsAnExpression(t *testing.T) {
	t.Parallel()
	scripts := 0
	for _, s := range allSteps(t) {
		if s.Run != "" {
			scripts++
			assert.NotContains(t, s.Run, "${{", "%s: take it through env", s.Name)
		}
	}
	assert.Equal(t, 5, scripts)
	assert.Equal(t, map[string]string{"contents": "read"}, readWorkflow(t).Permissions)
}

func TestTheFlagsOfTheScriptsExist(t *testing.T) {
	t.Parallel()
	flag := regexp.MustCompile(`(?:^|[\s(])--([a-z][a-z-]+)`)
	help := map[string]string{"run": printed(t, "run", "--help"), "report": printed(t, "report", "--help")}
	n := 0
	for _, s := range allSteps(t) {
		command := "run"
		if strings.Contains(s.Run, `flowtest" report`) {
			command = "report"
		}
		for _, m := range flag.FindAllStringSubmatch(s.Run, -1) {
			n++
			assert.Contains(t, help[command], "--"+m[1]+" ", "%s: flowtest %s has no flag --%s", s.Name, command, m[1])
		}
	}
	assert.Equal(t, 16, n)
}

func TestTheWorkflowHandsOnInputsThatThereAre(t *testing.T) {
	t.Parallel()
	w, a := readWorkflow(t), readAction(t)
	inputs := regexp.MustCompile(`inputs\.([a-z-]+)`)
	for name, job := range w.Jobs {
		for _, s := range job.Steps {
			for _, v := range s.With {
				for _, m := range inputs.FindAllStringSubmatch(fmt.Sprint(v), -1) {
					assert.Contains(t, w.On.Call.Inputs, m[1], "job %s", name)
				}
			}
			if strings.HasSuffix(s.Uses, "/.github/actions/flowtest") {
				for key := range s.With {
					assert.Contains(t, a.Inputs, key)
				}
			}
		}
	}
	for _, m := range inputs.FindAllStringSubmatch(fmt.Sprint(step(t, a.Runs.Steps, "run").Env), -1) {
		assert.Contains(t, a.Inputs, m[1])
	}
	for _, o := range a.Outputs {
		name := strings.TrimSuffix(strings.TrimPrefix(o.Value, "${{ steps.run.outputs."), " }}")
		assert.Contains(t, step(t, a.Runs.Steps, "run").Run, `"`+name+"=")
	}
}

// The linter of GitHub's workflows is a module of its own; where that was not
// fetched, nothing is fetched for a test.
func TestActionlint(t *testing.T) {
	t.Parallel()
	withoutRace(t, itBuilds)
	files, err := filepath.Glob(repository + "/.github/workflows/*.yml")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "go",
		append([]string{"tool", "-modfile=" + repository + "/.github/tools/actionlint/go.mod", "actionlint"}, files...)...)
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly")
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "module lookup disabled") {
		t.Skip("actionlint is not in the module cache: go -C .github/tools/actionlint mod download")
	}
	assert.NoError(t, err, "%s", out)
}

func TestShellcheckOfTheAction(t *testing.T) {
	t.Parallel()
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not installed")
	}
	for _, s := range allSteps(t) {
		if s.Run == "" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), shellcheck, "--shell=bash", "-")
		cmd.Stdin = strings.NewReader(s.Run)
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s:\n%s", s.Name, out)
	}
}
