package proxy_test

import (
	"bytes"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	recorded "flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/proxy"
	"flowtest/steps/davinci"
)

// alice signs on in these tests.
var alice = map[string]string{"username": "alice", "password": "demo-Passw0rd-1", "email": "alice@example.com"}

// A stage is a live side, the proxy before it, and what the proxy passed on.
type stage struct {
	live  *httptest.Server
	front *httptest.Server
	log   *bytes.Buffer

	mu    sync.Mutex
	taken []davinci.Exchange
}

func (s *stage) take(x davinci.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = append(s.taken, x)
}

// exchanges returns what was passed on so far.
func (s *stage) exchanges() []davinci.Exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

func parsed(tb testing.TB, link string) *url.URL {
	tb.Helper()
	u, err := url.Parse(link)
	require.NoError(tb, err)
	return u
}

// before puts a proxy before a live side that has TLS.
func before(tb testing.TB, live http.Handler) *stage {
	tb.Helper()
	s := &stage{live: httptest.NewTLSServer(live), log: &bytes.Buffer{}}
	tb.Cleanup(s.live.Close)
	// What a broken answer makes net/http say is not for the test's output.
	s.live.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.front = httptest.NewUnstartedServer(nil)
	var lines sync.Mutex
	p, err := proxy.New(proxy.Config{
		Upstream: parsed(tb, s.live.URL), Public: parsed(tb, "http://"+s.front.Listener.Addr().String()),
		Transport: s.live.Client().Transport, Take: s.take,
		Log: slog.New(slog.NewTextHandler(&locked{&lines, s.log}, nil)),
	})
	require.NoError(tb, err)
	s.front.Config.Handler = p
	s.front.Start()
	tb.Cleanup(s.front.Close)
	return s
}

// locked is a writer for several goroutines.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// shipped is a live side that replays the shipped recordings.
func shipped(tb testing.TB) *mockserver.Server {
	tb.Helper()
	mock, err := mockserver.New(mockserver.Config{Flows: recorded.Flows(tb), Users: map[string]map[string]string{"alice": alice}})
	require.NoError(tb, err)
	return mock
}

// A reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	text   string
}

// send sends a request to a path of the proxy.
func (s *stage) send(tb testing.TB, method, to string, header http.Header, body string) reply {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, s.front.URL+to, strings.NewReader(body))
	require.NoError(tb, err)
	maps.Copy(r.Header, header)
	p, err := s.front.Client().Transport.RoundTrip(r)
	require.NoError(tb, err)
	defer func() { assert.NoError(tb, p.Body.Close()) }()
	text, err := io.ReadAll(p.Body)
	require.NoError(tb, err)
	return reply{p.StatusCode, p.Header, string(text)}
}

// said is an answer of the live side.
func said(header http.Header, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// all returns an exchange as one text, to be searched.
func all(x *davinci.Exchange) string {
	var b strings.Builder
	b.WriteString(x.Method + " " + x.URL.String() + "\n")
	_ = x.Header.Write(&b)
	b.Write(x.Body)
	_ = x.ResponseHeader.Write(&b)
	b.Write(x.Response)
	return b.String()
}
