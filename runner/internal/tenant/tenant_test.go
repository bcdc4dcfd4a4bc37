package tenant_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/steps/secret"
)

const (
	base        = "https://auth.example.test"
	environment = mockserver.DefaultEnvironment
	clientID    = "a1000000-0000-4000-8000-0000000000a1"
	redirectURI = "https://app.example.test/callback"
	policy      = "5012727d02503c3c246e6a660e020812" // of the shipped sign-on
)

// A world is a tenant, a target that fits it, and what was asked.
type world struct {
	*fake.Tenant

	target *target.Target
	asked  []string // method and path
	before func(*http.Request) *http.Response
	hangs  string // how a path ends whose requests have no answer, "" for none
	replay http.Handler
}

// RoundTrip implements [http.RoundTripper].
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.asked = append(w.asked, r.Method+" "+r.URL.Path)
	if w.hangs != "" && strings.HasSuffix(r.URL.Path, w.hangs) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if w.before != nil {
		if resp := w.before(r); resp != nil {
			return resp, nil
		}
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	to, answer := w.replay, httptest.NewRecorder()
	if strings.HasPrefix(r.URL.Path, "/v1/") || fake.IsToken(r) {
		to = w.Tenant
	}
	to.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// shipped is a server that replays the shipped recordings, one for all tests.
var shipped = sync.OnceValues(func() (*mockserver.Server, error) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		return nil, err
	}
	return mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
})

// newWorld returns a tenant in which everything holds for the target.
func newWorld(t *testing.T) *world {
	t.Helper()
	server, err := shipped()
	require.NoError(t, err)
	policies := map[string]string{"sign-on": policy}
	return &world{
		Tenant: fake.New(fake.Config{
			Base: base, Environment: environment, ClientID: clientID, RedirectURI: redirectURI, Policies: policies,
		}),
		replay: server,
		target: &target.Target{Name: "staging", Live: &target.Live{
			Authorize: base + "/" + environment + "/as/authorize", EnvironmentID: environment, ClientID: clientID,
			RedirectURI: redirectURI, Scopes: []string{"openid", "profile"}, Flows: policies,
			Worker: &target.Worker{
				ClientID: fake.WorkerID, ClientSecret: secret.New(fake.WorkerSecret), API: base + "/v1",
				Token: base + "/" + environment + "/as/token",
			},
		}},
	}
}

// text writes a report.
func text(t *testing.T, r *tenant.Report, format string) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, r.Write(&b, format))
	return b.String()
}

// not returns the checks that do not hold, each as ID: verdict.
func not(r *tenant.Report) (found []string) {
	for _, c := range r.Checks {
		if c.Verdict != tenant.Holds {
			found = append(found, c.ID+": "+string(c.Verdict))
		}
	}
	return found
}

// property sets a property of an answer of the tenant, which is an object.
func (w *world) property(path, name string, value any) {
	w.Change(path, func(body any) any {
		object, _ := body.(map[string]any)
		if value == nil {
			delete(object, name)
		} else {
			object[name] = value
		}
		return object
	})
}
