package runner_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A storm breaks connections, and counts refused passwords.
type storm struct {
	mu      sync.Mutex
	broken  map[string]int
	refused atomic.Int64
}

func (s *storm) steps(sc runner.StepRegistry, w *steps.World) {
	sc.When(`^the network of "([^"]*)" breaks (\d+) times$`, func(who string, times int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken == nil {
			s.broken = map[string]int{}
		}
		if s.broken[who]++; s.broken[who] > times {
			return nil
		}
		return &flow.NetworkError{Method: "GET", Path: "/as/authorize", Err: errors.New("connection reset by peer")}
	})
	sc.Then(`^the password was refused$`, func() error {
		if got := w.Journey.Last().Outcome; got != davinci.Refused {
			return errors.New("want it to be refused, it is " + got.String())
		}
		s.refused.Add(1)
		return nil
	})
}

// breaks is a scenario whose network breaks so often.
func breaks(who, times string) string {
	return passes + "\nWhen the network of \"" + who + "\" breaks " + times + " times\nThen the flow pauses at \"Sign On Form\""
}

// wrong types a wrong password.
const wrong = `
When I fill in "username" with "${user.username}"
And I fill in "password" with "not-the-password"
And I press "SIGNON"
Then the password was refused`

func notesOf(s *report.Scenario) []string {
	out := []string{}
	for _, n := range s.Notes {
		if n.Kind == report.Retried {
			out = append(out, n.Text)
		}
	}
	return out
}

// lastHop is the hop of a scenario that breaks, as a report shows it.
const lastHop = "hop 1  GET …/as/authorize\n       → 200 paused\n       at node vd6qrg8bkx, form \"Sign On Form\""

func TestAPassAfterARetryIsFlaky(t *testing.T) {
	const cause = "GET /as/authorize: connection reset by peer\n" + lastHop
	const other = "not tried again: the failure is of the kind network, and --retry-on has tenant; --retry-on tenant,network widens it"
	for name, row := range map[string]struct {
		times    string
		suite    runner.Suite
		want     report.Status
		attempts int
		notes    []string
		failed   bool
	}{
		"no retries":      {"1", runner.Suite{}, report.Failed, 1, []string{}, false},
		"one that helps":  {"1", runner.Suite{Retries: 1}, report.Flaky, 2, []string{"attempt 1 failed at line 7 (network): " + cause}, false},
		"one of several":  {"1", runner.Suite{Retries: 9}, report.Flaky, 2, []string{"attempt 1 failed at line 7 (network): " + cause}, false},
		"one too few":     {"2", runner.Suite{Retries: 1}, report.Failed, 2, []string{"attempt 1 failed at line 7 (network): " + cause}, false},
		"two that help":   {"2", runner.Suite{Retries: 2}, report.Flaky, 3, []string{"attempt 1 failed at line 7 (network): " + cause, "attempt 2 failed at line 7 (network): " + cause}, false},
		"none is needed":  {"0", runner.Suite{Retries: 2}, report.Passed, 1, []string{}, false},
		"and flaky fails": {"1", runner.Suite{Retries: 1, FailOnFlaky: true}, report.Flaky, 2, []string{"attempt 1 failed at line 7 (network): " + cause}, true},
		"of another kind": {"1", runner.Suite{Retries: 1, RetryOn: []davinci.Origin{davinci.FromTenant}}, report.Failed, 1, []string{other}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &storm{}
			row.suite.Features, row.suite.Steps = scenarios(breaks("a", row.times), passes), s.steps
			run, out := ran(t, row.suite)
			got := out.scenarios[0]
			assert.Equal(t, row.want, got.Status, out.verdicts())
			assert.Equal(t, row.attempts, len(got.Earlier)+1)
			assert.Equal(t, row.notes, notesOf(got))
			assert.Equal(t, row.want == report.Failed, got.Environment)
			assert.Equal(t, row.failed, run.Failed)
			assert.Equal(t, 1, got.HopCount, "the hops are those of the last attempt")
			assert.Equal(t, 2, run.Hops)
			assert.Equal(t, report.Passed, out.scenarios[1].Status, "in the order of the files")
		})
	}
}

