package cli_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/cli"
)

func noEnvironment(string) (string, bool) { return "", false }

// served is a running flowtest serve.
type served struct {
	out  []string // what it announced
	stop func() int
	talk *talk
}

// talk keeps what goes to stderr, from several goroutines.
type talk struct {
	mu sync.Mutex
	b  strings.Builder
}

// Write implements io.Writer.
func (k *talk) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(p)
}

// String implements fmt.Stringer.
func (k *talk) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

// serve starts flowtest serve and reads what it announces.
func serve(t *testing.T, args ...string) *served {
	t.Helper()
	s, err := startServe(t.Context(), args...)
	require.NoError(t, err)
	return s
}

// startServe returns when the server has said what it serves.
func startServe(ctx context.Context, args ...string) (*served, error) {
	ctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	s := &served{talk: &talk{}}
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(ctx, cli.Process{
			Args: append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), Stdout: w, Stderr: s.talk, Env: noEnvironment,
		})
		_ = w.Close()
	}()
	s.stop = func() int {
		cancel()
		return <-done
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		s.out = append(s.out, lines.Text())
		if strings.Contains(lines.Text(), "curl") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	if len(s.out) == 0 {
		return nil, errors.New(s.talk.String())
	}
	return s, nil
}

// url finds the URL in the announced line that begins with name.
func (s *served) url(t *testing.T, name string) string {
	t.Helper()
	for _, line := range s.out {
		if strings.HasPrefix(strings.TrimSpace(line), name) {
			return regexp.MustCompile(`https?://[^\s']+`).FindString(line)
		}
	}
	require.Fail(t, "not announced: "+name, s.out)
	return ""
}

func TestServeAnnouncesFlowsThatAnswer(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	s := serve(t)
	t.Logf("announced after %s", time.Since(begin))
	for _, name := range []string{"sign-on", "registration", "session"} {
		u, err := url.Parse(s.url(t, name))
		require.NoError(t, err)
		host, _, err := net.SplitHostPort(u.Host)
		require.NoError(t, err)
		assert.Equal(t, "127.0.0.1", host)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)
		require.NoError(t, err)
		req.Header.Set("X-Requested-With", "ping-sdk")
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, 200, resp.StatusCode)
		assert.True(t, gjson.GetBytes(body, "companyId").Exists() || gjson.GetBytes(body, "authorizeResponse").Exists())
	}
	assert.Equal(t, cli.ExitPassed, s.stop(), "SIGTERM drains and exits 0")
	assert.Contains(t, s.talk.String(), "flowtest: stopping")
}

func TestServeOnAPortInUse(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	var out, talk strings.Builder
	code := cli.Main(t.Context(), cli.Process{
		Args: []string{"serve", "--listen", l.Addr().String()}, Stdout: &out, Stderr: &talk, Env: noEnvironment,
	})
	assert.Equal(t, cli.ExitUsage, code)
	assert.Equal(t, "flowtest: error: serve: "+l.Addr().String()+" is in use by another program\n"+
		"flowtest: hint: choose another port with --listen 127.0.0.1:PORT; port 0 takes any that is free\n", talk.String())
	assert.Empty(t, out.String())
}
