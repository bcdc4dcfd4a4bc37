package cli_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// startBound is what may pass from the start of serve to its first answer.
const startBound = 50 * time.Millisecond

// BenchmarkServeStart starts the program itself and asks it, as soon as it says
// where it listens, for the first screen of a flow. "ms/fastest" and "ms/median"
// are the times from the start of the process to the whole answer; the bound is
// 50, for the fastest, and it fails at 75, since a machine that is busy with something
// else is not the program's doing.
func BenchmarkServeStart(b *testing.B) {
	name := filepath.Join(b.TempDir(), "flowtest")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", name, "../../cmd/flowtest")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	const several = 20
	var took []time.Duration
	for b.Loop() {
		for range several {
			took = append(took, startToAnswer(b, name))
		}
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(took[0]), "ms/fastest")
	b.ReportMetric(ms(took[len(took)/2]), "ms/median")
	assert.Less(b, took[0], startBound+startBound/2)
}

// What is known is said before the ways to the ends of the flows, which take a while to find.
func TestServeSaysAtOnceWhereItIs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out := &parts{then: cancel}
	code := cli.Main(ctx, cli.Process{
		Args: []string{"serve", "--listen", "127.0.0.1:0"}, Stdout: out, Stderr: io.Discard, Env: noEnvironment,
	})
	assert.Equal(t, cli.ExitPassed, code)
	require.NotEmpty(t, out.all)
	assert.Regexp(t, `(?s)^replaying .*\n  discovery      \S+\n$`, out.all[0])
}

// parts keeps what is written, and calls a function.
type parts struct {
	all  []string
	then func()
}

// Write implements [io.Writer].
func (p *parts) Write(b []byte) (int, error) {
	p.all = append(p.all, string(b))
	p.then()
	return len(b), nil
}

// startToAnswer starts serve, waits for its first answer and stops it.
func startToAnswer(b *testing.B, name string) time.Duration {
	b.Helper()
	c := exec.CommandContext(b.Context(), name, "serve", "--listen", "127.0.0.1:0")
	c.Dir = b.TempDir()
	stdout, err := c.StdoutPipe()
	require.NoError(b, err)
	begin := time.Now()
	require.NoError(b, c.Start())
	lines := bufio.NewScanner(stdout)
	url := ""
	for url == "" && lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && strings.Contains(fields[1], "/authorize?") {
			url = fields[1]
		}
	}
	require.NotEmpty(b, url, "serve said nowhere where to start a flow")
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(b, err)
	r.Header.Set("X-Requested-With", "ping-sdk")
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	require.NoError(b, err)
	took := time.Since(begin)
	require.Equal(b, http.StatusOK, answer.StatusCode)
	require.NoError(b, answer.Body.Close())
	require.NoError(b, c.Process.Signal(syscall.SIGTERM))
	for lines.Scan() { // what it says on top
	}
	require.NoError(b, c.Wait(), "SIGTERM ends it well")
	return took
}
