package execlog_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/tenant/execlog"
	"flowtest/steps/davinci"
)

// What is secret by its name, looks like a token, or is a code in a text for a person does
// not leave the log; the rest does.
func TestSecretsOfTheLog(t *testing.T) {
	t.Parallel()
	const properties = `{
		"password": {"value": "hunter-canary"}, "newPassword": "hunter-canary", "otp": {"value": 482913},
		"code": "482913", "authCode": "0b1c9a52-0000-4000-8000-00000000cafe", "errorCode": "INVALID_OTP",
		"statusCode": 400, "countryCode": "DE", "code2": {"code": "invalidValue"},
		"sessionToken": "hunter-canary", "user_session_id": "hunter-canary",
		"headers": [{"key": "Authorization", "Authorization": "Bearer hunter-canary"}],
		"jwt": "eyJhbGciOiJSUzI1NiJ9.hunter-canary", "text": "use eyJhbGciOiJSUzI1NiJ9.hunter-canary now",
		"opaque": "hunter-canary0123456789hunter-canary0123456789",
		"message": {"value": "Your code is 482913. It holds for 30 minutes."},
		"href": "https://x.example/confirm?t=hunter-canary", "rawBody": "{\"otp\":\"482913\",\"city\":\"Graz\"}",
		"known": "the-target's-secret", "knownNumber": 73317331, "userId": "11111111-2222-4333-8444-555555555555",
		"email": "alice@example.com", "phone": "+15125550199", "matched": true, "nothing": null, "empty": ""
	}`
	hide := strings.NewReplacer("the-target's-secret", "[redacted]", "73317331", "[redacted]").Replace
	log := execlog.Scrub(&davinci.Log{Events: []davinci.LoggedEvent{{Node: "A", Properties: json.RawMessage(properties)}}}, hide)
	got := string(log.Events[0].Properties)
	require.True(t, json.Valid(log.Events[0].Properties), got)
	for _, secret := range []string{"hunter-canary", "482913", "the-target", "73317331", "cafe"} {
		assert.NotContains(t, got, secret)
	}
	for _, kept := range []string{
		`"errorCode":"INVALID_OTP"`, `"statusCode":400`, `"countryCode":"DE"`, `"code":"invalidValue"`, "Graz",
		"11111111-2222-4333-8444-555555555555", "alice@example.com", "+15125550199", `"matched":true`, `"nothing":null`, "30 minutes",
		"https://x.example/confirm?[redacted]",
	} {
		assert.Contains(t, got, kept)
	}
}

// The text of a log names every run of a node, and what a person should look at.
func TestTheLogAsText(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		log, err := w.reader.Read(t.Context(), w.journey())
		require.NoError(t, err)
		var b strings.Builder
		require.NoError(t, execlog.Write(&b, log, "text"))
		clock := w.began.UTC().Format("15:04:05.000")
		for _, line := range []string{
			`flow "Sign On", version 12, interaction ` + parentID,
			`subflow "MFA", version 3, interaction ` + childID,
			"transaction " + transaction,
			clock + " ✓ Sign On Form    customHTMLTemplate, 12ms",
			"○ Is it locked?   AEqualsB, 12ms",
			"✗ Check Password  checkPassword, 12ms",
			`{"password":{"value":"[redacted]"},"identifier":{"value":"alice"}}`,
			`Factor 0        readAllDevices, 12ms in "MFA"`,
			`"Check Password" failed, and the flow went on`,
		} {
			if strings.Contains(line, "identifier") {
				line = `"identifier":{"value":"alice"}` // the fake has properties in any order
			}
			assert.Contains(t, b.String(), line)
		}
		assert.NotContains(t, b.String(), "canary")
		b.Reset()
		require.NoError(t, execlog.Write(&b, log, "json"))
		var back davinci.Log
		require.NoError(t, json.Unmarshal([]byte(b.String()), &back))
		assert.Len(t, back.Events, len(log.Events))
		require.EqualError(t, execlog.Write(&b, log, "yaml"), `format "yaml" is unknown, want text or json`)

		story := execlog.Story(log)
		assert.Contains(t, story, `"Check Password" failed in the execution log`)
		assert.Contains(t, story, `before it: ✓ "Sign On Form" → ✓ "Lookup User" → ○ "Is it locked?"`)
		assert.NotContains(t, story, "canary")
	})
}

// What a log that ends early means for the reader.
func TestTheLogOfAFlowThatStopped(t *testing.T) {
	t.Parallel()
	event := func(message, node string) davinci.LoggedEvent {
		return davinci.LoggedEvent{Message: message, Node: node, Time: time.Unix(0, 0)}
	}
	log := &davinci.Log{Flows: []davinci.LoggedFlow{{Name: "Sign On"}}, Events: []davinci.LoggedEvent{
		event("Receive Request", "A"), event("Send Response", "A"), event("Receive Request", "A"), event("Send Response", "A"),
		event("Receive Request", "A"), event("Send Response", "A"), event("Send Response", "A"), event("Receive Request", "B"),
	}}
	var b strings.Builder
	require.NoError(t, execlog.Write(&b, log, "text"))
	assert.Contains(t, b.String(), `"A" ran 3 times or more`)
	assert.Contains(t, b.String(), `"B" has not answered`)
	assert.Len(t, log.Nodes(), 4, "a second answer is of the same run")
	assert.Equal(t, "no node failed in the execution log; the last was \"B\"\nbefore it: ✓ \"A\" → ✓ \"A\" → ✓ \"A\"", execlog.Story(log))
}

// A node that took most of the time is named, and one that failed because of a timeout.
func TestSlowNodesAndTimeouts(t *testing.T) {
	t.Parallel()
	event := func(message, node string, took int64, properties string) davinci.LoggedEvent {
		return davinci.LoggedEvent{
			Message: message, Node: node, Took: &took, Properties: json.RawMessage(properties), Time: time.Unix(0, 0),
		}
	}
	log := &davinci.Log{Flows: []davinci.LoggedFlow{{Name: "Sign On"}}, Events: []davinci.LoggedEvent{
		event("Send Response", "A", 1100, `{}`), event("Send Response", "B", 2300, `{"timeout":5000}`),
		event("Send Error Response", "C", 900, `{"outputs":{"errorMessage":"Socket timeout"}}`),
	}}
	var b strings.Builder
	require.NoError(t, execlog.Write(&b, log, "text"))
	assert.True(t, strings.HasSuffix(b.String(), "\n\n\"B\" was slow: it took 2.3s of the 4.3s of all nodes\n"+
		"\"C\" failed because of a timeout, and no node ran after it\n"), b.String())
	assert.Contains(t, execlog.Story(log), "\"C\" failed in the execution log because of a timeout\n")
}
