package mockserver_test

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// endless yields bytes for as long as anybody reads, and counts them.
type endless struct{ read int64 }

// Read implements [io.Reader].
func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.read += int64(len(p))
	return len(p), nil
}

// A body that is too large costs what may be large, and not what was sent.
func TestHugeBodiesCostLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, whose memory is not that of the race detector")
	}
	const huge, n = 10 * mib, 20
	server := loaded(t, mockserver.Config{})
	k := newKnocker(server)
	s := k.stand(t)
	site := "https://auth.example.com" + envPath
	for name, row := range map[string]struct {
		to, contentType string
		want            []int
	}{
		"to a capability": {s.link, "application/json", []int{http.StatusRequestEntityTooLarge}},
		"to authorize":    {site + "/as/authorize", "application/x-www-form-urlencoded", []int{400, http.StatusRequestEntityTooLarge}},
		"to token":        {site + "/as/token", "application/x-www-form-urlencoded", []int{400, http.StatusRequestEntityTooLarge}},
		"to par":          {site + "/as/par", "application/x-www-form-urlencoded", []int{400, http.StatusRequestEntityTooLarge}},
		"to signoff":      {site + "/as/signoff", "application/x-www-form-urlencoded", []int{400, http.StatusRequestEntityTooLarge}},
		"to a policy":     {site + "/davinci/policy/5012727d02503c3c246e6a660e020812/start", "application/json", []int{200, http.StatusRequestEntityTooLarge}},
		"to a challenge":  {site + "/davinci/user/credentials/challenge/x/status", "application/json", []int{400}},
		"to discovery":    {site + "/as/.well-known/openid-configuration", "application/json", []int{200, 405}},
		"to nowhere":      {site + "/none", "application/json", []int{http.StatusNotFound}},
	} {
		for length, known := range map[string]bool{"and says how much": true, "and does not say how much": false} {
			t.Run(name+" "+length, func(t *testing.T) {
				var sent int64
				before, kept := allocated(), heap()
				for range n {
					e := &endless{}
					q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, row.to, io.NopCloser(io.LimitReader(e, huge)))
					q.ContentLength = -1
					if known {
						q.ContentLength = huge
					}
					q.Header.Set("Content-Type", row.contentType)
					require.Contains(t, row.want, k.knock(q), k.body.String())
					sent += e.read
				}
				assert.LessOrEqual(t, sent/n, int64(2*mib), "bytes that were read of each")
				assert.Less(t, (allocated()-before)/n, int64(8*mib), "bytes that were taken for each")
				assert.Less(t, heap()-kept, int64(mib), "bytes that are kept of all")
			})
		}
	}
}

