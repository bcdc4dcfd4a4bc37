package diff_test

const (
	prefs = "preferences-form.json"
	acct  = "account-form.json"

	onForm = "Sign On Form: "
	onPref = "Preferences Form: "
	onAcct = "Account Form: "
	onDev  = "Device Form: "

	username = "        {\n          \"type\": \"TEXT\",\n          \"key\": \"username\",\n          \"label\": \"Username\"\n        },\n"
	password = "        {\n          \"type\": \"PASSWORD\",\n          \"key\": \"password\",\n          \"label\": \"Password\"\n        },\n"
	back     = ",\n        {\n          \"type\": \"FLOW_LINK\",\n          \"key\": \"BACK\",\n          \"label\": \"Back\",\n          \"inputType\": \"ACTION\"\n        }"
	listed   = "          {\n            \"preferredControlType\": \"textField\",\n            \"preferredDataType\": \"string\",\n            \"propertyName\": \"username\",\n            \"displayName\": \"Username\",\n            \"hashedVisibility\": false\n          },\n"
)

var fieldExamples = map[string]example{
	"a field gone, and its default with it": {
		"mfa", nil,
		[]edit{{form, username, ""}, {form, "\"username\": \"\",", ""}},
		onForm + `breaking field-gone: field "username" is gone`, onForm + `additive field-added: field "username" was added`,
	},
	"a field gone, from both shapes and from the page": {
		"sign-on", nil,
		[]edit{
			{form, username, ""},
			{form, "\"username\": \"\",", ""},
			{page, listed, ""},
			{html, "      <input type=\"text\" id=\"signOnForm-username\" name=\"username\" autocomplete=\"username\" required>\n", ""},
		},
		onForm + `breaking field-gone: field "username" is gone`, "",
	},
	"a field gone, from one shape of two": {
		"sign-on", nil,
		[]edit{{page, listed, ""}},
		onForm + `breaking field-gone: field "username" is gone (in the detailed shape only)`, "",
	},
	"a required field added": one("forms", acct, "        {\n          \"type\": \"SUBMIT_BUTTON\",",
		"        {\"type\": \"TEXT\", \"key\": \"user.nick\", \"label\": \"Nickname\", \"required\": true},\n        {\n          \"type\": \"SUBMIT_BUTTON\",",
		onAcct+`breaking field-added: required field "user.nick" was added: who does not fill it in is refused`,
		onAcct+`breaking field-gone: field "user.nick" is gone`),
	"a required field added, and sent": {
		"forms", nil,
		[]edit{
			{acct, "        {\n          \"type\": \"SUBMIT_BUTTON\",", "{\"type\": \"TEXT\", \"key\": \"nick\", \"label\": \"Nickname\", \"required\": true},\n        {\n          \"type\": \"SUBMIT_BUTTON\","},
			{yaml, `user.email: ""`, "user.email: \"\"\n        nick: al"},
		},
		onAcct + `breaking field-added: required field "nick" was added: who does not fill it in is refused`, "",
	},
	"an optional field added": one("mfa", form, username, username+`{"type": "TEXT", "key": "company", "label": "Company"},`,
		onForm+`additive field-added: field "company" was added`, onForm+`breaking field-gone: field "company" is gone`),
	"a field of an unknown type added": one("mfa", form, username, username+`{"type": "HOLOGRAM"},`,
		onForm+`additive field-added: field of type HOLOGRAM was added`, onForm+`breaking field-gone: field of type HOLOGRAM is gone`),
	"a text added": one("mfa", form, username, username+`{"type": "LABEL", "content": "Hello"},`,
		onForm+`cosmetic field-added: text "Hello" was added`, onForm+`cosmetic field-gone: text "Hello" is gone`),
	"a field renamed": {
		"mfa", nil,
		[]edit{{form, `"key": "username"`, `"key": "login"`}, {form, `"username": ""`, `"login": ""`}},
		onForm + `breaking field-renamed: field "username" was renamed to "login"`, "",
	},
	"a field renamed, and what is sent with it": {
		"mfa", nil,
		[]edit{
			{form, `"key": "username"`, `"key": "login"`},
			{form, `"username": ""`, `"login": ""`},
			{yaml, "{username:", "{login:"},
			{yaml, "{username:", "{login:"},
		},
		onForm + `breaking field-renamed: field "username" was renamed to "login"`, "",
	},
	"a field renamed, in both shapes and on the page": {
		"sign-on", nil,
		[]edit{
			{form, `"key": "username"`, `"key": "login"`},
			{form, `"username": ""`, `"login": ""`},
			{page, `"propertyName": "username"`, `"propertyName": "login"`},
			{html, `name="username"`, `name="login"`},
		},
		onForm + `breaking field-renamed: field "username" was renamed to "login"`, "",
	},
	"another type": one("mfa", form, `"type": "PASSWORD"`, `"type": "PASSWORD_VERIFY"`,
		onForm+`breaking type-changed: type of field "password": PASSWORD is now PASSWORD_VERIFY`, ""),
	"another type, in the list of types too": {
		"forms", nil,
		[]edit{{prefs, `"type": "RADIO"`, `"type": "DROPDOWN"`}, {prefs, "    \"RADIO\",\n", ""}},
		onPref + `breaking type-changed: type of field "contact.channel": RADIO is now DROPDOWN`, "",
	},
	"optional made required": one("forms", prefs, "\"label\": \"Topics\",\n          \"required\": false", "\"label\": \"Topics\",\n          \"required\": true",
		onPref+`breaking required-changed: field "contact.topics" was optional and is now required`,
		onPref+`additive required-changed: field "contact.topics" was required and is now optional`),
	"another label of a field": one("mfa", form, `"label": "Username"`, `"label": "User"`,
		onForm+`cosmetic label-changed: label of field "username": "Username" is now "User"`, ""),
	"another text": one("forms", acct, `"content": "Read the terms before you go on."`, `"content": "Read all terms."`,
		onAcct+`cosmetic text-changed: text "terms-link": "Read the terms before you go on." is now "Read all terms."`, ""),
	"another link in a text": one("forms", acct, `"href": "https://www.example.com/terms"`, `"href": "https://www.example.com/rules"`,
		onAcct+`cosmetic property-changed: property richContent.replacements.link1.href of text "terms-link": "https://www.example.com/terms" is now "https://www.example.com/rules"`, ""),
	"another order": one("mfa", form, username+password, password+username,
		onForm+`cosmetic order-changed: the order of the fields: username, password, SIGNON is now password, username, SIGNON`, ""),
	"another regex": one("forms", acct, `{2,31}`, `{4,31}`,
		onAcct+`breaking validation-changed: property validation.regex of field "user.username": "^[a-z][a-z0-9.-]{2,31}$" is now "^[a-z][a-z0-9.-]{4,31}$"`, ""),
	"a validation gone": one("forms", acct, `"required": true,
          "validation": {
            "regex": "^[a-z][a-z0-9.-]{2,31}$",
            "errorMessage": "Use 3 to 32 small letters, digits, dots or hyphens"
          }`, `"required": true`,
		onAcct+`additive property-gone: property validation of field "user.username" is gone (it was { "regex": "^[a-z][a-z0-9.-]{2,31}$", "errorMessage": "Use 3 to 32 small letters, digits, dots or h…)`, ""),
	"another message of a validation": one("forms", acct, `"Use 3 to 32 small`, `"Use 3 to 32`,
		onAcct+`cosmetic text-changed: text validation.errorMessage of field "user.username": "Use 3 to 32 small letters, digits, dots or hyphens" is now "Use 3 to 32 letters, digits, dots or hyphens"`, ""),
	"another password policy": one("forms", acct, `"min": 12`, `"min": 14`,
		onAcct+`breaking validation-changed: property passwordPolicy.length.min of field "user.password": 12 is now 14`, ""),
	"another number under a key full of metacharacters": one("forms", acct, `<>/?": 1`, `<>/?": 2`,
		onAcct+`breaking validation-changed: property "passwordPolicy.minCharacters.~!@#$%^&*()-_=+[]{}|;:,.<>/?" of field "user.password": 1 is now 2`, ""),
	"another default": one("forms", prefs, `"user.preferredLanguage": "en"`, `"user.preferredLanguage": "de"`,
		onPref+`cosmetic default-changed: default of field "user.preferredLanguage": "en" is now "de"`, ""),
	"a default gone": one("forms", prefs, `"user.preferredLanguage": "en",`, ``,
		onPref+`cosmetic default-changed: default of field "user.preferredLanguage": "en" is now nothing`, ""),
	"a default of another kind": one("forms", prefs, `"user.preferredLanguage": "en"`, `"user.preferredLanguage": ["en"]`,
		onPref+`breaking kind-changed: default of field "user.preferredLanguage" was a string and is now an array ("en" is now ["en"])`, ""),
	"a property of a field added": one("forms", prefs, `"showExtension": false`, `"showExtension": false, "extensionLabel": "Ext."`,
		onPref+`additive property-added: property extensionLabel of field "user.primaryPhone" was added ("Ext.")`, ""),
}

