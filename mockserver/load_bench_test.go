//go:build unix

package mockserver_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

const (
	lines         = 16  // connections at once
	signOnsOfLine = 64  // sign-ons that take turns on a connection
	roundOfLine   = 128 // requests of a connection in a round
	enoughRounds  = 15  // that many rounds make a figure that a bound can be set for
)

// BenchmarkAgainstBareHandler asks the replay and a bare net/http handler, which
// returns fixed bytes of the same size, in turn: the very same requests, over loopback
// sockets, with 16 connections spread over 1024 sign-ons. The client does as little as
// it can, so that the servers are what is measured. The figures "post-ratio" and
// "authorize-ratio" are the replay's requests a second over those of the bare handler;
// the bounds are 0.6 and 0.5, and it fails at 1/1.5 of them. A second is one of the
// processor, the client's share in it included: 16 connections leave it no rest, so it
// is as long as one of the clock where nothing else is busy on the machine, and does
// not depend on other programs. "replay/s" and "bare/s" go by the clock.
func BenchmarkAgainstBareHandler(b *testing.B) {
	register, cancel := pressing("REGISTER", "action", nil), pressing("CANCEL", "action", nil)
	for _, row := range []struct {
		name, metric string
		bound        float64
		bodies       []string // of the requests of a sign-on, which take turns; none means GET authorize
		status       int
	}{
		{"a POST that is refused", "post-ratio", 0.6, []string{wrongPassword}, http.StatusBadRequest},
		{"a POST that moves on", "post-ratio", 0.6, []string{register, cancel}, http.StatusOK},
		{"GET authorize", "authorize-ratio", 0.5, nil, http.StatusOK},
	} {
		b.Run(row.name, func(b *testing.B) {
			ours := httptest.NewServer(loaded(b, mockserver.Config{}))
			b.Cleanup(ours.Close)
			callers := make([]*caller, lines)
			for i := range callers {
				callers[i] = newCaller(b, ours.URL, row.bodies, row.status)
			}
			bare := httptest.NewServer(http.HandlerFunc(sizes{callers[0].sizes(b)}.answer))
			b.Cleanup(bare.Close)
			plain := make([]*caller, lines)
			for i := range plain {
				plain[i] = callers[i].toBare(b, bare.URL)
			}
			var busy, took [2]time.Duration
			rounds := 0
			for b.Loop() {
				// Who goes first changes, so that neither always meets the other's garbage.
				for turn := range 2 {
					at := (turn + rounds) % 2
					began, used := time.Now(), processorTime(b)
					require.NoError(b, round([][]*caller{callers, plain}[at]))
					took[at] += time.Since(began)
					busy[at] += processorTime(b) - used
				}
				rounds++
			}
			ratio := busy[1].Seconds() / busy[0].Seconds()
			sent := float64(rounds * lines * roundOfLine)
			b.ReportMetric(ratio, row.metric)
			b.ReportMetric(sent/took[0].Seconds(), "replay/s")
			b.ReportMetric(sent/took[1].Seconds(), "bare/s")
			if rounds >= enoughRounds {
				assert.GreaterOrEqual(b, ratio, row.bound/patience, row.metric)
			}
		})
	}
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// sizes are how many bytes the bare handler answers: the n-th path in turn.
type sizes struct{ byPath map[string]int }

var fixed = bytes.Repeat([]byte("x"), 64<<10)

func (s sizes) answer(w http.ResponseWriter, r *http.Request) {
	body := fixed[:s.byPath[r.URL.Path]]
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// round lets every caller send its share of the requests.
func round(callers []*caller) error {
	var group sync.WaitGroup
	wrong := make([]error, len(callers))
	for i, c := range callers {
		group.Go(func() { wrong[i] = c.round() })
	}
	group.Wait()
	return errors.Join(wrong...)
}

// A caller is a connection and the sign-ons that take turns on it.
type caller struct {
	conn    net.Conn
	r       *bufio.Reader
	asks    []*ask
	turn    int
	status  int
	body    []byte
	isReply bool // whether the answers are the replay's, with tokens to be noted
}

// An ask is a sign-on with its requests, which take turns.
type ask struct {
	wire  [][]byte
	token [][]byte // where the token is in each of them
	paths []string
	turn  int
}

// newCaller dials, and starts the sign-ons.
func newCaller(b *testing.B, base string, bodies []string, status int) *caller {
	b.Helper()
	u, err := url.Parse(base)
	require.NoError(b, err)
	c := &caller{status: status, isReply: true}
	c.dial(b, u.Host)
	path := envPath + "/as/authorize?" + fullQuery("sign-on").Encode()
	start := wire(http.MethodGet, path, u.Host, "", "")
	for range signOnsOfLine {
		if bodies == nil {
			c.asks = append(c.asks, &ask{wire: [][]byte{start}, token: [][]byte{nil}, paths: []string{envPath + "/as/authorize"}})
			continue
		}
		require.NoError(b, c.exchange(start, http.StatusOK))
		a, s := &ask{}, standingAt(c.body)
		for i, body := range bodies {
			request := wire(http.MethodPost, strings.TrimPrefix(s.link, base), u.Host,
				"interactionId: "+s.id+"\r\ninteractionToken: "+s.token+"\r\n", body)
			at := bytes.Index(request, []byte(s.token))
			a.wire, a.token = append(a.wire, request), append(a.token, request[at:at+len(s.token)])
			a.paths = append(a.paths, strings.TrimPrefix(s.link, base))
			require.NoError(b, c.exchange(request, c.status), "request %d", i)
			if next := standingAt(c.body); next.token != "" {
				s = next
			}
		}
		a.keep(s.token)
		c.asks = append(c.asks, a)
	}
	return c
}

// wire is a request of the web SDK as it is on the wire.
func wire(method, path, host, handles, body string) []byte {
	head := method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\nUser-Agent: Mozilla/5.0\r\nAccept: application/json\r\n" +
		"X-Requested-With: ping-sdk\r\nX-Requested-Platform: javascript\r\n" + handles
	if method == http.MethodPost {
		head += "Content-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return []byte(head + "\r\n" + body)
}

func (c *caller) dial(b *testing.B, host string) {
	b.Helper()
	conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", host)
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.Close() })
	c.conn, c.r = conn, bufio.NewReader(conn)
}

// sizes returns how long an answer is at each path.
func (c *caller) sizes(b *testing.B) map[string]int {
	b.Helper()
	out, a := map[string]int{}, c.asks[0]
	for range a.wire {
		path := a.paths[a.turn]
		require.NoError(b, c.send(a))
		out[path] = len(c.body)
	}
	return out
}

// toBare is a caller that sends the same requests to the bare handler.
func (c *caller) toBare(b *testing.B, base string) *caller {
	b.Helper()
	u, err := url.Parse(base)
	require.NoError(b, err)
	out := &caller{status: http.StatusOK}
	out.dial(b, u.Host)
	for _, a := range c.asks {
		same := &ask{token: a.token, paths: a.paths}
		for _, text := range a.wire {
			same.wire = append(same.wire, bytes.Clone(text))
		}
		out.asks = append(out.asks, same)
	}
	return out
}

func (c *caller) round() error {
	for range roundOfLine {
		if err := c.send(c.asks[c.turn%len(c.asks)]); err != nil {
			return err
		}
		c.turn++
	}
	return nil
}

// send sends the next request of a sign-on and notes the token of the answer.
func (c *caller) send(a *ask) error {
	request := a.wire[a.turn]
	if err := c.exchange(request, c.status); err != nil {
		return err
	}
	a.turn = (a.turn + 1) % len(a.wire)
	if c.isReply && a.token[0] != nil {
		const name = `"interactionToken": "`
		if at := bytes.Index(c.body, []byte(name)); at >= 0 {
			at += len(name)
			a.keep(string(c.body[at : at+len(a.token[0])]))
		}
	}
	return nil
}

// keep puts a token into the requests.
func (a *ask) keep(token string) {
	for _, at := range a.token {
		copy(at, token)
	}
}

// exchange sends a request and reads the answer into c.body.
func (c *caller) exchange(request []byte, want int) error {
	if _, err := c.conn.Write(request); err != nil {
		return err
	}
	status, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if got := string(status[9:12]); got != strconv.Itoa(want) {
		return fmt.Errorf("answered with %s, want %d", got, want)
	}
	length := -1
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) == 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return errors.New("an answer without Content-Length")
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	_, err = io.ReadFull(c.r, c.body)
	return err
}

