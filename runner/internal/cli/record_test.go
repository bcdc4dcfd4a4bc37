package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/cli"
)

// verdicts runs all features against a target, and returns the result of each
// scenario.
func (s *stage) verdicts(t *testing.T, target string) map[string]string {
	t.Helper()
	got := s.run(t, "run", "--target", target, "--format", "json")
	out := map[string]string{}
	for line := range strings.Lines(got.out) {
		var event struct {
			Scenario *struct {
				File, Name, Status string
				Line, HopCount     int
			}
		}
		require.NoError(t, json.Unmarshal([]byte(line), &event))
		if sc := event.Scenario; sc != nil {
			out[fmt.Sprintf("%s:%d %s", sc.File, sc.Line, sc.Name)] = fmt.Sprintf("%s, %d hops", sc.Status, sc.HopCount)
			assert.Equal(t, "passed", sc.Status, line)
		}
	}
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	return out
}

// The whole way: every shipped feature is recorded from a server that is live as
// far as record can tell, and runs on what was written as it ran live.
func TestWhatIsRecordedReplays(t *testing.T) {
	t.Parallel()
	s := servedStage(t)
	live := s.verdicts(t, "staging")
	require.Greater(t, len(live), 90)
	begin := time.Now().Truncate(time.Second)
	got := s.run(t, "record", "--target", "staging")
	require.Equal(t, cli.ExitPassed, got.code, "%s%s", got.out, got.errors)
	assert.NotContains(t, got.out+got.errors, "nothing was asserted", "who records asserts nothing and means to")
	assert.Empty(t, got.errors, "everything was distinguished")
	assert.Equal(t, live, s.verdicts(t, "replay"))

	texts := s.recorded(t)
	texts["stdout"], texts["stderr"] = got.out, got.errors
	secrets := maps.Clone(secretsOfAlice)
	secrets["client secret"] = secretOfTheApp
	assert.Empty(t, secretsIn(texts, secrets))

	flows, err := recordings.LoadAll(os.DirFS(filepath.Join(s.dir, "recordings")), ".")
	require.NoError(t, err)
	require.Len(t, flows, len(policies(t)))
	for _, f := range flows {
		assert.Contains(t, got.out, fmt.Sprintf("recorded %s: %d hop", f.Name, len(f.Hops)))
		assert.Equal(t, recordings.Recorded, f.Source)
		assert.Equal(t, policies(t)[f.Name], f.Policy)
		require.NotNil(t, f.Meta)
		assert.False(t, f.Meta.Date.Before(begin), "%s", f.Meta.Date)
		assert.Equal(t, policies(t)[f.Name], f.Meta.Flow)
		assert.Equal(t, "custom domain", f.Meta.Region)
		assert.NotEmpty(t, f.Meta.Shape)
		assert.Contains(t, f.Meta.Tool, "flowtest ")
	}
	if !testing.Short() {
		s.again(t)
	}
}

// again records the flows once more for which a tenant makes users, codes and keys, and compares
// all with the live side. Package learn learns every flow again.
func (s *stage) again(t *testing.T) {
	t.Helper()
	before := own(s.recorded(t))
	got := s.run(t, "record", "--target", "staging", "features/mfa", "features/passkey", "features/registration")
	require.Equal(t, cli.ExitPassed, got.code, "%s%s", got.out, got.errors)
	for _, name := range []string{"mfa", "passkey", "registration"} {
		assert.Regexp(t, `(?m)^recorded `+name+`: .* 0 new, 0 changed`, got.out)
	}
	assert.Equal(t, strings.Count(got.out, "recorded "), strings.Count(got.out, " 0 new, 0 changed"), got.out)
	assert.Equal(t, before, own(s.recorded(t)), "an unchanged flow leaves its recording as it is")
	copyRecordings(t, filepath.Join(s.dir, "shipped"))
	for folder, names := range map[string][]string{
		"recordings/registration": {"registration"}, "shipped/recordings": slices.Collect(maps.Keys(policies(t))),
	} {
		got := s.run(t, "diff", folder, "--against", "staging")
		assert.Equal(t, cli.ExitPassed, got.code, folder)
		for _, name := range names {
			assert.Contains(t, got.out, fmt.Sprintf("flow %q: no difference\n", name), folder)
		}
		assert.Empty(t, got.errors, folder)
	}
}

// One scenario after the other comes to the same recording as all at once.
func TestScenariosAreRecordedOneByOne(t *testing.T) {
	t.Parallel()
	s := editedStage(t, "", nil)
	for _, line := range []string{"11", "35", "48"} {
		got := s.run(t, "record", "--target", "staging", "features/session/session.feature:"+line)
		require.Equal(t, cli.ExitPassed, got.code, "%s%s", got.out, got.errors)
	}
	text := s.recorded(t)["session/recording.yaml"]
	assert.Contains(t, text, "request: {method: GET, path: /as/authorize}\n")
	assert.Contains(t, text, `request: {method: GET, path: /as/authorize, query: {response_type: token id_token}}`)
	got := s.run(t, "run", "features/session")
	assert.Equal(t, cli.ExitPassed, got.code, "%s%s", got.out, got.errors)
}