var buttonExamples = map[string]example{
	"a button gone that no recorded hop presses": one("sign-on", "registration-form.json", `"key": "CANCEL"`, `"key": "CANCEL2"`,
		`Registration Form: breaking button-renamed: button CANCEL ("Back to sign on") now has the key CANCEL2 (in the JSON shape only)`, ""),
	"a link gone, and its hop with it": {
		"forms", nil,
		[]edit{{prefs, back, ""}, {yaml, "  - name: back-to-account\n    from: preferences-form\n    request: {action: BACK}\n    to: account-form\n", ""}},
		onPref + `breaking button-gone: link BACK ("Back") is gone`, onPref + `additive button-added: link BACK ("Back") was added`,
	},
	"a link gone, its hop still recorded": one("forms", prefs, back, "", onPref+`breaking button-gone: link BACK ("Back") is gone`, ""),
	"a link added": one("mfa", form, username, username+`{"type": "FLOW_LINK", "key": "HELP", "label": "Help"},`,
		onForm+`additive button-added: link HELP ("Help") was added`, onForm+`breaking button-gone: link HELP ("Help") is gone`),
	"another key of a link": {
		"forms", nil,
		[]edit{{prefs, `"key": "BACK"`, `"key": "RETURN"`}, {yaml, "{action: BACK}", "{action: RETURN}"}},
		onPref + `breaking button-renamed: link BACK ("Back") now has the key RETURN`, "",
	},
	"another key of a link, its hop unchanged": one("forms", prefs, `"key": "BACK"`, `"key": "RETURN"`,
		onPref+`breaking button-renamed: link BACK ("Back") now has the key RETURN`, ""),
	"another label of a button": one("forms", prefs, `"label": "Save"`, `"label": "Keep"`,
		onPref+`cosmetic label-changed: label of button submit: "Save" is now "Keep"`, ""),
	"another label of a button, in both shapes": {
		"sign-on", nil,
		[]edit{{form, `"label": "Sign On"`, `"label": "Log in"`}, {html, `>Sign On</button>`, `>Log in</button>`}},
		onForm + `cosmetic label-changed: label of button SIGNON: "Sign On" is now "Log in"`, "",
	},
	"another type of a button": one("mfa", form, `"type": "SUBMIT_BUTTON"`, `"type": "FLOW_BUTTON"`,
		onForm+`breaking type-changed: type of button SIGNON: SUBMIT_BUTTON is now FLOW_BUTTON`, ""),
}

