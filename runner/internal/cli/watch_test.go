package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A watched is a flowtest run --watch.
type watched struct {
	t    *testing.T
	dir  string
	said chan struct{} // gets everything that is written
	mu   sync.Mutex
	text strings.Builder
	seen int // what of the text was looked at
	end  func() int
}

// Write implements io.Writer.
func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.said <- struct{}{}:
	default:
	}
	return w.text.Write(b)
}

// rest waits until the watch rests, and returns what was said since it did before.
func (w *watched) rest() string {
	w.t.Helper()
	const mark = "flowtest: watching; Ctrl-C ends it\n"
	late := time.After(time.Minute)
	for {
		w.mu.Lock()
		text := w.text.String()[w.seen:]
		i := strings.Index(text, mark)
		if i >= 0 {
			w.seen += i + len(mark)
		}
		w.mu.Unlock()
		if i >= 0 {
			return text[:i]
		}
		select {
		case <-w.said:
		case <-late:
			require.Fail(w.t, "the watch does not come to rest", text)
		}
	}
}

// save writes a file of the workspace.
func (w *watched) save(name, text string) {
	w.t.Helper()
	write(w.t, w.dir, map[string]string{name: text})
}

func watching(t *testing.T, dir string, args ...string) *watched {
	t.Helper()
	w := &watched{t: t, dir: dir, said: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int, 1)
	go func() {
		code <- cli.Main(ctx, cli.Process{
			Args: append([]string{"run", "--watch"}, args...), Stdout: w, Stderr: w, Dir: dir, Env: noEnvironment,
		})
	}()
	w.end = sync.OnceValue(func() int {
		cancel()
		return <-code
	})
	t.Cleanup(func() { w.end() })
	return w
}

// twoFlows is a workspace with two features of the flow sign-on, and one of a
// flow whose recording is a copy.
func twoFlows(t *testing.T) string {
	t.Helper()
	dir := workspaceOf(t, map[string]string{
		"a.feature":      signsOnTo(right, right),
		"b.feature":      signsOnTo(right),
		"deep/c.feature": strings.ReplaceAll(signsOnTo(right), `"sign-on"`, `"other"`),
	})
	from := filepath.Join(dir, "recordings", "sign-on")
	require.NoError(t, os.CopyFS(filepath.Join(dir, "recordings", "other"), os.DirFS(from)))
	text, err := os.ReadFile(filepath.Join(from, "recording.yaml"))
	require.NoError(t, err)
	other := strings.Replace(string(text), "flow: sign-on\n", "flow: other\n", 1)
	other = regexp.MustCompile(`(?m)^(policy|client): .*\n`).ReplaceAllString(other, "")
	write(t, dir, map[string]string{"recordings/other/recording.yaml": other})
	return dir
}

func TestAWatchRunsAgainWhatAChangeTouches(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	w := watching(t, dir)
	assert.Contains(t, w.rest(), "\n4 scenarios: 4 passed", "everything to begin with")

	w.save("features/b.feature", signsOnTo(right, right, "Other"))
	said := w.rest()
	assert.Contains(t, said, "flowtest: changed: features/b.feature\n")
	assert.Contains(t, said, "\n3 scenarios: 2 passed, 1 failed", "those of the changed feature")

	w.save("recordings/other/sign-on-form.json", strings.ReplaceAll(read(t, dir, "recordings/other/sign-on-form.json"), right, "New"))
	said = w.rest()
	assert.Contains(t, said, "flowtest: changed: recordings/other/sign-on-form.json\n")
	assert.Contains(t, said, "\n1 scenario: 0 passed, 1 failed", "the one of that flow")
	assert.Contains(t, said, "deep/c.feature")

	w.save("flowtest.yaml", read(t, dir, "flowtest.yaml")+"\n")
	assert.Contains(t, w.rest(), "\n6 scenarios: 4 passed, 2 failed", "everything after the configuration")

	w.save("known-failures.yaml", "[]\n")
	assert.Contains(t, w.rest(), "\n6 scenarios: ", "and after what is known")

	w.save("sentences.yaml", "- {sentence: I look, steps: When I start the flow}\n")
	assert.Contains(t, w.rest(), "\n6 scenarios: ", "and after the sentences of the project")

	w.save("features/new/d.feature", signsOnTo(right))
	assert.Contains(t, w.rest(), "\n1 scenario: 1 passed", "a new folder is watched")
	w.save("features/new/d.feature", signsOnTo(right, right))
	assert.Contains(t, w.rest(), "\n2 scenarios: 2 passed")

	require.NoError(t, os.Remove(filepath.Join(dir, "features/new/d.feature")))
	assert.Contains(t, w.rest(), "flowtest: error: the change touches no scenario\n")

	assert.Equal(t, cli.ExitPassed, w.end(), "its end is no failure")
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(text)
}

