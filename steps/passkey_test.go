package steps_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
)

const (
	hasOne      = `Given the user has an authenticator`
	registers   = `When I register a passkey`
	withPasskey = `When I sign on with a passkey`
)

const (
	asksToRegister = `{"type":"FIDO2","key":"fido2","action":"REGISTER","publicKeyCredentialCreationOptions":{` +
		`"rp":{"id":"example.com"},"user":{"id":[1,-2]},"challenge":[-66,1],"pubKeyCredParams":[{"type":"public-key","alg":"-7"}]}}`
	asksToSignOn = `{"type":"FIDO2","key":"fido2","action":"AUTHENTICATE","publicKeyCredentialRequestOptions":{` +
		`"challenge":[5,-6],"rpId":"example.com"}}`
)

// asking answers the start with a screen that asks for a passkey, and what follows likewise.
func asking(fields ...string) []httpmock.Responder {
	var all []httpmock.Responder
	for _, f := range fields {
		all = append(all, says(http.StatusOK, form(f)))
	}
	return answering(all...)
}

var passkeys = map[string]sentence{
	"no passkey": {
		before: []string{hasOne, given, starts}, answers: asking(asksToRegister), sentence: `Then the authenticator has 0 passkeys`,
	},
	"a passkey was registered": {
		before: []string{hasOne, given, starts, registers}, answers: asking(asksToRegister, asksToSignOn),
		sentence: `Then the authenticator has 1 passkey`,
	},
	"a passkey was registered for the relying party": {
		before: []string{hasOne, given, starts, registers, withPasskey}, answers: asking(asksToRegister, asksToSignOn, asksToSignOn),
		sentence: `Then the authenticator has 1 passkey for "example.com"`,
	},
	"an authenticator that is given twice is the same": {
		before: []string{hasOne, given, starts, registers, hasOne}, answers: asking(asksToRegister, asksToSignOn),
		sentence: `Then the authenticator has 1 passkey`,
	},
	"too few": {
		before: []string{hasOne, given, starts}, answers: asking(asksToRegister), sentence: `Then the authenticator has 2 passkeys`,
		want: `the authenticator has 0 passkeys, want 2 (hop 1, node node000001, form "Sign On Form")`,
	},
	"none for another relying party": {
		before: []string{hasOne, given, starts, registers}, answers: asking(asksToRegister, asksToSignOn),
		sentence: `Then the authenticator has 1 passkey for "example.org"`,
		want: `the authenticator has 0 passkeys for "example.org", want 1 (hop 2, node node000001, ` +
			`form "Sign On Form")`,
	},
	"another user has none": {
		before: []string{hasOne, given, starts, `Given the user "nobody"`}, answers: asking(asksToRegister),
		sentence: `Then the authenticator has 0 passkeys`,
		want:     `the user "nobody" has no authenticator: write "Given the user has an authenticator" before this step`,
	},
}

func TestPasskeys(t *testing.T) {
	for name, row := range passkeys {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}

func TestAPasskeyThatCannotBeMadeOrUsed(t *testing.T) {
	for name, row := range map[string]sentence{
		"without an authenticator": {
			answers: asking(asksToRegister), sentence: registers,
			want: `the user "alice" has no authenticator: write "Given the user has an authenticator" before this step`,
		},
		"at a screen that asks for none": {
			answers: asking(`{"type":"TEXT","key":"a"}`), before: []string{hasOne, given, starts}, sentence: registers,
			want: `flow: register a passkey: the screen "Sign On Form" does not ask for a passkey`,
		},
		"at a screen that asks for the other": {
			answers: asking(asksToRegister), before: []string{hasOne, given, starts}, sentence: withPasskey,
			want: `flow: sign on with a passkey: the screen "Sign On Form" asks to register a passkey, and not to sign on with one (field "fido2")`,
		},
		"without a passkey": {
			answers: asking(asksToSignOn), before: []string{hasOne, given, starts}, sentence: withPasskey,
			want: `flow: sign on with a passkey: NotAllowedError: the authenticator has no passkey for "example.com": register one before`,
		},
		"with options that lack the challenge": {
			answers: asking(`{"type":"FIDO2","key":"fido2","action":"AUTHENTICATE","publicKeyCredentialRequestOptions":{"rpId":"a"}}`),
			before:  []string{hasOne, given, starts}, sentence: withPasskey,
			want: `flow: sign on with a passkey: the field "fido2": publicKeyCredentialRequestOptions.challenge is not an array of signed bytes`,
		},
		"an error that no browser has": {
			answers: asking(asksToSignOn), sentence: `When the passkey prompt fails with "TimeOutError"`,
			want: `"TimeOutError" is not an error of a passkey prompt, want NotAllowedError, AbortError, ` +
				`InvalidStateError, NotSupportedError, SecurityError, TimeoutError or UnknownError; did you mean "TimeoutError"?`,
		},
		"no prompt to cancel": {
			answers: asking(`{"type":"TEXT","key":"a"}`), sentence: `When I cancel the passkey prompt`,
			want: `flow: end the passkey prompt: the screen "Sign On Form" does not ask for a passkey`,
		},
	} {
		t.Run(name, func(t *testing.T) { row.check(t) })
	}
}
