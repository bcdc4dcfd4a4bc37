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

// A page without entries has an empty list, as the API describes it, and not null.
func TestAnEmptyPageIsAList(t *testing.T) {
	t.Parallel()
	const environment = "0f10e7e5-7000-4000-8000-000000000001"
	tenant := fake.New(fake.Config{Base: "https://x.example", Environment: environment, RedirectURI: "https://a.example/cb"})
	ask := func(method, path string, change func(*http.Request)) gjson.Result {
		r, w := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader("")), httptest.NewRecorder()
		change(r)
		tenant.ServeHTTP(w, r)
		return gjson.Parse(w.Body.String())
	}
	token := ask(http.MethodPost, "/"+environment+"/as/token", func(r *http.Request) {
		r.SetBasicAuth(fake.WorkerID, fake.WorkerSecret)
	}).Get("access_token").Str
	page := ask(http.MethodGet, "/v1/environments/"+environment+"/variables?limit=2&cursor=2", func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+token)
	})
	assert.Equal(t, "[]", page.Get("_embedded.variables").Raw, page.Raw)
}