// A mistake keeps a run from beginning. Once it is mended, that runs which
// changed in the meantime.
func TestAWatchGoesOnAfterAMistake(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	w := watching(t, dir)
	w.rest()

	w.save("features/a.feature", "Feature: F\n  Scenario: s\n    * detailed responses\n    Gvien x\n")
	assert.Contains(t, w.rest(), `a.feature:4:5: "Gvien x" begins with no keyword`)
	w.save("features/b.feature", signsOnTo(right, right, right))
	assert.Contains(t, w.rest(), `a.feature:4:5: "Gvien x" begins with no keyword`, "it is still there")
	w.save("features/a.feature", signsOnTo(right))
	assert.Contains(t, w.rest(), "\n4 scenarios: 4 passed", "one of a.feature, three of b.feature")

	whole := read(t, dir, "recordings/other/recording.yaml")
	w.save("recordings/other/recording.yaml", whole+"nonsense: true\n")
	assert.Contains(t, w.rest(), "flowtest: error: ")
	w.save("recordings/other/recording.yaml", whole)
	assert.Contains(t, w.rest(), "\n1 scenario: 1 passed")

	config := read(t, dir, "flowtest.yaml")
	w.save("flowtest.yaml", "targets: [\n")
	assert.Contains(t, w.rest(), "flowtest: error: ")
	w.save("flowtest.yaml", config)
	assert.Contains(t, w.rest(), "\n5 scenarios: 5 passed")
	assert.Equal(t, cli.ExitPassed, w.end())
}

// What a run writes is no change, or it would run for ever.
func TestAWatchDoesNotSeeItsOwnReports(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	w := watching(t, dir, "--report", "features/report", "--conformance", "recordings/matrix.json")
	assert.Contains(t, w.rest(), "\n4 scenarios: ")
	w.save("features/notes.txt", "no feature")
	w.save("features/b.feature", signsOnTo(right, right))
	said := w.rest()
	assert.Contains(t, said, "flowtest: changed: features/b.feature\n", "nothing else was")
	assert.Contains(t, said, "\n2 scenarios: 2 passed")
	assert.FileExists(t, filepath.Join(dir, "features/report/report.html"))
}

// Editors save by way of files of their own, which do not matter here.
func TestAWatchNamesOnlyWhatMatters(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	w := watching(t, dir)
	assert.Contains(t, w.rest(), "\n4 scenarios: ")
	form := "recordings/other/sign-on-form.json"
	text := read(t, dir, form)
	for _, name := range []string{
		"recordings/other/sedPfYlqN", "recordings/other/4913", form + "~", "recordings/other/.sign-on-form.json.swp",
		"recordings/other/#sign-on-form.json", "recordings/other/sign-on-form.json.tmp",
	} {
		w.save(name, text)
	}
	w.save("features/fleeting.feature", signsOnTo(right))
	for _, name := range []string{"features/fleeting.feature", "recordings/other/#sign-on-form.json"} {
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
	}
	require.NoError(t, os.Rename(filepath.Join(dir, "recordings/other/sedPfYlqN"), filepath.Join(dir, form)))
	said := w.rest()
	assert.Contains(t, said, "flowtest: changed: "+form+"\n", "and nothing else")
	assert.Contains(t, said, "\n1 scenario: 1 passed")

	// At once: a busy machine ran what was left when the folder had lost only some of its files.
	require.NoError(t, os.Rename(filepath.Join(dir, "recordings/other"), filepath.Join(t.TempDir(), "other")))
	assert.Contains(t, w.rest(), "\n4 scenarios: 3 passed, 1 failed", "a folder that goes is one of what is run")
}

func TestAWatchOfSomeFilesSeesThose(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	write(t, dir, map[string]string{"elsewhere/e.feature": signsOnTo(right)})
	w := watching(t, dir, "features/a.feature:3", "elsewhere")
	assert.Contains(t, w.rest(), "\n2 scenarios: 2 passed")
	w.save("elsewhere/e.feature", signsOnTo(right, right))
	assert.Contains(t, w.rest(), "\n2 scenarios: 2 passed")
	w.save("features/a.feature", signsOnTo("Other"))
	assert.Contains(t, w.rest(), "\n1 scenario: 0 passed, 1 failed")
}

func TestAWatchEndsInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	dir := twoFlows(t)
	w := watching(t, dir, "--fault", "latency=1h")
	assert.Equal(t, cli.ExitPassed, w.end())
	assert.NotContains(t, w.text.String(), "watching")
}
