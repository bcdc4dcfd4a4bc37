package mockserver_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"runtime"
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
	if testing.Short() {
		t.Skip("one goroutine, whose memory is not that of the race detector")
	}
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

// What a client says at the start is kept until the sign-on is over, so there
// is a bound to it, and nothing else of the request is kept.
func TestSignOnsKeepLittleOfTheirRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, whose memory is not that of the race detector")
	}
	const n = 20
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "ping-sdk"}
	to := "https://auth.example.com" + envPath
	huge := strings.Repeat("x", 1_000_000)
	for name, row := range map[string]struct {
		path  string
		query url.Values
	}{
		"an unused parameter": {"/as/authorize", url.Values{"padding": {huge}}},
		"a state":             {"/as/authorize", url.Values{"state": {huge}}},
		"a nonce":             {"/as/authorize", url.Values{"nonce": {huge}}},
		"a code_challenge":    {"/as/authorize", url.Values{"code_challenge": {huge}}},
		"a scope":             {"/as/authorize", url.Values{"scope": {huge}}},
		"a redirect_uri":      {"/as/authorize", url.Values{"redirect_uri": {"https://app.example.com/" + huge}}},
		"many parameters":     {"/as/authorize", url.Values{"padding": strings.Split(strings.Repeat("x ", 200_000), " ")}},
		"a pushed state":      {"/as/par", url.Values{"state": {huge}}},
		"a pushed padding":    {"/as/par", url.Values{"padding": {huge}}},
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
			assert.Less(t, got, int64(2*mib), "%d requests of 1 MB keep %d MiB", n, got/mib)
		})
	}
	t.Run("and what is pushed is bounded as the rest is", func(t *testing.T) {
		const n = 200
		for name, key := range map[string]string{"a state": "state", "an unused parameter": "padding"} {
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
			assert.Less(t, got, int64(2*mib), "%d requests of 100 kB with %s keep %d MiB", n, name, got/mib)
		}
	})
	t.Run("and a long query is kept only in part", func(t *testing.T) {
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
	k := newKnocker(loaded(t, mockserver.Bounded(mockserver.Config{Now: clock.now}, limit, time.Minute)))
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
