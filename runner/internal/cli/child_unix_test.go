//go:build unix

package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// late is how long a process may take for what it does at once.
const late = 2 * time.Minute

// A child is the program in a process of its own.
type child struct {
	t    *testing.T
	cmd  *exec.Cmd
	talk *bufio.Reader // its stderr
	said bytes.Buffer  // what of that was read
	done chan struct{}
}

// ofChild returns the program with those arguments, to be run in dir. With the race detector it is
// the binary of the tests, which is the program where it is called so.
func ofChild(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	name, err := os.Executable()
	require.NoError(t, err)
	if !testing.Short() {
		needsBash(t)
		name = filepath.Join(theBuilt(t), "flowtest")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*late) // no one waits for ever for what it never says
	t.Cleanup(cancel)
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Args[0] = dir, "flowtest"
	return c
}

// startChild starts the program. Its stdout goes to a pipe without a reader, or
// to the writer that is given.
func startChild(t *testing.T, dir string, stdout *os.File, args ...string) *child {
	t.Helper()
	c := ofChild(t, dir, args...)
	c.Stdout = stdout
	talk, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	return &child{t: t, cmd: c, talk: bufio.NewReader(talk), done: make(chan struct{})}
}

// The start runs no other program: godog would run the go command. What a command runs is looked
// up in the PATH as ever.
func TestTheStartDoesNotRunTheGoCommand(t *testing.T) {
	t.Parallel()
	withoutRace(t, itBuilds)
	needsBash(t)
	dir := t.TempDir()
	for _, name := range []string{"go", "git"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho >>"+dir+"/ran-"+name+"\nexit 1\n"), 0o700))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.feature"), []byte("Feature: A\n"), 0o600))
	c := exec.CommandContext(t.Context(), filepath.Join(theBuilt(t), "flowtest"), "mutate", "a.feature", "--since", "HEAD")
	c.Dir, c.Env = dir, append(os.Environ(), "PATH="+dir)
	out, err := c.CombinedOutput()
	require.Error(t, err, "there is no git")
	assert.NoFileExists(t, filepath.Join(dir, "ran-go"), "%s", out)
	assert.FileExists(t, filepath.Join(dir, "ran-git"), "%s", out)
}

func (p *child) signal(s syscall.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(s))
}

// says reads stderr up to a line that begins so.
func (p *child) says(prefix string) {
	p.t.Helper()
	for {
		line, err := p.talk.ReadString('\n')
		p.said.WriteString(line)
		if strings.HasPrefix(line, prefix) {
			return
		}
		require.NoError(p.t, err, "it ended without %q: %s", prefix, &p.said)
	}
}

// ends waits for the end and returns the exit code.
func (p *child) ends() int {
	p.t.Helper()
	go func() {
		_, _ = p.said.ReadFrom(p.talk)
		_ = p.cmd.Wait() // its state is checked
		close(p.done)
	}()
	select {
	case <-p.done:
	case <-time.After(late):
		_ = p.cmd.Process.Kill()
		require.Fail(p.t, "it does not end", p.said.String())
	}
	require.True(p.t, p.cmd.ProcessState.Exited())
	return p.cmd.ProcessState.ExitCode()
}

