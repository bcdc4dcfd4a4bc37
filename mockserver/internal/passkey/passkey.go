// Package passkey is the relying party of a replay: it checks what a client posts for a
// passkey as the service does, and keeps the public keys that were registered. It
// knows no recording.
package passkey

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// The algorithms of keys, as COSE numbers them.
const (
	es256 = -7
	rs256 = -257
)

// Keys are the public keys of registered passkeys. They may be used by several
// goroutines at once.
type Keys struct {
	mu    sync.Mutex
	limit int
	list  []*key // the newest last
}

type key struct {
	id, user []byte
	public   crypto.PublicKey
	count    uint32
}

// NewKeys returns a place for limit keys. The oldest makes room for a new one.
func NewKeys(limit int) *Keys { return &Keys{limit: limit} }

// Verify checks what a client posted for a prompt: the challenge, the origin, the relying
// party, the flags, and of a sign-on also the signature, the counter and whose passkey it
// is. What it takes of a registration it keeps. The error says what does not fit and holds no
// value.
//
// Source: WebAuthn level 3, sections 7.1 and 7.2. A statement of attestation is not looked at.
func (k *Keys) Verify(p *davinci.PasskeyPrompt, value gjson.Result) error {
	posted := value.Get(p.PasskeyEnvelope())
	if !posted.IsObject() {
		return fmt.Errorf("%s was not sent", p.PasskeyEnvelope())
	}
	clientData, err := p.CheckClientData(value)
	if err != nil {
		return err
	}
	id, err := davinci.DecodePasskey(posted.Get("rawId"))
	if err != nil {
		return fmt.Errorf("rawId: %w", err)
	}
	if named, err := davinci.DecodePasskey(posted.Get("id")); err != nil || !bytes.Equal(named, id) {
		return errors.New("id and rawId are not the same")
	}
	if posted.Get("type").Str != "public-key" {
		return errors.New("the passkey has another type, want public-key")
	}
	if p.Register {
		return k.register(p, id, posted.Get("response"))
	}
	return k.signOn(p, id, clientData, posted.Get("response"))
}

// authData is what an authenticator says.
type authData struct {
	flags byte
	count uint32
	rest  []byte
}

// The flags of authenticator data.
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
	attested     = 1 << 6
)

func readAuthData(p *davinci.PasskeyPrompt, raw []byte) (authData, error) {
	const fixed = sha256.Size + 1 + 4
	if len(raw) < fixed {
		return authData{}, errors.New("the authenticator data is cut off")
	}
	d := authData{
		flags: raw[sha256.Size], count: binary.BigEndian.Uint32(raw[sha256.Size+1:]), rest: raw[fixed:],
	}
	rp := sha256.Sum256([]byte(p.RP))
	switch {
	case !bytes.Equal(rp[:], raw[:sha256.Size]):
		return d, fmt.Errorf("rpIdHash is not that of %s", p.RP)
	case d.flags&userPresent == 0:
		return d, errors.New("the flags do not say that the user was present")
	case p.Verify && d.flags&userVerified == 0:
		return d, errors.New("the flags do not say that the user was verified, which the flow requires")
	}
	return d, nil
}

func (k *Keys) register(p *davinci.PasskeyPrompt, id []byte, response gjson.Result) error {
	raw, err := davinci.DecodePasskey(response.Get("attestationObject"))
	if err != nil {
		return fmt.Errorf("attestationObject: %w", err)
	}
	var object struct {
		AuthData []byte `cbor:"authData"`
	}
	if err := cbor.Unmarshal(raw, &object); err != nil {
		return errors.New("attestationObject is not CBOR of one")
	}
	d, err := readAuthData(p, object.AuthData)
	if err != nil {
		return err
	}
	const model, before = 16, 18 // the model of the authenticator, and the length of the id
	if d.flags&attested == 0 || len(d.rest) < before {
		return errors.New("the authenticator data has no new passkey")
	}
	size := int(binary.BigEndian.Uint16(d.rest[model:]))
	if len(d.rest) < before+size || !bytes.Equal(d.rest[before:before+size], id) {
		return errors.New("the new passkey has another id than rawId says")
	}
	public, err := readKey(p, d.rest[before+size:])
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Credentials, func(c []byte) bool { return bytes.Equal(c, id) }) {
		return errors.New("the flow excludes the passkey")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = append(k.list, &key{id: id, user: p.User, public: public, count: d.count})
	if len(k.list) > k.limit {
		k.list = slices.Delete(k.list, 0, len(k.list)-k.limit)
	}
	return nil
}

