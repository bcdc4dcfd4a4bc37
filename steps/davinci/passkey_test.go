package davinci_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

// asking is a screen with a field that asks for a passkey.
func asking(t *testing.T, action, options string) *davinci.Screen {
	t.Helper()
	s := davinci.Reader{}.Read(http.StatusOK, nil, []byte(`{"id":"n","connectionId":"c","capabilityName":"customForm",`+
		`"_links":{"next":{"href":"https://a/b"}},"form":{"name":"A","components":{"fields":[`+
		`{"type":"FIDO2","key":"f","action":"`+action+`",`+options+`}]}}}`)).Screen()
	require.NotNil(t, s)
	return s
}

// Source: the vectors in the tests of the FIDO2 collectors of the Android SDK.
func TestSignedBytes(t *testing.T) {
	t.Parallel()
	for signed, want := range map[string]string{
		"24,-76,-64": "GLTA", "-68,87,-120": "vFeI", "1,2,3": "AQID", "10,20,30": "ChQe",
	} {
		_, p, err := asking(t, "REGISTER", fmt.Sprintf(`"publicKeyCredentialCreationOptions":{"rp":{"id":"a"},"user":{"id":[%s]},`+
			`"challenge":[%s],"excludeCredentials":[{"id":[%s]}],"pubKeyCredParams":[{"alg":"-7"},{"alg":-257}]}`, signed, signed, signed)).
			Prompt(true)
		require.NoError(t, err)
		for _, got := range [][]byte{p.Challenge, p.User, p.Credentials[0]} {
			assert.Equal(t, want, base64.RawURLEncoding.EncodeToString(got))
		}
		assert.Equal(t, []int{-7, -257}, p.Algorithms, "a number may be text")
		_, p, err = asking(t, "AUTHENTICATE", fmt.Sprintf(`"publicKeyCredentialRequestOptions":{"rpId":"a","challenge":[%s],`+
			`"allowCredentials":[{"id":[%s]}]}`, signed, signed)).Prompt(false)
		require.NoError(t, err)
		for _, got := range [][]byte{p.Challenge, p.Credentials[0]} {
			assert.Equal(t, want, base64.RawURLEncoding.EncodeToString(got))
		}
	}
}

func TestOptionsThatLackSomething(t *testing.T) {
	t.Parallel()
	for options, want := range map[string]string{
		`"x":1`: `the field "f": publicKeyCredentialRequestOptions.challenge is not an array of signed bytes`,
		`"publicKeyCredentialRequestOptions":{"challenge":"AQID","rpId":"a"}`: `the field "f": publicKeyCredentialRequestOptions.challenge ` +
			`is not an array of signed bytes`,
		`"publicKeyCredentialRequestOptions":{"challenge":[300],"rpId":"a"}`: `the field "f": publicKeyCredentialRequestOptions.challenge ` +
			`is not an array of signed bytes`,
		`"publicKeyCredentialRequestOptions":{"challenge":[1],"rpId":"a","allowCredentials":[{"id":[1]},{}]}`: `the field "f": ` +
			`publicKeyCredentialRequestOptions.allowCredentials.1.id is not an array of signed bytes`,
		`"publicKeyCredentialRequestOptions":{"challenge":[1]}`: `the field "f": publicKeyCredentialRequestOptions has no rpId`,
	} {
		_, _, err := asking(t, "AUTHENTICATE", options).Prompt(false)
		assert.EqualError(t, err, want)
	}
}
