package diff_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/diff"
)

const (
	hopOfWrong   = "  - name: wrong-password\n    from: sign-on-form\n    request: {action: SIGNON, formData: {username: \"${user.username}\", password: \"${user.wrongPassword}\"}}\n    response: {status: 400, json: wrong-password.json}\n"
	hopOfTrouble = "  - name: trouble\n    from: sign-on-form\n    request: {action: TROUBLE}\n    response: {status: 200, json: trouble.json, detailed: trouble.detailed.json}\n"
)

// withoutTrouble takes the screens "trouble" and "reset-form" out of the recording "sign-on".
var withoutTrouble = append([]edit{
	{yaml, hopOfTrouble, ""},
	{"trouble.json", "", "-"},
	{"trouble.detailed.json", "", "-"},
	{"trouble.html", "", "-"},
	{yaml, "from: [registration-form, trouble, reset-form]", "from: [registration-form, trouble]"},
	{yaml, "from: [registration-form, trouble]", "from: [registration-form]"},
}, withoutReset[:4]...)

// What was not recorded again may be as it was: it is said apart and counts as no change.
// A hop that was recorded again with another answer is gone.
func TestWhatWasNotDoneAgain(t *testing.T) {
	lostTrouble := `: breaking screen-gone: the screen is gone: TROUBLE on "Sign On Form" led to it`
	lostReset := `Reset Password Form: breaking screen-gone: the screen is gone: FORGOT_PASSWORD on "Trouble Signing On Form" led to it`
	for name, c := range map[string]struct {
		flow  string
		edits []edit
		want  []string
		worst diff.Class
	}{
		"a password that was never mistyped": {
			"sign-on",
			[]edit{{yaml, hopOfWrong, ""}, {wrong, "", "-"}},
			[]string{`not-recorded hop-not-recorded: screen "Sign On Form": hop wrong-password (SIGNON with password ${user.wrongPassword}, username ${user.username}): ` +
				`the flow refused the request with status 400 and code "Invalid username and/or password"`},
			diff.None,
		},
		"a button that was not pressed, and all that comes after": {
			"sign-on", withoutTrouble,
			[]string{
				`not-recorded screen-not-recorded: screen "Trouble Signing On Form": TROUBLE on "Sign On Form" led to it (and 2 hops there)`,
				`not-recorded screen-not-recorded: screen "Reset Password Form": FORGOT_PASSWORD on "Trouble Signing On Form" led to it (and 1 hop there)`,
			},
			diff.None,
		},
		"a device that was not chosen": {
			"mfa",
			[]edit{
				{yaml, "  - name: passcode-by-text\n    from: device-form\n    request:\n      formData:\n        device: {type: SMS, id: 3d671191-1505-4964-9423-6a313f1ec41e, value: \"+1 *** **00\"}\n    to: passcode-form\n", ""},
			},
			[]string{`not-recorded hop-not-recorded: screen "Choose a Device": hop passcode-by-text (a request without a button with device {"id":"3d671191-1505-4964-9423-6a313f1ec41e","type":"SMS","value":"+1 *** **00"}): the flow showed screen "One-Time Passcode Form"`},
			diff.None,
		},
		"a password that was typed wrong again, and was answered otherwise": {
			"sign-on",
			[]edit{{yaml, "{status: 400, json: wrong-password.json}", "{status: 500, json: wrong-password.json}"}},
			[]string{onForm + `breaking outcome-changed: hop wrong-password (SIGNON): the flow refused the request with status 400 and code "Invalid username and/or password", ` +
				`and now it ends in failure with status 500 and code "Invalid username and/or password"`},
			diff.Breaking,
		},
		"of two that were typed otherwise, the one that is another case": {
			"sign-on",
			[]edit{
				{yaml, `{username: "${user.username}", password: "${user.wrongPassword}"}`, `{username: "${user.wrongUsername}", password: "${user.wrongPassword}"}`},
				{yaml, `{username: "${user.wrongUsername}", password: "*"}`, `{username: "${user.wrongUsername}", password: two}`},
				{wrong, `"code": " Invalid username and/or password"`, `"code": "a"`},
				{yaml, "{status: 400, json: wrong-password.json}", "{status: 500, json: wrong-password.json}"},
				{"unknown-user.json", `"code": "`, `"code": "b`},
				{yaml, "{status: 400, json: unknown-user.json}", "{status: 500, json: unknown-user.json}"},
			},
			[]string{
				onForm + `breaking hop-gone: hop unknown-user (SIGNON with password "*", username ${user.wrongUsername}) is gone: the flow refused the request with status 400 and code "Invalid username and/or password", and no such request gets this answer now`,
				`not-recorded hop-not-recorded: screen "Sign On Form": hop wrong-password (SIGNON with password ${user.wrongPassword}, username ${user.username}): ` +
					`the flow refused the request with status 400 and code "Invalid username and/or password"`,
			},
			diff.Breaking,
		},
		"a button that was pressed again, and led to a refusal": {
			"sign-on", append([]edit{{
				yaml, "  - name: registration-form",
				"  - name: no-trouble\n    from: sign-on-form\n    request: {action: TROUBLE}\n    response: {status: 400, json: wrong-password.json}\n\n  - name: registration-form",
			}}, withoutTrouble...),
			[]string{
				onForm + `breaking outcome-changed: hop trouble (TROUBLE): the flow showed screen "Trouble Signing On Form", and now it refuses the request with status 400 and code "Invalid username and/or password"`,
				`Trouble Signing On Form` + lostTrouble, lostReset,
			},
			diff.Breaking,
		},
		"a button that could not be pressed, for it is gone": {
			"sign-on", append([]edit{
				{form, "\"type\": \"FLOW_BUTTON\",\n          \"key\": \"TROUBLE\"", "\"type\": \"LABEL\",\n          \"key\": \"x\""},
			}, withoutTrouble...),
			[]string{`Trouble Signing On Form` + lostTrouble, lostReset},
			diff.Breaking,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := diff.Compare(shipped(t, c.flow).load(t), shipped(t, c.flow).edit(t, c.edits...).load(t), diff.Options{})
			assert.Subset(t, lines(d), c.want)
			if c.worst == diff.None {
				assert.Equal(t, c.want, lines(d))
			}
			assert.Equal(t, c.worst, d.Worst())
		})
	}
}
