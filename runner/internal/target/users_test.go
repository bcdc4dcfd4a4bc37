package target_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/target"
)

func TestDemo(t *testing.T) {
	want := map[string]map[string]string{"alice": {
		"username": "alice", "password": "demo-Passw0rd-1", "newPassword": "demo-Passw0rd-2",
		"email": "alice@example.com", "givenName": "Alice", "familyName": "Example",
		"phone": "+15550100", "otp": "204816",
		"totp":        "otpauth://totp/flowtest:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=flowtest",
		"googleToken": "demo-continue-token-of-google", "facebookToken": "demo-continue-token-of-facebook",
	}}
	first := target.Demo()
	assert.Equal(t, want, first)

	first["alice"]["password"] = "changed"
	delete(first["alice"], "otp")
	assert.Equal(t, want, target.Demo(), "every call gives its own copy")
}

func TestUser(t *testing.T) {
	given := map[string]string{"username": "alice", "password": "p", "otp": "", "newPassword": "n"}
	u := target.NewUser(given)
	given["username"] = "changed"

	assert.Equal(t, []string{"newPassword", "otp", "password", "username"}, u.Names())
	assert.Equal(t, []string{"n", "p"}, u.Secrets())

	got, ok := u.Lookup("username")
	assert.True(t, ok)
	assert.Equal(t, "alice", got)

	got, ok = u.Lookup("otp")
	assert.True(t, ok, "an empty value is one")
	assert.Empty(t, got)

	_, ok = u.Lookup("Username")
	assert.False(t, ok, "names are taken as they are written")
}

func TestTheZeroUserHasNoAttributes(t *testing.T) {
	var u target.User
	_, ok := u.Lookup("username")
	assert.False(t, ok)
	assert.Empty(t, u.Names())
	assert.Empty(t, u.Secrets())
}

func TestSecret(t *testing.T) {
	tests := map[string]bool{
		"password": true, "newPassword": true, "PASSWORD": true, "wrongPassword": true, "passphrase": true,
		"otp": true, "totpSeed": true, "pin": true, "PIN": true, "accessToken": true, "recoveryCode": true,
		"clientSecret": true, "mfa": true, "MFA": true, "pwd": true, "pass": true,
		// Hidden without need, and documented.
		"postalCode": true, "shippingStreet": true,
		"username": false, "email": false, "phone": false, "givenName": false, "mfaEnabled": false,
		"passport": false, "": false,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, want, target.Secret(name))
		})
	}
}
