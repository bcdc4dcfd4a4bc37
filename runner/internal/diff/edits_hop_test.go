package diff_test

const (
	wrong     = "wrong-password.json"
	completed = "{action: SIGNON, formData: {username: \"${user.username}\", password: \"${user.password}\"}}"
	hopWrong  = "wrong-password (SIGNON)"
	hopDone   = "completed (SIGNON)"
)

var detailedExamples = map[string]example{
	"other CSS": one("sign-on", page, "\"language\": \"css\",\n        \"largePayload\": true,\n        \"value\": \"\"", "\"language\": \"css\",\n        \"largePayload\": true,\n        \"value\": \"p {color: red}\"",
		onForm+`cosmetic css-changed: the CSS changed`, ""),
	"another script": one("sign-on", page, "\"language\": \"javascript\",\n        \"value\": \"\"", "\"language\": \"javascript\",\n        \"value\": \"go()\"",
		onForm+`cosmetic script-changed: the script changed`, ""),
	"another text of the HTML": one("sign-on", html, "Use your example.com account.", "Use your account.",
		onForm+`cosmetic text-changed: text of the HTML: "Sign On Use your example.com account. Username Password" is now "Sign On Use your account. Username Password"`, ""),
	"other markup": one("sign-on", html, `<h1 class="demo-title">`, `<h1 class="title">`,
		onForm+`cosmetic html-changed: the HTML changed, but no word, input or button of it`, ""),
	"an input of the HTML gone": one("sign-on", html, `<input type="text" id="signOnForm-username" name="username" autocomplete="username" required>`, ``,
		onForm+`breaking input-gone: the HTML no longer has the input "username"`, onForm+`breaking input-added: the HTML has a new required input "username"`),
	"an input of the HTML added": one("sign-on", html, `<div class="demo-field">`, `<input type="hidden" name="hint"><div class="demo-field">`,
		onForm+`additive input-added: the HTML has a new input "hint"`, onForm+`breaking input-gone: the HTML no longer has the input "hint"`),
	"a required input of the HTML added": one("sign-on", html, `<div class="demo-field">`, `<input name="hint" required><div class="demo-field">`,
		onForm+`breaking input-added: the HTML has a new required input "hint"`, ""),
	"an input no longer required": one("sign-on", html, `autocomplete="username" required>`, `autocomplete="username">`,
		onForm+`additive required-changed: the HTML requires the input "username" no longer`,
		onForm+`breaking required-changed: the HTML now requires the input "username"`),
	"a button of the HTML gone": one("sign-on", html, `data-skbuttonvalue="TROUBLE"`, `data-skbuttonvalue="HELP"`,
		onForm+`breaking button-renamed: button TROUBLE ("Having trouble signing on?") now has the key HELP (in the detailed shape only)`, ""),
	"another node title in the detailed shape": one("sign-on", page, `"value": "Sign On Form"`, `"value": "Log In"`,
		onForm+`breaking screen-renamed: name of the screen: "Sign On Form" is now "Log In" (features name it) (in the detailed shape only)`, ""),
	"a password shown as it is typed": one("sign-on", page, `"hashedVisibility": true`, `"hashedVisibility": false`,
		onForm+`breaking type-changed: type of field "password": PASSWORD is now TEXT (in the detailed shape only)`, ""),
	"another color": one("sign-on", page, `#E4EEF7`, `#FFFFFF`,
		onForm+`cosmetic property-changed: property screen.metadata.colors.canvas: "#E4EEF7" is now "#FFFFFF"`, ""),
	"another event of the button": one("sign-on", page, `"eventName": "continue"`, `"eventName": "next"`,
		onForm+`breaking property-changed: property screen.properties.button.onClick.eventName: "continue" is now "next"`, ""),
}