func TestASecondRecorderOfAFlowIsRefused(t *testing.T) {
	t.Parallel()
	s := editedStage(t, "", nil)
	first := inBackground(t, s.dir, s.env, "authorize http",
		"record", "--proxy", "--target", "staging", "--flow", "sign-on", "--listen", "127.0.0.1:0")
	dir := filepath.Join(s.dir, "recordings", "sign-on")
	want := "flowtest: error: recordings: another flowtest is recording " + dir + " and holds " +
		filepath.Join(s.dir, "recordings", ".sign-on.flowtest-lock") + ": wait until it has ended\n"
	got := s.run(t, "record", "--target", "staging", "features/sign-on")
	assert.Equal(t, said{cli.ExitUsage, "", want}, got)
	got = s.run(t, "record", "--target", "staging", "features/session")
	assert.Equal(t, cli.ExitPassed, got.code, "another flow is free: %s", got.errors)
	assert.Equal(t, cli.ExitNothing, first.stop().code)
	got = s.run(t, "record", "--target", "staging", "features/sign-on")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
}

// after hands the n-th request to another handler, and all that follow it.
func after(n int64, then http.HandlerFunc) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		var seen atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if seen.Add(1) >= n {
				then(w, r)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
}

func TestWhatCutsARecordingShortLosesNothing(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	const broke = `^flowtest: sign-on: not recorded, because \d+ journeys broke off: the recording stays as it was\n` +
		`flowtest: sign-on: record the flow again: flowtest record --target staging --fresh ` +
		`features/sign-on/detailed.feature features/sign-on/sign-on.feature\n$`
	for name, row := range map[string]struct {
		then   http.HandlerFunc
		code   int
		errors string
	}{
		"Ctrl-C": {
			func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // only then it is noticed that the client has gone
				stop()
				<-r.Context().Done()
			},
			cli.ExitFailed, "^flowtest: error: record: stopped: nothing was written, and every recording is as it was\n$",
		},
		"the live side is gone": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, cli.ExitEnvironment, broke,
		},
		"the live side asks to wait": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "3600")
				w.WriteHeader(http.StatusTooManyRequests)
			},
			cli.ExitEnvironment, broke,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := editedStage(t, "", after(12, row.then))
			copyRecordings(t, s.dir)
			before := s.recorded(t)
			ctx := stopped
			if name != "Ctrl-C" {
				ctx = context.WithoutCancel(stopped)
			}
			got := s.runIn(ctx, "record", "--target", "staging", "--fresh", "features/sign-on")
			assert.Equal(t, row.code, got.code)
			assert.Regexp(t, row.errors, got.errors)
			assert.Equal(t, before, s.recorded(t))
		})
	}
}

// A secret that the tool does not know stops the recording, until a person says
// what it is.
func TestAnUnknownSecretIsRefused(t *testing.T) {
	t.Parallel()
	const key = "q7Xk2VbT9sLwR4mZc8YdH3nJ"
	hidden := edit{"session", "completed.json", `"status"`, `"config": {"apiKey": "` + key + `"}, "status"`}
	record := []string{"record", "--target", "staging", "features/session", "--tags", "@smoke"}

	s := editedStage(t, "", nil, hidden)
	got := s.run(t, record...)
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Equal(t, `flowtest: error: flow "session": nothing is recorded, since there may be secrets in it
flowtest: error:   completed.json: config.apiKey: a string of high entropy of 24 characters, from journey 1, hop 1; journey 2, hop 1
flowtest: error:   name the value as a secret or as an attribute of a user, or allow its path where it is none
flowtest: hint: in flowtest.yaml, where such a string is no secret: scrub: {allow: {config.apiKey: REGEXP}}; where it is one, with the variable set that has it: scrub: {secrets: ["${VARIABLE}"]}
`, got.errors)
	assert.Empty(t, s.recorded(t))

	s = editedStage(t, "scrub:\n  allow:\n    config.apiKey: ^q7X\n", nil, hidden)
	got = s.run(t, record...)
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, s.recorded(t)["session/completed.json"], key)

	s = editedStage(t, "scrub:\n  secrets:\n    - ${KEY}\n", nil, hidden)
	s.env["KEY"] = key
	got = s.run(t, record...)
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, s.recorded(t)["session/completed.json"], `"apiKey": "flowtest-secret-`)
	assert.Empty(t, secretsIn(s.recorded(t), map[string]string{"key": key}))
}
