package flow_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

const issued = "https://auth.example.test/env-1/as"

// An issuer completes every flow at once and hands out tokens.
type issuer struct {
	claims map[string]any                              // over those of a right ID token; nil takes one away
	answer func(path string) (status int, body string) // instead of the right answer, 0 for the right one
	signer func(claims map[string]any) (signed string) // nil for the right one
	forms  map[string]url.Values                       // the last form by path
	header map[string]http.Header                      // the last header by path
	nonce  string
}

var signingKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

// sign signs claims with a key that says it is the key k.
func sign(key any, alg jose.SignatureAlgorithm) func(map[string]any) string {
	return func(claims map[string]any) string {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			panic(err)
		}
		text, err := jwt.Signed(s).Claims(claims).Serialize()
		if err != nil {
			panic(err)
		}
		return text
	}
}

func (p *issuer) idToken() string {
	hash := sha256.Sum256([]byte("access-token-1"))
	claims := map[string]any{
		"iss": issued, "aud": "client-1", "sub": "u-1", "nonce": p.nonce, "exp": time.Now().Add(time.Hour).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(hash[:16]),
	}
	maps.Copy(claims, p.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	if p.signer != nil {
		return p.signer(claims)
	}
	return sign(signingKey(), jose.ES256)(claims)
}

// RoundTrip implements http.RoundTripper.
func (p *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		text, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(text))
		p.forms[r.URL.Path] = form
	}
	path := strings.TrimPrefix(r.URL.Path, "/env-1/as/")
	p.header[path] = r.Header
	status, body := 0, ""
	if p.answer != nil {
		status, body = p.answer(path)
	}
	if status == 0 {
		status, body = 200, p.right(r, path)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (p *issuer) right(r *http.Request, path string) string {
	var body any
	switch path {
	case "authorize":
		p.nonce = r.URL.Query().Get("nonce")
		return `{"authorizeResponse":{"code":"code-4711"}}`
	case "token":
		body = map[string]string{
			"access_token": "access-token-1", "id_token": p.idToken(), "refresh_token": "refresh-token-1", "token_type": "Bearer",
		}
	case "jwks":
		body = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: signingKey().Public(), KeyID: "k"}}}
	case "userinfo":
		return `{"sub":"u-1"}`
	case "introspect":
		return `{"active":true}`
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// exchanging drives a flow to its end and exchanges the code.
func exchanging(t *testing.T, p *issuer, change func(*flow.Config)) (*flow.Journey, *flow.Tokens, error) {
	t.Helper()
	p.forms, p.header = map[string]url.Values{}, map[string]http.Header{}
	c := flow.Config{
		Transport: p, Authorize: issued + "/authorize", ClientID: "client-1", RedirectURI: "https://app.example.test/back",
		Redactor: &secret.Redactor{},
	}
	if change != nil {
		change(&c)
	}
	j, err := flow.NewJourney(c)
	require.NoError(t, err)
	_, err = j.Start(t.Context())
	require.NoError(t, err)
	tokens, err := j.Tokens(t.Context())
	return j, tokens, err
}

