package mockserver_test

import (
	"slices"

	websdk "flowtest/mockserver/testdata/sdk"
)

// The user who signs on in these tests, and what the user mistypes.
var alice = map[string]string{
	"username": "alice", "password": "demo-Passw0rd-1", "newPassword": "demo-Passw0rd-2",
	"email": "alice@example.com", "givenName": "Alice", "familyName": "Example",
	"phone": "+15550100", "otp": "204816",
	"googleToken": "of-google", "facebookToken": "of-facebook",
}

const (
	mistypedPassword = "wrong-Passw0rd-9"
	mistypedOTP      = "000000"
)

// An sdkJourney is a run of the web SDK through one recorded flow.
type sdkJourney struct {
	flow         string
	byPolicy     bool              // chosen with acr_values, not with the client id
	customDomain bool              // without the environment in the path
	query        map[string]string // further authorize parameters
	steps        []sdkStep
}

// An sdkStep is what the SDK is called to do, and what it has to say then.
type sdkStep struct {
	websdk.Step

	// hop is the recorded hop whose answer has to come back; "" for the steps
	// after the end of the flow.
	hop string

	// poll is what the SDK tells the flow where it polls.
	poll string

	// status is what the SDK makes of it: continue, error, failure, success,
	// or ignored for what it passes over.
	status string
}

func started(hop, status string) sdkStep {
	return sdkStep{Step: websdk.Step{Do: "start"}, hop: hop, status: status}
}

func pressed(key, hop, status string) sdkStep {
	return sdkStep{Step: websdk.Step{Do: "press", Key: key}, hop: hop, status: status}
}

func submitted(values map[string]any, hop, status string) sdkStep {
	return sdkStep{Step: websdk.Step{Do: "submit", Fill: values}, hop: hop, status: status}
}

func returned(provider, hop, status string) sdkStep {
	return sdkStep{Step: websdk.Step{Do: "return", Key: provider}, hop: hop, status: status}
}

func polled(says, hop, status string) sdkStep {
	return sdkStep{Step: websdk.Step{Do: "poll"}, poll: says, hop: hop, status: status}
}

// tokens are the steps after the end of a flow.
var tokens = []sdkStep{{Step: websdk.Step{Do: "exchange"}, status: "success"}, {Step: websdk.Step{Do: "userinfo"}, status: "success"}}

