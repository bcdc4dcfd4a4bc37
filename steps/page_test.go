package steps_test

import (
	"strings"
	"testing"
)

func TestPages(t *testing.T) { checkAll(t, pages) }

const html = `<h1>Sign\n On</h1><form><input name='username'><select name='country'></select><textarea id='notes'></textarea>` +
	`<button data-skcomponent='skbutton' data-skbuttontype='form-submit' data-skbuttonvalue='SIGNON'>Go</button>` +
	`<a data-skcomponent='skbutton' data-skbuttonvalue='REGISTER'>No \"account\"?</a></form>`

var begun = []string{given, detailed, starts}

var pages = map[string]sentence{
	"an input":          {answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has an input "username"`},
	"a select":          {answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has an input "country"`},
	"a text area by id": {answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has an input "notes"`},
	"another input": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has an input "email"`,
		want: `the page has the inputs username, country, notes, want "email" among them ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a page without inputs": {
		answers: answering(says(200, page("Hello"))), before: begun, sentence: `Then the page has an input "email"`,
		want: `the page has the inputs none, want "email" among them (hop 1, node node000001, form "Sign On Form")`,
	},
	"the inputs": {
		answers: answering(says(200, page(html))), before: begun,
		sentence: table("Then the page has the inputs:", "name | type | required | value | options", "username | text | false | |", "country | select | false | |", "notes | textarea | false | |"),
	},
	"other inputs": {
		answers: answering(says(200, page(html))), before: begun,
		sentence: table("Then the page has the inputs:", "name | type | required", "country | select | false", "username | password | true"),
		want: "the page has other inputs than the table (hop 1, node node000001, form \"Sign On Form\"):\n" +
			"  moved: name \"username\" is at place 1, want it after name \"country\"\n" +
			"  name \"username\": its type is \"text\", want \"password\"\n" +
			"  name \"username\": its required is \"false\", want \"true\"\n" +
			"  not wanted: name \"notes\", type \"textarea\"",
	},
	"an input of what has no page": {
		answers: answering(says(200, form(username))), sentence: `Then the page has an input "username"`,
		want: `the response carries no page: the flow pauses at "Sign On Form"; ask for one with ` +
			`"Given detailed responses" (hop 1, node node000001, form "Sign On Form")`,
	},

	"a submit button of the page": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has a button "SIGNON"`,
	},
	"a link of the page": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has a button "REGISTER"`,
	},
	"another button": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has a button "CANCEL"`,
		want: `the page has the buttons SIGNON, REGISTER, want "CANCEL" among them ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"the label of a button is not its key": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page has a button "Go"`,
		want: `the page has the buttons SIGNON, REGISTER, want "Go" among them ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a page without buttons": {
		answers: answering(says(200, page("<button>Go</button>"))), before: begun,
		sentence: `Then the page has a button "Go"`,
		want:     `the page has the buttons none, want "Go" among them (hop 1, node node000001, form "Sign On Form")`,
	},
	"a button of the end": {
		answers: answering(says(200, done)), before: begun, sentence: `Then the page has a button "SIGNON"`,
		want: `the detailed response carries no page: the flow completed ` +
			`(hop 1, node node000009)`,
	},

	"text across lines": {answers: answering(says(200, page(html))), before: begun, sentence: `Then the page shows "Sign On"`},
	"text with white space of its own": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page shows " Sign  On Go "`,
	},
	"text with quotes": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page shows "No \"account\"?"`,
	},
	"text with an attribute of the user": {
		answers: answering(says(200, page("Hello <b>alice</b>"))), before: begun,
		sentence: `Then the page shows "Hello ${user.username}"`,
	},
	"text of an answer that is a page": {
		answers: answering(says(503, "<title>Down</title><p>Back soon</p>")), sentence: `Then the page shows "Back soon"`,
	},
	"another text": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page shows "Locked"`,
		want: `the page shows "Sign On Go No \"account\"?", want "Locked" in it ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a script is not shown": {
		answers: answering(says(200, page("Hello<script>let locked</script>"))), before: begun,
		sentence: `Then the page shows "locked"`,
		want:     `the page shows "Hello", want "locked" in it (hop 1, node node000001, form "Sign On Form")`,
	},
	"a noscript is not shown where scripts run": {
		answers: answering(says(200, page("Hello<noscript><b>Enable JavaScript</b></noscript>"))), before: begun,
		sentence: `Then the page shows "Enable"`,
		want:     `the page shows "Hello", want "Enable" in it (hop 1, node node000001, form "Sign On Form")`,
	},
	"a long text is cut": {
		answers: answering(says(200, page(strings.Repeat("x", 299)+"äz"))), before: begun,
		sentence: `Then the page shows "Locked"`,
		want: `the page shows "` + strings.Repeat("x", 299) + `ä…", want "Locked" in it ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a secret on the page is taken out before the text is cut": {
		answers: answering(says(200, page(strings.Repeat("x", 297)+" key-from-env"))), before: begun,
		sentence: `Then the page shows "no ${env.API_KEY}"`,
		want: `the page shows "` + strings.Repeat("x", 297) + ` [r…", want "no key-from-env" in it ` +
			`(hop 1, node node000001, form "Sign On Form")`,
	},
	"a text that should hold what is unknown": {
		answers: answering(says(200, page(html))), before: begun, sentence: `Then the page shows "${name}"`,
		want: `${name} is unknown, ` + wantRefs + signs,
	},
	"a text of what has no page": {
		answers: answering(says(200, form(username))), sentence: `Then the page shows "Sign On"`,
		want: `the response carries no page: the flow pauses at "Sign On Form"; ask for one with ` +
			`"Given detailed responses" (hop 1, node node000001, form "Sign On Form")`,
	},
}
