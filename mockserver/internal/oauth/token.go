package oauth

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"flowtest/mockserver/internal/wire"
)

// subject is the user's id: stable for the user name.
func (g *Grant) subject() string { return subject(g.Environment, g.User) }

func subject(environment string, user map[string]string) string {
	sum := sha256.Sum256([]byte(environment + "/" + user["username"]))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// The organization of the replay, and the region with its API.
const (
	organization = "0f10e7e5-7000-4000-8000-000000000002"
	region       = "NA"
	api          = "https://api.pingone.com"
)

// common are the claims that all tokens share.
func (g *Grant) common(now time.Time) map[string]any {
	return map[string]any{
		"iss": g.issuer, "sub": g.subject(), "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
		"sid": g.Session, "env": g.Environment, "org": organization, "acr": g.Policy,
	}
}

// person returns the claims about a user.
func (p *Provider) person(user map[string]string) map[string]any {
	claims := map[string]any{
		"sub": subject(p.Environment, user), "env": p.Environment, "org": organization, "p1.region": region,
		"updated_at": p.began.Unix(),
	}
	for claim, attribute := range map[string]string{
		"preferred_username": "username", "given_name": "givenName", "family_name": "familyName", "email": "email",
	} {
		if value := user[attribute]; value != "" {
			claims[claim] = value
		}
	}
	return claims
}

// named returns the user with that id, or nil.
func (p *Provider) named(id any) map[string]string {
	users := p.Users()
	i := slices.IndexFunc(users, func(user map[string]string) bool { return subject(p.Environment, user) == id })
	if i < 0 {
		return nil
	}
	return users[i]
}

// AccessToken signs an access token.
//
// Source: the claims of PingOne's own, which is meant for PingOne's API.
func (p *Provider) AccessToken(g *Grant) (string, error) {
	claims := g.common(p.Now())
	maps.Copy(claims, map[string]any{
		"client_id": g.ClientID, "aud": []string{api}, "scope": g.scope, "jti": g.newID(),
	})
	return p.key().sign(claims)
}

// access returns the claims of an access token that is neither expired nor revoked.
func (p *Provider) access(token string) (map[string]any, bool) {
	claims, err := p.key().verify(token, p.Now())
	if err != nil {
		return nil, false
	}
	id, _ := claims["jti"].(string)
	if id == "" || claims["typ"] != nil {
		return nil, false // an ID token or a refresh token is not an access token
	}
	return claims, !p.revoked.Holds(id) && !p.spent.Holds(familyOf(id))
}

// familySize is how much of the id of a token, which is a UUID, is the same for all
// tokens that are made from one code.
const familySize = 24

func familyOf(id string) string { return id[:min(familySize, len(id))] }

// newID returns the id of a new token.
func (g *Grant) newID() string {
	id := wire.UUID()
	if g.family == "" { // no code led to it
		return id
	}
	return g.family + id[familySize:]
}

// IDToken signs an ID token for the access token beside it.
func (p *Provider) IDToken(g *Grant, access string) (string, error) {
	claims := g.common(p.Now())
	maps.Copy(claims, p.person(g.User))
	maps.Copy(claims, map[string]any{
		"sub": g.subject(), "aud": g.ClientID, "amr": []string{"pwd"}, "auth_time": g.At.Unix(),
		"at_hash": halfHash(access),
	})
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	return p.key().sign(claims)
}

// refreshType marks a refresh token.
const refreshType = "Refresh"

// refreshToken signs a refresh token. The token itself holds the grant, so that the
// provider only has to keep the tokens that are spent.
//
// Source: PingOne's own is such a token and lives for 30 days.
func (p *Provider) refreshToken(g *Grant) (string, error) {
	now := p.Now()
	claims := g.common(now)
	maps.Copy(claims, map[string]any{
		"typ": refreshType, "jti": g.newID(), "aud": []string{g.issuer}, "exp": now.Add(refreshLife).Unix(),
		"client_id": g.ClientID, "scope": g.scope, "nonce": g.nonce, "auth_time": g.At.Unix(),
	})
	return p.key().sign(claims)
}

// refreshed returns the grant of a refresh token and the token's id, or false if the token is
// unknown, expired or spent.
func (p *Provider) refreshed(token string) (g *Grant, id string, ok bool) {
	claims, err := p.key().verify(token, p.Now())
	if err != nil || claims["typ"] != refreshType {
		return nil, "", false
	}
	text := func(name string) string {
		value, _ := claims[name].(string)
		return value
	}
	at, _ := claims["auth_time"].(float64)
	id = text("jti")
	if p.spent.Holds(id) || p.spent.Holds(familyOf(id)) {
		return nil, "", false
	}
	return &Grant{
		Request: Request{
			issuer: text("iss"), ClientID: text("client_id"), scope: text("scope"), nonce: text("nonce"),
		},
		Environment: text("env"), Policy: text("acr"), Session: text("sid"),
		User: p.named(claims["sub"]), At: time.Unix(int64(at), 0), family: familyOf(id),
	}, id, true
}

// A key signs the tokens of one server. It is made when the first token is
// asked for, since making it takes longer than starting everything else.
// The servers of a process share the private part; the id is their own.
type key struct {
	private *rsa.PrivateKey
	id      string
	signer  jose.Signer
	err     error
}

// keyBits is the size of PingOne's own signing keys.
const keyBits = 2048

var privateKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, keyBits) })

func newKey() *key {
	private, err := privateKey()
	if err != nil {
		return &key{err: err}
	}
	k := &key{private: private, id: wire.UUID()}
	k.signer, k.err = jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: k.id}},
		(&jose.SignerOptions{}).WithType("JWT"))
	return k
}

// sign returns the claims as a signed token.
func (k *key) sign(claims map[string]any) (string, error) {
	if k.err != nil {
		return "", k.err
	}
	return jwt.Signed(k.signer).Claims(claims).Serialize()
}

// set returns the public half, as the JWKS endpoint shows it.
func (k *key) set() jose.JSONWebKeySet {
	if k.err != nil {
		return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: k.private.Public(), KeyID: k.id, Algorithm: string(jose.RS256), Use: "sig"},
	}}
}

// errNoToken reports a token that this server did not sign, or that is over.
var errNoToken = errors.New("mockserver: the token is not valid")

// verify returns the claims of a token that k signed and that is not over.
func (k *key) verify(token string, now time.Time) (map[string]any, error) {
	if k.err != nil {
		return nil, k.err
	}
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, errNoToken
	}
	if parsed.Headers[0].KeyID != k.id {
		return nil, errNoToken // another server of this process signed it
	}
	var registered jwt.Claims
	claims := map[string]any{}
	if parsed.Claims(k.private.Public(), &registered, &claims) != nil {
		return nil, errNoToken
	}
	if registered.ValidateWithLeeway(jwt.Expected{Time: now}, 0) != nil {
		return nil, errNoToken
	}
	return claims, nil
}

// halfHash is the at_hash of an access token.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}
