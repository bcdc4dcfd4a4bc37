package passkey_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/internal/passkey"
	"flowtest/steps/davinci"
)

// A device is an authenticator that may lie: its fields are what it says.
type device struct {
	key        *ecdsa.PrivateKey
	id         []byte
	rp, origin string
	flags      byte
	count      uint32
	user       []byte
	spoil      bool // of the signature
}

func newDevice(t *testing.T) device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return device{key: key, id: []byte{7, 8, 9}, rp: "example.com", flags: 5, user: []byte{2}}
}

// answer is what a client posts for the device, in base64url as the mobile SDKs do.
func (d device) answer(t *testing.T, p davinci.PasskeyPrompt) gjson.Result {
	t.Helper()
	client := p.ClientData(d.origin)
	hash := sha256.Sum256([]byte(d.rp))
	data := binary.BigEndian.AppendUint32(append(hash[:], d.flags), d.count)
	text := base64.RawURLEncoding.EncodeToString
	response := map[string]string{"clientDataJSON": text(client)}
	if p.Register {
		point, err := d.key.PublicKey.Bytes()
		require.NoError(t, err)
		public, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
		require.NoError(t, err)
		data = slices.Concat(data, make([]byte, 16), []byte{0, byte(len(d.id))}, d.id, public)
		data[sha256.Size] |= 1 << 6
		object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
		require.NoError(t, err)
		response["attestationObject"] = text(object)
	} else {
		sum := sha256.Sum256(client)
		digest := sha256.Sum256(slices.Concat(data, sum[:]))
		if d.spoil {
			digest[0] ^= 1
		}
		signature, err := ecdsa.SignASN1(rand.Reader, d.key, digest[:])
		require.NoError(t, err)
		response["authenticatorData"], response["signature"], response["userHandle"] = text(data), text(signature), text(d.user)
	}
	body, err := json.Marshal(map[string]any{p.PasskeyEnvelope(): map[string]any{
		"id": text(d.id), "rawId": text(d.id), "type": "public-key", "response": response,
	}})
	require.NoError(t, err)
	return gjson.ParseBytes(body)
}

var (
	create = davinci.PasskeyPrompt{
		Register: true, RP: "example.com", Challenge: []byte{1}, User: []byte{2}, Algorithms: []int{-7}, Verify: true,
	}
	get = davinci.PasskeyPrompt{RP: "example.com", Challenge: []byte{3}, Verify: true}
)

func TestRightPasskeysAreAccepted(t *testing.T) {
	t.Parallel()
	keys, d := passkey.NewKeys(2), newDevice(t)
	require.NoError(t, keys.Verify(&create, d.answer(t, create)))
	require.NoError(t, keys.Verify(&get, d.answer(t, get)), "a counter that stays 0 is none")
	d.count, d.origin = 1, "https://app.example.com"
	require.NoError(t, keys.Verify(&get, d.answer(t, get)))
	other := newDevice(t) // of another scenario, with the id that the recorded challenge gives
	require.NoError(t, keys.Verify(&create, other.answer(t, create)))
	d.count = 2
	require.NoError(t, keys.Verify(&get, d.answer(t, get)))
	require.NoError(t, keys.Verify(&get, other.answer(t, get)))
	require.NoError(t, keys.Verify(&create, newDevice(t).answer(t, create)))
	d.count = 3
	require.Error(t, keys.Verify(&get, d.answer(t, get)), "the oldest makes room")
}

func TestWrongPasskeysAreRefused(t *testing.T) {
	t.Parallel()
	for want, row := range map[string]struct {
		prompt davinci.PasskeyPrompt
		edit   func(d *device, p *davinci.PasskeyPrompt) // of what is posted
	}{
		"the challenge is not the one of the screen":                      {get, func(_ *device, p *davinci.PasskeyPrompt) { p.Challenge = []byte{4} }},
		"the origin is not https on the host example.com or one below it": {get, func(d *device, _ *davinci.PasskeyPrompt) { d.origin = "https://badexample.com" }},
		"rpIdHash is not that of example.com":                             {get, func(d *device, _ *davinci.PasskeyPrompt) { d.rp = "example.org" }},
		"the flags do not say that the user was present":                  {get, func(d *device, _ *davinci.PasskeyPrompt) { d.flags = 4 }},
		"the flags do not say that the user was verified, which the flow requires": {
			create, func(d *device, _ *davinci.PasskeyPrompt) { d.flags = 1 },
		},
		"the signature is not one of the passkey":                       {get, func(d *device, _ *davinci.PasskeyPrompt) { d.spoil = true }},
		"the counter did not go up":                                     {get, func(d *device, _ *davinci.PasskeyPrompt) { d.count = 5 }},
		"the passkey was not registered in this replay":                 {get, func(d *device, _ *davinci.PasskeyPrompt) { d.id = []byte{1} }},
		"userHandle is not that of the user who registered the passkey": {get, func(d *device, _ *davinci.PasskeyPrompt) { d.user = []byte{9} }},
		"userHandle was not sent, and nothing else says who signs on":   {get, func(d *device, _ *davinci.PasskeyPrompt) { d.user = nil }},
		"assertionValue was not sent":                                   {get, func(_ *device, p *davinci.PasskeyPrompt) { *p = create }},
		"the passkey has the algorithm -7, want one of [-257]": {
			davinci.PasskeyPrompt{Register: true, RP: "example.com", Challenge: []byte{1}, Algorithms: []int{-257}}, nil,
		},
		"the flow excludes the passkey": {
			davinci.PasskeyPrompt{
				Register: true, RP: "example.com", Challenge: []byte{1}, Algorithms: []int{-7}, Credentials: [][]byte{{7, 8, 9}},
			}, nil,
		},
		"the passkey is none of those that the flow allows": {
			davinci.PasskeyPrompt{RP: "example.com", Challenge: []byte{3}, Credentials: [][]byte{{1}}}, nil,
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			keys, d := passkey.NewKeys(9), newDevice(t)
			d.count = 5
			require.NoError(t, keys.Verify(&create, d.answer(t, create)))
			d.count = 6
			posted := row.prompt
			if row.edit != nil {
				row.edit(&d, &posted)
			}
			assert.EqualError(t, keys.Verify(&row.prompt, d.answer(t, posted)), want)
		})
	}
}

// No answer of a client brings the replay down.
func FuzzVerify(f *testing.F) {
	f.Add([]byte(`{"attestationValue":{"id":"AQID","rawId":"AQID","type":"public-key","response":{}}}`))
	f.Add([]byte(`{"assertionValue":{"id":"AQID","rawId":"AQID","type":"public-key","response":{"authenticatorData":"AA"}}}`))
	f.Fuzz(func(_ *testing.T, body []byte) {
		keys := passkey.NewKeys(1)
		_ = keys.Verify(&create, gjson.ParseBytes(body))
		_ = keys.Verify(&get, gjson.ParseBytes(body))
	})
}