func TestAnIDTokenIsChecked(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	const invalid = "flow: the ID token is not valid: "
	for name, row := range map[string]struct {
		p    issuer
		want string // a regular expression, "" for none
	}{
		"right":              {issuer{}, ""},
		"without at_hash":    {issuer{claims: map[string]any{"at_hash": nil}}, ""},
		"one of several aud": {issuer{claims: map[string]any{"aud": []string{"x", "client-1"}}}, ""},
		"another issuer":     {issuer{claims: map[string]any{"iss": "https://evil.test"}}, `iss is "https://evil\.test", want "` + issued + `"$`},
		"another audience":   {issuer{claims: map[string]any{"aud": "client-2"}}, `aud is \["client-2"\], want the client id "client-1" in it$`},
		"over":               {issuer{claims: map[string]any{"exp": 1700000000}}, `exp is 2023-11-14T22:13:20Z, and now it is 20`},
		"without exp":        {issuer{claims: map[string]any{"exp": nil}}, `exp is 0001`},
		"another nonce":      {issuer{claims: map[string]any{"nonce": "x"}}, `nonce is not that of the authorize request$`},
		"without nonce":      {issuer{claims: map[string]any{"nonce": nil}}, `nonce is not that of the authorize request$`},
		"another at_hash":    {issuer{claims: map[string]any{"at_hash": "x"}}, `at_hash is not the hash of the access token$`},
		"two mistakes":       {issuer{claims: map[string]any{"nonce": "x", "iss": "x"}}, `iss is .*; nonce is not`},
		"another key":        {issuer{signer: sign(other, jose.ES256)}, `failed to verify signature: it does not fit the public key$`},
		"a secret in common": {issuer{signer: sign([]byte(strings.Repeat("k", 32)), jose.HS256)}, `it is not a JWT that is signed with a public key`},
		"not signed":         {issuer{signer: func(map[string]any) string { return "eyJhbGciOiJub25lIn0.e30." }}, `it is not a JWT that is signed with a public key`},
		"no token":           {issuer{signer: func(map[string]any) string { return "x" }}, `it is not a JWT that is signed with a public key`},
	} {
		t.Run(name, func(t *testing.T) {
			_, tokens, err := exchanging(t, &row.p, nil)
			if row.want == "" {
				require.NoError(t, err)
				assert.Equal(t, "u-1", tokens.ID().Get("sub").Str)
				return
			}
			require.Error(t, err)
			assert.Regexp(t, "^"+invalid+row.want, err.Error())
		})
	}
}

func TestHowAnAppSaysWhoItIs(t *testing.T) {
	own := secret.New("s3cret/of the app")
	for name, row := range map[string]struct {
		auth     string
		secret   secret.Value
		basic    bool
		inForm   []string
		wantForm url.Values
	}{
		"without a secret":   {"", secret.Value{}, false, []string{"client_id"}, url.Values{"client_id": {"client-1"}}},
		"with a secret":      {"", own, true, nil, nil},
		"basic":              {"basic", own, true, nil, nil},
		"post":               {"post", own, false, nil, url.Values{"client_id": {"client-1"}, "client_secret": {own.Reveal()}}},
		"a secret, and none": {"none", own, false, nil, url.Values{"client_id": {"client-1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &issuer{}
			j, tokens, err := exchanging(t, p, func(c *flow.Config) { c.ClientAuth, c.ClientSecret = row.auth, row.secret })
			require.NoError(t, err)
			form := p.forms["/env-1/as/token"]
			challenge := j.Last().Exchange.URL.Query().Get("code_challenge")
			sum := sha256.Sum256([]byte(form.Get("code_verifier")))
			assert.Equal(t, challenge, base64.RawURLEncoding.EncodeToString(sum[:]))
			assert.Equal(t, "https://app.example.test/back", form.Get("redirect_uri"))
			assert.Equal(t, "code-4711", form.Get("code"))
			require.NoError(t, tokens.Revoke(t.Context()))
			_, err = tokens.Introspect(t.Context())
			require.NoError(t, err)
			require.NoError(t, tokens.Refresh(t.Context()))
			for _, path := range []string{"token", "revoke", "introspect"} {
				form := p.forms["/env-1/as/"+path]
				maps.DeleteFunc(form, func(name string, _ []string) bool { return !strings.HasPrefix(name, "client_") })
				assert.Len(t, form, len(row.wantForm), path)
				for name := range row.wantForm {
					assert.Equal(t, row.wantForm.Get(name), form.Get(name), path)
				}
				assert.Equal(t, row.basic, strings.HasPrefix(p.header[path].Get("Authorization"), "Basic "), path)
			}
		})
	}
}

func TestWhatTheServiceRefuses(t *testing.T) {
	says := func(at string, status int, body string) issuer {
		return issuer{answer: func(path string) (int, string) {
			if path == at {
				return status, body
			}
			return 0, ""
		}}
	}
	const right = `{"access_token":"a","token_type":"Bearer"}`
	for name, row := range map[string]struct {
		p       issuer
		want    string
		network bool
	}{
		"refused": {
			says("token", 400, `{"error":"invalid_grant","error_description":"the code code-4711 is over"}`),
			"flow: POST /env-1/as/token: refused with status 400, invalid_grant: the code [redacted] is over", false,
		},
		"down":                 {says("token", 503, ""), "flow: POST /env-1/as/token: refused with status 503", true},
		"too many":             {says("token", 429, ""), "flow: POST /env-1/as/token: refused with status 429", true},
		"sent away":            {says("token", 302, ""), "flow: POST /env-1/as/token: redirected with status 302, want an answer", false},
		"no access token":      {says("token", 200, `{}`), "flow: POST /env-1/as/token: the answer has no access_token", false},
		"of another type":      {says("token", 200, `{"access_token":"a","token_type":"mac"}`), `flow: POST /env-1/as/token: token_type is "mac", want Bearer`, false},
		"no ID token":          {says("token", 200, right), "flow: POST /env-1/as/token: the answer has no id_token, and the flow was started with the scope openid", false},
		"no keys":              {says("jwks", 200, `{"keys":[]}`), "flow: GET /env-1/as/jwks: the answer has no public keys", false},
		"keys cannot be asked": {says("jwks", 500, ""), "flow: GET /env-1/as/jwks: refused with status 500", true},
		"a key without a name": {says("jwks", 200, `{"keys":[{"kty":"oct","k":"a2V5","kid":"other"}]}`), `flow: the ID token is not valid: failed to verify signature: the key "k" is not among the public keys`, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := exchanging(t, &row.p, nil)
			require.EqualError(t, err, row.want)
			_, network := err.(*flow.NetworkError) //nolint:errorlint // it is not wrapped
			assert.Equal(t, row.network, network)
		})
	}
}

