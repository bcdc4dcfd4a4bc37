package users_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/users"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
)

const environment = "0f10e7e5-7000-4000-8000-000000000001"

// A world is a population and the environment that it is in.
type world struct {
	*fake.Tenant

	users  *users.Directory
	known  *secret.Redactor
	signOn map[string]map[string]string // who may sign on, by username
	broken func(*http.Request) error    // what the network says, nil where it works
	after  func(*http.Request, *http.Response) *http.Response
	open   atomic.Int32
	most   atomic.Int32
}

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if w.broken != nil {
		if err := w.broken(r); err != nil {
			return nil, err
		}
	}
	w.most.Store(max(w.most.Load(), w.open.Add(1)))
	defer w.open.Add(-1)
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/users") {
		time.Sleep(time.Millisecond) // in a bubble, so that requests overlap
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	resp := answer.Result()
	if w.after != nil {
		resp = w.after(r, resp)
	}
	return resp, nil
}

func newWorld(t *testing.T, population string) *world {
	t.Helper()
	const base = "https://auth.example.test"
	w := &world{known: &secret.Redactor{}, signOn: map[string]map[string]string{}}
	var mu sync.Mutex
	w.Tenant = fake.New(fake.Config{
		Base: base, Environment: environment, RedirectURI: "https://app.example.test/callback", Population: "flowtest",
		Added: func(attributes map[string]string) func() {
			mu.Lock()
			defer mu.Unlock()
			w.signOn[attributes["username"]] = attributes
			return func() {
				mu.Lock()
				defer mu.Unlock()
				delete(w.signOn, attributes["username"])
			}
		},
	})
	live := &target.Live{EnvironmentID: environment, Worker: &target.Worker{
		ClientID: fake.WorkerID, ClientSecret: secret.New(fake.WorkerSecret), API: base + "/v1",
		Token: base + "/" + environment + "/as/token",
	}}
	w.users = users.New(tenant.NewClient(w, live, w.known), population, w.known)
	return w
}

const password = "Right-password-1"

// person are the attributes of a user.
func person(name string) map[string]string {
	return map[string]string{
		"username": name, "email": name + "@example.com", "password": password, "givenName": "Ada",
		"address.locality": "Bern",
	}
}

// isolated runs a test in a bubble, in which waiting takes no time.
func isolated(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

func TestAUserFromTheFirstToTheLast(t *testing.T) {
	isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
		w, ctx := newWorld(t, "flowtest"), t.Context()
		w.Pages(1) // the second page is empty
		u, err := w.users.Create(ctx, person("ada"), true)
		require.NoError(t, err)
		found, err := w.users.Find(ctx, "username", "ada")
		require.NoError(t, err)
		assert.Equal(t, []any{u.ID, "Ada", "Bern", true, true}, []any{
			found.Get("id").Str, found.Get("name.given").Str, found.Get("address.locality").Str,
			found.Get("mfaEnabled").Bool(), strings.HasPrefix(found.Get("externalId").Str, users.Mark),
		})
		assert.Equal(t, password, w.signOn["ada"]["password"])

		var codes generated.Ledger
		key, err := w.users.AddTOTP(ctx, u, codes.Code)
		require.NoError(t, err)
		assert.Contains(t, key, "otpauth://totp/")
		require.NoError(t, w.users.AddEmail(ctx, u, "ada@example.com", nil))
		devices, err := w.users.Devices(ctx, u.ID)
		require.NoError(t, err)
		require.Len(t, devices, 2)
		for _, d := range devices {
			assert.Equal(t, "ACTIVE", d.Get("status").Str)
		}
		for _, hidden := range []string{key, password} {
			assert.NotContains(t, w.known.Redact("x "+hidden+" y"), hidden)
		}

		require.NoError(t, w.users.Set(ctx, u, users.MustChange))
		state, err := w.users.Password(ctx, u.ID)
		require.NoError(t, err)
		assert.Equal(t, "MUST_CHANGE_PASSWORD", state)
		require.NoError(t, w.users.Set(ctx, u, users.Locked))
		found, err = w.users.Find(ctx, "username", "ada")
		require.NoError(t, err)
		assert.Equal(t, "LOCKED", found.Get("account.status").Str)
		assert.NotEqual(t, password, w.signOn["ada"]["password"])
		require.NoError(t, w.users.Set(ctx, u, users.Disabled))
		require.ErrorContains(t, w.users.Set(ctx, u, "tired"), `"tired" is not a state of a user`)

		w.Refuse("DELETE /users/*", 1, http.StatusInternalServerError, "UNEXPECTED_ERROR", "It failed.", "")
		require.NoError(t, w.users.Delete(ctx, u), "a delete that fails once")
		require.NoError(t, w.users.Delete(ctx, u), "of one who is gone")
		assert.Empty(t, w.Users())
		assert.Empty(t, w.signOn)
		gone, err := w.users.Find(ctx, "username", "ada")
		require.NoError(t, err)
		assert.False(t, gone.Exists())
	})
}

