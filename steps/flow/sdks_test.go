package flow_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// A screen with nothing but one field is left as the web SDK leaves it: without a button.
func TestAnOnlyFieldIsSubmitted(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ field, value, want string }{
		"DEVICE_REGISTRATION":   {`{"type":"DEVICE_REGISTRATION","key":"k","options":[{"type":"SMS","title":"Text"}]}`, "SMS", `"SMS"`},
		"DEVICE_AUTHENTICATION": {`{"type":"DEVICE_AUTHENTICATION","key":"k","options":[{"id":"d","type":"SMS","description":"+1"}]}`, "SMS", `{"type":"SMS","id":"d","value":"+1"}`},
		"FIDO2":                 {`{"type":"FIDO2","key":"k","action":"AUTHENTICATE"}`, `{"assertionValue":{}}`, `{"assertionValue":{}}`},
		"PROTECT":               {`{"type":"PROTECT","key":"k"}`, "R/o/x", `"R/o/x"`},
		"METADATA":              {`{"type":"METADATA","key":"k","payload":{}}`, `{"status":"ok"}`, `{"status":"ok"}`},
		"TEXT of a script":      {`{"type":"TEXT","key":"k","label":"protectsdk"}`, "signals", `"signals"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := answering(says(200, strings.Replace(form(row.field), `"username":"","remember":"yes"`, "", 1)), says(200, done))
			j := started(t, s)
			require.NoError(t, j.Fill("k", row.value))
			_, err := j.Submit(t.Context())
			require.NoError(t, err)
			sent := gjson.Get(s.bodies[1], "parameters")
			assert.Equal(t, "submit", sent.Get("eventType").String())
			assert.Equal(t, `""`, sent.Get("data.actionKey").Raw)
			assert.JSONEq(t, `{"k":`+row.want+`}`, sent.Get("data.formData").Raw)
		})
	}
}

// A device that is written as JSON is one of those that the screen lists too.
func TestADeviceOfATypeThatIsNotListed(t *testing.T) {
	t.Parallel()
	j := started(t, answering(says(200, form(`{"type":"DEVICE_AUTHENTICATION","key":"k","options":[{"id":"d","type":"SMS","title":"Text"}]}`))))
	require.NoError(t, j.Fill("k", `{"type":"SMS","id":"other"}`), "a device that the flow then refuses")
	require.EqualError(t, j.Fill("k", `{"type":"PIGEON","id":"d"}`),
		`flow: fill in "k": the DEVICE_AUTHENTICATION has no such option, it has "SMS" ("Text")`)
}

// A flow that goes through subflows may hand out another interactionId: the newest goes back.
// After a refusal that is the one of the screen, which stays: so do the SDKs.
func TestTheNewestInteractionIDGoesBack(t *testing.T) {
	t.Parallel()
	screen := form(username, signOn)
	of := func(id string) string { return strings.ReplaceAll(screen, "11111111-2222", id) }
	s := answering(says(200, of("one")), says(200, of("two")), says(400, `{"code":"x","message":"no","interactionId":"other"}`), says(200, done))
	j := started(t, s)
	for range 3 {
		_, err := j.Submit(t.Context())
		require.NoError(t, err)
	}
	for i, want := range []string{"", "one", "two", "two"} {
		assert.Equal(t, want, s.requests[i].Header.Get("interactionId"))
		assert.Equal(t, want, gjson.Get(s.bodies[i], "interactionId").String())
	}
}