var hopExamples = map[string]example{
	"a hop gone": {
		"sign-on", nil,
		[]edit{
			{yaml, "  - name: unknown-user\n    from: sign-on-form\n    request: {action: SIGNON, formData: {username: \"${user.wrongUsername}\", password: \"*\"}}\n    response: {status: 400, json: unknown-user.json}\n", ""},
			{"unknown-user.json", "", "-"},
		},
		`not-recorded hop-not-recorded: screen "Sign On Form": hop unknown-user (SIGNON with password "*", username ${user.wrongUsername}): the flow refused the request with status 400 and code "Invalid username and/or password"`,
		onForm + `additive hop-added: hop unknown-user (SIGNON with password "*", username ${user.wrongUsername}) was added: the flow refuses the request with status 400 and code "Invalid username and/or password"`,
	},
	"a start gone": {
		"errors", nil,
		[]edit{
			{yaml, "  - name: native-sign-on\n    request: {method: GET, path: /as/authorize, query: {prompt: login}}\n    response: {status: 200, json: native-sign-on.json}\n", ""},
			{"native-sign-on.json", "", "-"},
		},
		`not-recorded hop-not-recorded: the start of the flow: hop native-sign-on (start with prompt "login"): the flow ended in failure with status 200`, "",
	},
	"the same action leads to another screen": one("forms", yaml, "request: {action: BACK}\n    to: account-form", "request: {action: BACK}\n    to: preferences-form",
		onPref+`breaking hop-leads-elsewhere: hop back-to-account (BACK): the flow showed screen "Account Form", and now it shows screen "Preferences Form"`, ""),
	"another outcome": {
		"forms", nil,
		[]edit{{yaml, "request: {action: BACK}\n    to: account-form", "request: {action: BACK}\n    response: {status: 400, json: terms-refused.json}"}},
		onPref + `breaking outcome-changed: hop back-to-account (BACK): the flow showed screen "Account Form", and now it refuses the request with status 400 and code "validationError"`, "",
	},
	"more formData": one("sign-on", yaml, completed, `{action: SIGNON, formData: {username: "${user.username}", password: "${user.password}", otp: "*"}}`,
		onForm+`breaking form-data-changed: hop `+hopDone+` now also needs otp`, onForm+`additive form-data-changed: hop `+hopDone+` no longer needs otp`),
	"another value in formData": one("forms", yaml, "formData: {deviceRegistration: EMAIL}", "formData: {deviceRegistration: SMS}",
		onDev+`cosmetic form-data-changed: hop passkey-form (a request without a button) was sent with deviceRegistration "EMAIL" and is now sent with "SMS"`, ""),
	"another eventType": {
		"mfa",
		[]edit{{yaml, "request: {action: RESEND}", "request: {eventType: action, action: RESEND}"}},
		[]edit{{yaml, "eventType: action,", "eventType: submit,"}},
		`One-Time Passcode Form: breaking event-type-changed: hop new-passcode (RESEND) was sent with eventType action and is now sent with submit`, "",
	},
	"another status": one("sign-on", yaml, "{status: 400, json: wrong-password.json}", "{status: 403, json: wrong-password.json}",
		onForm+`breaking status-changed: status of hop `+hopWrong+`: 400 is now 403`, ""),
	"another Location": one("errors", yaml, "error=invalid_request_uri", "error=expired",
		`start: breaking header-changed: header Location of hop hosted-sign-on (start with request_uri "urn:example:par:expired"): "https://apps.pingone.example/{{envID}}/signon/?error=invalid_request_uri" is now "https://apps.pingone.example/{{envID}}/signon/?error=expired"`, ""),
	"a header added": one("errors", yaml, "      headers:\n", "      headers:\n        x-flow: a\n",
		`start: cosmetic header-added: header X-Flow of hop hosted-sign-on (start with request_uri "urn:example:par:expired") was added ("a")`, ""),
}

