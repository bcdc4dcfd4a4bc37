package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/cli"
)

// vendorKey is a secret that was not configured, on a screen that only some come by.
const vendorKey = "q7Xk2VbT9sLwR4mZc8YdH3nJ"

// hiddenStage is a live side with that secret, and an app that signs on and then
// asks for help.
func hiddenStage(t *testing.T) *stage {
	t.Helper()
	return editedStage(t, "", nil, edit{"sign-on", "trouble.json", `"id": "tghbocjld9"`, `"vendor": {"apiKey": "` + vendorKey + `"}, "id": "tghbocjld9"`})
}

func throughProxy(t *testing.T, at string) {
	t.Helper()
	a, policy := newApp(at), policies(t)["sign-on"]
	end := a.next(t, a.start(t, policy), "SIGNON", "submit",
		map[string]string{"username": secretsOfAlice["username"], "password": secretsOfAlice["password"]})
	require.Equal(t, "COMPLETED", gjson.Get(end, "status").String(), end)
	a.next(t, a.start(t, policy), "TROUBLE", "action", nil)
}

var proxied = []string{"record", "--proxy", "--target", "staging", "--listen", "127.0.0.1:0"}

// One unknown secret takes its own journey with it, and no other.
func TestRecordProxyKeepsWhatIsNotInDoubt(t *testing.T) {
	t.Parallel()
	s := hiddenStage(t)
	b := inBackground(t, s.dir, s.env, "authorize http", proxied...)
	throughProxy(t, b.address(t, "authorize"))
	got := b.stop()
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Contains(t, got.out, "recorded sign-on: 2 hops of 2 journeys, 2 new, 0 changed, in ")
	assert.Contains(t, got.errors, `flowtest: error: flow "sign-on": left out, since there may be secrets in it:
flowtest: error:   journey 2, hop 2 (request 4, POST …/customHTMLTemplate) and what followed: trouble-signing-on-form.json: vendor.apiKey: a string of high entropy of 24 characters
flowtest: hint: in flowtest.yaml, where such a string is no secret: scrub: {allow: {vendor.apiKey: REGEXP}}; where it is one, `)
	all := s.recorded(t)
	assert.Contains(t, all["sign-on/recording.yaml"], "completed")
	all["stdout"], all["stderr"] = got.out, got.errors
	assert.Empty(t, secretsIn(all, map[string]string{"key": vendorKey}))
	assert.Empty(t, secretsIn(all, secretsOfAlice))
}

// At a terminal the session waits until a person has said what the string is: no
// one has to sign on once more.
func TestRecordProxyWaitsUntilTheFaultIsGone(t *testing.T) {
	t.Parallel()
	s := hiddenStage(t)
	ctx, stop := context.WithCancel(t.Context())
	out, errors := &talk{}, &talk{}
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(ctx, cli.Process{
			Args: proxied, Stdout: out, Stderr: errors, Dir: s.dir, Terminal: true,
			Env: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok },
		})
	}()
	says := func(k *talk, what string) bool {
		return assert.Eventually(t, func() bool { return strings.Contains(k.String(), what) }, time.Minute, 10*time.Millisecond, "%s", k)
	}
	require.True(t, says(out, "authorize http"))
	throughProxy(t, (&background{out: out, errors: errors}).address(t, "authorize"))
	stop()
	const waiting = " has changed; Ctrl-C gives up what was not saved\n"
	require.True(t, says(errors, waiting))
	assert.Contains(t, errors.String(), "what was recorded is still in memory, and will be saved again as soon as "+filepath.Join(s.dir, "flowtest.yaml"))
	assert.NotContains(t, s.recorded(t), "sign-on/trouble-signing-on-form.json")

	config := filepath.Join(s.dir, "flowtest.yaml")
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	write(t, s.dir, map[string]string{"flowtest.yaml": string(text) + "scrub: {alow: {}}\n"})
	require.True(t, says(errors, "alow"), "a mistake in the file is said, and the session waits on")
	write(t, s.dir, map[string]string{"flowtest.yaml": string(text) + "scrub: {secrets: [\"" + vendorKey + "\"]}\n"})
	select {
	case code := <-done:
		assert.Equal(t, cli.ExitPassed, code, errors)
	case <-time.After(time.Minute):
		require.Fail(t, "it waits on", errors)
	}
	assert.Contains(t, out.String(), "recorded sign-on: 3 hops of 2 journeys, 1 new, 0 changed, in ")
	all := s.recorded(t)
	assert.Contains(t, all["sign-on/trouble-signing-on-form.json"], `"apiKey": "flowtest-secret-`)
	all["stderr"] = errors.String()
	assert.Empty(t, secretsIn(all, map[string]string{"key": vendorKey}))
	_, err = recordings.LoadAll(os.DirFS(filepath.Join(s.dir, "recordings")), ".")
	require.NoError(t, err)
}
