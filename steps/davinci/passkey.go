package davinci

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// fido2 is the type of a field that asks for a passkey.
const fido2 = "FIDO2"

// A PasskeyPrompt is the request of a field of type FIDO2 to an authenticator.
type PasskeyPrompt struct {
	Register    bool     // it asks for a new passkey, otherwise for an existing one
	RP          string   // the id of the relying party, a domain
	Challenge   []byte   // never empty
	User        []byte   // the handle of the user who registers
	Algorithms  []int    // COSE numbers of the algorithms that a new passkey may have
	Credentials [][]byte // ids that a new one must not have, or that are allowed; empty means any
	Verify      bool     // the authenticator has to verify the user
}

// Prompt returns the field of the screen that asks to register a passkey, or to sign on with one,
// and its prompt. The field is nil if there is none. The error says what is missing in the
// options of the field.
//
// Source: the FIDO2 collectors of Ping's SDKs, in whose options every id and the
// challenge is an array of signed bytes.
func (s *Screen) Prompt(register bool) (*Field, *PasskeyPrompt, error) {
	for i := range s.Fields {
		f := &s.Fields[i]
		if f.Type == fido2 && (f.Raw.Get("action").Str == "REGISTER") == register {
			p, err := f.Prompt()
			return f, p, err
		}
	}
	return nil, nil, nil
}

// Prompt returns the passkey prompt of a field of type FIDO2. The error is that of
// [Screen.Prompt].
func (f *Field) Prompt() (*PasskeyPrompt, error) {
	p := &PasskeyPrompt{}
	var name, list, rp, verify string
	switch action := f.Raw.Get("action").Str; {
	case f.Type != fido2:
		return nil, fmt.Errorf("the field %q has the type %s, want %s", f.Key, f.Type, fido2)
	case action == "REGISTER":
		p.Register = true
		name, list, rp, verify = "publicKeyCredentialCreationOptions", "excludeCredentials", "rp.id",
			"authenticatorSelection.userVerification"
	case action == "AUTHENTICATE":
		name, list, rp, verify = "publicKeyCredentialRequestOptions", "allowCredentials", "rpId", "userVerification"
	default:
		return nil, fmt.Errorf("the field %q has the action %q, want REGISTER or AUTHENTICATE", f.Key, action)
	}
	options := f.Raw.Get(name)
	r := bytesReader{in: name}
	p.Challenge = r.read(options, "challenge")
	if p.Register {
		p.User = r.read(options, "user.id")
	}
	for i, c := range options.Get(list).Array() {
		p.Credentials = append(p.Credentials, r.read(c, "id", list+"."+strconv.Itoa(i)+"."))
	}
	for _, a := range options.Get("pubKeyCredParams").Array() {
		p.Algorithms = append(p.Algorithms, int(a.Get("alg").Int())) // which may be text
	}
	p.RP, p.Verify = options.Get(rp).Str, options.Get(verify).Str == "required"
	if p.RP == "" && r.err == nil {
		r.err = fmt.Errorf("%s has no %s", name, rp)
	}
	if r.err != nil {
		return nil, fmt.Errorf("the field %q: %w", f.Key, r.err)
	}
	return p, nil
}

// Prompts reports whether the field asks for a passkey.
func (f *Field) Prompts() bool { return f.Type == fido2 }

// A bytesReader reads arrays of signed bytes and keeps the first mistake.
type bytesReader struct {
	in  string
	err error
}

func (r *bytesReader) read(from gjson.Result, path string, before ...string) []byte {
	value := from.Get(path)
	var signed []int
	ok := value.IsArray() && json.Unmarshal([]byte(value.Raw), &signed) == nil && len(signed) > 0
	out := make([]byte, 0, len(signed))
	for _, n := range signed {
		ok = ok && n >= -128 && n <= 255
		out = append(out, byte(n&0xff))
	}
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%s.%s%s is not an array of signed bytes", r.in, strings.Join(before, ""), path)
	}
	return out
}

// WebAuthnErrors returns the actions that a client posts when a passkey prompt fails: the
// names of a browser's errors. The first is for a prompt that a person cancels.
//
// Source: the web SDK, which posts the name of the DOMException in place of a button.
func WebAuthnErrors() []string {
	return []string{
		"NotAllowedError", "AbortError", "InvalidStateError", "NotSupportedError", "SecurityError",
		"TimeoutError", "UnknownError",
	}
}