// What fails for the flow or the feature fails again, so it is not tried again.
func TestWhatIsTriedAgain(t *testing.T) {
	const tenant = "Location: https://auth.example.test/signon/?x=1"
	for name, row := range map[string]struct {
		status  int
		header  string
		body    string
		retryOn []davinci.Origin
		want    int64  // requests
		why     string // it is not tried again
	}{
		"the service is down":           {503, "", "busy", nil, 2, ""},
		"too many requests":             {429, "", "{}", nil, 2, ""},
		"the tenant is not set up":      {302, tenant, "", nil, 1, "the failure is of the kind tenant, and --retry-on has network,rate-limit; --retry-on network,rate-limit,tenant widens it"},
		"the tenant, where asked for":   {302, tenant, "", []davinci.Origin{davinci.FromTenant}, 2, ""},
		"the network, where not":        {503, "", "busy", []davinci.Origin{davinci.FromTenant}, 1, "the failure is of the kind network, and --retry-on has tenant; --retry-on tenant,network widens it"},
		"the flow fails":                {200, "", `{"status":"FAILED","error":{"code":"login_required"}}`, nil, 1, "the failure is of the kind flow, and --retry-on has network,rate-limit; --retry-on network,rate-limit,flow widens it"},
		"the flow, where asked for":     {200, "", `{"status":"FAILED","error":{"code":"login_required"}}`, []davinci.Origin{davinci.FromFlow}, 2, ""},
		"an assertion":                  {200, "", `{"id":"n","form":{"name":"Other"},"_links":{"next":{"href":"x"}}}`, nil, 1, "an assertion or the feature itself failed, and would fail again; --retry-on is for network, rate-limit, tenant and flow"},
		"an assertion, whatever is set": {200, "", `{"id":"n","form":{"name":"Other"},"_links":{"next":{"href":"x"}}}`, []davinci.Origin{davinci.FromFlow, davinci.FromNetwork, davinci.FromTenant, davinci.FromRateLimit}, 1, "an assertion or the feature itself failed, and would fail again; --retry-on is for network, rate-limit, tenant and flow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a live target gets a second between two tries
			var requests atomic.Int64
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				if name, value, ok := strings.Cut(row.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			defer s.Close()
			_, out := ran(t, runner.Suite{
				Features: scenarios(passes), Target: liveAt(t, s.URL), Rate: 10_000, Retries: 1, RetryOn: row.retryOn,
			})
			assert.Equal(t, report.Failed, out.scenarios[0].Status)
			assert.Equal(t, row.want, requests.Load())
			assert.Equal(t, int(row.want), len(out.scenarios[0].Earlier)+1)
			if row.why != "" {
				assert.Equal(t, []string{"not tried again: " + row.why}, notesOf(out.scenarios[0]))
			}
		})
	}
}

// Where retries were asked for, a failure that is not tried again says why.
func TestWhyAFailureIsNotTriedAgain(t *testing.T) {
	const assertion = "not tried again: an assertion or the feature itself failed, and would fail again; " +
		"--retry-on is for network, rate-limit, tenant and flow"
	for name, row := range map[string]struct {
		text  string
		suite runner.Suite
		want  []string
	}{
		"an assertion":                      {fails, runner.Suite{Retries: 2}, []string{assertion}},
		"an assertion without any retries":  {fails, runner.Suite{}, []string{}},
		"a pass":                            {passes, runner.Suite{Retries: 2}, []string{}},
		"an answer that was never recorded": {missing, runner.Suite{Retries: 2}, []string{"not tried again: the recordings have no answer, and will have none the next time"}},
		"a pass that shows nothing, strict": {
			"Given the flow \"sign-on\"\nWhen I start the flow",
			runner.Suite{Retries: 2, Strict: true},
			[]string{"not tried again: every step passed, and what fails it would be found again"},
		},
		"an assertion of the second attempt": {
			breaks("a", "1") + "\nWhen the network of \"b\" breaks 0 times\nThen the flow pauses at \"Other\"",
			runner.Suite{Retries: 2},
			[]string{"attempt 1 failed at line 7 (network): GET /as/authorize: connection reset by peer\n" + lastHop, assertion},
		},
	} {
		t.Run(name, func(t *testing.T) {
			row.suite.Features, row.suite.Steps = scenarios(row.text), (&storm{}).steps
			_, out := ran(t, row.suite)
			assert.Equal(t, row.want, notesOf(out.scenarios[0]), out.verdicts())
		})
	}
}

// What an attempt saw is known only to it: the next one has other tokens, and
// would not know these for secrets.
func TestTheHopOfAFailedAttemptIsRedactedByWhatItKnew(t *testing.T) {
	t.Parallel() // a live target gets a second between two tries
	var starts atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && starts.Load() == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"code":"BUSY","message":"token-of-attempt-1 waits"}`))
			return
		}
		if r.Method == http.MethodGet {
			starts.Add(1)
		}
		_, _ = w.Write([]byte(`{"id":"n","interactionId":"i","interactionToken":"token-of-attempt-` + strconv.Itoa(int(starts.Load())) +
			`","form":{"name":"Sign On Form","components":{"fields":[{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Go"}]}},` +
			`"_links":{"next":{"href":"http://` + r.Host + `/next"}}}`))
	}))
	defer s.Close()
	_, out := ran(t, runner.Suite{
		Features: scenarios(passes + "\nWhen I press \"SIGNON\"\nThen the flow pauses at \"Sign On Form\""), Target: liveAt(t, s.URL),
		Rate: 10_000, Retries: 1, Conformance: runner.OffBroken, Evidence: true,
	})
	require.Equal(t, report.Flaky, out.scenarios[0].Status, out.verdicts())
	notes := notesOf(out.scenarios[0])
	require.Len(t, notes, 1)
	assert.Contains(t, notes[0], "\nhop 2  POST /next, action \"SIGNON\"\n       → 503 failed, BUSY (network): [redacted] waits")
	assert.NotContains(t, notes[0], "token-of-attempt")
}

