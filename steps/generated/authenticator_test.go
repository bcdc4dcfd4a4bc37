package generated_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// A person is the user of a relying party that is not ours.
type person struct{ credentials []webauthn.Credential }

func (p *person) WebAuthnID() []byte                         { return []byte{0xfe, 2, 3} }
func (p *person) WebAuthnName() string                       { return "alice" }
func (p *person) WebAuthnDisplayName() string                { return "Alice" }
func (p *person) WebAuthnCredentials() []webauthn.Credential { return p.credentials }

// field writes the options of go-webauthn as PingOne has them, with arrays of signed bytes.
func field(t *testing.T, action, name string, options any) *davinci.Field {
	t.Helper()
	text, err := json.Marshal(options)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal(text, &tree))
	signed := func(of map[string]any, key string) {
		encoded, ok := of[key].(string)
		require.True(t, ok)
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		require.NoError(t, err)
		list := make([]int8, len(raw))
		for i, b := range raw {
			list[i] = int8(b)
		}
		of[key] = list
	}
	signed(tree, "challenge")
	if user, ok := tree["user"].(map[string]any); ok {
		signed(user, "id")
	}
	for _, list := range []string{"allowCredentials", "excludeCredentials"} {
		all, _ := tree[list].([]any)
		for _, c := range all {
			of, ok := c.(map[string]any)
			require.True(t, ok)
			signed(of, "id")
		}
	}
	body, err := json.Marshal(map[string]any{
		"id": "n", "connectionId": "c", "capabilityName": "customForm", "_links": map[string]any{"next": map[string]any{"href": "https://a/b"}},
		"form": map[string]any{"name": "A", "components": map[string]any{"fields": []any{
			map[string]any{"type": "FIDO2", "key": "fido2", "action": action, name: tree},
		}}},
	})
	require.NoError(t, err)
	screen := davinci.Reader{}.Read(200, nil, body).Screen()
	require.NotNil(t, screen)
	return screen.Field("fido2")
}

// posted is what go-webauthn reads: everything in base64url without padding.
func posted(t *testing.T, value, envelope string) []byte {
	t.Helper()
	response := gjson.Get(value, envelope)
	assert.NotContains(t, response.Get("id").Str, "=", "the id is base64url without padding")
	raw, err := base64.StdEncoding.DecodeString(response.Get("rawId").Str)
	require.NoError(t, err, "rawId is standard base64 with padding")
	named, err := base64.RawURLEncoding.DecodeString(response.Get("id").Str)
	require.NoError(t, err)
	assert.Equal(t, named, raw)
	return []byte(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(response.Raw))
}

func answer(t *testing.T, a *generated.Authenticator, f *davinci.Field, origin string) (string, *davinci.PasskeyPrompt) {
	t.Helper()
	p, err := f.Prompt()
	require.NoError(t, err)
	value, err := a.Answer(p, origin)
	require.NoError(t, err)
	return value, p
}

