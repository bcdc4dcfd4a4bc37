//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// reportFiles are those of a report folder.
var reportFiles = []string{output.MessagesFile, output.JUnitFile, output.JSONFile, output.SummaryFile, output.HTMLFile}

// killed runs n scenarios with the program itself, and sends it a signal once so
// many have finished. It returns the folder and how the program ended.
func killed(t *testing.T, n, after int, with syscall.Signal) (dir string, state *os.ProcessState, talk string) {
	t.Helper()
	forms := make([]string, n)
	for i := range forms {
		forms[i] = right
	}
	dir = workspaceOf(t, map[string]string{"a.feature": signsOnTo(forms...)})
	c := exec.CommandContext(t.Context(), "flowtest", "run", "--report", "report", "--format", "json", "--fault", "latency=2ms")
	c.Dir = dir
	var errors bytes.Buffer
	c.Stderr = &errors
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	seen := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), `{"event":"scenario"`) {
			if seen++; seen == after {
				require.NoError(t, c.Process.Signal(with))
			}
		}
	}
	_ = c.Wait() // its state is checked
	require.GreaterOrEqual(t, seen, after, errors.String())
	return dir, c.ProcessState, errors.String()
}

// executed runs the program itself.
func executed(t *testing.T, dir string, args ...string) said {
	t.Helper()
	c := exec.CommandContext(t.Context(), "flowtest", args...)
	c.Dir = dir
	var out, talk strings.Builder
	c.Stdout, c.Stderr = &out, &talk
	_ = c.Run() // its state is checked
	return said{c.ProcessState.ExitCode(), out.String(), talk.String()}
}

// finished reads a report folder: in each file the names of the scenarios that passed.
func finished(t *testing.T, dir string) map[string]map[string]bool {
	t.Helper()
	out := map[string]map[string]bool{}
	for _, name := range reportFiles {
		out[name] = map[string]bool{}
	}
	text := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return b
	}
	var junit struct {
		Suites []struct {
			Cases []struct {
				Name    string    `xml:"name,attr"`
				Skipped *struct{} `xml:"skipped"`
				Failure *struct{} `xml:"failure"` // of those that were on their way
				Error   *struct{} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(text(output.JUnitFile), &junit))
	for _, s := range junit.Suites {
		for _, c := range s.Cases {
			if c.Skipped == nil && c.Failure == nil && c.Error == nil {
				out[output.JUnitFile][c.Name] = true
			}
		}
	}
	var whole struct {
		Scenarios []struct{ Name, Status string }
	}
	require.NoError(t, json.Unmarshal(text(output.JSONFile), &whole))
	for _, s := range whole.Scenarios {
		if s.Status == "passed" {
			out[output.JSONFile][s.Name] = true
		}
	}
	_, lost, err := stream.Read(bytes.NewReader(text(output.MessagesFile)), &passed{into: out[output.MessagesFile]})
	require.NoError(t, err)
	assert.Empty(t, lost.String())
	return out
}

type passed struct {
	report.Discard

	into map[string]bool
}

// Scenario implements report.Reporter.
func (p *passed) Scenario(s *report.Scenario) {
	if s.Status == report.Passed {
		p.into[s.Name] = true
	}
}

// Whatever finished is in every file, and the rest is marked.
func TestNothingIsLostWhenARunIsTerminated(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		with     syscall.Signal
		n, after int
	}{
		"SIGTERM": {syscall.SIGTERM, 600, 60},
		"SIGINT":  {syscall.SIGINT, 300, 30},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, after := row.n, row.after
			dir, state, talk := killed(t, n, after, row.with)
			assert.Equal(t, cli.ExitFailed, state.ExitCode(), "it ends by itself: %s", talk)
			got := finished(t, filepath.Join(dir, "report"))
			total := len(got[output.MessagesFile])
			assert.GreaterOrEqual(t, total, after)
			assert.Less(t, total, n, "it was in the middle")
			assert.Equal(t, got[output.MessagesFile], got[output.JUnitFile])
			assert.Equal(t, got[output.MessagesFile], got[output.JSONFile])
			summary := read(t, dir, "report/summary.md")
			assert.Contains(t, summary, "The run was stopped before its end.")
			page := read(t, dir, "report/report.html")
			assert.Contains(t, page, "The run was stopped before its end.")
			assert.Contains(t, page, fmt.Sprintf("s%d", n-1))

			// What did not run is run by --rerun, and nothing else.
			again := executed(t, dir, "run", "--rerun", "report", "--format", "dots")
			assert.Equal(t, 0, again.code, again.errors)
			assert.Contains(t, again.out, fmt.Sprintf("\n%d scenarios: %[1]d passed", n-total))
		})
	}
}

// Where a run could not end, its stream says how far it came.
func TestWhatAKilledRunLeftIsRead(t *testing.T) {
	t.Parallel()
	const n, after = 400, 50
	dir, state, _ := killed(t, n, after, syscall.SIGKILL)
	assert.False(t, state.Exited())
	assert.NoFileExists(t, filepath.Join(dir, "report", output.JUnitFile))

	got := command(t.Context(), dir, nil, "report", "report", "--out", "whole")
	assert.Equal(t, cli.ExitFailed, got.code)
	assert.Regexp(t, `^flowtest: report: \d+ scenarios of the plan did not finish or cannot be read,.* the end of the run is missing\n`, got.errors)
	assert.Contains(t, got.errors, "flowtest: error: all that is left of the run passed, and the run is not whole\n")
	assert.Contains(t, got.out, "stopped before its end")
	for _, name := range reportFiles {
		assert.FileExists(t, filepath.Join(dir, "whole", name))
	}
	seen := map[string]bool{}
	f, err := os.Open(filepath.Join(dir, "report", output.MessagesFile))
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	_, lost, err := stream.Read(f, &passed{into: seen})
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(seen), after-1)
	assert.Equal(t, n, len(seen)+lost.Scenarios)

	again := executed(t, dir, "run", "--rerun", "report", "--format", "progress")
	assert.Equal(t, 0, again.code, again.errors)
	assert.Contains(t, again.out, fmt.Sprintf("\n%d scenarios: %[1]d passed", lost.Scenarios))
}

