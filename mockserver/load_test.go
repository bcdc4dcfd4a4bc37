package mockserver_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

const (
	openSignOns = 10_000
	openBound   = 100 * mib // that many open sign-ons have to fit
)

// openMany starts sign-ons and lets each be refused once, and returns the bytes
// that they keep.
func openMany(tb testing.TB, server *mockserver.Server, n int) int64 {
	tb.Helper()
	k := newKnocker(server)
	k.stand(tb) // what is made once is made before
	before := heap()
	for range n {
		// A request of its own each, as a socket brings it: what is kept of it counts.
		s := k.stand(tb)
		q := newKnocked(tb, http.MethodPost, s.link, s.headers(), wrongPassword)
		require.Equal(tb, http.StatusBadRequest, k.knock(q.Request))
	}
	after := heap()
	runtime.KeepAlive(server)
	return after - before
}

// Ten thousand open sign-ons fit in 100 MiB.
func TestOpenSignOnsFit(t *testing.T) {
	server := loaded(t, mockserver.Config{})
	got := openMany(t, server, openSignOns)
	t.Logf("%d open sign-ons keep %.1f MiB", openSignOns, float64(got)/mib)
	assert.Less(t, got, int64(openBound))
	assert.Positive(t, got, "they are open")
}

// BenchmarkOpenSignOns tells as "MiB/10k" what ten thousand open sign-ons keep.
func BenchmarkOpenSignOns(b *testing.B) {
	var kept int64
	rounds := 0
	for b.Loop() {
		kept += openMany(b, loaded(b, mockserver.Config{}), openSignOns)
		rounds++
	}
	b.ReportMetric(float64(kept)/float64(rounds)/mib, "MiB/10k")
}

// A traffic is all that a server keeps something of: sign-ons that are left,
// refused, and completed, codes and tokens, revoked ones, pushed requests.
type traffic struct {
	*knocker
	sent int
}

func (f *traffic) get(tb testing.TB, path string) {
	tb.Helper()
	f.sent++
	q := newKnocked(tb, http.MethodGet, "https://auth.example.com"+envPath+path, sdk, "")
	require.Equal(tb, http.StatusOK, f.knock(q.Request), f.body.String())
}