var optionExamples = map[string]example{
	"an option gone": one("forms", prefs, "{\n              \"label\": \"Deutsch\",\n              \"value\": \"de\"\n            },", "",
		onPref+`breaking option-gone: option "de" ("Deutsch") of field "user.preferredLanguage" is gone`,
		onPref+`additive option-added: option "de" ("Deutsch") of field "user.preferredLanguage" was added`),
	"an option relabelled": one("forms", prefs, `"label": "Deutsch"`, `"label": "German"`,
		onPref+`cosmetic option-relabelled: label of option "de" of field "user.preferredLanguage": "Deutsch" is now "German"`, ""),
	"an option that posts something else": one("forms", prefs, `"value": "de"`, `"value": "de-DE"`,
		onPref+`breaking option-changed: option "de" ("Deutsch") of field "user.preferredLanguage" now posts "de-DE"`, ""),
	"the options in another order": one("forms", prefs, "\"label\": \"By email\",\n              \"value\": \"email\"\n            },\n            {\n              \"label\": \"By phone\",\n              \"value\": \"phone\"",
		"\"label\": \"By phone\",\n              \"value\": \"phone\"\n            },\n            {\n              \"label\": \"By email\",\n              \"value\": \"email\"",
		onPref+`cosmetic order-changed: the order of the options of field "contact.channel": email, phone is now phone, email`, ""),
	"a device gone": one("forms", "device-form.json", ",\n            {\n              \"type\": \"SMS\",\n              \"title\": \"Text message\",\n              \"description\": \"Get a passcode on your phone\",\n              \"iconSrc\": \"https://assets.pingone.example/icons/sms.svg\"\n            }", "",
		onDev+`breaking option-gone: option "SMS" ("Text message") of field "deviceRegistration" is gone`, ""),
	"another description of a device": one("forms", "device-form.json", `"Get a passcode by email"`, `"Get a code by email"`,
		onDev+`cosmetic text-changed: text description of option "EMAIL" of field "deviceRegistration": "Get a passcode by email" is now "Get a code by email"`, ""),
}

