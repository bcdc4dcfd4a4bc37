package har_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	const id = "5012727d02503c3c246e6a660e020812"
	get := func(path string) recordings.Exchange { return exchange(t, 1, "GET", site+path, "", 200, "{}") }
	post := func(path, body, kind string) recordings.Exchange {
		x := exchange(t, 1, "POST", site+path, body, 200, "{}")
		x.Header.Set("Content-Type", kind)
		return x
	}
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		take recordings.Take
		want string
	}{
		"in the query":          {recordings.Take{get("/as/authorize?response_mode=pi.flow&acr_values=" + id)}, id},
		"the first of several":  {recordings.Take{get("/as/authorize?acr_values=" + id + "+other")}, id},
		"in a form":             {recordings.Take{post("/as/authorize", "acr_values="+id, form)}, id},
		"in the path":           {recordings.Take{post("/davinci/policy/"+id+"/start", "{}", "application/json")}, id},
		"none":                  {recordings.Take{get("/as/authorize?response_mode=pi.flow")}, ""},
		"an empty one":          {recordings.Take{get("/as/authorize?acr_values=+")}, ""},
		"behind the start only": {recordings.Take{get("/as/authorize"), get("/davinci/connections/c/capabilities/x?acr_values=" + id)}, ""},
		"no exchanges":          {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, har.Policy(test.take))
		})
	}
}
