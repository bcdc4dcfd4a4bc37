package cli_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
)

// A tenantWorld is a live target with a tenant, and a folder in which a target staging means it.
type tenantWorld struct {
	*fake.Tenant

	dir    string
	env    map[string]string
	before func(*http.Request) // is handed every request

	mu    sync.Mutex
	asked []string // of the management API
	seen  []string // whatever it was sent and answered of users, devices and messages, and tokens
}

// newTenantWorld serves the shipped recordings with a tenant beside them. More are further
// lines of the target.
func newTenantWorld(t *testing.T, more string) *tenantWorld {
	t.Helper()
	w := &tenantWorld{env: map[string]string{"WORKER": fake.WorkerSecret, "ALICE": "demo-Passw0rd-1"}}
	beside := &local.Tenant{}
	server, err := mockserver.New(mockserver.Config{
		Flows: shipped.Flows(t), Users: target.Demo(), Observe: beside.Observe,
	})
	require.NoError(t, err)
	var handler http.Handler
	site := startTLS(t, http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
		if w.before != nil {
			w.before(r)
		}
		if !strings.HasPrefix(r.URL.Path, "/v1/") && !fake.IsToken(r) && !strings.HasPrefix(r.URL.Path, local.MailPath) {
			handler.ServeHTTP(to, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		w.mu.Lock()
		w.asked = append(w.asked, r.Method+" "+r.URL.Path)
		w.seen = append(w.seen, string(body), answer.Body.String())
		w.mu.Unlock()
		maps.Copy(to.Header(), answer.Header())
		to.WriteHeader(answer.Code)
		_, _ = to.Write(answer.Body.Bytes())
	}))
	handler = beside.Open(local.Config{
		Tenant: fake.Config{
			Base: site.URL, Environment: mockserver.DefaultEnvironment, RedirectURI: "https://app.example.test/callback",
			Population: "flowtest", Period: 1,
		},
		Users: target.Demo(),
	}, server, server)
	w.Tenant = beside.Environment()
	w.dir = t.TempDir()
	var flows strings.Builder
	for name, policy := range policies(t) {
		fmt.Fprintf(&flows, "      %s: %s\n", name, policy)
	}
	write(t, w.dir, map[string]string{
		"ca.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: site.Certificate().Raw})),
		"flowtest.yaml": fmt.Sprintf(`targets:
  staging:
    type: live
    baseUrl: %[1]s/%[2]s/as
    clientId: the-app
    redirectUri: https://app.example.test/callback
    ca: ca.pem
    worker: {clientId: %[3]s, clientSecret: "${WORKER}", apiUrl: "%[1]s/v1"}
    mail: {type: mailpit, url: "%[1]s%[4]s"}
    users:
      alice: {username: alice, password: "${ALICE}", email: alice@example.com}
%[5]s    flows:
%[6]s`, site.URL, mockserver.DefaultEnvironment, fake.WorkerID, local.MailPath, more, &flows),
	})
	return w
}

func (w *tenantWorld) run(ctx context.Context, args ...string) said {
	return command(ctx, w.dir, w.env, args...)
}

// requests returns the requests to the management API, except those for a token.
func (w *tenantWorld) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, r := range w.asked {
		if strings.Contains(r, "/v1/") {
			out = append(out, r)
		}
	}
	return out
}

const (
	named = "    population: flowtest\n"

	newcomer = `Feature: Users
  Scenario: passes
    Given a new user
    And the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
`
)