func TestARetryBeginsTheJourneyWithAFreshJar(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, r.Method+" "+r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1", Path: "/"})
		if len(got) == 2 {
			panic(http.ErrAbortHandler) // in the middle of the first journey
		}
		_, _ = w.Write([]byte(`{"id":"n","interactionId":"i","form":{"name":"Sign On Form","components":{"fields":[` +
			`{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Go"}]}},"_links":{"next":{"href":"http://` + r.Host + `/next"}}}`))
	}))
	defer s.Close()
	_, out := ran(t, runner.Suite{
		Features: scenarios(passes + "\nWhen I press \"SIGNON\"\nThen the flow pauses at \"Sign On Form\""), Target: liveAt(t, s.URL),
		Rate: 10_000, Retries: 2, Conformance: runner.OffBroken,
	})
	require.Equal(t, report.Flaky, out.scenarios[0].Status, out.verdicts())
	assert.Equal(t, []string{"GET ", "POST session=1", "GET ", "POST session=1"}, got)
}

func TestTriesPauseOnlyLive(t *testing.T) {
	for name, row := range map[string]struct {
		retries int
		want    time.Duration
	}{
		"no retry":      {0, 0},
		"one":           {1, time.Second},
		"three":         {3, 7 * time.Second},
		"seven":         {7, 91 * time.Second}, // 1 + 2 + 4 + 8 + 16 + 30 + 30
		"then the same": {8, 121 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			live := liveAt(t, "http://127.0.0.1:1") // without a listener
			replay, flows := replayTarget(t), shipped.Flows(t)
			synctest.Test(t, func(t *testing.T) {
				run, out := ran(t, runner.Suite{Features: scenarios(passes), Target: live, Retries: row.retries})
				assert.Equal(t, row.retries+1, len(out.scenarios[0].Earlier)+1)
				assert.Equal(t, row.want, run.Duration)
				storm := &storm{}
				run, out = ran(t, runner.Suite{
					Features: scenarios(breaks("a", "99")), Target: replay, Recordings: flows, Steps: storm.steps, Retries: row.retries,
				})
				assert.Equal(t, row.retries+1, len(out.scenarios[0].Earlier)+1)
				assert.Zero(t, run.Duration, "a replay needs no rest")
			})
		})
	}
}

// What failed did run: it is reported so, though no retry could be made.
func TestARunThatIsStoppedBetweenTwoTriesKeepsTheFirst(t *testing.T) {
	live := liveAt(t, "http://127.0.0.1:1")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		out := &collector{}
		run, err := (&runner.Suite{Features: scenarios(passes), Target: live, Retries: 2, Reporter: out}).Run(ctx)
		require.NoError(t, err)
		assert.True(t, run.Interrupted)
		assert.Equal(t, []report.Status{report.Failed}, out.statuses())
		assert.True(t, out.scenarios[0].Environment, "it failed for the network before anybody stopped it")
		assert.Equal(t, 1, len(out.scenarios[0].Earlier)+1)
		assert.Equal(t, []string{"not tried again: the run was stopped"}, notesOf(out.scenarios[0]))
		assert.Equal(t, 500*time.Millisecond, run.Duration)
	})
}

func TestRetriesBesideFailFastAndShards(t *testing.T) {
	s := &storm{}
	_, out := ran(t, runner.Suite{
		Features: scenarios(breaks("a", "9"), breaks("b", "1"), fails, passes), Steps: s.steps, Retries: 2, FailFast: true, Concurrency: 1,
	})
	assert.Equal(t, []report.Status{report.Failed, report.Failed, report.Failed, report.NotRun}, out.statuses(), out.verdicts())
	assert.Equal(t, []string{"not tried again: the run was stopped"}, notesOf(out.scenarios[1]))
	assert.True(t, out.scenarios[0].Environment)

	s = &storm{}
	_, out = ran(t, runner.Suite{
		Features: scenarios(breaks("a", "9"), passes, breaks("b", "1"), passes), Steps: s.steps, Retries: 2, FailFast: true, Concurrency: 1,
		Shard: 2, Shards: 2,
	})
	assert.Equal(t, []report.Status{report.Passed, report.Passed}, out.statuses(), "of the other shard nothing is known")

	s = &storm{}
	_, out = ran(t, runner.Suite{Features: scenarios(breaks("b", "1"), passes), Steps: s.steps, Retries: 2, FailFast: true, Concurrency: 1})
	assert.Equal(t, []report.Status{report.Flaky, report.Passed}, out.statuses(), "what a retry mends stops nothing")
}

