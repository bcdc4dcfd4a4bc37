package runner_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
)

// The issuer answers itself, and no more than there is to say: a redirect could
// make somebody else name the endpoint that passwords are sent to.
func TestDiscoveryTakesTheIssuersOwnWordAlone(t *testing.T) {
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
			"unable to read response body: the answer has more than 1 MiB, which no discovery document has",
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
