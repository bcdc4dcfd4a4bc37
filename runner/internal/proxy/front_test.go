package proxy_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An app that names the proxy by another name of the machine gets links to that
// name, and what it repeats of them is the live side's again.
func TestTheAppStaysOnTheNameThatItUsed(t *testing.T) {
	t.Parallel()
	var s *stage
	s = before(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", s.live.URL+"/next")
		_, _ = io.WriteString(w, `{"sent":"`+strings.NewReplacer(s.live.URL, "LIVE", url.QueryEscape(s.live.URL), "ESCAPED").Replace(string(body))+`","href":"`+s.live.URL+`/next"}`)
	}))
	own := strings.TrimPrefix(s.front.URL, "http://")
	_, port, _ := strings.Cut(own, ":")
	for name, test := range map[string]struct{ host, want string }{
		"as it is configured":   {own, own},
		"localhost":             {"localhost:" + port, "localhost:" + port},
		"an emulator's address": {"10.0.2.2:" + port, "10.0.2.2:" + port},
		"IPv6":                  {"[::1]:" + port, "[::1]:" + port},
		"no name":               {"", own},
		"the live side's name":  {strings.TrimPrefix(s.live.URL, "https://"), strings.TrimPrefix(s.live.URL, "https://")},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.front.URL+"/davinci/x", strings.NewReader(
					"http://"+test.host+"/page http%3A%2F%2F"+url.QueryEscape(test.host)+"%2Fpage"))
				require.NoError(t, err)
				r.Host = test.host
				r.Header.Set("Content-Type", "text/plain")
				p, err := s.front.Client().Transport.RoundTrip(r)
				require.NoError(t, err)
				text, err := io.ReadAll(p.Body)
				require.NoError(t, err)
				require.NoError(t, p.Body.Close())
				assert.Equal(t, "http://"+test.want+"/next", p.Header.Get("Location"))
				assert.Contains(t, string(text), `"href":"http://`+test.want+`/next"`)
				if test.host != "" {
					assert.Contains(t, string(text), `"sent":"LIVE/page ESCAPED%2Fpage"`)
				}
			}
		})
	}
	t.Run("of many names", func(t *testing.T) {
		for i := range 40 {
			host := strings.Repeat("a", i+1) + ".example:" + port
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.front.URL+"/", http.NoBody)
			require.NoError(t, err)
			r.Host = host
			p, err := s.front.Client().Transport.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, p.Body.Close())
			assert.Equal(t, "http://"+host+"/next", p.Header.Get("Location"))
		}
	})
	for _, x := range s.exchanges() {
		assert.True(t, strings.HasPrefix(x.URL.String(), s.live.URL), x.URL)
	}
}