// hung is a run without a reader of its output, so that it never comes to its end.
func hung(t *testing.T) (p *child, stopped func()) {
	t.Helper()
	dir := t.TempDir()
	var feature strings.Builder
	feature.WriteString("Feature: F\n")
	for i := range 2000 { // far more than a pipe holds
		fmt.Fprintf(&feature, "\n  Scenario: s%d %s\n    Given the flow \"sign-on\"\n    When I start the flow\n"+
			"    Then the flow pauses at \"Sign On Form\"\n", i, strings.Repeat("x", 100))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.feature"), []byte(feature.String()), 0o600))
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p = startChild(t, dir, w, "run", "a.feature", "--report", "report", "--format", "json")
	require.NoError(t, w.Close())
	one := make([]byte, 1)
	_, err = r.Read(one) // it runs
	require.NoError(t, err)
	return p, func() { _ = r.Close() }
}

const itReports = "other tests write reports with the race detector"

const finishing = "flowtest: stopping: what did not run is reported so, and the reports are finished; a second Ctrl-C ends it at once\n"

func TestASecondSignalEndsARunThatHangs(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		first, second syscall.Signal
		want          int
	}{
		"Ctrl-C twice":       {syscall.SIGINT, syscall.SIGINT, 130},
		"SIGTERM twice":      {syscall.SIGTERM, syscall.SIGTERM, 143},
		"Ctrl-C and SIGTERM": {syscall.SIGINT, syscall.SIGTERM, 143},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, stopped := hung(t)
			defer stopped()
			p.signal(row.first)
			p.says(finishing)
			p.signal(row.second)
			assert.Equal(t, row.want, p.ends())
			assert.Equal(t, finishing, p.said.String(), "it is said once")
		})
	}
}

func TestOneSignalLetsARunFinishItsReports(t *testing.T) {
	t.Parallel()
	withoutRace(t, itReports)
	dir := t.TempDir()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p := startChild(t, dir, w, "run", "--report", "report", "--format", "json", "--repeat", "10", "--fault", "latency=20ms")
	require.NoError(t, w.Close())
	lines := bufio.NewScanner(r)
	require.True(t, lines.Scan(), "it runs")
	p.signal(syscall.SIGINT)
	for lines.Scan() { // all of it is read
	}
	require.NoError(t, lines.Err())
	assert.NotEqual(t, 130, p.ends())
	assert.Contains(t, p.said.String(), finishing)
	for _, name := range []string{"messages.ndjson", "junit.xml", "report.json", "summary.md", "report.html"} {
		assert.FileExists(t, filepath.Join(dir, "report", name))
	}
	text, err := os.ReadFile(filepath.Join(dir, "report", "summary.md"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "stopped before its end")
}

// A reader that goes away, as head does, ends the printing and not the work.
func TestARunOutlivesTheReaderOfItsOutput(t *testing.T) {
	t.Parallel()
	withoutRace(t, itReports)
	dir := t.TempDir()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	p := startChild(t, dir, w, "run", "--tags", "@smoke", "--report", "report")
	require.NoError(t, w.Close())
	require.NoError(t, r.Close())
	assert.Equal(t, 2, p.ends(), p.said.String())
	assert.Equal(t, "flowtest: error: the output was not printed to its end: its reader is gone\n", p.said.String())
	for _, name := range []string{"messages.ndjson", "junit.xml", "report.json", "summary.md", "report.html"} {
		assert.FileExists(t, filepath.Join(dir, "report", name))
	}
	assert.NoFileExists(t, filepath.Join(dir, "report", ".flowtest.lock"))
}

// A request that takes a minute keeps serve from ending for as long as it waits.
func TestASecondSignalEndsServeWithARequestOpen(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	p := startChild(t, t.TempDir(), w, "serve", "--listen", "127.0.0.1:0", "--fault", "latency=50s", "--seed", "1")
	require.NoError(t, w.Close())
	lines, url := bufio.NewScanner(r), ""
	for url == "" && lines.Scan() {
		if strings.Contains(lines.Text(), "/authorize?") {
			url = regexp.MustCompile(`http://\S+`).FindString(lines.Text())
		}
	}
	require.NotEmpty(t, url)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	req.Header.Set("X-Requested-With", "ping-sdk")
	broken := make(chan error, 1)
	go func() {
		resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		broken <- err
	}()
	p.says("flowtest: fault latency=50s") // it applies to the request
	p.signal(syscall.SIGINT)
	p.says("flowtest: stopping: requests that are open have 800ms; a second Ctrl-C ends it at once\n")
	p.signal(syscall.SIGINT)
	assert.Equal(t, 130, p.ends())
	require.Error(t, <-broken)
}