func TestWhatCannotBeMade(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		population string
		attributes func(map[string]string)
		change     func(*world)
		want       string
	}{
		"no such population": {"elsewhere", nil, nil, `the environment has no population "elsewhere"`},
		"no role": {"flowtest", nil, func(w *world) {
			w.Refuse("POST /users", 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
		}, `answered with 403 ACCESS_FAILED: You do not have access.: the worker app needs the role "Identity Data Admin"`},
		"a name that is taken": {"flowtest", func(a map[string]string) { a["username"] = "taken" }, func(w *world) {
			w.Add("taken", "t@example.com", password, nil)
		}, "answered with 400 INVALID_DATA: is unique but a non-unique value is provided"},
		"a weak password": {
			"flowtest", func(a map[string]string) { a["password"] = "weak" }, nil,
			"The provided password did not satisfy the password policy",
		},
		"an attribute of flowtest's own": {
			"flowtest", func(a map[string]string) { a["externalId"] = "x" }, nil,
			`the attribute "externalId" cannot be set: flowtest sets it`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
				w := newWorld(t, row.population)
				attributes := person("ada")
				if row.attributes != nil {
					row.attributes(attributes)
				}
				if row.change != nil {
					row.change(w)
				}
				u, err := w.users.Create(t.Context(), attributes, false)
				require.ErrorContains(t, err, row.want)
				assert.Nil(t, u)
				assert.NotContains(t, w.Users(), "ada")
			})
		})
	}
}

// A service in trouble: the requests are repeated that may be, and a user whose answer was
// lost is found and removed.
func TestAServiceInTrouble(t *testing.T) {
	isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
		w, ctx := newWorld(t, "flowtest"), t.Context()
		w.Refuse("POST /users", 2, http.StatusTooManyRequests, "REQUEST_LIMITED", "Too many requests.", "3")
		began := time.Now()
		u, err := w.users.Create(ctx, person("ada"), false)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(began), 6*time.Second, "as long as Retry-After says")
		w.Expire()
		require.NoError(t, w.users.Set(ctx, u, users.Disabled))
		assert.Equal(t, 2, w.Issued())

		w.after = func(r *http.Request, resp *http.Response) *http.Response {
			if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/users") {
				resp.StatusCode = http.StatusBadGateway
				resp.Body = io.NopCloser(strings.NewReader(`{"id": "` + environment + `", "code": "UNEXPECTED_ERROR"}`))
			}
			return resp
		}
		lost, err := w.users.Create(ctx, person("ben"), false)
		require.ErrorContains(t, err, "was answered with 502")
		assert.Equal(t, []string{"ada", "ben"}, w.Users(), "it was not sent again")
		require.NoError(t, w.users.Delete(ctx, lost))
		assert.Equal(t, []string{"ada"}, w.Users())
	})
}

// A connection that was cut off is tried again where that does no harm, and a role that is
// missing is named.
func TestAConnectionThatIsCutOff(t *testing.T) {
	isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
		w, ctx := newWorld(t, "flowtest"), t.Context()
		u, err := w.users.Create(ctx, person("ada"), false)
		require.NoError(t, err)
		cut := map[string]int{http.MethodGet: 2, http.MethodDelete: 2, http.MethodPost: 1}
		w.broken = func(r *http.Request) error {
			if cut[r.Method]--; cut[r.Method] >= 0 {
				return fmt.Errorf("read tcp: %w", syscall.ECONNRESET)
			}
			return nil
		}
		_, err = w.users.Create(ctx, person("ben"), false)
		require.ErrorContains(t, err, "had no answer: read tcp: connection reset by peer")
		assert.Equal(t, []string{"ada"}, w.Users(), "a POST is not sent again")
		_, err = w.users.Find(ctx, "username", "ada")
		require.NoError(t, err)

		w.Refuse("DELETE /users/*", 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
		require.ErrorContains(t, w.users.Delete(ctx, u), `the worker app needs the role "Identity Data Admin"`)
		w.Refuse("DELETE /users/*", 1, http.StatusForbidden, "ACCESS_FAILED", "You do not have access.", "")
		require.ErrorContains(t, w.users.Remove(ctx, users.Leftover{ID: u.ID}), `the worker app needs the role "Identity Data Admin"`)
		cut[http.MethodDelete] = 2
		require.NoError(t, w.users.Delete(ctx, u))
		assert.Empty(t, w.Users())

		cut[http.MethodGet] = 10
		_, err = w.users.Find(ctx, "username", "ada")
		require.ErrorContains(t, err, "had no answer")
		assert.Equal(t, 6, cut[http.MethodGet], "tried four times")
	})
}