func TestATruncatedStreamIsReadAsFarAsItIsWhole(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right, "Other", right, right)})
	got := command(t.Context(), dir, nil, "run", "--report", "report")
	require.Equal(t, cli.ExitFailed, got.code, got.errors)
	whole := read(t, dir, "report/messages.ndjson")
	for name, row := range map[string]struct {
		text   string
		says   string
		reruns string
	}{
		"only its end": {
			whole[:strings.LastIndex(whole, `{"attachment"`)], "the end of the run is missing", "1 scenario: 0 passed, 1 failed",
		},
		"half of it": {
			whole[:strings.LastIndex(whole, `"name":"s3"`)+30],
			"did not finish or cannot be read, the last line was cut off after ", "2 scenarios: 1 passed, 1 failed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, dir, map[string]string{"cut/messages.ndjson": row.text})
			got := command(t.Context(), dir, nil, "report", "cut")
			assert.Equal(t, cli.ExitFailed, got.code)
			assert.Contains(t, got.errors, row.says)
			again := command(t.Context(), dir, nil, "run", "--rerun", "cut", "--format", "progress")
			assert.Equal(t, cli.ExitFailed, again.code)
			assert.Contains(t, again.out, row.reruns)
			assert.Contains(t, again.errors, "flowtest: cut: ")
		})
	}
}

func TestReportsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right, right)})
	for _, shard := range []string{"1", "2"} {
		require.Equal(t, 0, command(t.Context(), dir, nil, "run", "--report", "r"+shard, "--shard", shard+"/2", "--run-id", "x").code)
	}
	require.Equal(t, 0, command(t.Context(), dir, nil, "run", "--report", "other", "--shard", "2/2", "--run-id", "y").code)
	require.Equal(t, 0, command(t.Context(), dir, nil, "run", "--report", "whole").code)
	write(t, dir, map[string]string{"odd/messages.ndjson": "not JSON\n", "file": ""})
	write(t, dir, map[string]string{"kept/report.json": "from before"})
	require.NoError(t, os.Symlink("r1", filepath.Join(dir, "link")))
	for name, row := range map[string]struct {
		args []string
		code int
		want string
	}{
		"of two runs":              {[]string{"r1", "other"}, cli.ExitUsage, `r1 is of run "x", other of "y"`},
		"a shard and a whole":      {[]string{"r1", "whole"}, cli.ExitUsage, "whole is a whole run and no shard"},
		"a shard twice":            {[]string{"r1", "r1"}, cli.ExitUsage, "shard 1 of 2 is there twice: r1 and r1"},
		"a shard that is alone":    {[]string{"r1"}, cli.ExitPassed, ""},
		"both shards":              {[]string{"r1", "r2", "--out", "merged"}, cli.ExitPassed, ""},
		"no stream":                {[]string{"nowhere"}, cli.ExitUsage, "nowhere has no messages.ndjson"},
		"no stream of ours":        {[]string{"odd"}, cli.ExitUsage, "odd: report: not a run of flowtest"},
		"into one of them":         {[]string{"r1", "r2", "--out", "./r1/"}, cli.ExitUsage, "--out ./r1/ is one of the folders that are read"},
		"into one by another name": {[]string{"r1", "r2", "--out", filepath.Join(dir, "link")}, cli.ExitUsage, "is one of the folders that are read"},
		"into a file":              {[]string{"r1", "--out", "file"}, cli.ExitUsage, "the reports could not be written: report: the folder "},
		"a refusal writes nothing": {[]string{"r1", "other", "--out", "kept"}, cli.ExitUsage, "these are not the parts of one run"},
		"an unknown format":        {[]string{"r1", "--format", "pdf"}, cli.ExitUsage, `--format "pdf", want progress, pretty, dots, github or json`},
		"nothing":                  {nil, cli.ExitUsage, "report: found 0 arguments, want flowtest report DIR…"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t.Context(), dir, nil, append([]string{"report"}, row.args...)...)
			assert.Equal(t, row.code, got.code, got.errors)
			assert.Contains(t, got.errors, row.want)
		})
	}
	assert.Contains(t, read(t, dir, "r1/messages.ndjson"), `\"shard\":1`, "what was read is still there")
	assert.Equal(t, "from before", read(t, dir, "kept/report.json"))
}

// Whether a folder can be written is known before the first scenario.
func TestAReportThatCannotBeWrittenIsRefusedBeforeTheRun(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Log("root may write everywhere, so only the file in the folder's place is tried")
	}
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
	write(t, dir, map[string]string{"file": "", "full/messages.ndjson/x": ""})
	for _, to := range []string{"file", "file/below", "full"} {
		got := command(t.Context(), dir, nil, "run", "--report", to)
		assert.Equal(t, cli.ExitUsage, got.code)
		assert.Contains(t, got.errors, "flowtest: error: report: the folder ")
		assert.Empty(t, got.out, "nothing ran")
	}
}
