package fake_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/tenant/fake"
)

const environment = "0f10e7e5-7000-4000-8000-000000000001"

// asking returns what asks a tenant, and reads its answer.
func asking(t *testing.T) (
	tenant *fake.Tenant, ask func(method, path string, change func(*http.Request)) (status int, body gjson.Result),
) {
	t.Helper()
	tenant = fake.New(fake.Config{Base: "https://x.example", Environment: environment, RedirectURI: "https://a.example/cb"})
	return tenant, func(method, path string, change func(*http.Request)) (int, gjson.Result) {
		r, w := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("")), httptest.NewRecorder()
		change(r)
		tenant.ServeHTTP(w, r)
		return w.Code, gjson.Parse(w.Body.String())
	}
}

func asWorker(r *http.Request) { r.SetBasicAuth(fake.WorkerID, fake.WorkerSecret) }

func withToken(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// A page without entries has an empty list, as the API describes it, and not null.
func TestAnEmptyPageIsAList(t *testing.T) {
	t.Parallel()
	_, ask := asking(t)
	_, token := ask(http.MethodPost, "/"+environment+"/as/token", asWorker)
	_, page := ask(http.MethodGet, "/v1/environments/"+environment+"/variables?limit=2&cursor=2",
		withToken(token.Get("access_token").Str))
	assert.Equal(t, "[]", page.Get("_embedded.variables").Raw, page.Raw)
}

// A token that does not hold is refused as the API describes it: the detail says why.
func TestATokenThatDoesNotHold(t *testing.T) {
	t.Parallel()
	tenant, ask := asking(t)
	_, token := ask(http.MethodPost, "/"+environment+"/as/token", asWorker)
	tenant.Expire()
	status, body := ask(http.MethodGet, "/v1/environments/"+environment+"/flows", withToken(token.Get("access_token").Str))
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Equal(t, []string{"ACCESS_FAILED", "INVALID_TOKEN"},
		[]string{body.Get("code").Str, body.Get("details.0.code").Str})
}

// Two runs that have a token each do not end each other's.
func TestEachTokenHoldsUntilItExpires(t *testing.T) {
	t.Parallel()
	tenant, ask := asking(t)
	flows := "/v1/environments/" + environment + "/flows"
	var tokens []string
	for range 2 {
		_, token := ask(http.MethodPost, "/"+environment+"/as/token", asWorker)
		tokens = append(tokens, token.Get("access_token").Str)
	}
	statuses := func() (all []int) {
		for _, token := range append(tokens, "demo-worker-token-3", "demo-worker-token-0", "x") {
			status, _ := ask(http.MethodGet, flows, withToken(token))
			all = append(all, status)
		}
		return all
	}
	assert.Equal(t, []int{200, 200, 401, 401, 401}, statuses())
	tenant.Expire()
	assert.Equal(t, []int{401, 401, 401, 401, 401}, statuses())
}
