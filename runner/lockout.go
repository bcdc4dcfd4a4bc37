package runner

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/target"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
)

// A lockoutError says that a retry sends no further password of a user.
type lockoutError struct {
	user    string
	refused int
	most    int
}

// Error implements error.
func (e *lockoutError) Error() string {
	times := fmt.Sprintf("%d times", e.refused)
	if e.refused == 1 {
		times = "once"
	}
	return fmt.Sprintf("a password of the user %q was refused %s in this run (--max-refused %d)", e.user, times, e.most)
}

// refusals counts refused passwords by the user who signed on.
type refusals struct {
	mu sync.Mutex
	by map[string]int
}

// add counts more of them, and returns how many there are of that user.
func (r *refusals) add(user string, n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]int{}
	}
	r.by[user] += n
	return r.by[user]
}

// holdsSecret reports whether a request sends a password, or what is like one.
func holdsSecret(body []byte) bool {
	secret := false
	gjson.GetBytes(body, "parameters.data.formData").ForEach(func(key, _ gjson.Result) bool {
		secret = target.Secret(key.Str)
		return !secret
	})
	return secret
}

// lockout returns an error if the user's password was refused so often that nothing
// is retried. more are the refusals that are not counted yet.
func (r *running) lockout(user string, more int) error {
	most := cmp.Or(r.suite.MaxRefused, DefaultMaxRefused)
	n := r.refusals.add(user, 0) + more
	if n < most {
		return nil
	}
	return &lockoutError{user, n, most}
}

// placed is a target that knows where its scenario is.
type placed struct {
	backend.Scenario

	it *item
}

// Passcode says meanwhile that the scenario waits: live the next code may be 30 seconds off.
func (t *placed) Passcode(ctx context.Context, key *generated.Key) (string, error) {
	if w, ok := t.it.suite.Watcher.(interface{ Wait(number int, what string) }); ok {
		w.Wait(t.it.index, "waits for the next one-time code")
		defer w.Wait(t.it.index, "")
	}
	return t.Scenario.Passcode(ctx, key)
}

// Beside returns a file that the scenario names; see [feature.Loader.Beside].
func (t *placed) Beside(name string) (files fs.FS, at, show string) {
	return t.it.beside(t.it.scenario.File, name)
}

// onPlatform is a target that asks as the SDK of a platform.
type onPlatform struct {
	backend.Scenario

	platform string
}

// Flow implements [steps.Target].
func (t *onPlatform) Flow(name string) (flow.Config, error) {
	c, err := t.Scenario.Flow(name)
	c.Platform = t.platform
	return c, err
}

// guarded is the target of a retry: it does not send a password once that user's
// was refused too often, whatever the scenario says.
type guarded struct {
	backend.Scenario

	it *item
}

// Flow implements [steps.Target].
func (g *guarded) Flow(name string) (flow.Config, error) {
	c, err := g.Scenario.Flow(name)
	if err == nil {
		c.Transport = &guard{c.Transport, g.it}
	}
	return c, err
}

type guard struct {
	to http.RoundTripper
	it *item
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return g.to.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = r.Body.Close() // all of it was read
	if holdsSecret(body) {
		user := g.it.world.UserName()
		if err := g.it.lockout(user, g.it.refusedPasswords()[user]); err != nil {
			return nil, fmt.Errorf("not sent: %w", err)
		}
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return g.to.RoundTrip(r)
}
