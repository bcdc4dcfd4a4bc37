package generated

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"flowtest/steps/davinci"
)

// es256 is the one algorithm of the authenticator, as COSE numbers it: ECDSA with P-256.
const es256 = -7

// The flags of authenticator data: a person was there and was verified, and the data
// holds a new credential.
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
	attested     = 1 << 6
)

// An Authenticator is a software authenticator: it makes passkeys and signs with them as a
// phone or a browser does. It has the passkeys of one user; the zero value has none. It
// must not be used by several goroutines at once. Its keys are never written anywhere.
type Authenticator struct{ keys []*passkey }

type passkey struct {
	rp       string
	id, user []byte
	key      *ecdsa.PrivateKey
	count    uint32 // of the signatures
}

// Count returns the number of passkeys for a relying party, or of all if rp is "".
func (a *Authenticator) Count(rp string) int {
	n := 0
	for _, k := range a.keys {
		if rp == "" || k.rp == rp {
			n++
		}
	}
	return n
}

// Answer answers a prompt on a page of the origin, and returns the JSON object that the
// web SDK posts. An empty origin means https on the host of the relying party. The error
// begins with the name of the browser's error.
//
// Source: WebAuthn level 3, sections 6.3.2 and 6.3.3; the FIDO2 collectors of the web SDK.
func (a *Authenticator) Answer(p *davinci.PasskeyPrompt, origin string) (string, error) {
	if origin == "" {
		origin = "https://" + p.RP
	}
	if u, err := url.Parse(origin); err != nil || !davinci.Covers(p.RP, u) {
		return "", fmt.Errorf("SecurityError: the flow asks for a passkey of %q, which a page of %q may not use",
			p.RP, origin)
	}
	data := p.ClientData(origin)
	var k *passkey
	var response map[string]any
	var err error
	if p.Register {
		k, response, err = a.register(p)
	} else {
		k, response, err = a.sign(p, data)
	}
	if err != nil {
		return "", err
	}
	response["clientDataJSON"] = data // as the other bytes: in standard base64
	posted, err := json.Marshal(map[string]any{p.PasskeyEnvelope(): map[string]any{
		"id": base64.RawURLEncoding.EncodeToString(k.id), "rawId": k.id, "type": "public-key",
		"authenticatorAttachment": "platform", "response": response,
	}})
	return string(posted), err
}

// register makes a passkey. It attests nothing, as a browser does if it is not asked.
func (a *Authenticator) register(p *davinci.PasskeyPrompt) (*passkey, map[string]any, error) {
	if len(p.Algorithms) > 0 && !slices.Contains(p.Algorithms, es256) {
		return nil, nil, fmt.Errorf("NotSupportedError: the flow takes the algorithms %d, and the authenticator "+
			"has %d, which is ES256", p.Algorithms, es256)
	}
	if a.allowed(p, true) != nil {
		return nil, nil, fmt.Errorf("InvalidStateError: the authenticator has a passkey for %q already, and the flow "+
			"excludes it", p.RP)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	k := &passkey{rp: p.RP, id: newID(p), user: p.User, key: key}
	public, err := coseKey(&key.PublicKey)
	if err != nil {
		return nil, nil, err
	}
	data := k.data(userPresent | userVerified | attested)
	data = append(data, make([]byte, 16)...)                // no model of authenticator says who it is
	data = binary.BigEndian.AppendUint16(data, sha256.Size) // how long the id is
	data = append(append(data, k.id...), public...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		return nil, nil, err
	}
	// A relying party has one passkey of a user on an authenticator: a new one replaces it.
	a.keys = slices.DeleteFunc(a.keys, func(o *passkey) bool { return o.rp == p.RP && bytes.Equal(o.user, p.User) })
	a.keys = append(a.keys, k)
	return k, map[string]any{"attestationObject": object}, nil
}

// newID returns the id of the passkey that a prompt makes. It is the same for the same challenge,
// so that a recorded passkey matches the one of a replay. For any other challenge it is as
// unpredictable as a random one. It is not a secret.
func newID(p *davinci.PasskeyPrompt) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte("flowtest passkey"), []byte(p.RP), p.User, p.Challenge} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

// sign signs on with the passkey that was made last of those that are allowed.
func (a *Authenticator) sign(p *davinci.PasskeyPrompt, clientData []byte) (*passkey, map[string]any, error) {
	k := a.allowed(p, len(p.Credentials) > 0)
	if k == nil {
		if a.Count(p.RP) > 0 {
			return nil, nil, fmt.Errorf("NotAllowedError: the authenticator has a passkey for %q, which is none of "+
				"those that the flow allows", p.RP)
		}
		return nil, nil, fmt.Errorf("NotAllowedError: the authenticator has no passkey for %q: register one before",
			p.RP)
	}
	k.count++
	data := k.data(userPresent | userVerified)
	hash := sha256.Sum256(clientData)
	digest := sha256.Sum256(append(slices.Clip(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		return nil, nil, err
	}
	return k, map[string]any{"authenticatorData": data, "signature": signature, "userHandle": k.user}, nil
}

// allowed returns the newest passkey of the relying party, and where listed says so the newest of
// those that the prompt lists. It is nil if there is none.
func (a *Authenticator) allowed(p *davinci.PasskeyPrompt, listed bool) *passkey {
	for _, k := range slices.Backward(a.keys) {
		in := slices.ContainsFunc(p.Credentials, func(id []byte) bool { return bytes.Equal(id, k.id) })
		if k.rp == p.RP && (in || !listed) {
			return k
		}
	}
	return nil
}

// data returns the authenticator data without a credential.
func (k *passkey) data(flags byte) []byte {
	hash := sha256.Sum256([]byte(k.rp))
	return binary.BigEndian.AppendUint32(append(hash[:], flags), k.count)
}

// coseKey writes a public key as COSE does.
//
// Source: RFC 9053, sections 2.1 and 7.1.1.
func coseKey(key *ecdsa.PublicKey) ([]byte, error) {
	const size = 32 // of a coordinate
	point, err := key.Bytes()
	if err != nil || len(point) != 1+2*size {
		return nil, errors.Join(errors.New("the key is not a point of P-256"), err)
	}
	const keyType, algorithm, curve, x, y = 1, 3, -1, -2, -3
	const ec2, p256 = 2, 1
	return cbor.Marshal(map[int]any{
		keyType: ec2, algorithm: es256, curve: p256,
		x: point[1 : 1+size], y: point[1+size:],
	})
}
