package runner_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
)

// The issuer answers itself, and no more than there is to say: a redirect could make
// another host name the endpoint that passwords are sent to.
func TestDiscoveryBelievesOnlyTheIssuer(t *testing.T) {
	followed := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	t.Cleanup(other.Close)
	for name, row := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a redirect": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+"/else?key=secret", http.StatusFound)
			},
			"redirected to " + other.URL + "/else, want the discovery document of the issuer itself",
		},
		"an answer without an end": {
			func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(strings.Repeat(" ", 3<<20))) // a client that has had enough goes away
			},
			"unable to read response body: the answer has more than 1 MiB, too much for a discovery document",
		},
	} {
		t.Run(name, func(t *testing.T) {
			issuer := httptest.NewServer(row.answer)
			t.Cleanup(issuer.Close)
			live := liveAt(t, issuer.URL)
			live.Live.Issuer = issuer.URL + "/as"
			err := refused(t, runner.Suite{Features: scenarios(passes), Target: live})
			_, ok := errors.AsType[*runner.EnvironmentError](err)
			assert.True(t, ok, "%T", err)
			require.EqualError(t, err, `discovery of target "there": `+row.want)
			assert.False(t, followed)
		})
	}
}

// What a discovery document names is held to the rules of baseUrl before anything goes there.
func TestDiscoveryCannotLeadElsewhere(t *testing.T) {
	for name, row := range map[string]struct {
		key, value string
		hosts      []string
		want       string
	}{
		"plain text": {
			"authorization_endpoint", "http://127.0.0.2:9/as/authorize", nil,
			"the authorization_endpoint of the discovery document is not used: http://127.0.0.2:9/as/authorize is not https, " +
				"and only 127.0.0.1, localhost and [::1] may be reached without",
		},
		"another host": {
			"token_endpoint", "https://evil.example.com/token?a=b", nil,
			"the token_endpoint of the discovery document is not used: https://evil.example.com/token is on another host " +
				"than HOST, want one that the target lists below hosts",
		},
		"keys elsewhere": {
			"jwks_uri", "https://evil.example.com/jwks",
			[]string{"other.example.com"},
			"the jwks_uri of the discovery document is not used: https://evil.example.com/jwks is on another host " +
				"than HOST, want one that the target lists below hosts",
		},
		"revocation elsewhere": {
			"revocation_endpoint", "https://evil.example.com/revoke", nil,
			"the revocation_endpoint of the discovery document is not used: https://evil.example.com/revoke is on another " +
				"host than HOST, want one that the target lists below hosts",
		},
		"a sign-off without TLS": {
			"end_session_endpoint", "http://192.0.2.1/signoff", nil,
			"the end_session_endpoint of the discovery document is not used: http://192.0.2.1/signoff is not https, " +
				"and only 127.0.0.1, localhost and [::1] may be reached without",
		},
		"a host that is allowed": {"userinfo_endpoint", "https://Other.example.com/me", []string{"other.example.com:443"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var issuer *httptest.Server
			asked := 0
			issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				document := map[string]any{
					"issuer": issuer.URL + "/as", "authorization_endpoint": issuer.URL + "/as/authorize",
					"token_endpoint": issuer.URL + "/as/token", "jwks_uri": issuer.URL + "/as/jwks",
				}
				document[row.key] = row.value
				_ = json.NewEncoder(w).Encode(document)
			}))
			t.Cleanup(issuer.Close)
			live := liveAt(t, issuer.URL)
			live.Live.Issuer, live.Live.Hosts = issuer.URL+"/as", row.hosts
			_, err := (&runner.Suite{Features: scenarios(passes), Target: live, Rate: 10_000}).Run(t.Context())
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, `discovery of target "there": `+
				strings.ReplaceAll(row.want, "HOST", strings.TrimPrefix(issuer.URL, "http://")))
			assert.Equal(t, 1, asked, "nothing but the document was asked for")
		})
	}
}
