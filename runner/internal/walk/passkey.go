package walk

import (
	"encoding/base64"

	"flowtest/steps/davinci"
)

// somePasskey is what a client posts of an authenticator for a field that asks for a
// passkey, with what the client itself says of it where fits is true. No authenticator
// made it: a replay that verifies it refuses it.
func somePasskey(f *davinci.Field, fits bool) string {
	value, response := "attestationValue", ""
	if p, err := f.Prompt(); err == nil {
		value = p.PasskeyEnvelope()
		if fits {
			response = `,"response":{"clientDataJSON":"` + base64.StdEncoding.EncodeToString(p.ClientData("")) + `"}`
		}
	}
	return `{"` + value + `":{"id":"c3RhbmQtaW4","rawId":"c3RhbmQtaW4","type":"public-key"` + response + `}}`
}