// Whatever runs together, retries do not lock an account.
func TestRetriesStopAtRefusedPasswords(t *testing.T) {
	// The first attempt breaks before the password, the others after it.
	late := func(who string, passwords int) string {
		return breaks(who, "1") + strings.Repeat(wrong, passwords) +
			"\nWhen the network of \"" + who + " again\" breaks 99 times\nThen the flow pauses at \"Sign On Form\""
	}
	var ten []string
	for _, who := range "abcdefghij" {
		ten = append(ten, late(string(who), 1))
	}
	for name, row := range map[string]struct {
		steps []string
		most  int
		want  int64
		note  string
	}{
		"a scenario of its own":      {[]string{late("a", 1)}, 3, 3, `not tried again: a password of the user "alice" was refused 3 times in this run (--max-refused 3)`},
		"the usual":                  {[]string{late("a", 1)}, 0, 3, `not tried again: a password of the user "alice" was refused 3 times in this run (--max-refused 3)`},
		"once":                       {[]string{late("a", 1)}, 1, 1, `not tried again: a password of the user "alice" was refused once in this run (--max-refused 1)`},
		"ten at once":                {ten, 4, 4, ""},
		"many in one scenario":       {[]string{late("a", 7)}, 3, 3, ""},
		"many in each of ten":        {[]string{late("a", 2), late("b", 2), late("c", 2)}, 3, 3, ""},
		"other users have their own": {[]string{late("a", 1), "Given the user \"bob\"\n" + late("b", 1)}, 2, 4, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &storm{}
			replay := replayTarget(t)
			replay.Users["bob"] = replay.Users["alice"]
			_, out := ran(t, runner.Suite{
				Features: scenarios(row.steps...), Steps: s.steps, Retries: 20, MaxRefused: row.most, Concurrency: 10,
				Target: replay, Recordings: shipped.Flows(t),
			})
			assert.Equal(t, row.want, s.refused.Load(), strings.Join(out.verdicts(), "\n"))
			for _, sc := range out.scenarios {
				assert.Equal(t, report.Failed, sc.Status)
			}
			if notes := notesOf(out.scenarios[0]); row.note != "" {
				assert.Equal(t, row.note, notes[len(notes)-1])
			}
		})
	}
}

func TestARetryDoesNotSendAPasswordTooMany(t *testing.T) {
	s := &storm{}
	_, out := ran(t, runner.Suite{
		Features: scenarios(breaks("a", "1") + wrong + wrong), Steps: s.steps, Retries: 5, MaxRefused: 1,
	})
	sc := out.scenarios[0]
	require.Equal(t, report.Failed, sc.Status)
	assert.Equal(t, 2, len(sc.Earlier)+1)
	assert.False(t, sc.Environment, "it is not to be tried again")
	assert.Regexp(t, `^POST .*: not sent: a password of the user "alice" was refused once in this run \(--max-refused 1\)$`,
		sc.FailedStep().Error)
}

// The first attempts are what the feature asks for, however many passwords it
// has refused.
func TestRefusedPasswordsOfAFeatureHinderNothingButRetries(t *testing.T) {
	s := &storm{}
	run, _ := ran(t, runner.Suite{Features: scenarios(many(passes+strings.Repeat(wrong, 3), 5)...), Steps: s.steps, Retries: 1})
	assert.Equal(t, 5, run.Counts[report.Passed])
	assert.Equal(t, int64(15), s.refused.Load())
}

func TestFaultsOfAReplayAreOthersOnARetry(t *testing.T) {
	run, out := ran(t, runner.Suite{
		Features: []runner.Source{feature("f.feature", "Feature: F\n@fault:drop:0.5\nScenario: a\n"+passes+"\n")}, Retries: 60,
	})
	assert.Zero(t, run.Counts[report.Failed], out.verdicts())
}

func TestOriginsAreReadByTheirNames(t *testing.T) {
	got, err := runner.Origins([]string{"network", " rate-limit", "tenant", "flow"})
	require.NoError(t, err)
	assert.Equal(t, []davinci.Origin{davinci.FromNetwork, davinci.FromRateLimit, davinci.FromTenant, davinci.FromFlow}, got)
	_, err = runner.Origins([]string{"network", "assertion"})
	assert.EqualError(t, err, `"assertion" is unknown, want network, rate-limit, tenant or flow`)
}
