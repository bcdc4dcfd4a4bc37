package mockserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// An idClaims is what Ping's own ID tokens say.
type idClaims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  string   `json:"aud"`
	IssuedAt  int64    `json:"iat"`
	Expiry    int64    `json:"exp"`
	SignedOn  int64    `json:"auth_time"`
	Context   string   `json:"acr"`
	Methods   []string `json:"amr"`
	Hash      string   `json:"at_hash"`
	Session   string   `json:"sid"`
	Nonce     *string  `json:"nonce"`
	Env       string   `json:"env"`
	Org       string   `json:"org"`
	Region    string   `json:"p1.region"`
	Username  string   `json:"preferred_username"`
	Given     string   `json:"given_name"`
	Family    string   `json:"family_name"`
	Email     string   `json:"email"`
	Updated   int64    `json:"updated_at"`
	Password  string   `json:"password"`
	TokenType string   `json:"token_type"`
}

func TestTokensAreVerifiedThroughDiscovery(t *testing.T) {
	const environment = "11111111-2222-4333-8444-555555555555"
	for name, row := range map[string]struct {
		base, realm, environment string
	}{
		"with an environment":                {"https://auth.example.com", envPath, mockserver.DefaultEnvironment},
		"on a custom domain":                 {"https://account.example.com", "", mockserver.DefaultEnvironment},
		"with an environment of its own":     {"https://auth.example.com", "/" + environment, environment},
		"on a custom domain with one of its": {"https://account.example.com", "", environment},
		"over http on a port":                {"http://localhost:8910", envPath, mockserver.DefaultEnvironment},
		"on an address":                      {"https://[::1]:8443", envPath, mockserver.DefaultEnvironment},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &watch{noon}
			r := replaying(t, mockserver.Config{Now: clock.now, Environment: row.environment})
			r.base = row.base
			a := r.anApp(row.realm, "app")
			code, session := a.code(t, "nonce", "once & only", "scope", "openid")
			clock.pass(time.Minute)
			tokens := a.exchange(t, code)
			requireTokens(t, tokens)
			access := tokens.Get("access_token").String()

			id, err := a.verifier(t, clock.now).Verify(t.Context(), tokens.Get("id_token").String())
			require.NoError(t, err)
			require.NoError(t, id.VerifyAccessToken(access), "at_hash")
			assert.Equal(t, "once & only", id.Nonce)
			var got idClaims
			require.NoError(t, id.Claims(&got))
			policy, _ := r.Policy("session")
			want := idClaims{
				Issuer: row.base + row.realm + "/as", Subject: id.Subject, Audience: "app",
				IssuedAt: clock.at.Unix(), Expiry: clock.at.Add(time.Hour).Unix(), SignedOn: noon.Unix(),
				Context: policy, Methods: []string{"pwd"}, Hash: got.Hash, Session: session, Nonce: got.Nonce,
				Env: row.environment, Org: got.Org, Region: "NA",
				Username: "ann", Given: "Ann", Family: "Arbor", Email: "ann@example.com", Updated: noon.Unix(),
			}
			assert.Equal(t, want, got)
			assert.Len(t, got.Org, 36)
			assert.Len(t, got.Subject, 36)

			// An access token is signed by the same key, and its audience is no client.
			token, err := a.verifier(t, clock.now).Verify(t.Context(), access)
			require.Error(t, err, "an access token is no ID token for the app: %v", token)
			ctx := oidc.ClientContext(t.Context(), &http.Client{Transport: a.RoundTripper})
			provider, err := oidc.NewProvider(ctx, a.issuer())
			require.NoError(t, err)
			token, err = provider.VerifierContext(ctx, &oidc.Config{SkipClientIDCheck: true, Now: clock.now}).Verify(ctx, access)
			require.NoError(t, err)
			var claims map[string]any
			require.NoError(t, token.Claims(&claims))
			for claim, want := range map[string]any{
				"iss": want.Issuer, "sub": want.Subject, "client_id": "app", "scope": "openid", "sid": session,
				"env": want.Env, "org": want.Org, "iat": float64(want.IssuedAt), "exp": float64(want.Expiry),
			} {
				assert.Equal(t, want, claims[claim], claim)
			}
			assert.NotEmpty(t, claims["jti"])
			assert.Equal(t, []any{"https://api.pingone.com"}, claims["aud"], "it is meant for PingOne's API")
		})
	}
}