var answerExamples = map[string]example{
	"another error message": one("sign-on", wrong, `"message": " Invalid username and/or password"`, `"message": "Try again"`,
		onForm+`breaking error-message-changed: error message of hop `+hopWrong+`: " Invalid username and/or password" is now "Try again"`, ""),
	"another error code": one("sign-on", wrong, `"code": " Invalid username and/or password"`, `"code": "invalidPassword"`,
		onForm+`breaking error-code-changed: error code of hop `+hopWrong+`: " Invalid username and/or password" is now "invalidPassword"`, ""),
	"another error code inside details": one("sign-on", wrong, `"code": "INVALID_VALUE"`, `"code": "WRONG"`,
		onForm+`breaking error-code-changed: error code details.0.rawResponse.details.0.code of hop `+hopWrong+`: "INVALID_VALUE" is now "WRONG"`, ""),
	"another message inside details": one("sign-on", wrong, `"message": "The provided password did not match provisioned password"`, `"message": "No"`,
		onForm+`cosmetic error-message-changed: error message details.0.rawResponse.details.0.message of hop `+hopWrong+`: "The provided password did not match provisioned password" is now "No"`, ""),
	"another kind of an error code": one("errors", "customized-error.json", `"code": 400`, `"code": "400"`,
		`Choose an Error: breaking kind-changed: property code of hop customized-error (CUSTOMIZED_ERROR) was a number and is now a string (400 is now "400")`, ""),
	"another entry of details": one("forms", "missing-values.json", ",\n          {\n            \"code\": \"REQUIRED_VALUE\",\n            \"target\": \"user.password\",\n            \"message\": \"Enter a value\"\n          }", "",
		onAcct+`breaking property-gone: property details.0.rawResponse.details.2 of hop missing-values (submit) is gone (it was { "code": "REQUIRED_VALUE", "target": "user.password", "message": "Enter a value" })`, ""),
	"another capability of a refusal": one("sign-on", wrong, `"capabilityName": "checkPassword"`, `"capabilityName": "readUser"`,
		onForm+`breaking capability-changed: capability of hop `+hopWrong+`: "checkPassword" is now "readUser"`, ""),
	"another status of a completed flow": one("sign-on", "completed.json", `"status": "COMPLETED"`, `"status": "COMPLETE"`,
		onForm+`breaking property-changed: property status of hop `+hopDone+`: "COMPLETED" is now "COMPLETE"`, ""),
	"a property of a completed flow gone": one("sign-on", "completed.json", `"resetCookie": true,`, ``,
		onForm+`breaking property-gone: property resetCookie of hop `+hopDone+` is gone (it was true)`, ""),
	"another setting of the subflow": one("sign-on", "completed.json", `"cssLinks": []`, `"cssLinks": ["a.css"]`,
		onForm+`cosmetic property-added: property subFlowSettings.cssLinks.0 of hop `+hopDone+` was added ("a.css")`, ""),
	"another page": one("errors", "unavailable.html", "Come back in a few minutes.", "Come back later.",
		`Choose an Error: cosmetic text-changed: text of the HTML of hop unavailable (UNAVAILABLE): "Service unavailable Service unavailable We are working on it. Come back in a few minutes." is now "Service unavailable Service unavailable We are working on it. Come back later."`, ""),
}

// attributed holds the attributes of a cookie on both sides.
var attributed = []edit{{yaml, "[ST, ST-NO-SS]", `["ST; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=None", ST-NO-SS]`}}

var cookieExamples = map[string]example{
	"a cookie gone": one("sign-on", yaml, "[ST, ST-NO-SS]", "[ST]",
		onForm+`breaking cookie-gone: hop `+hopDone+` no longer sets the cookie ST-NO-SS`,
		onForm+`additive cookie-added: hop `+hopDone+` now sets the cookie ST-NO-SS`),
	"another attribute of a cookie": {
		"sign-on", attributed,
		[]edit{{yaml, "SameSite=None", "SameSite=Lax"}},
		onForm + `breaking cookie-changed: cookie ST of hop ` + hopDone + `: "Path=/; Max-Age=60; HttpOnly; Secure; SameSite=None" is now "Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"`, "",
	},
	"another lifetime of a cookie": {
		"sign-on", attributed,
		[]edit{{yaml, "Max-Age=60", "Max-Age=90"}},
		onForm + `cosmetic cookie-changed: cookie ST of hop ` + hopDone + `: "Path=/; Max-Age=60; HttpOnly; Secure; SameSite=None" is now "Path=/; Max-Age=90; HttpOnly; Secure; SameSite=None"`, "",
	},
}
