package walk

import (
	"encoding/base64"

	"flowtest/steps/davinci"
)

// somePasskey returns what a client posts for a passkey field; if fits is set, with the
// properties that the client adds. No authenticator created it, so a replay that
// verifies passkeys refuses it.
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
