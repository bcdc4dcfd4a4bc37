package har_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/har"
	"flowtest/steps/davinci"
)

func TestPolicy(t *testing.T) {
	t.Parallel()
	const id = "5012727d02503c3c246e6a660e020812"
	get := func(path string) davinci.Exchange { return exchange(t, 1, "GET", site+path, "", 200, "{}") }
	post := func(path, body, kind string) davinci.Exchange {
		x := exchange(t, 1, "POST", site+path, body, 200, "{}")
		x.Header.Set("Content-Type", kind)
		return x
	}
	const form = "application/x-www-form-urlencoded"
	for name, test := range map[string]struct {
		exchanges davinci.Exchanges
		want      string
	}{
		"in the query":         {davinci.Exchanges{get("/as/authorize?response_mode=pi.flow&acr_values=" + id)}, id},
		"a list":               {davinci.Exchanges{get("/as/authorize?acr_values=" + id + "+other")}, id + " other"},
		"in a form":            {davinci.Exchanges{post("/as/authorize", "acr_values="+id, form)}, id},
		"in the path":          {davinci.Exchanges{post("/davinci/policy/"+id+"/start", "{}", "application/json")}, id},
		"none":                 {davinci.Exchanges{get("/as/authorize?response_mode=pi.flow")}, ""},
		"an empty one":         {davinci.Exchanges{get("/as/authorize?acr_values=+")}, ""},
		"after the start only": {davinci.Exchanges{get("/as/authorize"), get("/davinci/connections/c/capabilities/x?acr_values=" + id)}, ""},
		"no exchanges":         {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, har.Policy(test.exchanges))
		})
	}
}