func (f *traffic) form(tb testing.TB, path string, form url.Values, want int) {
	tb.Helper()
	f.sent++
	q := newKnocked(tb, http.MethodPost, "https://auth.example.com"+envPath+path,
		map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
	require.Equal(tb, want, f.knock(q.Request), f.body.String())
}

func (f *traffic) press(tb testing.TB, s standing, body string, want int) standing {
	tb.Helper()
	f.sent++
	q := newKnocked(tb, http.MethodPost, s.link, s.headers(), body)
	require.Equal(tb, want, f.knock(q.Request), f.body.String())
	if next := standingAt(f.body.Bytes()); next.token != "" {
		return next
	}
	return s
}

// run sends at least n requests. Signing is dear, so few of them ask for tokens.
func (f *traffic) run(tb testing.TB, n int) {
	tb.Helper()
	completing := pressing("SIGNON", "submit", rightly("ann"))
	for turn, end := 0, f.sent+n; f.sent < end; turn++ {
		f.get(tb, "/as/authorize?"+fullQuery("sign-on").Encode()) // and is left
		f.get(tb, "/as/authorize?"+fullQuery("sign-on").Encode())
		s := standingAt(f.body.Bytes())
		s = f.press(tb, s, wrongPassword, http.StatusBadRequest)
		s = f.press(tb, s, pressing("REGISTER", "action", nil), http.StatusOK)
		s = f.press(tb, s, pressing("CANCEL", "action", nil), http.StatusOK)
		f.press(tb, s, pressing(fmt.Sprintf("NOBODY%d", turn), "submit", nil), http.StatusNotFound)
		f.press(tb, s, completing, http.StatusOK)
		f.press(tb, s, completing, http.StatusUnauthorized)
		f.get(tb, "/as/authorize?"+fullQuery("session").Encode())
		f.form(tb, "/as/par", fullQuery("session"), http.StatusCreated)
		f.form(tb, "/as/revoke", url.Values{"client_id": {"app"}, "token": {strconv.Itoa(turn)}}, http.StatusOK)
		if turn%100 == 0 {
			query := fullQuery("session")
			query.Del("code_challenge")
			f.get(tb, "/as/authorize?"+query.Encode())
			f.form(tb, "/as/token", url.Values{
				"grant_type": {"authorization_code"}, "client_id": query["client_id"], "redirect_uri": query["redirect_uri"],
				"code": {codeIn(f.body.String())},
			}, http.StatusOK)
		}
	}
}

// grown returns how much more a server keeps after many requests than after few.
func grown(tb testing.TB, config mockserver.Config, few, many int) int64 {
	tb.Helper()
	server := loaded(tb, config)
	f := &traffic{knocker: newKnocker(server)}
	f.run(tb, few)
	before := heap()
	f.run(tb, many-few)
	after := heap()
	runtime.KeepAlive(server)
	return after - before
}

// grownBound is what a heap differs by on its own.
const grownBound = mib

// What a server keeps is bounded, whatever is sent.
func TestMemoryStaysBounded(t *testing.T) {
	const limit = 100
	got := grown(t, mockserver.Config{Limit: limit}, 4_000, 20_000)
	t.Logf("%.2f MiB more after 20,000 requests than after 4,000", float64(got)/mib)
	assert.Less(t, got, int64(grownBound))
}

// What a server keeps is over after a while, even where its limit is far.
func TestMemoryIsLetGo(t *testing.T) {
	clock := &watch{noon}
	server := loaded(t, mockserver.Config{Now: clock.now})
	f := &traffic{knocker: newKnocker(server)}
	f.run(t, 500)
	clock.pass(refreshLives + 1)
	f.run(t, 500)
	before := heap()
	f.run(t, 10_000)
	full := heap()
	clock.pass(refreshLives + 1)
	f.run(t, 500) // what is over is let go when something is kept
	after := heap()
	runtime.KeepAlive(server)
	t.Logf("%.2f MiB, and %.2f when they were over", float64(full-before)/mib, float64(after-before)/mib)
	assert.Greater(t, full-before, int64(grownBound), "they kept something")
	assert.Less(t, after-before, int64(grownBound))
}

// BenchmarkMemoryAfterManyRequests tells as "MiB-more" what a server
// keeps more after 200,000 requests than after 10,000: one of the default
// limits, which it does not reach, and one that has reached its limit before.
func BenchmarkMemoryAfterManyRequests(b *testing.B) {
	const few, many = 10_000, 200_000
	for name, config := range map[string]mockserver.Config{
		"default limits": {}, "a limit of 1000": {Limit: 1000},
	} {
		b.Run(name, func(b *testing.B) {
			var more int64
			rounds := 0
			for b.Loop() {
				more += grown(b, config, few, many)
				rounds++
			}
			b.ReportMetric(float64(more)/float64(rounds)/mib, "MiB-more")
			if config.Limit != 0 {
				assert.Less(b, more/int64(rounds), int64(grownBound))
			}
		})
	}
}

// What a client says at the start is kept until the sign-on is over, so there
// is a bound to it, and nothing else of the request is kept.
func TestSignOnsKeepLittleOfTheirRequests(t *testing.T) {
	const n = 40
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "ping-sdk"}
	to := "https://auth.example.com" + envPath
	huge := strings.Repeat("x", 1_000_000)
	for name, row := range map[string]struct {
		path  string
		query url.Values
	}{
		"a parameter that nobody reads": {"/as/authorize", url.Values{"padding": {huge}}},
		"a state":                       {"/as/authorize", url.Values{"state": {huge}}},
		"a nonce":                       {"/as/authorize", url.Values{"nonce": {huge}}},
		"a code_challenge":              {"/as/authorize", url.Values{"code_challenge": {huge}}},
		"a scope":                       {"/as/authorize", url.Values{"scope": {huge}}},
		"a redirect_uri":                {"/as/authorize", url.Values{"redirect_uri": {"https://app.example.com/" + huge}}},
		"many parameters":               {"/as/authorize", url.Values{"padding": strings.Split(strings.Repeat("x ", 200_000), " ")}},
		"a pushed state":                {"/as/par", url.Values{"state": {huge}}},
		"a pushed padding":              {"/as/par", url.Values{"padding": {huge}}},
	} {
		t.Run(name, func(t *testing.T) {
			server := loaded(t, mockserver.Config{})
			k := newKnocker(server)
			k.stand(t)
			query := fullQuery("sign-on")
			maps.Copy(query, row.query)
			body := query.Encode()
			before := heap()
			for range n {
				q := newKnocked(t, http.MethodPost, to+row.path, form, strings.Clone(body))
				status := k.knock(q.Request)
				require.Less(t, status, 500)
			}
			k.body = bytes.Buffer{}
			got := heap() - before
			runtime.KeepAlive(server)
			assert.Less(t, got, int64(4*mib), "%d requests of 1 MB keep %d MiB", n, got/mib)
		})
	}
	t.Run("and what is pushed is bounded as the rest is", func(t *testing.T) {
		const n = 400
		for name, key := range map[string]string{"a state": "state", "a parameter that nobody reads": "padding"} {
			server := loaded(t, mockserver.Config{})
			k := newKnocker(server)
			query := fullQuery("sign-on")
			query.Set(key, huge[:100_000])
			body := query.Encode()
			before := heap()
			for range n {
				q := newKnocked(t, http.MethodPost, to+"/as/par", form, strings.Clone(body))
				require.Less(t, k.knock(q.Request), 500)
			}
			got := heap() - before
			runtime.KeepAlive(server)
			assert.Less(t, got, int64(4*mib), "%d requests of 100 kB with %s keep %d MiB", n, name, got/mib)
		}
	})
	t.Run("and a long query is kept in part alone", func(t *testing.T) {
		server := loaded(t, mockserver.Config{})
		k := newKnocker(server)
		k.stand(t)
		query := fullQuery("sign-on").Encode() + "&padding=" + strings.Repeat("x", 4000)
		before := heap()
		for range 2000 {
			q := newKnocked(t, http.MethodGet, strings.Clone(to+"/as/authorize?"+query), sdk, "")
			require.Less(t, k.knock(q.Request), 500)
		}
		got := heap() - before
		runtime.KeepAlive(server)
		assert.Less(t, got, int64(2000*2500), "what is kept is copied out of the query")
	})
}

// Interactions that rest for longer than their limit are gone, and so is what
// was beyond the limit: see also TestReplayForgetsIdleSignOns and
// TestReplayBoundsTheSignOns.
func TestTheLimitHolds(t *testing.T) {
	const limit = 50
	clock := &watch{noon}
	k := newKnocker(loaded(t, mockserver.Config{Limit: limit, Idle: time.Minute, Now: clock.now}))
	alive := func(all []standing) (n int) {
		for _, s := range all {
			q := newKnocked(t, http.MethodPost, s.link, s.headers(), wrongPassword)
			if k.knock(q.Request) == http.StatusBadRequest {
				n++
			}
		}
		return n
	}
	var all []standing
	for range 4 * limit {
		all = append(all, k.stand(t))
	}
	assert.Equal(t, 0, alive(all[:3*limit]), "the oldest made room")
	assert.Equal(t, limit, alive(all[3*limit:]))
	clock.pass(time.Minute)
	assert.Equal(t, limit, alive(all))
	clock.pass(time.Minute + 1)
	assert.Equal(t, 0, alive(all))
}
