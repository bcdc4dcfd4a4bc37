package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// signedBy are the algorithms that an ID token may be signed with: those with a public key.
var signedBy = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
	jose.EdDSA,
}

// verify returns the claims of an ID token that was issued together with an access token.
// The error says what is wrong with it, claim by claim.
//
// Source: OpenID Connect Core 3.1.3.7, 3.1.3.8 and 12.2.
func (t *Tokens) verify(ctx context.Context, raw, access string) (gjson.Result, error) {
	refused := func(what string, args ...any) (gjson.Result, error) {
		return gjson.Result{}, fmt.Errorf("flow: the ID token is not valid: %s", fmt.Sprintf(what, args...))
	}
	signed, err := jose.ParseSignedCompact(raw, signedBy)
	if err != nil {
		return refused("it is not a JWT that is signed with a public key: %v", err)
	}
	if err := t.fetchKeys(ctx, signed.Signatures[0].Header.KeyID); err != nil {
		return gjson.Result{}, err
	}
	algorithms := make([]string, len(signedBy))
	for i, a := range signedBy {
		algorithms[i] = string(a)
	}
	// The library checks what is hard to check. Our words say which claim it is.
	verifier := oidc.NewVerifier("", keySet{t.keys}, &oidc.Config{
		SkipClientIDCheck: true, SkipExpiryCheck: true, SkipIssuerCheck: true, SupportedSigningAlgs: algorithms,
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return refused("%v", err)
	}
	var claims json.RawMessage
	if err := token.Claims(&claims); err != nil {
		return refused("its claims are no JSON object")
	}
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if want := t.issuer(); token.Issuer != want {
		add("iss is %q, want %q", token.Issuer, want)
	}
	if id := t.journey.config.ClientID; !slices.Contains(token.Audience, id) {
		add("aud is %q, want the client id %q in it", token.Audience, id)
	}
	if now := time.Now(); !now.Before(token.Expiry) {
		add("exp is %s, and now it is %s", token.Expiry.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	first := !t.id.Exists()
	if asked := t.asked.Get("nonce"); token.Nonce != asked && (first || token.Nonce != "") {
		add("nonce is not that of the authorize request")
	}
	if sub := t.id.Get("sub").String(); !first && token.Subject != sub {
		add("sub is %q, want %q, that of the ID token before it", token.Subject, sub)
	}
	if token.AccessTokenHash != "" && token.VerifyAccessToken(access) != nil {
		add("at_hash is not the hash of the access token")
	}
	if len(wrong) > 0 {
		return refused("%s", strings.Join(wrong, "; "))
	}
	return gjson.ParseBytes(claims), nil
}

// issuer returns who has to have issued the ID token.
func (t *Tokens) issuer() string {
	if own := t.journey.config.Endpoints.Issuer; own != "" {
		return own
	}
	return strings.TrimSuffix(t.journey.config.Authorize, "/authorize")
}

// fetchKeys asks for the public keys, unless the one of that id is known already.
func (t *Tokens) fetchKeys(ctx context.Context, id string) error {
	if len(t.keys.Key(id)) > 0 {
		return nil
	}
	j := t.journey
	to, err := j.config.beside(j.config.Endpoints.Keys, "jwks")
	if err != nil {
		return err
	}
	x := &davinci.Exchange{Method: http.MethodGet, URL: to}
	if err := call(ctx, j, x, carried{}); err != nil {
		return err
	}
	t.keys = jose.JSONWebKeySet{}
	if err := json.Unmarshal(x.Response, &t.keys); err != nil || len(t.keys.Keys) == 0 {
		return fmt.Errorf("flow: %s %s: the answer has no public keys", x.Method, x.URL.Path)
	}
	return nil
}

// A keySet verifies signatures by keys that are there already.
type keySet struct{ jose.JSONWebKeySet }

// VerifySignature implements [oidc.KeySet].
func (k keySet) VerifySignature(_ context.Context, raw string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(raw, signedBy)
	if err != nil {
		return nil, err
	}
	id := signed.Signatures[0].Header.KeyID
	keys := k.Key(id)
	if id == "" {
		keys = k.Keys
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("the key %q is not among the public keys", id)
	}
	for i := range keys {
		if payload, err := signed.Verify(&keys[i]); err == nil {
			return payload, nil
		}
	}
	return nil, errors.New("it does not fit the public key")
}