// signOn looks for the key with which was signed. A challenge of a recording stays the
// same, so that an authenticator may give the passkeys of several sign-ons the same id.
func (k *Keys) signOn(p *davinci.PasskeyPrompt, id, clientData []byte, response gjson.Result) error {
	raw, err := davinci.DecodePasskey(response.Get("authenticatorData"))
	if err != nil {
		return fmt.Errorf("authenticatorData: %w", err)
	}
	d, err := readAuthData(p, raw)
	if err != nil {
		return err
	}
	signature, err := davinci.DecodePasskey(response.Get("signature"))
	if err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	allowed := slices.ContainsFunc(p.Credentials, func(c []byte) bool { return bytes.Equal(c, id) })
	if len(p.Credentials) > 0 && !allowed {
		return errors.New("the passkey is none of those that the flow allows")
	}
	handle := response.Get("userHandle")
	user, _ := davinci.DecodePasskey(handle)
	if len(p.Credentials) == 0 && handle.Str == "" {
		return errors.New("userHandle was not sent, and nothing else says who signs on")
	}
	hash := sha256.Sum256(clientData)
	digest := sha256.Sum256(slices.Concat(raw, hash[:]))
	k.mu.Lock()
	defer k.mu.Unlock()
	known := false
	for _, at := range slices.Backward(k.list) {
		if !bytes.Equal(at.id, id) {
			continue
		}
		known = true
		if !signed(at.public, digest[:], signature) {
			continue
		}
		switch {
		case handle.Str != "" && !bytes.Equal(user, at.user) && handle.Str != string(at.user): // iOS posts it as text
			return errors.New("userHandle is not that of the user who registered the passkey")
		case (d.count != 0 || at.count != 0) && d.count <= at.count:
			return errors.New("the counter did not go up")
		}
		at.count = d.count
		return nil
	}
	if !known {
		return errors.New("the passkey was not registered in this replay")
	}
	return errors.New("the signature is not one of the passkey")
}

func signed(public crypto.PublicKey, digest, signature []byte) bool {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, digest, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	default:
		return false
	}
}

// readKey reads a public key as COSE writes it; extensions may be after it.
//
// Source: RFC 9053, sections 2.1 and 7.1.1; RFC 8230, section 4.
func readKey(p *davinci.PasskeyPrompt, raw []byte) (crypto.PublicKey, error) {
	var k struct {
		Algorithm int             `cbor:"3,keyasint"`
		First     cbor.RawMessage `cbor:"-1,keyasint"` // the curve, or n of RSA
		Second    []byte          `cbor:"-2,keyasint"` // x, or e of RSA
		Third     []byte          `cbor:"-3,keyasint"` // y
	}
	if _, err := cbor.UnmarshalFirst(raw, &k); err != nil {
		return nil, errors.New("the public key is none of COSE")
	}
	if !slices.Contains(p.Algorithms, k.Algorithm) {
		return nil, fmt.Errorf("the passkey has the algorithm %d, want one of %d", k.Algorithm, p.Algorithms)
	}
	switch k.Algorithm {
	case es256:
		point := slices.Concat([]byte{4}, k.Second, k.Third)
		if key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point); err == nil {
			return key, nil
		}
	case rs256:
		var n []byte
		e := new(big.Int).SetBytes(k.Second)
		if cbor.Unmarshal(k.First, &n) == nil && e.IsInt64() && e.Int64() > 1 && e.Int64() < 1<<31 {
			return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(e.Int64())}, nil
		}
	default:
		return nil, fmt.Errorf("a replay knows the algorithms %d and %d, and the passkey has %d",
			es256, rs256, k.Algorithm)
	}
	return nil, errors.New("the public key is none of its algorithm")
}
