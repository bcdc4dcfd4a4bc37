package cli_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/tenant/users"
)

// The run removes its own user from an environment that changes, and does not remove the
// users of others.
func TestAnEnvironmentThatChangesUnderARun(t *testing.T) {
	t.Parallel()
	const (
		making   = `^POST .*/users$`
		flowing  = `/capabilities/`
		deleting = `^DELETE .*/users/`
	)
	refuse := func(path string, times, status int) func(*tenantWorld, context.CancelFunc) {
		return func(w *tenantWorld, _ context.CancelFunc) { w.Refuse(path, times, status, "CODE", "It failed.", "1") }
	}
	for name, row := range map[string]struct {
		at   string // matches the request before which it happens
		does func(*tenantWorld, context.CancelFunc)
		code int // negative: any
		left int // users of ours
	}{
		"Ctrl-C while a user is being made": {
			making, func(_ *tenantWorld, stop context.CancelFunc) { stop() }, -1, 0,
		},
		"Ctrl-C while a user is being removed": {
			deleting, func(_ *tenantWorld, stop context.CancelFunc) { stop() }, -1, 0,
		},
		"the token expires while a user is being made":    {making, expire, cli.ExitPassed, 0},
		"the token expires in the middle":                 {flowing, expire, cli.ExitPassed, 0},
		"the token expires while a user is being removed": {deleting, expire, cli.ExitPassed, 0},
		"the service is in trouble at the removal":        {flowing, refuse("DELETE /users/*", 2, 500), cli.ExitPassed, 0},
		"too many requests at the removal":                {flowing, refuse("DELETE /users/*", 1, 429), cli.ExitPassed, 0},
		"the role is taken away before the removal":       {flowing, refuse("DELETE /users/*", 9, 403), cli.ExitPassed, 1},
		"the mark is taken off the user": {flowing, func(w *tenantWorld, _ context.CancelFunc) {
			w.editOurs(func(u map[string]any) { delete(u, "externalId") })
		}, cli.ExitPassed, 1},
		"the user is moved to another population": {flowing, func(w *tenantWorld, _ context.CancelFunc) {
			w.editOurs(func(u map[string]any) { u["population"] = map[string]any{"id": "another"} })
		}, cli.ExitPassed, 1},
		"the user gets the mark of another run": {flowing, func(w *tenantWorld, _ context.CancelFunc) {
			w.editOurs(func(u map[string]any) { u["externalId"] = users.Mark + "another" })
		}, cli.ExitPassed, 1},
		"somebody else gets our mark": {flowing, func(w *tenantWorld, _ context.CancelFunc) {
			var mark any
			w.editOurs(func(u map[string]any) { mark = u["externalId"] })
			w.Edit("alice", func(u map[string]any) { u["externalId"] = mark })
		}, cli.ExitPassed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTenantWorld(t, named)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			var once sync.Once
			happened, at := false, regexp.MustCompile(row.at)
			w.before = func(r *http.Request) {
				if at.MatchString(r.Method + " " + r.URL.Path) {
					once.Do(func() {
						happened = true
						row.does(w, stop)
					})
				}
			}
			write(t, w.dir, map[string]string{"features/a.feature": newcomer})
			got := w.run(ctx, "run", "--target", "staging")
			require.True(t, happened)
			if row.code >= 0 {
				assert.Equal(t, row.code, got.code, got.out+got.errors)
			}
			assert.Contains(t, w.Users(), "alice", "a user of the target")
			assert.Len(t, w.Users(), 1+row.left, got.out)
			assert.Equal(t, row.left, strings.Count(got.out, "was not removed: "), got.out)
		})
	}
}

func expire(w *tenantWorld, _ context.CancelFunc) { w.Expire() }

// editOurs changes what the API shows of the users that flowtest made.
func (w *tenantWorld) editOurs(edit func(map[string]any)) {
	for _, name := range w.Users() {
		if strings.HasPrefix(name, "flowtest-") {
			w.Edit(name, edit)
		}
	}
}

// Two runs at once and a cleaning beside them: each run removes its own users, and nothing else
// is removed.
func TestTwoRunsAtOnceLeaveEachOthersUsers(t *testing.T) {
	t.Parallel()
	w := newTenantWorld(t, named)
	old := time.Now().Add(-30 * time.Hour).UTC().Format(time.RFC3339)
	w.Add("old", "old@example.com", "demo-Passw0rd-1", map[string]any{"externalId": users.Mark + "run1", "createdAt": old})
	w.Add("stranger", "s@example.com", "demo-Passw0rd-1", map[string]any{"externalId": "flowtest", "createdAt": old})
	four := newcomer + strings.Repeat(newcomer[strings.Index(newcomer, "  Scenario"):], 3)
	write(t, w.dir, map[string]string{"features/a.feature": four})
	var all sync.WaitGroup
	var flowing atomic.Int32
	w.before = func(r *http.Request) {
		if strings.Contains(r.URL.Path, "/capabilities/") && flowing.Add(1) == 1 { // users of both are there
			got := w.run(t.Context(), "users", "--clean", "--target", "staging")
			assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
		}
	}
	for range 2 {
		all.Go(func() {
			got := w.run(t.Context(), "run", "--target", "staging")
			assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
			assert.NotContains(t, got.out, "was not removed")
		})
	}
	all.Wait()
	require.Equal(t, []string{"alice", "stranger"}, w.Users())
}