// The users of a scenario are removed whatever its result is: where it passed, failed, was
// retried, ran out of time, or the run was stopped.
func TestTheUsersOfAScenarioAreRemoved(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		feature string
		args    []string
		code    int
		made    int
		stop    bool
	}{
		"it passed": {newcomer, nil, cli.ExitPassed, 1, false},
		"it failed": {strings.ReplaceAll(newcomer, "the flow completes", `the flow pauses at "Nowhere"`), nil, cli.ExitFailed, 1, false},
		"it never began": {
			strings.ReplaceAll(newcomer, `"sign-on"`, `"no-such-flow"`), nil, cli.ExitFailed, 1, false,
		},
		"its device cannot be made": {
			strings.ReplaceAll(newcomer, "a new user", "a new user with an email device"), nil, cli.ExitEnvironment, 1, false,
		},
		"it was retried": {
			strings.ReplaceAll(newcomer, `"sign-on"`, `"errors"`) + `    When I press "UNAVAILABLE"` + "\n",
			[]string{"--retries", "1", "--retry-on", "network,rate-limit,tenant,flow"},
			cli.ExitFailed, 1, false,
		},
		"its time was over": {
			strings.ReplaceAll(newcomer, "Then the flow completes", `When I wait "10m"`), []string{"--timeout", "3s"}, cli.ExitFailed, 1, false,
		},
		"the run was stopped": {
			strings.ReplaceAll(newcomer, "Then the flow completes", `When I wait "10m"`), nil, -1, 1, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTenantWorld(t, named)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if name == "its device cannot be made" {
				w.Refuse("POST /users/*/devices", 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
			}
			w.Refuse("DELETE /users/*", 1, http.StatusInternalServerError, "UNEXPECTED_ERROR", "It failed.", "")
			w.before = func(r *http.Request) {
				if row.stop && strings.Contains(r.URL.Path, "/capabilities/") {
					stop()
				}
			}
			write(t, w.dir, map[string]string{"features/a.feature": row.feature})
			got := w.run(ctx, append([]string{"run", "--target", "staging"}, row.args...)...)
			if row.code >= 0 {
				assert.Equal(t, row.code, got.code, got.out+got.errors)
			}
			made := 0
			for _, r := range w.Written() {
				if strings.HasPrefix(r, "POST ") && strings.HasSuffix(r, "/users") {
					made++
				}
			}
			assert.GreaterOrEqual(t, made, row.made, got.out)
			assert.Equal(t, []string{"alice"}, w.Users(), got.out)
			assert.NotContains(t, got.out, "was not removed")
		})
	}
}

// Users that are kept, or that cannot be removed, are named, and users --clean removes them
// and no other.
func TestUsersThatStayAreRemovedLater(t *testing.T) {
	t.Parallel()
	w := newTenantWorld(t, named)
	write(t, w.dir, map[string]string{"features/a.feature": newcomer})
	got := w.run(t.Context(), "run", "--target", "staging", "--keep-users")
	require.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	assert.Regexp(t, `the user "flowtest-\w+" was kept \(--keep-users\); flowtest users --clean --older-than 0s --target staging removes it`, got.out)
	w.Refuse("DELETE /users/*", 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
	got = w.run(t.Context(), "run", "--target", "staging")
	require.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	assert.Regexp(t, `the user "flowtest-\w+" was not removed: DELETE .* was answered with 403`, got.out)
	require.Len(t, w.Users(), 3)

	got = w.run(t.Context(), "users", "--target", "staging", "--clean")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, `0 users with the mark of flowtest in the population "flowtest", created before `, "they are too new")
	written := len(w.Written())
	got = w.run(t.Context(), "users", "--target", "staging", "--clean", "--older-than", "0s", "--dry-run")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Len(t, regexp.MustCompile(`(?m)^"flowtest-\w+", of the run "\w+", created \S+Z, would be removed$`).FindAllString(got.out, -1), 2, got.out)
	assert.Len(t, w.Written(), written)
	w.Refuse("DELETE /users/*", 2, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
	got = w.run(t.Context(), "users", "--target", "staging", "--clean", "--older-than", "0s")
	assert.Equal(t, cli.ExitEnvironment, got.code)
	assert.Contains(t, got.errors, "users: 2 users could not be removed")
	got = w.run(t.Context(), "users", "--target", "staging", "--clean", "--older-than", "0s")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Equal(t, []string{"alice"}, w.Users())
	got = w.run(t.Context(), "users", "--target", "staging")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Contains(t, got.errors, "users: want --clean")
}

// Sentences that the target does not allow are refused before anything is sent, and no user
// of the target is ever changed.
func TestWhatATargetDoesNotAllow(t *testing.T) {
	t.Parallel()
	one := func(sentence string) string { return "Feature: a\n  Scenario: a\n    " + sentence + "\n" }
	for name, row := range map[string]struct{ more, feature, want string }{
		"readOnly": {named + "    readOnly: true\n", one("Given a new user"), `the target "staging" is readOnly, so nothing was sent`},
		"readOnly, a state": {
			named + "    readOnly: true\n", one(`Given the user is disabled`), `the target "staging" is readOnly, so nothing was sent`,
		},
		"no population": {"", one("Given a new user"), `the target "staging" names no population for new users: add population: NAME`},
		"a user of the target": {
			named, one("Given the user is locked"), `the user "alice" was not made by this scenario, and flowtest changes no other`,
		},
		"another's user": {
			named, one("Given a new user\n    And the user \"alice\"\n    And the user's password must change"),
			`the user "alice" was not made by this scenario, and flowtest changes no other`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTenantWorld(t, row.more)
			write(t, w.dir, map[string]string{"features/a.feature": row.feature})
			got := w.run(t.Context(), "run", "--target", "staging")
			assert.Equal(t, cli.ExitFailed, got.code)
			assert.Contains(t, got.out, row.want)
			if name != "another's user" {
				assert.Empty(t, w.requests())
			}
			assert.Equal(t, []string{"alice"}, w.Users())
			for _, r := range w.Written() {
				assert.NotContains(t, r, "/password")
			}
		})
	}
	w := newTenantWorld(t, named+"    readOnly: true\n")
	got := w.run(t.Context(), "users", "--clean", "--target", "staging")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Contains(t, got.errors, `the target "staging" is readOnly`)
	assert.Empty(t, w.requests())
}