// EndsPrompt reports whether an action tells the flow that a passkey prompt of the screen
// failed: no button has it as its key.
func (s *Screen) EndsPrompt(action string) bool {
	return slices.Contains(WebAuthnErrors(), action) &&
		slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Prompts() })
}

// IsPasskey reports whether a value has the form of what a client posts for a passkey. It
// does not verify the value.
func IsPasskey(value gjson.Result) bool {
	posted := value.Get("attestationValue")
	if !posted.Exists() {
		posted = value.Get("assertionValue")
	}
	return posted.Get("response.clientDataJSON").Type == gjson.String
}

// PasskeyEnvelope returns the key under which a client posts the answer of the
// authenticator.
func (p *PasskeyPrompt) PasskeyEnvelope() string {
	if p.Register {
		return "attestationValue"
	}
	return "assertionValue"
}

// clientDataType is the type that the client data of an answer has.
func (p *PasskeyPrompt) clientDataType() string {
	if p.Register {
		return "webauthn.create"
	}
	return "webauthn.get"
}

// ClientData returns the client data for the prompt on a page of an origin, which an
// authenticator signs. An empty origin means https on the host of the relying party.
func (p *PasskeyPrompt) ClientData(origin string) []byte {
	if origin == "" {
		origin = "https://" + p.RP
	}
	return []byte(`{"type":` + Quote(p.clientDataType()) + `,"challenge":` +
		Quote(base64.RawURLEncoding.EncodeToString(p.Challenge)) +
		`,"origin":` + Quote(origin) + `,"crossOrigin":false}`)
}

// CheckClientData returns the client data in a value that was posted for the field. It
// checks the type, the challenge and the origin, whose host must be that of the relying
// party or a subdomain. The error says which of them is wrong, and does not contain the
// value.
func (p *PasskeyPrompt) CheckClientData(value gjson.Result) (raw []byte, err error) {
	raw, err = DecodePasskey(value.Get(p.PasskeyEnvelope() + ".response.clientDataJSON"))
	if err != nil {
		return nil, fmt.Errorf("clientDataJSON of %s: %w", p.PasskeyEnvelope(), err)
	}
	data := gjson.ParseBytes(raw)
	challenge, err := base64.RawURLEncoding.DecodeString(data.Get("challenge").Str)
	origin, parsed := url.Parse(data.Get("origin").Str)
	switch {
	case !gjson.ValidBytes(raw):
		return nil, errors.New("clientDataJSON is not JSON")
	case data.Get("type").Str != p.clientDataType():
		return nil, fmt.Errorf("the client data has another type, want %s", p.clientDataType())
	case err != nil || !slices.Equal(challenge, p.Challenge):
		return nil, errors.New("the challenge is not the one of the screen")
	case parsed != nil || !Covers(p.RP, origin):
		return nil, fmt.Errorf("the origin is not https on the host %s or one below it", p.RP)
	}
	return raw, nil
}

// Covers reports whether a page of an origin may ask for passkeys of a relying party. A
// page of localhost needs no TLS. The origin of an Android app is the hash of its key,
// which only the relying party knows, so any such origin is covered.
func Covers(rp string, origin *url.URL) bool {
	if origin.Scheme == "android" {
		return strings.HasPrefix(origin.Opaque, "apk-key-hash:")
	}
	host := origin.Hostname()
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	return (origin.Scheme == "https" || local && origin.Scheme == "http") &&
		(host == rp || strings.HasSuffix(host, "."+rp))
}

// DecodePasskey decodes a value that an SDK posts for a passkey: base64 with or without
// padding, in either alphabet.
//
// Source: the web SDK posts standard base64 with padding and the id as base64url,
// those of iOS and Android base64url without padding.
func DecodePasskey(value gjson.Result) ([]byte, error) {
	if value.Type != gjson.String || value.Str == "" {
		return nil, errors.New("it was not sent")
	}
	text := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(value.Str, "="))
	out, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, errors.New("it is not base64")
	}
	return out, nil
}

// PasskeySecrets returns the values, of those that a client posts for a passkey, that
// must not be in reports and recordings.
func PasskeySecrets(value gjson.Result) []string {
	var out []string
	for _, envelope := range []string{"attestationValue", "assertionValue"} {
		posted := value.Get(envelope)
		for _, v := range []gjson.Result{posted.Get("id"), posted.Get("rawId")} {
			out = append(out, v.String())
		}
		posted.Get("response").ForEach(func(_, v gjson.Result) bool {
			if v.Type == gjson.String {
				out = append(out, v.Str)
			}
			return true
		})
	}
	return slices.DeleteFunc(out, func(text string) bool { return text == "" })
}
