package cli_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A clock keeps what is written to it, and when.
type clock struct {
	mu    *sync.Mutex
	began time.Time
	text  strings.Builder
	at    []time.Duration
}

// Write implements io.Writer.
func (c *clock) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = append(c.at, time.Since(c.began))
	return c.text.Write(b)
}

// lines are what was written, without the last line break.
func (c *clock) lines() []string {
	return strings.Split(strings.TrimSuffix(c.text.String(), "\n"), "\n")
}

// timed runs the program in a bubble, and returns what it wrote when, and how
// long it took.
func timed(t *testing.T, dir string, terminal bool, env map[string]string, args ...string) (out, talk *clock, took time.Duration) {
	t.Helper()
	both, began := &sync.Mutex{}, time.Now()
	out, talk = &clock{mu: both, began: began}, &clock{mu: both, began: began}
	cli.Main(t.Context(), cli.Process{
		Args: args, Stdout: out, Stderr: talk, Dir: dir, Terminal: terminal,
		Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	})
	return out, talk, time.Since(began)
}

func TestAStillScreenLastsLessThanTenSeconds(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right, "Other", right)})
	for name, args := range map[string][]string{
		"pretty": nil, "progress": {"--format", "progress"}, "dots": {"--format", "dots"}, "quiet": {"-q"},
		"github": {"--format", "github"}, "json": {"--format", "json"}, "all at once": {"--concurrency", "9"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, talk, took := timed(t, dir, false, nil,
					append([]string{"run", "--fault", "latency=25s", "--concurrency", "1"}, args...)...)
				require.Greater(t, took, 24*time.Second)
				last := time.Duration(0)
				for at := range merged(out.at, talk.at, took) {
					assert.Less(t, at-last, 10*time.Second, "silence until %s", at)
					last = at
				}
				assert.Regexp(t, `^flowtest: 0 of 3 done; running .*a\.feature:3 \(8s\)`, talk.lines()[0])
				if name != "all at once" {
					assert.Contains(t, talk.text.String(), "flowtest: 2 of 3 done, 1 did not pass (last ")
				}
				assert.NotContains(t, out.text.String(), " done", "the result is not mixed with talk")
				assert.NotContains(t, out.text.String()+talk.text.String(), "\x1b")
			})
		})
	}
}

// merged yields the times of two lists and the end, in their order.
func merged(a, b []time.Duration, end time.Duration) func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for len(a)+len(b) > 0 {
			from := &a
			if len(a) == 0 || len(b) > 0 && b[0] < a[0] {
				from = &b
			}
			if !yield((*from)[0]) {
				return
			}
			*from = (*from)[1:]
		}
		yield(end)
	}
}

func TestAShortRunSaysNothingElse(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right, right)})
	for name, row := range map[string]struct {
		terminal bool
		latency  string
	}{
		"not a terminal": {false, "3s"}, "a terminal": {true, "200ms"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, talk, _ := timed(t, dir, row.terminal, map[string]string{"NO_COLOR": "1"},
					"run", "--fault", "latency="+row.latency, "--concurrency", "2")
				assert.Empty(t, talk.text.String())
				assert.NotContains(t, out.text.String(), "\x1b")
				assert.NotContains(t, out.text.String(), "done")
			})
		})
	}
}

// screenOf is what a terminal shows in the end.
func screenOf(t *testing.T, text string) string {
	t.Helper()
	var lines []string
	var line []rune
	at := 0
	for text != "" {
		switch rest, cleared := strings.CutPrefix(text, "\x1b[2K"); {
		case cleared:
			line, text = nil, rest
			for range at {
				line = append(line, ' ')
			}
			continue
		case strings.HasPrefix(text, "\x1b[?7l"), strings.HasPrefix(text, "\x1b[?7h"):
			text = text[5:]
			continue
		}
		require.NotEqual(t, byte(0x1b), text[0], "an escape that this terminal does not know: %q", text[:min(9, len(text))])
		r := []rune(text[:min(4, len(text))])[0]
		text = text[len(string(r)):]
		switch r {
		case '\r':
			at = 0
		case '\n':
			lines = append(lines, string(line))
			line, at = nil, 0
		default:
			line = append(line[:min(at, len(line))], append([]rune{r}, line[min(at+1, len(line)):]...)...)
			at++
		}
	}
	return strings.Join(append(lines, string(line)), "\n")
}

func TestTheLineOfATerminalIsErased(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right, "Other", right, right)})
	seconds := regexp.MustCompile(` · [0-9.]+s\n`)
	for _, format := range []string{"pretty", "progress", "dots", "github", "json"} {
		t.Run(format, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				args := []string{"run", "--fault", "latency=3s", "--seed", "1", "--concurrency", "1", "--format", format}
				bare, _, _ := timed(t, dir, false, nil, args...)
				synctest.Wait()
				out, talk, took := timed(t, dir, true, map[string]string{"NO_COLOR": "1"}, args...)
				assert.Empty(t, talk.text.String(), "the line is drawn where the result is")
				assert.Contains(t, out.text.String(), "\r\x1b[2K\x1b[?7l2 of 4 done, 1 did not pass (last ")
				assert.Greater(t, len(out.at), int(took/time.Second)*4, "it is drawn again and again")
				want, got := bare.text.String(), screenOf(t, out.text.String())
				if format == "json" { // the lines of both tell their times
					assert.Equal(t, strings.Count(want, "\n"), strings.Count(got, "\n"))
					return
				}
				assert.Equal(t, seconds.ReplaceAllString(want, "\n"), seconds.ReplaceAllString(got, "\n"))
			})
		})
	}
}

func TestATerminalThatCannotDrawGetsPlainLines(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
	synctest.Test(t, func(t *testing.T) {
		out, talk, _ := timed(t, dir, true, map[string]string{"TERM": "dumb"}, "run", "--fault", "latency=20s")
		assert.NotContains(t, out.text.String(), "\x1b")
		assert.Contains(t, talk.text.String(), "0 of 1 done; running ")
	})
}

// A file's name is not to steer the terminal of the person who runs it.
func TestANameDoesNotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a\x1b[31m.feature": signsOnTo(right)})
	synctest.Test(t, func(t *testing.T) {
		_, talk, _ := timed(t, dir, false, nil, "run", "--fault", "latency=20s")
		assert.Contains(t, talk.text.String(), "a?[31m.feature:3")
		assert.NotContains(t, talk.text.String(), "\x1b")
	})
}

func TestManyThatRunAreCounted(t *testing.T) {
	t.Parallel()
	var forms []string
	for range 6 {
		forms = append(forms, right)
	}
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(forms...)})
	synctest.Test(t, func(t *testing.T) {
		_, talk, _ := timed(t, dir, false, nil, "run", "--fault", "latency=20s", "--concurrency", "6")
		assert.Regexp(t, `^flowtest: 0 of 6 done; running (\S+ \(8s\), ){2}\S+ \(8s\) and 3 more$`, talk.lines()[0])
		assert.Len(t, talk.lines(), 2)
	})
}