func TestWhatIsDoneWithTokens(t *testing.T) {
	p := &issuer{}
	j, tokens, err := exchanging(t, p, nil)
	require.NoError(t, err)
	info, err := tokens.UserInfo(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "u-1", info.Get("sub").Str)
	assert.Equal(t, "Bearer access-token-1", p.header["userinfo"].Get("Authorization"))
	_, err = tokens.Access()
	require.EqualError(t, err, "flow: the access token is not a JWT, so that it has no claims to look at: introspect it or ask for the user info")

	p.claims = map[string]any{"sub": "u-2"}
	require.EqualError(t, tokens.Refresh(t.Context()),
		`flow: the ID token is not valid: sub is "u-2", want "u-1", that of the ID token before it`)
	p.claims = map[string]any{"nonce": nil}
	require.NoError(t, tokens.Refresh(t.Context()), "a new ID token needs no nonce")
	p.answer = func(path string) (int, string) {
		return map[string]int{"userinfo": 200, "introspect": 200, "signoff": 302}[path], `{"sub":"u-2","active":"yes"}`
	}
	_, err = tokens.UserInfo(t.Context())
	require.EqualError(t, err, `flow: GET /env-1/as/userinfo: sub is "u-2", want "u-1", that of the ID token`)
	_, err = tokens.Introspect(t.Context())
	require.EqualError(t, err, "flow: POST /env-1/as/introspect: the answer has no active, which is true or false")
	require.NoError(t, j.SignOff(t.Context(), tokens))
	assert.Len(t, j.Hops(), 1, "none of it is a hop")
}

func TestNoEndpointIsReachedWithLessThanTheFlow(t *testing.T) {
	for _, to := range []string{"http://auth.example.test/token", "//auth.example.test", "https://a@auth.example.test/token", "token"} {
		_, _, err := exchanging(t, &issuer{}, func(c *flow.Config) { c.Endpoints.Token = to })
		require.EqualError(t, err, "flow: the endpoint token is not an absolute https URL without a user name", to)
	}
}
