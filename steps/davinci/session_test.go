package davinci_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

func TestASessionThatCounts(t *testing.T) {
	for name, row := range map[string]struct {
		cookie, query string
		want          bool
	}{
		"no cookie":            {"", "", false},
		"another cookie":       {"interactionId=1; STX=2", "", false},
		"the cookie":           {"a=b; ST=1", "", true},
		"its copy":             {"ST-NO-SS=1", "prompt=none", true},
		"an empty one":         {"ST=", "", false},
		"another sign-on":      {"ST=1", "prompt=login", false},
		"another sign-on, now": {"ST=1", "max_age=0", false},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(row.query)
			require.NoError(t, err)
			s := davinci.Sent{Query: query}
			header := http.Header{}
			if row.cookie != "" {
				header.Set("Cookie", row.cookie)
			}
			s.ReadHeader(header)
			assert.Equal(t, row.want, s.Session)
		})
	}
}
