package mockserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// faulty replays the shipped recordings with faults, in this process.
func faulty(tb testing.TB, f mockserver.Faults) *replay {
	tb.Helper()
	r := replaying(tb, mockserver.Config{})
	r.RoundTripper = f.Transport(r.Server)
	return r
}

// faultyOnSocket does it over a socket of this machine.
func faultyOnSocket(tb testing.TB, f mockserver.Faults) *replay {
	tb.Helper()
	r := replaying(tb, mockserver.Config{})
	site := httptest.NewServer(f.Wrap(r.Server))
	tb.Cleanup(site.Close)
	return &replay{r.Server, site.Client().Transport, site.URL}
}

// journey is one that has not started, through sign-on.
func (r *replay) journey(tb testing.TB) *flow.Journey {
	tb.Helper()
	j, err := flow.NewJourney(flow.Config{
		Transport: r.RoundTripper, Authorize: r.base + envPath + "/as/authorize", ClientID: "app", Policy: "sign-on",
	})
	require.NoError(tb, err)
	return j
}

// signsOn starts the flow and submits the form. It returns the last hop there
// was, or the first error.
func signsOn(ctx context.Context, j *flow.Journey) (*flow.Hop, error) {
	h, err := j.Start(ctx)
	if err != nil || h.Outcome != davinci.Paused {
		return h, err
	}
	for _, key := range []string{"username", "password"} {
		if err := j.Fill(key, people["ann"][key]); err != nil {
			return h, err
		}
	}
	return j.Press(ctx, "SIGNON")
}

func TestLimitedHopsWaitAndGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := faulty(t, faults(t, "429=3s", 1)).journey(t)
		begin := time.Now()
		h, err := signsOn(t.Context(), j)
		require.NoError(t, err)
		assert.Equal(t, davinci.Completed, h.Outcome)
		assert.Equal(t, 6*time.Second, time.Since(begin), "Retry-After, at both hops")
		for _, h := range j.Hops() {
			assert.Equal(t, 1, h.Retries)
		}
	})
}

func TestFaultsAsTheClientSeesThem(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		spec    string
		hops    int
		failure davinci.Failure
	}{
		"500":  {"500", 1, davinci.Failure{Origin: davinci.FromFlow, Code: "500", Message: "Internal Server Error"}},
		"html": {"html", 1, davinci.Failure{Origin: davinci.FromFlow, Code: "notJSON", Message: `the body is not a JSON object but a page titled "Maintenance" (text/html): "We will be back soon"`}},
		"expired": {"expired", 2, davinci.Failure{
			Origin: davinci.FromFlow, Code: "1999",
			Message: "Unauthorized! (the interaction is unknown, has expired, or its handles are missing)",
		}},
		"the first that is drawn": {"html@0,500,expired", 1, davinci.Failure{Origin: davinci.FromFlow, Code: "500", Message: "Internal Server Error"}},
		"an edit beside it":       {"extra,html", 1, davinci.Failure{Origin: davinci.FromFlow, Code: "notJSON", Message: `the body is not a JSON object but a page titled "Maintenance" (text/html): "We will be back soon"`}},
	} {
		for where, side := range map[string]func(testing.TB, mockserver.Faults) *replay{
			" in this process": faulty, " over a socket": faultyOnSocket,
		} {
			t.Run(name+where, func(t *testing.T) {
				t.Parallel()
				j := side(t, faults(t, row.spec, 1)).journey(t)
				h, err := signsOn(t.Context(), j)
				require.NoError(t, err)
				assert.Equal(t, davinci.Failed, h.Outcome)
				require.NotNil(t, h.Failure)
				assert.Equal(t, row.failure, *h.Failure)
				assert.False(t, h.Failure.Origin.Environmental())
				assert.Len(t, j.Hops(), row.hops)
			})
		}
	}
}

func TestDroppedConnections(t *testing.T) {
	t.Parallel()
	_, err := signsOn(t.Context(), faulty(t, faults(t, "drop", 1)).journey(t))
	network, ok := errors.AsType[*flow.NetworkError](err)
	require.True(t, ok, err)
	require.ErrorIs(t, network, syscall.ECONNRESET)
	require.EqualError(t, err, "flow: GET "+envPath+"/as/authorize: connection reset by peer")

	_, err = signsOn(t.Context(), faultyOnSocket(t, faults(t, "drop", 1)).journey(t))
	network, ok = errors.AsType[*flow.NetworkError](err)
	require.True(t, ok, err)
	require.ErrorIs(t, network, io.EOF)
}