func TestTokensSayWhatWasAsked(t *testing.T) {
	r, clock := clocked(t)
	a := r.anApp(envPath, "app")
	read := func(t *testing.T, tokens reply) idClaims {
		t.Helper()
		requireTokens(t, tokens)
		id, err := a.verifier(t, clock.now).Verify(t.Context(), tokens.Get("id_token").String())
		require.NoError(t, err)
		var c idClaims
		require.NoError(t, id.Claims(&c))
		return c
	}
	for name, asked := range map[string][]string{"no nonce": nil, "an empty nonce": {"nonce", ""}} {
		t.Run(name+" and there is none", func(t *testing.T) {
			assert.Nil(t, read(t, a.tokens(t, asked...)).Nonce)
		})
	}
	for _, nonce := range []string{"n", `"},"sub":"x`, "a b+c%20é", strings.Repeat("n", 1000)} {
		t.Run("nonce", func(t *testing.T) {
			got := read(t, a.tokens(t, "nonce", nonce)).Nonce
			require.NotNil(t, got)
			assert.Equal(t, nonce, *got)
		})
	}
	t.Run("about who signed on", func(t *testing.T) {
		subjects := map[string]string{}
		for _, user := range []string{"ann", "ben", "ann"} {
			s := a.signOn(t, "sign-on")
			end := s.press(t, "SIGNON", rightly(user))
			c := read(t, a.exchange(t, end.Get("authorizeResponse.code").String()))
			assert.Equal(t, people[user]["email"], c.Email)
			assert.Equal(t, user, c.Username)
			assert.Equal(t, end.Get("session.id").String(), c.Session)
			assert.Empty(t, c.Password)
			policy, _ := r.Policy("sign-on")
			assert.Equal(t, policy, c.Context)
			if before := subjects[user]; before != "" {
				assert.Equal(t, before, c.Subject, "a user's id stays")
			}
			subjects[user] = c.Subject
		}
		assert.NotEqual(t, subjects["ann"], subjects["ben"])
	})
	t.Run("and nothing that is secret", func(t *testing.T) {
		tokens := a.tokens(t)
		for _, name := range []string{"access_token", "id_token"} {
			for _, secret := range []string{"password", "newPassword", "otp"} {
				assert.NotContains(t, claimsText(t, tokens.Get(name).String()), people["ann"][secret])
			}
		}
	})
}

// claimsText is what a token says, unverified.
func claimsText(t *testing.T, token string) string {
	t.Helper()
	claims := map[string]any{}
	part := strings.Split(token, ".")
	require.Len(t, part, 3)
	require.NoError(t, json.Unmarshal(unbase64(t, part[1]), &claims))
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	return string(text)
}

