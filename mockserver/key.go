package mockserver

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// A key signs the tokens of one server. It is made when the first token is
// asked for, since making it takes longer than starting everything else.
type key struct {
	private *rsa.PrivateKey
	id      string
	signer  jose.Signer
	err     error
}

// keyBits is the size of PingOne's own signing keys.
const keyBits = 2048

func newKey() *key {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return &key{err: err}
	}
	k := &key{private: private, id: uuid()}
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
