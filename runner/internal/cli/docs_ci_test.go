package cli_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ciPage is the page of the manual about CI systems.
const ciPage = repository + "/.github/docs/ci.md"

// fenced returns the block of code of that page that begins with that line.
func fenced(t *testing.T, first string) string {
	t.Helper()
	text, err := os.ReadFile(ciPage)
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "\n"+first+"\n")
	require.True(t, ok, "ci.md has no block that begins with %q", first)
	block, _, ok := strings.Cut(rest, "\n```\n")
	require.True(t, ok)
	return block
}

// shell runs lines of that page as a CI system does, in a folder that has a
// checkout of flowtest and the flow tests of init.
func (m *machine) shell(lines []string, env map[string]string) {
	m.t.Helper()
	cmd := exec.CommandContext(m.t.Context(), "bash", "-eo", "pipefail", "-c", strings.Join(lines, "\n"))
	cmd.Dir = m.workspace
	cmd.Env = os.Environ()
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	require.NoError(m.t, err, "%s\n%s", strings.Join(lines, "\n"), out)
}

// withCheckout is a machine that has what the page's examples presume. The program is there
// already: their build is the one of the action, and finds that nothing changed since.
func withCheckout(t *testing.T) *machine {
	t.Helper()
	withoutRace(t, itBuilds)
	needsBash(t)
	m := &machine{t: t, workspace: t.TempDir()}
	here, err := filepath.Abs(repository)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(here, filepath.Join(m.workspace, "flowtest")))
	require.NoError(t, os.CopyFS(filepath.Join(m.workspace, "bin"), os.DirFS(theBuilt(t))))
	m.repositoryOfSomebody("flow-tests")
	return m
}

func (m *machine) left(files ...string) {
	m.t.Helper()
	for _, file := range files {
		assert.FileExists(m.t, filepath.Join(m.workspace, filepath.FromSlash(file)))
	}
}

func TestTheGitLabJobsOfTheDocsRun(t *testing.T) {
	t.Parallel()
	type job struct {
		Stage, When string
		Parallel    int
		Script      []string
		Artifacts   struct {
			Paths   []string
			Reports struct{ JUnit string }
		}
	}
	var file struct {
		Flows  job
		Report job `yaml:"flow-report"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(fenced(t, "# .gitlab-ci.yml")), &file))
	m := withCheckout(t)
	require.Greater(t, file.Flows.Parallel, 2, "more jobs than init writes scenarios")
	total, script := strconv.Itoa(file.Flows.Parallel), file.Flows.Script
	require.Regexp(t, "^go .* build ", script[0])
	for index := range file.Flows.Parallel {
		job := strconv.Itoa(index + 1)
		if index > 0 { // every job builds the same program
			script = file.Flows.Script[1:]
		}
		m.shell(script, map[string]string{"CI_NODE_INDEX": job, "CI_NODE_TOTAL": total, "CI_PIPELINE_ID": "4711"})
		m.left("shard-" + job + "/junit.xml")
	}
	m.left("bin/flowtest")
	m.shell(file.Report.Script, nil)
	m.left("report/report.html", "report/junit.xml")

	for _, pattern := range append(slices.Concat(file.Flows.Artifacts.Paths, file.Report.Artifacts.Paths), file.Flows.Artifacts.Reports.JUnit) {
		found, err := filepath.Glob(filepath.Join(m.workspace, pattern))
		require.NoError(t, err)
		assert.NotEmpty(t, found, "the artifact %s", pattern)
	}
}

func TestTheJenkinsfileOfTheDocsRuns(t *testing.T) {
	t.Parallel()
	block := fenced(t, "// Jenkinsfile")
	var lines []string
	for _, m := range regexp.MustCompile(`(?m)^\s*sh '([^']+)'$`).FindAllStringSubmatch(block, -1) {
		lines = append(lines, m[1])
	}
	require.Len(t, lines, strings.Count(block, "sh '"))
	require.NotEmpty(t, lines)
	m := withCheckout(t)
	for _, line := range lines { // each is a shell of its own
		m.shell([]string{line}, nil)
	}
	junit := regexp.MustCompile(`junit '([^']+)'`).FindStringSubmatch(block)
	require.NotNil(t, junit)
	m.left(junit[1], "report/report.html")
	assert.Equal(t, strings.Count(block, "{"), strings.Count(block, "}"))
}

func TestTheWorkflowOfTheDocsPassesInputsThatExist(t *testing.T) {
	t.Parallel()
	var file struct {
		Jobs map[string]struct {
			Uses    string
			With    map[string]any
			Secrets map[string]string
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(fenced(t, "# .github/workflows/flows.yml")), &file))
	call := readWorkflow(t).On.Call
	require.Len(t, file.Jobs, 1)
	for _, job := range file.Jobs {
		assert.Equal(t, "OWNER/flowtest/.github/workflows/"+filepath.Base(workflowFile)+"@COMMIT", job.Uses)
		assert.Subset(t, slices.Collect(maps.Keys(call.Inputs)), slices.Collect(maps.Keys(job.With)))
		assert.Subset(t, slices.Collect(maps.Keys(call.Secrets)), slices.Collect(maps.Keys(job.Secrets)))
	}
	text, err := os.ReadFile(ciPage)
	require.NoError(t, err)
	for name := range call.Inputs {
		assert.Regexp(t, "(`"+name+"`|\n      "+name+": )", string(text), "ci.md names the input %s", name)
	}
}

func TestTheUndefinedSentenceOfTheDocsGetsThatSuggestion(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(repository + "/.github/docs/features.md")
	require.NoError(t, err)
	mark := regexp.MustCompile(`(?m)^✗ (.+)\n +(undefined: .+)$`).FindStringSubmatch(string(page))
	require.NotNil(t, mark)
	got := played(t, true, []string{mark[1]})
	assert.Equal(t, mark[1], got[0].Steps[0].Text)
	assert.Equal(t, mark[2], got[0].Steps[0].Error)
}