func TestHalfABody(t *testing.T) {
	t.Parallel()
	for name, side := range map[string]func(testing.TB, mockserver.Faults) *replay{
		"in this process": faulty, "over a socket": faultyOnSocket,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := side(t, faults(t, "half", 1))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+authorize("sign-on"), nil)
			require.NoError(t, err)
			req.Header.Set("X-Requested-With", "ping-sdk")
			resp, err := r.RoundTrip(req)
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			assert.Equal(t, resp.ContentLength/2, int64(len(body)))
			assert.Equal(t, strconv.FormatInt(resp.ContentLength, 10), resp.Header.Get("Content-Length"))
			assert.False(t, gjson.ValidBytes(body))

			_, err = signsOn(t.Context(), r.journey(t))
			_, ok := errors.AsType[*flow.NetworkError](err)
			require.True(t, ok, err)
			assert.Regexp(t, `the response was cut off after \d+ bytes: unexpected EOF$`, err.Error())
		})
	}
}

func TestWhatIsExtraOrInAnotherOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	plain := replaying(t, mockserver.Config{}).journey(t)
	_, err := plain.Start(t.Context())
	require.NoError(t, err)
	keys := func(j *flow.Journey) (out []string) {
		for _, f := range j.Hops()[0].Screen().Fields {
			out = append(out, f.Key)
		}
		return out
	}
	properties := func(j *flow.Journey) (out []string) {
		gjson.ParseBytes(j.Hops()[0].Body).ForEach(func(key, _ gjson.Result) bool {
			out = append(out, key.Str)
			return true
		})
		return out
	}
	for spec, check := range map[string]func(j *flow.Journey){
		"extra": func(j *flow.Journey) {
			assert.Equal(t, append(keys(plain), "flowtestUnknown"), keys(j))
			assert.Empty(t, j.Hops()[0].Screen().Field("flowtestUnknown").Posts())
			assert.Equal(t, append(properties(plain), "flowtestUnknown"), properties(j))
			assert.True(t, j.Last().Get("flowtestUnknown").Exists(), "in the answer that ends the flow too")
		},
		"extra=field": func(j *flow.Journey) {
			assert.Equal(t, append(keys(plain), "flowtestUnknown"), keys(j))
			assert.Equal(t, properties(plain), properties(j))
		},
		"extra=property": func(j *flow.Journey) {
			assert.Equal(t, keys(plain), keys(j))
			assert.Equal(t, append(properties(plain), "flowtestUnknown"), properties(j))
		},
		"reordered": func(j *flow.Journey) {
			assert.NotEqual(t, keys(plain), keys(j))
			assert.ElementsMatch(t, keys(plain), keys(j))
			assert.NotEqual(t, properties(plain), properties(j))
			assert.ElementsMatch(t, properties(plain), properties(j))
		},
		"reordered,extra,latency=1ms": func(j *flow.Journey) { assert.Len(t, keys(j), len(keys(plain))+1) },
	} {
		for seed := range uint64(20) {
			j := faulty(t, faults(t, spec, seed)).journey(t)
			h, err := signsOn(t.Context(), j)
			require.NoError(t, err, spec)
			assert.Equal(t, davinci.Completed, h.Outcome, spec)
			check(j)
		}
	}
}

func TestMissingFields(t *testing.T) {
	t.Parallel()
	j := faulty(t, faults(t, "missing=password", 1)).journey(t)
	_, err := signsOn(t.Context(), j)
	require.EqualError(t, err, `flow: fill in "password": the screen "Sign On Form" has no such field, it has username ("Username")`)

	gone := map[string]bool{}
	for seed := range uint64(50) {
		j := faulty(t, faults(t, "missing", seed)).journey(t)
		_, err := j.Start(t.Context())
		require.NoError(t, err)
		have := map[string]bool{}
		for _, f := range j.Screen().Fields {
			have[f.Key] = true
		}
		for _, key := range []string{"username", "password", "SIGNON", "REGISTER", "TROUBLE"} {
			gone[key] = gone[key] || !have[key]
		}
		assert.Len(t, have, 4)
	}
	assert.Equal(t, map[string]bool{"username": true, "password": true, "SIGNON": true, "REGISTER": true, "TROUBLE": true}, gone)
}

func TestLatencyVaries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := faulty(t, faults(t, "latency=20ms~5ms", 1))
		seen := map[time.Duration]bool{}
		for range 100 {
			begin := time.Now()
			r.start(t, "sign-on")
			took := time.Since(begin)
			assert.InDelta(t, 20*time.Millisecond, took, float64(5*time.Millisecond))
			seen[took] = true
		}
		assert.Greater(t, len(seen), 90)
	})
}

func TestALatencyEndsWithItsRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := faulty(t, faults(t, "latency=1m", 1)).journey(t).Start(ctx)
		require.EqualError(t, err, "flow: GET "+envPath+"/as/authorize: no answer within the scenario's time limit")
		assert.Equal(t, time.Second, time.Since(begin))
	})
}

func TestAnInteractionThatExpiredStaysGone(t *testing.T) {
	t.Parallel()
	gone := 0
	for seed := range uint64(20) {
		r := faulty(t, faults(t, "expired@0.4", seed))
		s, other := r.start(t, "sign-on"), r.start(t, "sign-on")
		expired := false
		for range 6 {
			a := s.press(t, "SIGNON", signing("ann", "wrong"))
			if expired {
				requireUnauthorized(t, a)
			}
			expired = expired || a.status == http.StatusUnauthorized
		}
		if expired {
			gone++
		}
		if a := other.press(t, "SIGNON", rightly("ann")); a.status != http.StatusOK {
			requireUnauthorized(t, a)
		}
	}
	assert.Greater(t, gone, 10)
}

func TestWhatTheServerKnowsStaysTrue(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]string{"a lost answer": "500@0.5", "a refused request": "429@0.5"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused, lost := 0, 0
			for seed := range uint64(20) {
				r := faulty(t, faults(t, spec, seed))
				a := r.send(t, http.MethodGet, authorize("sign-on"), sdk, "")
				if a.status != http.StatusOK {
					continue
				}
				s := &signOn{replay: r}
				s.keep(a)
				switch a := s.press(t, "SIGNON", rightly("ann")); a.status {
				case http.StatusTooManyRequests:
					refused++
					assert.Equal(t, "1", a.header.Get("Retry-After"))
					a = s.press(t, "SIGNON", rightly("ann"))
					assert.Equal(t, http.StatusOK, a.status, "the handles are as valid as before")
				case http.StatusInternalServerError:
					lost++
					assert.Empty(t, a.cookies, "an answer that is lost sets none")
					a = s.press(t, "SIGNON", rightly("ann"))
					assert.Contains(t, []int{http.StatusInternalServerError, http.StatusUnauthorized}, a.status, "the sign-on has ended")
				}
			}
			assert.Greater(t, refused+lost, 2)
		})
	}
}

func TestFaultsLeaveTheRestAsItIs(t *testing.T) {
	t.Parallel()
	r := faulty(t, faults(t, "500", 1))
	for _, path := range []string{"/as/.well-known/openid-configuration", "/as/jwks"} {
		assert.Equal(t, http.StatusOK, r.send(t, http.MethodGet, envPath+path, nil, "").status, path)
	}
	origin := map[string]string{"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
	assert.Equal(t, http.StatusNoContent, r.send(t, http.MethodOptions, authorize("sign-on"), origin, "").status)
	a := r.send(t, http.MethodPost, envPath+"/davinci/connections/a/capabilities/b", map[string]string{"interactionId": "GET " + authorize("sign-on")}, "{}")
	requireUnauthorized(t, a)
	for _, spec := range []string{"500", "429", "html", "extra"} {
		a := faulty(t, faults(t, spec, 1)).send(t, http.MethodGet, authorize("sign-on"), origin, "")
		assert.Equal(t, "https://app.example.com", a.header.Get("Access-Control-Allow-Origin"), spec)
		assert.Equal(t, "true", a.header.Get("Access-Control-Allow-Credentials"), spec)
	}
}

func TestAMissStaysAMiss(t *testing.T) {
	t.Parallel()
	f := faults(t, "500@0.5", 0)
	for ; ; f.Seed++ { // one at which the start is answered and the next hop is not
		r := faulty(t, f)
		a := r.send(t, http.MethodGet, authorize("sign-on"), sdk, "")
		if a.status != http.StatusOK {
			continue
		}
		s := &signOn{replay: r}
		s.keep(a)
		if a = s.press(t, "SIGNON", rightly("ann")); a.status != http.StatusInternalServerError {
			continue
		}
		break
	}
	r := faulty(t, f)
	s := r.start(t, "sign-on")
	a := s.press(t, "NO-SUCH-ACTION", nil)
	assert.Equal(t, "sign-on", a.header.Get(mockserver.UnmatchedHeader))
	assert.Equal(t, http.StatusNotFound, a.status)
}