// Another's relying party takes what the authenticator makes: with a list of passkeys, and
// without one, where the passkey says who signs on.
func TestAnIndependentRelyingPartyAcceptsIt(t *testing.T) {
	t.Parallel()
	for name, origin := range map[string]string{"on its own host": "", "on a host below": "https://app.example.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rp, err := webauthn.New(&webauthn.Config{
				RPID: "example.com", RPDisplayName: "Example",
				RPOrigins: []string{"https://example.com", "https://app.example.com"},
			})
			require.NoError(t, err)
			a, alice := &generated.Authenticator{}, &person{}
			creation, session, err := rp.BeginRegistration(alice)
			require.NoError(t, err)
			value, _ := answer(t, a, field(t, "REGISTER", "publicKeyCredentialCreationOptions", creation.Response), origin)
			parsed, err := protocol.ParseCredentialCreationResponseBytes(posted(t, value, "attestationValue"))
			require.NoError(t, err)
			credential, err := rp.CreateCredential(alice, *session, parsed)
			require.NoError(t, err)
			alice.credentials = append(alice.credentials, *credential)
			assert.Equal(t, 1, a.Count("example.com"))

			assertion, session, err := rp.BeginLogin(alice, webauthn.WithUserVerification(protocol.VerificationRequired))
			require.NoError(t, err)
			value, _ = answer(t, a, field(t, "AUTHENTICATE", "publicKeyCredentialRequestOptions", assertion.Response), origin)
			login, err := protocol.ParseCredentialRequestResponseBytes(posted(t, value, "assertionValue"))
			require.NoError(t, err)
			used, err := rp.ValidateLogin(alice, *session, login)
			require.NoError(t, err)
			assert.Equal(t, uint32(1), used.Authenticator.SignCount)
			assert.False(t, used.Authenticator.CloneWarning)

			anyone, session, err := rp.BeginDiscoverableLogin()
			require.NoError(t, err)
			value, _ = answer(t, a, field(t, "AUTHENTICATE", "publicKeyCredentialRequestOptions", anyone.Response), origin)
			login, err = protocol.ParseCredentialRequestResponseBytes(posted(t, value, "assertionValue"))
			require.NoError(t, err)
			_, err = rp.ValidateDiscoverableLogin(func(_, user []byte) (webauthn.User, error) {
				assert.Equal(t, alice.WebAuthnID(), user)
				return alice, nil
			}, *session, login)
			require.NoError(t, err)
		})
	}
}

func TestWhatAnAuthenticatorRefuses(t *testing.T) {
	t.Parallel()
	ask := func() *davinci.PasskeyPrompt {
		return &davinci.PasskeyPrompt{Register: true, RP: "example.com", Challenge: []byte{1}, User: []byte{2}, Algorithms: []int{-7}}
	}
	a := &generated.Authenticator{}
	value, err := a.Answer(ask(), "")
	require.NoError(t, err)
	id, err := davinci.DecodePasskey(gjson.Get(value, "attestationValue.id"))
	require.NoError(t, err)
	for want, edit := range map[string]func(p *davinci.PasskeyPrompt) string{
		`SecurityError: the flow asks for a passkey of "example.com", which a page of "https://example.org" may not use`: func(*davinci.PasskeyPrompt) string {
			return "https://example.org"
		},
		`SecurityError: the flow asks for a passkey of "example.com", which a page of "http://example.com" may not use`: func(*davinci.PasskeyPrompt) string {
			return "http://example.com"
		},
		`InvalidStateError: the authenticator has a passkey for "example.com" already, and the flow excludes it`: func(p *davinci.PasskeyPrompt) string {
			p.Credentials = [][]byte{id}
			return ""
		},
		`NotSupportedError: the flow takes the algorithms [-257], and the authenticator has -7, which is ES256`: func(p *davinci.PasskeyPrompt) string {
			p.Algorithms = []int{-257}
			return ""
		},
		`NotAllowedError: the authenticator has a passkey for "example.com", which is none of those that the flow allows`: func(p *davinci.PasskeyPrompt) string {
			p.Register, p.Credentials = false, [][]byte{{9}}
			return ""
		},
	} {
		p := ask()
		_, err := a.Answer(p, edit(p))
		require.EqualError(t, err, want)
	}
	assert.Equal(t, 1, a.Count(""))
}

// The id of a passkey is that of the recording where the challenge is, so that a replay knows
// it, and the key is not.
func TestAPasskeyHasTheIDOfItsChallenge(t *testing.T) {
	t.Parallel()
	p := davinci.PasskeyPrompt{Register: true, RP: "example.com", Challenge: []byte{1}, User: []byte{2}}
	made := func(p davinci.PasskeyPrompt) (id, object string) {
		value, err := (&generated.Authenticator{}).Answer(&p, "")
		require.NoError(t, err)
		return gjson.Get(value, "attestationValue.id").Str, gjson.Get(value, "attestationValue.response.attestationObject").Str
	}
	first, one := made(p)
	second, two := made(p)
	assert.Equal(t, first, second)
	assert.NotEqual(t, one, two)
	p.Challenge = []byte{3}
	other, _ := made(p)
	assert.NotEqual(t, first, other)
}