// BenchmarkServe sends requests straight to the handler, for profiles.
func BenchmarkServe(b *testing.B) {
	site := "https://auth.example.com" + envPath
	b.Run("GET authorize", func(b *testing.B) {
		k := newKnocker(loaded(b, mockserver.Config{}))
		q := newKnocked(b, http.MethodGet, site+"/as/authorize?"+fullQuery("sign-on").Encode(), sdk, "")
		b.ReportAllocs()
		for b.Loop() {
			if k.knock(q.again("")) != http.StatusOK {
				b.Fatal(k.body.String())
			}
		}
	})

	b.Run("a POST that is refused", func(b *testing.B) {
		k := newKnocker(loaded(b, mockserver.Config{}))
		s := k.stand(b)
		q := newKnocked(b, http.MethodPost, s.link, s.headers(), wrongPassword)
		b.ReportAllocs()
		for b.Loop() {
			if k.knock(q.again(wrongPassword)) != http.StatusBadRequest {
				b.Fatal(k.body.String())
			}
		}
	})

	b.Run("a POST that moves on", func(b *testing.B) {
		k := newKnocker(loaded(b, mockserver.Config{}))
		s := k.stand(b)
		bodies := [2]string{pressing("REGISTER", "action", nil), pressing("CANCEL", "action", nil)}
		var requests [2]*knocked
		for i, body := range bodies {
			requests[i] = newKnocked(b, http.MethodPost, s.link, s.headers(), body)
			require.Equal(b, http.StatusOK, k.knock(requests[i].Request), k.body.String())
			s = standingAt(k.body.Bytes())
		}
		const name = `"interactionToken": "`
		turn := 0
		b.ReportAllocs()
		for b.Loop() {
			q := requests[turn%2]
			q.Header["Interactiontoken"][0] = s.token
			if k.knock(q.again(bodies[turn%2])) != http.StatusOK {
				b.Fatal(k.body.String())
			}
			at := bytes.Index(k.body.Bytes(), []byte(name)) + len(name)
			s.token = string(k.body.Bytes()[at : at+len(s.token)]) // the one allocation that is the benchmark's own
			turn++
		}
	})

	b.Run("a sign-on to its end", func(b *testing.B) {
		k := newKnocker(loaded(b, mockserver.Config{}))
		start := newKnocked(b, http.MethodGet, site+"/as/authorize?"+fullQuery("session").Encode(), sdk, "")
		b.ReportAllocs()
		for b.Loop() {
			if k.knock(start.again("")) != http.StatusOK {
				b.Fatal(k.body.String())
			}
		}
	})

	b.Run("a code for tokens", func(b *testing.B) {
		k := newKnocker(loaded(b, mockserver.Config{}))
		query := fullQuery("session")
		query.Del("code_challenge")
		start := newKnocked(b, http.MethodGet, site+"/as/authorize?"+query.Encode(), sdk, "")
		b.ReportAllocs()
		for b.Loop() {
			require.Equal(b, http.StatusOK, k.knock(start.again("")))
			form := url.Values{
				"grant_type": {"authorization_code"}, "client_id": query["client_id"], "redirect_uri": query["redirect_uri"],
				"code": {codeIn(k.body.String())},
			}
			q := newKnocked(b, http.MethodPost, site+"/as/token",
				map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
			require.Equal(b, http.StatusOK, k.knock(q.Request), k.body.String())
		}
	})
}
