package mockserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// realms are the two ways to an environment: its id in the path, and a domain of its own.
var realms = map[string]string{"with an environment": envPath, "on a custom domain": ""}

// noon is when the clocks of these tests start.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// A watch is a clock that moves only when it is set.
type watch struct{ at time.Time }

func (w *watch) now() time.Time { return w.at }

func (w *watch) pass(d time.Duration) { w.at = w.at.Add(d) }

// clocked is a replay whose clock shows noon.
func clocked(tb testing.TB) (*replay, *watch) {
	tb.Helper()
	w := &watch{noon}
	return replaying(tb, mockserver.Config{Now: w.now}), w
}

// The lifetimes that PingOne's own tokens have.
const (
	codeLives    = 5 * time.Minute
	accessLives  = time.Hour
	refreshLives = 30 * 24 * time.Hour
	pushedLives  = time.Minute
)

// A verifier of PKCE.
const pkceVerifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

// pkceChallenge is its challenge by S256.
func pkceChallenge() string {
	sum := sha256.Sum256([]byte(pkceVerifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// An app is a client of the replay.
type app struct {
	*replay
	realm string // what is before /as
	id    string
	basic string // the header Authorization, of an app that has a secret
}

// anApp is a client that says who it is in the form.
func (r *replay) anApp(realm, id string) *app { return &app{replay: r, realm: realm, id: id} }

// issuer is the app's idea of who signs its tokens.
func (a *app) issuer() string { return a.base + a.realm + "/as" }

// code signs on at once, for there is a session, and returns the code and the
// id of the session. More is added to the authorize request.
func (a *app) code(tb testing.TB, more ...string) (code, session string) {
	tb.Helper()
	query := url.Values{
		"client_id": {a.id}, "acr_values": {"session"}, "response_mode": {"pi.flow"}, "response_type": {"code"},
		"scope": {"openid profile"},
	}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	end := a.send(tb, http.MethodGet, a.realm+"/as/authorize?"+query.Encode(), sdk, "")
	require.Equal(tb, http.StatusOK, end.status, end.text)
	code, session = end.Get("authorizeResponse.code").String(), end.Get("session.id").String()
	require.NotEmpty(tb, code)
	return code, session
}

// form posts a form to an endpoint.
func (a *app) form(tb testing.TB, path string, form url.Values) reply {
	tb.Helper()
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	if a.basic != "" {
		header["Authorization"] = a.basic
	} else if a.id != "" && !form.Has("client_id") {
		form = maps.Clone(form)
		form.Set("client_id", a.id)
	}
	return a.send(tb, http.MethodPost, a.realm+path, header, form.Encode())
}

// exchange asks for the tokens of a code; more is added to the form.
func (a *app) exchange(tb testing.TB, code string, more ...string) reply {
	tb.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return a.form(tb, "/as/token", form)
}

// refresh asks for tokens anew.
func (a *app) refresh(tb testing.TB, token string) reply {
	tb.Helper()
	return a.form(tb, "/as/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

// tokens signs on and exchanges the code.
func (a *app) tokens(tb testing.TB, more ...string) reply {
	tb.Helper()
	code, _ := a.code(tb, more...)
	t := a.exchange(tb, code)
	requireTokens(tb, t)
	return t
}

// userinfo asks who the user of an access token is.
func (a *app) userinfo(tb testing.TB, access string) reply {
	tb.Helper()
	return a.send(tb, http.MethodGet, a.realm+"/as/userinfo", map[string]string{"Authorization": "Bearer " + access}, "")
}

// introspect asks whether a token is alive.
func (a *app) introspect(tb testing.TB, token string) reply {
	tb.Helper()
	return a.form(tb, "/as/introspect", url.Values{"token": {token}})
}

// verifier checks tokens as a client does that knows only the issuer.
func (a *app) verifier(tb testing.TB, clock func() time.Time) *oidc.IDTokenVerifier {
	tb.Helper()
	ctx := oidc.ClientContext(tb.Context(), &http.Client{Transport: a.RoundTripper})
	provider, err := oidc.NewProvider(ctx, a.issuer())
	require.NoError(tb, err)
	return provider.VerifierContext(ctx, &oidc.Config{ClientID: a.id, Now: clock})
}

// requireTokens requires an answer of the token endpoint that is whole.
func requireTokens(tb testing.TB, a reply) {
	tb.Helper()
	require.Equal(tb, http.StatusOK, a.status, a.text)
	assert.Equal(tb, "Bearer", a.Get("token_type").String())
	assert.Equal(tb, "3600", a.Get("expires_in").Raw)
	assert.NotEmpty(tb, a.Get("access_token").String())
	assert.NotEmpty(tb, a.Get("refresh_token").String())
	assert.Equal(tb, "no-store", a.header.Get("Cache-Control"))
	assert.True(tb, strings.HasPrefix(a.header.Get("Content-Type"), "application/json"))
}

// requireRefused requires an error of OAuth.
func requireRefused(tb testing.TB, a reply, status int, code string) {
	tb.Helper()
	require.Equal(tb, status, a.status, a.text)
	assert.Equal(tb, code, a.Get("error").String(), a.text)
	assert.NotEmpty(tb, a.Get("error_description").String())
	assert.False(tb, a.Get("access_token").Exists(), a.text)
	assert.Equal(tb, "no-store", a.header.Get("Cache-Control"))
}

// unbase64 decodes a part of a token.
func unbase64(tb testing.TB, text string) []byte {
	tb.Helper()
	out, err := base64.RawURLEncoding.DecodeString(text)
	require.NoError(tb, err)
	return out
}

// signOn starts a flow that pauses at a screen, and asks for an ID token.
func (a *app) signOn(tb testing.TB, flow string) *signOn {
	tb.Helper()
	s := &signOn{replay: a.replay}
	query := url.Values{"client_id": {a.id}, "acr_values": {flow}, "response_mode": {"pi.flow"}, "scope": {"openid"}}
	screen := a.send(tb, http.MethodGet, a.realm+"/as/authorize?"+query.Encode(), sdk, "")
	require.Equal(tb, http.StatusOK, screen.status, screen.text)
	s.keep(screen)
	return s
}