var sdkJourneys = map[string]sdkJourney{
	"sign-on": {flow: "sign-on", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "completed", "success"),
	}, tokens)},

	// The second try keeps the username that the SDK still has.
	"a wrong password, then the right one": {flow: "sign-on", byPolicy: true, steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": mistypedPassword}, "wrong-password", "error"),
		submitted(map[string]any{"password": mistypedPassword}, "wrong-password", "error"),
		submitted(map[string]any{"password": alice["password"]}, "completed", "success"),
	}, tokens)},

	"a custom domain has no environment in its paths": {flow: "sign-on", customDomain: true, steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		pressed("TROUBLE", "trouble", "continue"),
		pressed("CANCEL", "sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "completed", "success"),
	}, tokens)},

	"registration by flow button": {flow: "registration", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		pressed("REGISTER", "registration-form", "continue"),
		submitted(map[string]any{
			"user.email": alice["email"], "user.name.given": alice["givenName"],
			"user.name.family": alice["familyName"], "user.password": mistypedPassword,
		}, "weak-password", "error"),
		submitted(map[string]any{"user.password": alice["password"]}, "verification-form", "continue"),
		pressed("RESEND", "verification-form", "continue"),
		submitted(map[string]any{"code": mistypedOTP}, "wrong-code", "error"),
		submitted(map[string]any{"code": alice["otp"]}, "completed", "success"),
	}, tokens)},

	"a password reset": {flow: "password-reset", steps: []sdkStep{
		started("sign-on-form", "continue"),
		pressed("TROUBLE", "reset-form", "continue"),
		submitted(map[string]any{"username": "nobody@example.com"}, "unknown-user", "error"),
		submitted(map[string]any{"username": alice["email"]}, "new-password-form", "continue"),
		submitted(map[string]any{"recoveryCode": alice["otp"], "newPassword": alice["password"]}, "used-password", "error"),
		submitted(map[string]any{"newPassword": alice["newPassword"]}, "completed", "success"),
	}},

	"every type of field of a form": {flow: "forms", steps: slices.Concat([]sdkStep{
		started("account-form", "continue"),
		submitted(map[string]any{"user.username": alice["username"]}, "missing-values", "error"),
		submitted(accountValues, "preferences-form", "continue"),
		submitted(preferences(false), "terms-refused", "error"),
		submitted(map[string]any{"user.acceptedTerms": true}, "device-form", "continue"),
		submitted(map[string]any{"deviceRegistration": "EMAIL"}, "passkey-form", "continue"),
		submitted(map[string]any{"passkey": map[string]any{"attestationValue": map[string]any{
			"id": "cGFzc2tleQ", "rawId": "cGFzc2tleQ==", "type": "public-key", "authenticatorAttachment": "platform",
			"response": map[string]any{"clientDataJSON": "e30=", "attestationObject": "o2M="},
		}}}, "passkey-made", "success"),
	}, tokens)},

	// What a drop-down list proposes is not in what the SDK sends, so English is
	// chosen by hand; of the days the proposal is sent.
	"a form by its defaults, back and forth": {flow: "forms", steps: []sdkStep{
		started("account-form", "continue"),
		submitted(accountValues, "preferences-form", "continue"),
		pressed("BACK", "account-form", "continue"),
		submitted(accountValues, "preferences-form", "continue"),
		submitted(map[string]any{
			"user.preferredLanguage": "en", "contact.channel": "phone", "riskSignals": "c2lnbmFscw==",
			"user.primaryPhone":  map[string]any{"countryCode": "US", "phoneNumber": "5550100"},
			"user.acceptedTerms": true,
		}, "device-form", "continue"),
		submitted(map[string]any{"deviceRegistration": "EMAIL"}, "passkey-form", "continue"),
		submitted(nil, "passkey-skipped", "success"),
	}},

	// The device that the form marks as default is sent untouched.
	"a second factor with polling": {flow: "mfa", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "device-form", "continue"),
		submitted(nil, "passcode-form", "continue"),
		submitted(map[string]any{"otp": mistypedOTP}, "wrong-passcode", "error"),
		pressed("CANCEL", "device-form", "continue"),
		submitted(map[string]any{"device": "f7b4ed5f-db65-43a5-94e8-b3a2922a019b"}, "push-form", "continue"),
		polled("continue", "push-pending", "continue"),
		polled("continue", "push-still-pending", "continue"),
		polled("continue", "push-approved", "success"),
	}, tokens)},

	// The SDK asks for the state of the challenge itself, and tells the flow what it found.
	"a second factor with a challenge": {flow: "mfa", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "device-form", "continue"),
		submitted(nil, "passcode-form", "continue"),
		pressed("LINK", "link-form", "continue"),
		polled("approved", "link-followed", "success"),
	}, tokens)},

	// The SDK counts the polls of a challenge without an answer, and says that it timed out.
	"challenges that are rejected, expire and time out": {flow: "mfa", steps: []sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "device-form", "continue"),
		submitted(map[string]any{"device": "0b9d8a0c-5b0f-4d5e-9a41-7c2f7b1e6d93"}, "tablet-form", "continue"),
		polled("rejected", "tablet-rejected", "error"),
		pressed("CANCEL", "device-form", "continue"),
		submitted(map[string]any{"device": "51c0e7f4-3a5d-4d0b-8f6a-92b7c1e0d4a6"}, "watch-form", "continue"),
		polled("expired", "watch-expired", "continue"),
		submitted(map[string]any{"device": "9e64d2b8-7f1c-4b3e-a5d0-3c8f2e7b6a19"}, "laptop-form", "continue"),
		polled("timedOut", "laptop-timed-out", "continue"),
	}},

	"an identity provider": {flow: "social", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		returned("google", "signed-on-with-google", "success"),
	}, tokens)},

	"an identity provider that leaves something open": {flow: "social", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		returned("facebook", "email-form", "continue"),
		pressed("CANCEL", "sign-on-form", "continue"),
		returned("facebook", "email-form", "continue"),
		submitted(map[string]any{"user.email": alice["email"]}, "signed-on-with-facebook", "success"),
	}, tokens)},

	"the platform of the web SDK": {flow: "platforms", steps: []sdkStep{
		started("web-form", "continue"),
		submitted(map[string]any{"pictures": []string{"apple", "pears, ripe"}}, "a-person", "success"),
	}},

	"a live session needs no screen": {flow: "session", steps: slices.Concat([]sdkStep{
		started("completed", "success"),
	}, tokens)},

	"errors that leave the screen, and failures that end the sign-on": {flow: "errors", steps: []sdkStep{
		started("choose-error", "continue"),
		pressed("CUSTOM_ERROR", "custom-error", "error"),
		pressed("CUSTOMIZED_ERROR", "customized-error", "error"),
		pressed("INVALID_ID", "invalid-id", "error"),
		pressed("SESSION_REFUSED", "session-refused", "failure"),
		started("choose-error", "continue"),
		pressed("TIMEOUT", "timed-out", "failure"),
		started("choose-error", "continue"),
		pressed("EXPIRED", "expired", "failure"),
		started("choose-error", "continue"),
		pressed("FAILED", "failed", "failure"),
		started("choose-error", "continue"),
		pressed("SERVER_ERROR", "server-error", "failure"),
		started("choose-error", "continue"),
		pressed("NO_CODE", "no-code", "failure"),
		started("choose-error", "continue"),
		pressed("UNAVAILABLE", "unavailable", "ignored"),
	}},

	"no session, and none wanted": {flow: "errors", query: map[string]string{"prompt": "none"}, steps: []sdkStep{
		started("no-session", "failure"),
	}},

	"PingOne's own sign-on instead of a flow": {flow: "errors", query: map[string]string{"prompt": "login"}, steps: []sdkStep{
		started("native-sign-on", "failure"),
	}},

	"a refused authorize request": {flow: "errors", query: map[string]string{"max_age": "soon"}, steps: []sdkStep{
		started("invalid-request", "error"),
	}},
}

var accountValues = map[string]any{
	"user.username": alice["username"], "user.email": alice["email"],
	"user.temporaryPassword": alice["password"], "user.password": alice["newPassword"],
}

func preferences(accepted bool) map[string]any {
	return map[string]any{
		"user.preferredLanguage": "de", "contact.channel": "email",
		"contact.topics": []string{"releases", "security"}, "contact.days": []string{"mon", "fri"},
		"user.primaryPhone":  map[string]any{"countryCode": "US", "phoneNumber": alice["phone"]},
		"user.acceptedTerms": accepted, "riskSignals": "c2lnbmFscw==",
	}
}