// Users are made at the same time, and not too many of them.
func TestCreationIsBounded(t *testing.T) {
	isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
		w := newWorld(t, "flowtest")
		var all sync.WaitGroup
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			all.Go(func() {
				_, err := w.users.Create(t.Context(), person(name), false)
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.Len(t, w.Users(), 10)
		assert.LessOrEqual(t, w.most.Load(), int32(3))
		assert.Greater(t, w.most.Load(), int32(1))
	})
}

// An attack: the environment shows another user under the id of ours, moves ours away, or
// answers a search with a stranger. Nothing is changed or deleted then.
func TestAStrangerIsNeverTouched(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(map[string]any){
		"without a mark":              func(u map[string]any) { delete(u, "externalId") },
		"with the mark of a run":      func(u map[string]any) { u["externalId"] = users.Mark + "another1" },
		"with a mark inside":          func(u map[string]any) { u["externalId"] = fmt.Sprint("x", u["externalId"]) },
		"in another population":       func(u map[string]any) { u["population"] = map[string]any{"id": environment} },
		"without any population":      func(u map[string]any) { delete(u, "population") },
		"with a mark of another sort": func(u map[string]any) { u["externalId"] = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
				w, ctx := newWorld(t, "flowtest"), t.Context()
				u, err := w.users.Create(ctx, person("ada"), false)
				require.NoError(t, err)
				require.True(t, w.Edit("ada", edit))
				written := len(w.Written())
				for _, state := range []string{users.MustChange, users.Disabled, users.Locked} {
					require.ErrorContains(t, w.users.Set(ctx, u, state), "so flowtest does not touch it")
				}
				_, err = w.users.AddTOTP(ctx, u, nil)
				require.ErrorContains(t, err, "so flowtest does not touch it")
				require.ErrorContains(t, w.users.AddEmail(ctx, u, "a@example.com", nil), "so flowtest does not touch it")
				require.ErrorContains(t, w.users.Delete(ctx, u), "so flowtest does not touch it")
				require.ErrorContains(t, w.users.Delete(ctx, &users.User{Username: "ada"}), "so flowtest does not touch it")
				if name != "with the mark of a run" { // cleaning is for those of any run
					left, _, err := w.users.Leftovers(ctx, time.Now().Add(time.Hour))
					require.NoError(t, err)
					assert.Empty(t, left)
					require.ErrorContains(t, w.users.Remove(ctx, users.Leftover{ID: u.ID}), "so flowtest does not touch it")
				}
				assert.Len(t, w.Written(), written, "nothing was sent")
				assert.Equal(t, []string{"ada"}, w.Users())
			})
		})
	}
}

func TestLeftoversAreFoundByMarkAndAge(t *testing.T) {
	isolated(t, func(t *testing.T) { //nolint:thelper // it is the test
		w, ctx := newWorld(t, "flowtest"), context.WithoutCancel(t.Context())
		w.Pages(2)
		now := time.Now().UTC()
		for name, age := range map[string]time.Duration{"old": 30 * time.Hour, "new": time.Hour} {
			w.Add(name, name+"@example.com", password, map[string]any{
				"externalId": users.Mark + "run1", "createdAt": now.Add(-age).Format(time.RFC3339),
			})
		}
		w.Add("stranger", "s@example.com", password, map[string]any{"createdAt": "2020-01-01T00:00:00Z"})
		left, _, err := w.users.Leftovers(ctx, now.Add(-24*time.Hour))
		require.NoError(t, err)
		require.Len(t, left, 1)
		assert.Equal(t, "old run1", left[0].Username+" "+left[0].Run)
		var quiet []string
		require.NoError(t, w.users.Clean(ctx, now.Add(-48*time.Hour), false, func(line string) { quiet = append(quiet, line) }))
		assert.Equal(t, "2 users created since then, which a run in progress may need: --older-than 0s includes them", quiet[1])
		require.NoError(t, w.users.Remove(ctx, left[0]))
		require.NoError(t, w.users.Remove(ctx, left[0]), "of one who is gone")
		left, _, err = w.users.Leftovers(ctx, now)
		require.NoError(t, err)
		require.Len(t, left, 1)
		assert.True(t, slices.Contains(w.Users(), "stranger"))

		// A user for which the environment gives no time may be of a run in progress.
		for name, at := range map[string]any{"undated": nil, "unreadable\x1b[2J": "yesterday"} {
			w.Add(name, "u@example.com", password, map[string]any{"externalId": users.Mark + "run2", "createdAt": at})
		}
		var said []string
		require.NoError(t, w.users.Clean(ctx, now, false, func(line string) { said = append(said, line) }))
		assert.Contains(t, said, `"undated", of the run "run2", was not removed: the environment does not say when the user was created`)
		assert.Contains(t, said, `"unreadable\x1b[2J", of the run "run2", was not removed: the environment does not say when the user was created`)
		assert.Contains(t, said[len(said)-1], `1 user with the mark of flowtest in the population "flowtest", created before `)
		assert.Equal(t, []string{"stranger", "undated", "unreadable\x1b[2J"}, slices.Sorted(slices.Values(w.Users())))
	})
}
