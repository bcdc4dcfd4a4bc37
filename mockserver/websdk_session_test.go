package mockserver_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

var credentials = map[string]any{"username": alice["username"], "password": alice["password"]}

// sdkSessions are journeys that a session changes. Those of every client ask for another
// sign-on, since the page in the browser has the session of the journey before it.
var sdkSessions = map[string]sdkJourney{
	"a sign-on for all to come": {flow: "sso", query: map[string]string{"prompt": "login"}, steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(map[string]any{"username": alice["username"], "password": mistypedPassword}, "wrong-password", "error"),
		submitted(map[string]any{"password": alice["password"]}, "completed", "success"),
	}, tokens)},
	"both factors": {flow: "step-up", query: map[string]string{"prompt": "login"}, steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(credentials, "passcode-form", "continue"),
		submitted(map[string]any{"otp": mistypedOTP}, "wrong-passcode", "error"),
		submitted(map[string]any{"otp": alice["otp"]}, "completed", "success"),
	}, tokens)},
}

// browserSessions are journeys with the session that "a sign-on for all to come" left.
var browserSessions = map[string]sdkJourney{
	"signed on before": {flow: "sso", steps: slices.Concat([]sdkStep{started("signed-on", "success")}, tokens)},
	"signed on before, and one factor more": {flow: "step-up", steps: slices.Concat([]sdkStep{
		started("passcode-form", "continue"),
		submitted(map[string]any{"otp": alice["otp"]}, "completed", "success"),
	}, tokens)},
}

// allSDKJourneys returns the journeys that the web SDK goes in Node, or in a browser.
func allSDKJourneys(t *testing.T, browser bool) map[string]sdkJourney {
	t.Helper()
	all := maps.Clone(sdkJourneys)
	maps.Copy(all, sdkSessions)
	all["a passkey is registered and used"] = withPasskeys(t)
	if browser {
		maps.Copy(all, browserSessions)
	}
	return all
}

// withPasskeys is a journey whose passkeys an authenticator made before it: a recording has
// the same challenge each time.
func withPasskeys(t *testing.T) sdkJourney {
	t.Helper()
	authenticator, screens := &generated.Authenticator{}, map[string]*davinci.Screen{}
	for _, f := range shipped.Flows(t) {
		for _, h := range f.Hops {
			if f.Name == "passkey" && h.Screen() == h {
				screens[h.Name] = davinci.Reader{}.Read(http.StatusOK, nil, h.Response.JSON.Text).Screen()
			}
		}
	}
	answer := func(screen string, register bool) map[string]any {
		_, prompt, err := screens[screen].Prompt(register)
		require.NoError(t, err)
		text, err := authenticator.Answer(prompt, "")
		require.NoError(t, err)
		var value map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		return map[string]any{"fido2": value}
	}
	person := map[string]any{"user.username": alice["username"], "user.password": alice["password"]}
	spoiled := map[string]any{"fido2": map[string]any{"attestationValue": map[string]any{"id": "eA"}}}
	return sdkJourney{flow: "passkey", steps: slices.Concat([]sdkStep{
		started("sign-on-form", "continue"),
		submitted(person, "passkey-form", "continue"),
		submitted(spoiled, "registration-refused", "error"),
		submitted(answer("passkey-form", true), "registered", "success"),
		started("sign-on-form", "continue"),
		pressed("PASSKEY", "any-passkey-form", "continue"),
		submitted(answer("any-passkey-form", false), "signed-on", "success"),
	}, tokens)}
}

// TestWebSDKGoesThroughEveryFlow names the flows that it cannot drive, as Ping says: what
// needs skpolling.
func TestWebSDKGoesThroughEveryFlow(t *testing.T) {
	t.Parallel()
	through := map[string]bool{"magic-link": true}
	for _, journey := range allSDKJourneys(t, false) {
		through[journey.flow] = true
	}
	for _, f := range shipped.Flows(t) {
		assert.True(t, through[f.Name], "no journey of the web SDK goes through the flow %q", f.Name)
	}
}