// Headers are bounded by the server that a handler runs in; what may come
// through costs a bounded amount and is answered.
func TestHeaderFloods(t *testing.T) {
	server := loaded(t, mockserver.Config{})
	k := newKnocker(server)
	s := k.stand(t)
	many := func(n int, value func(int) string) (out []string) {
		for i := range n {
			out = append(out, value(i))
		}
		return out
	}
	for name, flood := range map[string]http.Header{
		"cookies in one line":     {"Cookie": {strings.Repeat("a=b; ", 200_000)}},
		"cookies in many lines":   {"Cookie": many(50_000, func(i int) string { return "c" + strconv.Itoa(i) + "=v" })},
		"handles that are many":   {"Cookie": many(10_000, func(int) string { return "interactionId=x; interactionToken=y" })},
		"a cookie of 1 MiB":       {"Cookie": {"interactionId=" + strings.Repeat("x", mib)}},
		"a handle of 1 MiB":       {"Interactionid": {strings.Repeat("x", mib)}},
		"a token of 1 MiB":        {"Interactiontoken": {strings.Repeat("x", mib)}},
		"a header of 1 MiB":       {"X-Flood": {strings.Repeat("x", mib)}},
		"100,000 values":          {"X-Flood": many(100_000, strconv.Itoa)},
		"an origin of 64 KiB":     {"Origin": {"https://" + strings.Repeat("x", 64<<10)}},
		"a preflight of headers":  {"Origin": {"https://a"}, "Access-Control-Request-Headers": {strings.Repeat("x,", 100_000)}},
		"an Authorization of it":  {"Authorization": {"Basic " + strings.Repeat("QUFB", 100_000)}},
		"a bearer of 1 MiB":       {"Authorization": {"Bearer " + strings.Repeat("x", mib)}},
		"a bearer of many dots":   {"Authorization": {"Bearer " + strings.Repeat("x.", 500_000)}},
		"a Content-Type of 1 MiB": {"Content-Type": {"application/x-www-form-urlencoded; " + strings.Repeat("a=b; ", 200_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			kept := heap()
			for _, to := range []string{s.link, "https://auth.example.com" + envPath + "/as/token", "https://auth.example.com" + envPath + "/as/userinfo"} {
				before := allocated()
				q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader("{}"))
				maps.Copy(q.Header, flood)
				status := k.knock(q)
				assert.GreaterOrEqual(t, status, 400, k.body.String())
				assert.Less(t, status, 500)
				assert.Less(t, allocated()-before, int64(64*mib))
			}
			k.header = http.Header{} // an origin is repeated
			assert.Less(t, heap()-kept, int64(mib))
		})
	}

	t.Run("on a socket that bounds them", func(t *testing.T) {
		site := httptest.NewUnstartedServer(server)
		site.Config.MaxHeaderBytes = serveHeader
		site.Start()
		t.Cleanup(site.Close)
		over := &replay{server, site.Client().Transport, site.URL}
		for name, value := range map[string]int{"fits": serveHeader / 2, "is too large": 2 * serveHeader} {
			a := over.send(t, http.MethodPost, envPath+"/as/token", map[string]string{"X-Flood": strings.Repeat("x", value)}, "")
			want := http.StatusUnauthorized
			if value > serveHeader {
				want = http.StatusRequestHeaderFieldsTooLarge
			}
			assert.Equal(t, want, a.status, name)
		}
	})
}

// The limits of the server in which flowtest serve puts the handler.
const (
	serveHeader        = 64 << 10
	serveHeaderTimeout = 10 * time.Second
	serveReadTimeout   = 30 * time.Second
)

// A pipe is a listener whose connections are pipes, so that time on them is
// the bubble's.
type pipe struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept implements [net.Listener].
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *pipe) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr implements [net.Listener].
func (p *pipe) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipe) dial() net.Conn {
	own, servers := net.Pipe()
	p.conns <- servers
	return own
}

// serving serves a replay in a bubble with the limits of flowtest serve, and
// returns the way to it and what ends it.
func serving(t *testing.T) (r *replay, dial func() net.Conn, end func()) {
	t.Helper()
	r = replaying(t, mockserver.Config{})
	p := newPipe()
	server := &http.Server{
		Handler: r.Server, ReadHeaderTimeout: serveHeaderTimeout, ReadTimeout: serveReadTimeout, IdleTimeout: time.Minute,
		MaxHeaderBytes: serveHeader,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(p) }()
	return r, p.dial, func() {
		require.NoError(t, server.Close())
		assert.ErrorIs(t, <-done, http.ErrServerClosed)
	}
}

