package mockserver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// A traffic is all that a server keeps something of: sign-ons that are left,
// refused, and completed, codes and tokens, revoked ones, pushed requests.
type traffic struct {
	*knocker
	sent  int
	clock *watch        // nil where no time passes
	pace  time.Duration // from one request to the next
}

// ask makes and sends a request, which has to be answered with a status.
func (f *traffic) ask(tb testing.TB, method, path string, header map[string]string, body string, want int) {
	tb.Helper()
	f.sent++
	if f.clock != nil {
		f.clock.pass(f.pace)
	}
	q := newKnocked(tb, method, path, header, body)
	if got := f.knock(q.Request); got != want {
		require.Equal(tb, want, got, f.body.String())
	}
}

func (f *traffic) get(tb testing.TB, path string) {
	tb.Helper()
	f.ask(tb, http.MethodGet, "https://auth.example.com"+envPath+path, sdk, "", http.StatusOK)
}

func (f *traffic) form(tb testing.TB, path string, form url.Values, want int) {
	tb.Helper()
	f.ask(tb, http.MethodPost, "https://auth.example.com"+envPath+path,
		map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode(), want)
}

func (f *traffic) press(tb testing.TB, s standing, body string, want int) standing {
	tb.Helper()
	f.ask(tb, http.MethodPost, s.link, s.headers(), body, want)
	if next := standingAt(f.body.Bytes()); next.token != "" {
		return next
	}
	return s
}

// run sends at least n requests. Signing is dear, so few of them ask for tokens.
func (f *traffic) run(tb testing.TB, n int) {
	tb.Helper()
	completing := pressing("SIGNON", "submit", rightly("ann"))
	start, session := "/as/authorize?"+fullQuery("sign-on").Encode(), "/as/authorize?"+fullQuery("session").Encode()
	register, cancel, push := pressing("REGISTER", "action", nil), pressing("CANCEL", "action", nil), fullQuery("session")
	for turn, end := 0, f.sent+n; f.sent < end; turn++ {
		f.get(tb, start) // and is left
		f.get(tb, start)
		s := standingAt(f.body.Bytes())
		s = f.press(tb, s, wrongPassword, http.StatusBadRequest)
		s = f.press(tb, s, register, http.StatusOK)
		s = f.press(tb, s, cancel, http.StatusOK)
		f.press(tb, s, pressing(fmt.Sprintf("NOBODY%d", turn), "submit", nil), http.StatusNotFound)
		f.press(tb, s, completing, http.StatusOK)
		f.press(tb, s, completing, http.StatusUnauthorized)
		f.get(tb, session)
		f.form(tb, "/as/par", push, http.StatusCreated)
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

// leave starts n sign-ons and leaves them.
func (f *traffic) leave(tb testing.TB, n int) {
	tb.Helper()
	to := "https://auth.example.com" + envPath + "/as/authorize?" + fullQuery("sign-on").Encode()
	q := newKnocked(tb, http.MethodGet, to, sdk, "")
	for range n {
		f.sent++
		if f.knock(q.again("")) != http.StatusOK {
			require.Fail(tb, "no sign-on began", f.body.String())
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

// patience is by how much a figure of a benchmark has to miss its bound before it fails:
// less may come from a busy machine.
const patience = 1.5

// grownBound is what a heap differs by on its own.
const grownBound = mib

// What a server keeps is bounded, whatever is sent.
func TestMemoryStaysBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, whose memory is not that of the race detector")
	}
	const limit = 100
	got := grown(t, mockserver.Bounded(mockserver.Config{}, limit, 0), 4_000, 20_000)
	t.Logf("%.2f MiB more after 20,000 requests than after 4,000", float64(got)/mib)
	assert.Less(t, got, int64(grownBound))
}

// What a server keeps is over after a while, even where its limit is far.
func TestMemoryIsLetGo(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, whose memory is not that of the race detector")
	}
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

// BenchmarkMemoryAfterManyRequests sends a hundred thousand requests a round (-benchtime
// 10x sends a million) and reports as "MiB/10k" and "MiB/all" what is in use after the
// first ten thousand and after all of them, as "ratio" the second over the first, and as
// "us/request" what one takes. Each row is a traffic that goes on as it begins, as every
// traffic does whose memory can stay as it is:
//
//   - sign-ons come steadily, and of every two one is left for good; a left one is
//     kept for 15 minutes, in which ten thousand requests come;
//   - sign-ons come as fast as they can and all are left: the limit of 10,000
//     open ones is reached, and holds.
func BenchmarkMemoryAfterManyRequests(b *testing.B) {
	const few, round = 10_000, 100_000
	for _, row := range []struct {
		name string
		pace time.Duration // from one request to the next
		run  func(f *traffic, tb testing.TB, n int)
	}{
		{"everything that is asked, steadily", usualIdle / few, (*traffic).run},
		{"sign-ons that are left, at once", 0, (*traffic).leave},
	} {
		b.Run(row.name, func(b *testing.B) {
			// Rarer collections take less time; what is in use is measured after one anyway.
			defer debug.SetGCPercent(debug.SetGCPercent(1000))
			clock := &watch{noon}
			server := loaded(b, mockserver.Config{Now: clock.now})
			f := &traffic{knocker: newKnocker(server), clock: clock, pace: row.pace}
			none := heap()
			row.run(f, b, few)
			before := heap() - none
			sent := 0
			for b.Loop() {
				row.run(f, b, round)
				sent += round
			}
			after := heap() - none
			runtime.KeepAlive(server)
			ratio := float64(after) / float64(before)
			b.ReportMetric(float64(before)/mib, "MiB/10k")
			b.ReportMetric(float64(after)/mib, "MiB/all")
			b.ReportMetric(ratio, "ratio")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(sent), "us/request")
			assert.InDelta(b, 1, ratio, 0.05*patience)
		})
	}
}
