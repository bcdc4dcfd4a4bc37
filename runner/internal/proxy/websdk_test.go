package proxy_test

import (
	"strings"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/runner/internal/har"
)

// TestWebSDK has the web SDK, as it was published, sign on through the proxy.
func TestWebSDK(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	s := before(t, shipped(t))
	at := "/" + mockserver.DefaultEnvironment
	lines := websdk.Drive(t, &websdk.Plan{
		Name: "sign-on", WellKnown: s.front.URL + at + "/as/.well-known/openid-configuration", ClientID: "app",
		RedirectURI: "https://app.example.com/callback", Scope: "openid profile email", Query: map[string]string{"acr_values": "sign-on"},
		Steps: []websdk.Step{
			{Do: "start"},
			{Do: "submit", Fill: map[string]any{"username": alice["username"], "password": "not the password"}},
			{Do: "submit", Fill: map[string]any{"password": alice["password"]}},
			{Do: "exchange"},
			{Do: "userinfo"},
		},
	})["sign-on"]
	require.Len(t, lines, 5, "%s", lines)
	for i, want := range []string{"continue", "error", "success"} {
		assert.Equal(t, want, gjson.GetBytes(lines[i], "status").String(), "%s", lines[i])
	}
	assert.Equal(t, alice["username"], gjson.GetBytes(lines[4], "user.preferred_username").String())

	got := har.Group(s.exchanges())
	require.Empty(t, got.Problems)
	require.Len(t, got.Journeys, 1)
	require.Len(t, got.Journeys[0], 3)
	for _, x := range s.exchanges() {
		assert.True(t, strings.HasPrefix(x.URL.String(), s.live.URL+at), x.URL)
		assert.NotContains(t, all(&x), strings.TrimPrefix(s.front.URL, "http://"))
	}
	verify(t, s, at, gjson.GetBytes(lines[3], "tokens.idToken").String())
}

// verify accepts the ID token as a client in Go does that reaches the keys
// through the proxy: go-oidc has to know that the issuer is another one.
func verify(t *testing.T, s *stage, at, token string) {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), s.front.Client())
	_, err := oidc.NewProvider(ctx, s.front.URL+at+"/as")
	require.ErrorContains(t, err, "issuer", "a client that demands the document under its issuer says so at once")
	ctx = oidc.InsecureIssuerURLContext(ctx, s.live.URL+at+"/as")
	provider, err := oidc.NewProvider(ctx, s.front.URL+at+"/as")
	require.NoError(t, err)
	_, err = provider.Verifier(&oidc.Config{ClientID: "app"}).Verify(ctx, token)
	require.NoError(t, err)
}