// A client that never finishes what it sends is answered when its time is over,
// and its sign-on goes on meanwhile for clients that send whole requests.
func TestSlowWriters(t *testing.T) {
	form := "Content-Type: application/x-www-form-urlencoded\r\n"
	for name, row := range map[string]struct {
		request func(s *signOn) string
		after   time.Duration
		want    int // 0 means that the connection is closed without an answer
	}{
		"a head that never ends": {func(*signOn) string { return "POST /as/token HTTP/1.1\r\nHost: a\r\nX-Slow: " }, serveHeaderTimeout, 0},
		"no request at all":      {func(*signOn) string { return "" }, serveHeaderTimeout, 0},
		"a capability without its body": {func(s *signOn) string {
			return "POST " + pathOf(t, s.link) + " HTTP/1.1\r\nHost: a\r\ninteractionId: " + s.id + "\r\ninteractionToken: " + s.token +
				"\r\nContent-Length: 100\r\n\r\n{"
		}, serveReadTimeout, 400},
		"a capability whose body grows forever": {func(s *signOn) string {
			return "POST " + pathOf(t, s.link) + " HTTP/1.1\r\nHost: a\r\ninteractionId: " + s.id + "\r\ninteractionToken: " + s.token +
				"\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
		}, serveReadTimeout, 400},
		"a token request without its body": {func(*signOn) string {
			return "POST /as/token HTTP/1.1\r\nHost: a\r\n" + form + "Content-Length: 100\r\n\r\ngrant_type="
		}, serveReadTimeout, 400},
		"an authorize request without its body": {func(*signOn) string {
			return "POST /as/authorize HTTP/1.1\r\nHost: a\r\n" + form + "Content-Length: 100\r\n\r\nclient_id=app"
		}, serveReadTimeout, 400},
		"a sign-off without its body": {func(*signOn) string {
			return "POST /as/signoff HTTP/1.1\r\nHost: a\r\n" + form + "Content-Length: 100\r\n\r\nstate="
		}, serveReadTimeout, 400},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, dial, end := serving(t)
				defer end()
				s := r.start(t, "sign-on")
				conn := dial()
				defer func() { assert.NoError(t, conn.Close()) }()
				began := time.Now()
				_, err := io.WriteString(conn, row.request(s))
				require.NoError(t, err)
				synctest.Wait() // the server waits for more

				assert.Equal(t, http.StatusOK, s.press(t, "TROUBLE", nil).status, "the sign-on goes on")
				assert.Zero(t, time.Since(began), "at once")

				reader := bufio.NewReader(conn)
				if row.want == 0 {
					_, err = reader.ReadByte()
					require.ErrorIs(t, err, io.EOF)
				} else {
					p, err := http.ReadResponse(reader, nil)
					require.NoError(t, err)
					_, err = io.Copy(io.Discard, p.Body)
					require.NoError(t, err)
					require.NoError(t, p.Body.Close())
					assert.GreaterOrEqual(t, p.StatusCode, row.want)
					assert.Less(t, p.StatusCode, 500)
					assert.NotEqual(t, http.StatusRequestEntityTooLarge, p.StatusCode, "it was not too large")
					_, err = reader.ReadByte()
					require.ErrorIs(t, err, io.EOF, "and the connection is closed")
				}
				assert.InDelta(t, row.after, time.Since(began), float64(time.Second))
				assert.Equal(t, http.StatusOK, s.press(t, "CANCEL", nil).status)
			})
		})
	}

	t.Run("a byte a second is no way around it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, dial, end := serving(t)
			defer end()
			s := r.start(t, "sign-on")
			conn := dial()
			_, err := io.WriteString(conn, "POST "+pathOf(t, s.link)+" HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
			require.NoError(t, err)
			began, drained := time.Now(), make(chan struct{})
			go func() {
				defer close(drained)
				_, _ = io.Copy(io.Discard, conn)
			}()
			tick := time.NewTicker(time.Second)
			defer tick.Stop()
			for err == nil {
				<-tick.C
				_, err = io.WriteString(conn, "{")
			}
			require.NoError(t, conn.Close())
			<-drained
			assert.LessOrEqual(t, time.Since(began), serveReadTimeout+2*time.Second)
		})
	})
}

func pathOf(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.Path
}

// A client that does not read its answer delays no client that sends another
// request of the same sign-on.
func TestSlowReaders(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	s := r.start(t, "sign-on")
	stuck := &stuckWriter{header: http.Header{}, writing: make(chan struct{}), release: make(chan struct{})}
	q := newKnocked(t, http.MethodPost, s.link, s.headers(), wrongPassword)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		r.ServeHTTP(stuck, q.Request)
	}()
	<-stuck.writing
	other := make(chan int, 1)
	go func() {
		k := newKnocker(r.Server)
		other <- k.knock(newKnocked(t, http.MethodPost, s.link, s.headers(), wrongPassword).Request)
	}()
	timeout := time.NewTimer(5 * time.Second)
	defer timeout.Stop()
	select {
	case status := <-other:
		assert.Equal(t, http.StatusBadRequest, status)
		close(stuck.release)
	case <-timeout.C:
		close(stuck.release)
		<-other
		assert.Fail(t, "an answer is written while its sign-on is locked")
	}
	<-answered
}

// A stuckWriter blocks in its first Write until it is released.
type stuckWriter struct {
	header           http.Header
	once             sync.Once
	writing, release chan struct{}
}

// Header implements [http.ResponseWriter].
func (w *stuckWriter) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *stuckWriter) WriteHeader(int) {}

// Write implements [http.ResponseWriter].
func (w *stuckWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.writing) })
	<-w.release
	return len(p), nil
}