func TestTokensThatAreChanged(t *testing.T) {
	r, clock := clocked(t)
	a := r.anApp(envPath, "app")
	tokens := a.tokens(t)
	verify := a.verifier(t, clock.now)
	id, access := tokens.Get("id_token").String(), tokens.Get("access_token").String()
	_, err := verify.Verify(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, a.userinfo(t, access).status)

	// Every eleventh byte, and not the last one: of that, some bits mean nothing.
	for at := 0; at < len(id)-1; at += 11 {
		_, err := verify.Verify(t.Context(), changed(id, at))
		require.Error(t, err, "byte %d of %d", at, len(id))
	}
	for at := 0; at < len(access)-1; at += 11 {
		got := a.userinfo(t, changed(access, at))
		require.Equal(t, http.StatusUnauthorized, got.status, "byte %d of %d", at, len(access))
		require.Equal(t, "false", a.introspect(t, changed(access, at)).Get("active").Raw)
	}

	part := strings.Split(access, ".")
	for name, token := range map[string]string{
		"no signature":                part[0] + "." + part[1] + ".",
		"two parts":                   part[0] + "." + part[1],
		"the algorithm none":          "eyJhbGciOiJub25lIn0." + part[1] + ".",
		"another token's signature":   part[0] + "." + part[1] + "." + strings.Split(id, ".")[2],
		"another token's claims":      part[0] + "." + strings.Split(id, ".")[1] + "." + part[2],
		"more after it":               access + ".x",
		"nothing":                     "",
		"no token at all":             "x",
		"the token of another replay": replaying(t, mockserver.Config{}).anApp(envPath, "app").tokens(t).Get("access_token").String(),
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, http.StatusUnauthorized, a.userinfo(t, token).status)
			assert.Equal(t, "false", a.introspect(t, token).Get("active").Raw)
			_, err := verify.Verify(t.Context(), token)
			assert.Error(t, err)
		})
	}
	t.Run("of another issuer", func(t *testing.T) {
		custom := r.anApp("", "app")
		_, err := custom.verifier(t, clock.now).Verify(t.Context(), id)
		assert.ErrorContains(t, err, "issued by a different provider")
	})
	t.Run("for another client", func(t *testing.T) {
		_, err := r.anApp(envPath, "other").verifier(t, clock.now).Verify(t.Context(), id)
		assert.ErrorContains(t, err, "audience")
	})
	t.Run("and one that is over", func(t *testing.T) {
		clock.pass(accessLives + time.Second)
		_, err := verify.Verify(t.Context(), id)
		require.ErrorAs(t, err, new(*oidc.TokenExpiredError))
		assert.Equal(t, http.StatusUnauthorized, a.userinfo(t, access).status)
		assert.Equal(t, "false", a.introspect(t, access).Get("active").Raw)
	})
}

// changed is a token with another byte at a place.
func changed(token string, at int) string {
	b := []byte(token)
	switch b[at] {
	case 'A':
		b[at] = 'Q'
	default:
		b[at] = 'A'
	}
	return string(b)
}

// Tokens that a flow answers by itself, without a code, are real, too.
func TestTokensOfAFlow(t *testing.T) {
	clock := &watch{noon}
	r := replaying(t, mockserver.Config{Now: clock.now, Flows: []*recordings.Flow{recorded(t, "implicit", `hops:
  - {name: completed, request: {path: /as/authorize}, response: {status: 200, json: completed.json}}
`, map[string]string{
		"completed.json": `{"id":"end","status":"COMPLETED","session":{"id":"{{sessionId}}"},"authorizeResponse":{"access_token":"{{accessToken}}","id_token":"{{idToken}}","state":"{{state}}"}}`,
	})}})
	for where, realm := range realms {
		t.Run(where, func(t *testing.T) {
			a := r.anApp(realm, "app")
			query := url.Values{"client_id": {"app"}, "response_mode": {"pi.flow"}, "scope": {"openid"}, "nonce": {"once"}}
			end := a.send(t, http.MethodGet, realm+"/as/authorize?"+query.Encode(), sdk, "")
			require.Equal(t, http.StatusOK, end.status, end.text)
			id, err := a.verifier(t, clock.now).Verify(t.Context(), end.Get("authorizeResponse.id_token").String())
			require.NoError(t, err)
			assert.Equal(t, "once", id.Nonce)
			access := end.Get("authorizeResponse.access_token").String()
			require.NoError(t, id.VerifyAccessToken(access))
			got := a.userinfo(t, access)
			assert.Equal(t, id.Subject, got.Get("sub").String())
			var c idClaims
			require.NoError(t, id.Claims(&c))
			assert.Equal(t, end.Get("session.id").String(), c.Session)
		})
	}
}
