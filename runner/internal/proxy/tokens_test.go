package proxy_test

import (
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/runner/internal/har"
	"flowtest/steps/flow"
)

// A client exchanges the code for tokens through the proxy, which all lead to the live side's
// issuer. That the web SDK does so, as it was published, is a test of flowtest record.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := before(t, shipped(t))
	at := "/" + mockserver.DefaultEnvironment
	noted := &noting{RoundTripper: s.front.Client().Transport}
	j := signOnWith(t, flow.Config{
		Transport: noted, Authorize: s.front.URL + at + "/as/authorize", ClientID: "app", Policy: "sign-on",
		RedirectURI: "https://app.example.com/callback", Scopes: []string{"openid", "profile", "email"},
		Endpoints: flow.Endpoints{Issuer: s.live.URL + at + "/as"},
	})
	tokens, err := j.Tokens(t.Context())
	require.NoError(t, err)
	token := gjson.GetBytes(noted.exchanges[3].Response, "id_token").String()
	require.NotEmpty(t, token)
	user, err := tokens.UserInfo(t.Context())
	require.NoError(t, err)
	assert.Equal(t, alice["username"], user.Get("preferred_username").String())

	got := har.Group(s.exchanges())
	require.Empty(t, got.Problems)
	require.Len(t, got.Journeys, 1)
	require.Len(t, got.Journeys[0], 3)
	for _, x := range s.exchanges() {
		assert.True(t, strings.HasPrefix(x.URL.String(), s.live.URL+at), x.URL)
		assert.NotContains(t, all(&x), strings.TrimPrefix(s.front.URL, "http://"))
	}
	verify(t, s, at, token)
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