var propertyExamples = map[string]example{
	"a property gone that the table knows": one("mfa", form, `"eventName": "continue",`, "",
		onForm+`breaking property-gone: property eventName is gone (it was "continue")`,
		onForm+`additive property-added: property eventName was added ("continue")`),
	"a property gone that no client reads": one("forms", "device-form.json", `"themeId": "activeTheme",`, "",
		onDev+`cosmetic property-gone: property themeId is gone (it was "activeTheme")`, ""),
	"another value that no client reads": one("forms", "device-form.json", `"region": "NA"`, `"region": "EU"`,
		onDev+`cosmetic property-changed: property region: "NA" is now "EU"`, ""),
	"a property added": one("mfa", form, `"eventName": "continue",`, `"eventName": "continue", "greeting": {"text": "hi"},`,
		onForm+`additive property-added: property greeting was added ({"text": "hi"})`,
		onForm+`breaking property-gone: property greeting is gone (it was {"text": "hi"})`),
	"another event": one("mfa", form, `"eventName": "continue"`, `"eventName": "next"`,
		onForm+`breaking property-changed: property eventName: "continue" is now "next"`, ""),
	"another kind": one("forms", "device-form.json", `"success": true`, `"success": "true"`,
		onDev+`breaking kind-changed: property success was a boolean and is now a string (true is now "true")`, ""),
	"another kind of a nested property": one("mfa", "push-form.json", `"pollRetries": 60`, `"pollRetries": "60"`,
		`Approve on Your Phone: breaking kind-changed: property pollRetries of field "poll" was a number and is now a string (60 is now "60")`, ""),
	"another description of a form": one("mfa", form, `"description": "Prompt for username and password"`, `"description": "Who are you?"`,
		onForm+`cosmetic text-changed: text form.description: "Prompt for username and password" is now "Who are you?"`, ""),
	"a link of the answer gone": one("forms", acct, ",\n    \"continue\": {\n      \"href\": \"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/callback\"\n    }", "",
		onAcct+`breaking property-gone: property _links.continue is gone (it was { "href": "{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/callback" })`, ""),
}