// secretsSeen are what a tenant and its messages hold that must not be seen: passwords, codes,
// keys of authenticator apps, tokens, and the words of a message.
var secretsSeen = regexp.MustCompile(`"password":\{[^}]*"value":"([^"]+)"|Your code is (\d+)|(It holds for 30 minutes)|` +
	`"otp":"(\d+)"|"secret":"([^"]+)"|secret=([A-Z2-7]+)|"access_token":"([^"]+)"|(/mail/opened/\w+)`)

// secrets returns those that the tenant and its messages held so far.
func (w *tenantWorld) secrets() map[string]bool {
	found := map[string]bool{fake.WorkerSecret: true}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range w.seen {
		for _, m := range secretsSeen.FindAllStringSubmatch(text, -1) {
			for _, group := range m[1:] {
				if group != "" {
					found[group] = true
				}
			}
		}
	}
	return found
}

// TestNothingOfATenantIsShown looks for them in whatever a run writes.
func TestNothingOfATenantIsShown(t *testing.T) {
	t.Parallel()
	w := newTenantWorld(t, named)
	const signsOn = `    And the flow "mfa"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    And I submit the form with:
      | device | %s |
`
	write(t, w.dir, map[string]string{
		"features/a.feature": "Feature: a\n" +
			"  Scenario: totp\n    Given a new user with a TOTP device\n" + fmt.Sprintf(signsOn, "TOTP") +
			"    When I fill in \"otp\" with the TOTP code\n    And I press \"VERIFY\"\n    Then the flow pauses\n" +
			"  Scenario: mail\n    Given a new user with an email device\n" + fmt.Sprintf(signsOn, "EMAIL") +
			"    When I fill in \"otp\" with the code from the email\n    And I press \"VERIFY\"\n    Then the flow pauses\n" +
			"  Scenario: link\n    Given a new user\n" + fmt.Sprintf(signsOn, "EMAIL") +
			"    When I press \"LINK\"\n    And I open the link from the email\n    Then the user's \"email\" is \"x\"\n" +
			"  Scenario: two codes\n    Given a new user\n" + fmt.Sprintf(signsOn, "EMAIL") +
			"    When I press \"LINK\"\n    And I fill in \"poll\" with the code from the email\n",
	})
	edited, err := os.ReadFile(filepath.Join(w.dir, "flowtest.yaml"))
	require.NoError(t, err)
	write(t, w.dir, map[string]string{"flowtest.yaml": strings.ReplaceAll(string(edited), "{type: mailpit,", "{type: mailpit, wait: 1ns,")})
	var all strings.Builder
	for _, args := range [][]string{
		{"--report", "report", "--format", "pretty"}, {"--format", "json"}, {"--format", "progress", "--keep-users"},
	} {
		got := w.run(t.Context(), append([]string{"run", "--target", "staging"}, args...)...)
		assert.Equal(t, cli.ExitFailed, got.code, got.errors)
		all.WriteString(got.out + got.errors)
	}
	got := w.run(t.Context(), "users", "--clean", "--older-than", "0s", "--target", "staging")
	all.WriteString(got.out + got.errors)
	require.NoError(t, filepath.WalkDir(w.dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		all.WriteString(string(text))
		return err
	}))
	written := all.String()
	assert.Contains(t, written, "the flow completed")
	found := w.secrets()
	assert.Greater(t, len(found), 20)
	for hidden := range found {
		if !strings.Contains(written, hidden) {
			continue // as is right, and said without a look through it all by a regular expression
		}
		assert.NotRegexp(t, `(^|[^0-9A-Za-z.])`+regexp.QuoteMeta(hidden)+`($|[^0-9A-Za-z.])`, written)
	}
}
