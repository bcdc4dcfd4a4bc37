package steps_test

import "testing"

func TestScreens(t *testing.T) { checkAll(t, screens) }

func TestFields(t *testing.T) { checkAll(t, fields) }

var screens = map[string]sentence{
	// The flow pauses at …
	"the flow pauses": {answers: answering(signOnScreen()), sentence: `Then the flow pauses at "Sign On Form"`},
	"a form with quotes in its name": {
		answers:  answering(says(200, `{"_links":{"next":{"href":"https://auth.example.test/x"}},"form":{"name":"My \"Form\""}}`)),
		sentence: `Then the flow pauses at "My \"Form\""`,
	},
	"a flow that waits on pauses at the old screen": {
		answers: answering(signOnScreen(), says(200, rewound)), before: []string{given, starts, signsOn},
		sentence: `Then the flow pauses at "Sign On Form"`,
	},
	"another form": {
		answers: answering(signOnScreen()), sentence: `Then the flow pauses at "Registration Form"`,
		want: `the flow pauses at "Sign On Form", want "Registration Form" ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a part of the name is not the name": {
		answers: answering(signOnScreen()), sentence: `Then the flow pauses at "Sign On"`,
		want: `the flow pauses at "Sign On Form", want "Sign On" (hop 1, node node000001, form "Sign On Form")`,
	},
	"a refusal is not a screen": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the flow pauses at "Sign On Form"`,
		want: `the flow refused this with status 400 and reports "Invalid username and/or password", ` +
			`want it to pause at "Sign On Form" (hop 2, node node000002, form "Sign On Form")`,
	},
	"the end is not a screen": {
		answers: answering(says(200, done)), sentence: `Then the flow pauses at "Sign On Form"`,
		want: `the flow completed, want it to pause at "Sign On Form" (hop 1, node node000009)`,
	},

	// The capability is …
	"the capability": {answers: answering(signOnScreen()), sentence: `Then the capability is "customHTMLTemplate"`},
	"another capability": {
		answers: answering(says(200, done)), sentence: `Then the capability is "customForm"`,
		want: `the capability is "returnSuccessResponseRedirect", want "customForm" (hop 1, node node000009)`,
	},
	"no capability": {
		answers: answering(says(400, timedOut)), sentence: `Then the capability is "customForm"`,
		want: `the capability is nothing, want "customForm" (hop 1, node node000004)`,
	},
	"no capability is not an empty one": {
		answers: answering(says(400, timedOut)), sentence: `Then the capability is ""`,
		want: `the capability is nothing, want "" (hop 1, node node000004)`,
	},
	"the capability of a page": {
		answers: answering(says(403, `<p>Hello</p>`)), sentence: `Then the capability is "customForm"`,
		want: `the capability is nothing, want "customForm" (hop 1)`,
	},

	// The form offers …
	"a button is offered by its key":   {answers: answering(signOnScreen()), sentence: `Then the form offers "REGISTER"`},
	"a button is offered by its label": {answers: answering(signOnScreen()), sentence: `Then the form offers "No account?"`},
	"a field is offered by its key":    {answers: answering(signOnScreen()), sentence: `Then the form offers "username"`},
	"a refusal leaves what the form offers": {
		answers: answering(signOnScreen(), says(400, refused)), before: []string{given, starts, signsOn},
		sentence: `Then the form offers "SIGNON"`,
	},
	"a button with quotes in its label": {
		answers:  answering(says(200, form(`{"type":"FLOW_BUTTON","key":"X","label":"say \"x\""}`))),
		sentence: `Then the form offers "say \"x\""`,
	},
	"a button that the form lacks": {
		answers: answering(signOnScreen()), sentence: `Then the form offers "RESEND"`,
		want: `the form offers username, password, SIGNON, REGISTER, want "RESEND" among it ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"the label of a field is not a button": {
		answers: answering(says(200, form(username))), sentence: `Then the form offers "Username"`,
		want: `the form offers username, want "Username" among it (hop 1, node node000001, form "Sign On Form")`,
	},
	"a form without anything": {
		answers:  answering(says(200, form(`{"type":"LABEL","content":"Hello"}`))),
		sentence: `Then the form offers "RESEND"`,
		want:     `the form offers nothing, want "RESEND" among it (hop 1, node node000001, form "Sign On Form")`,
	},
	"an offer of the end": {
		answers: answering(says(200, done)), sentence: `Then the form offers "RESEND"`,
		want: `the flow completed, want a screen (hop 1, node node000009)`,
	},
	"an offer of a refusal at the start": {
		answers: answering(says(400, refused)), sentence: `Then the form offers "RESEND"`,
		want: `the flow refused this with status 400 and reports "Invalid username and/or password", ` +
			`want a screen (hop 1, node node000002)`,
	},

	// The form does not offer …
	"a button is not offered": {answers: answering(signOnScreen()), sentence: `Then the form does not offer "RESEND"`},
	"a button is offered by its key, and should not": {
		answers: answering(signOnScreen()), sentence: `Then the form does not offer "REGISTER"`,
		want: `the form offers "REGISTER", and should not (hop 1, node node000001, form "Sign On Form")`,
	},
	"a button is offered by its label, and should not": {
		answers: answering(signOnScreen()), sentence: `Then the form does not offer "No account?"`,
		want: `the form offers "No account?", and should not (hop 1, node node000001, form "Sign On Form")`,
	},
	"two buttons are offered by the label that they share, and should not": {
		answers: answering(says(200, form(`{"type":"FLOW_BUTTON","key":"A","label":"Back"}`,
			`{"type":"FLOW_LINK","key":"B","label":"Back"}`))),
		sentence: `Then the form does not offer "Back"`,
		want:     `the form offers "Back", and should not (hop 1, node node000001, form "Sign On Form")`,
	},
	"a field is offered, and should not": {
		answers: answering(signOnScreen()), sentence: `Then the form does not offer "username"`,
		want: `the form offers "username", and should not (hop 1, node node000001, form "Sign On Form")`,
	},
	"nothing is offered without a screen, and that proves nothing": {
		answers: answering(says(200, done)), sentence: `Then the form does not offer "RESEND"`,
		want: `the flow completed, want a screen (hop 1, node node000009)`,
	},
}

var fields = map[string]sentence{
	"the fields in their order": {
		answers: answering(signOnScreen()),
		sentence: `Then the form has the fields:
			| key      | type          | label       | required |
			| username | TEXT          | Username    | true     |
			| password | PASSWORD      | Password    | false    |
			| SIGNON   | SUBMIT_BUTTON | Sign On     | false    |
			| REGISTER | FLOW_BUTTON   | No account? | false    |`,
	},
	"the fields by one column": {
		answers: answering(says(200, form(username, signOn))),
		sentence: `Then the form has the fields:
			| key      |
			| username |
			| SIGNON   |`,
	},
	"fields that differ": {
		answers: answering(says(200, form(username, signOn))),
		sentence: `Then the form has the fields:
			| key    | type          | required |
			| email  | TEXT          | false    |
			| SIGNON | FLOW_BUTTON   | false    |`,
		want: `the form has other fields than the table (hop 1, node node000001, form "Sign On Form"):
  missing: key "email", type "TEXT"
  key "SIGNON": its type is "SUBMIT_BUTTON", want "FLOW_BUTTON"
  not wanted: key "username", type "TEXT", label "Username", required "true"`,
	},
	"fields in another order": {
		answers: answering(says(200, form(username, signOn))),
		sentence: `Then the form has the fields:
			| key      |
			| SIGNON   |
			| username |`,
		want: `the form has other fields than the table (hop 1, node node000001, form "Sign On Form"):
  moved: key "username" is at place 1, want it after key "SIGNON"`,
	},
	"a field too few": {
		answers: answering(says(200, form(username))),
		sentence: `Then the form has the fields:
			| key      | label    | required |
			| username | Username | true     |
			| SIGNON   | Sign On  | false    |`,
		want: `the form has other fields than the table (hop 1, node node000001, form "Sign On Form"):
  missing: key "SIGNON", label "Sign On"`,
	},
	"a field too many": {
		answers: answering(says(200, form(username, `{"type":"LABEL","content":"Hello"}`))),
		sentence: `Then the form has the fields:
			| key      |
			| username |`,
		want: `the form has other fields than the table (hop 1, node node000001, form "Sign On Form"):
  not wanted: type "LABEL", label "Hello"`,
	},
	"fields of the end": {
		answers: answering(says(200, done)),
		sentence: `Then the form has the fields:
			| key      |
			| username |`,
		want: `the flow completed, want a screen (hop 1, node node000009)`,
	},
	"a column that fields do not have": {
		answers: answering(signOnScreen()),
		sentence: `Then the form has the fields:
			| key      | colour |
			| username | red    |`,
		want: `the table has a column "colour", want key, type, label, required`,
	},
	"a table of fields without rows": {
		answers: answering(signOnScreen()),
		sentence: `Then the form has the fields:
			| key | type |`,
		want: `the table has no rows, want a first row with the columns key, type, label, required and a row for each value`,
	},
}
