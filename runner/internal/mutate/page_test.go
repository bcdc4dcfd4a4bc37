package mutate_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/mutate"
)

const (
	pageRecording = `format: 1
source: synthetic
flow: sign-on
hops:
  - name: first
    request: {method: GET, path: /as/authorize}
    response: {status: 200, detailed: first.json}
`
	pageScreen = `{"id": "n1", "interactionId": "{{interactionId}}", "interactionToken": "{{interactionToken}}", "connectionId": "c1",
 "companyId": "{{envID}}", "capabilityName": "customHTMLTemplate", "screen": {"name": "s", "properties": {"nodeTitle": {"value": "S"},
 "customHTML": {"value": "{{html:first.html}}"}}}}`
	pageHTML = `<h1>Sign On</h1>
<form>
  <label for="u">Username</label> <input id="u" name="username" required>
  <label for="p">Password</label> <input id="p" name="password" type="password" required>
  <label for="c">Country</label> <select id="c" name="country"><option value="de">Germany</option><option value="fr">France</option></select>
  <textarea name="notes"></textarea> <input type="hidden" name="csrf" value="1">
  <button data-skcomponent="skbutton" data-skbuttontype="form-submit" data-skbuttonvalue="GO">Go</button>
  <a data-skcomponent="skbutton" data-skbuttontype="next-event" data-skbuttonvalue="HELP">Help</a>
</form>`
)

// Every operator that changes pages has a mutant that survives a journey that does not look at the
// page, and that one sentence notices, which is the one that is suggested.
func TestEveryOperatorOfPagesIsNoticedByASentence(t *testing.T) {
	t.Parallel()
	const (
		buttons = "the form has the fields:\n      | key | type |\n      | GO | SUBMIT_BUTTON |\n      | HELP | FLOW_BUTTON |"
		types   = "the page has the inputs:\n      | name | type |\n      | username | text |\n      | password | password |\n" +
			"      | country | select |\n      | notes | textarea |"
		more = "the page has the inputs:\n      | name | required | value | options |\n      | username | true | | |\n" +
			"      | password | true | | |\n      | country | false | de | Germany, France |\n      | notes | false | | |"
	)
	noticed(t, pageScreen, pageHTML, []pageRow{
		{`the page has a button "HELP"`, "button-gone", "button HELP"},
		{`the page has a button "GO"`, "button-renamed", "button GO"},
		{buttons, "button-kind", "button GO, button HELP"},
		{buttons, "button-doubled", "button GO, button HELP"},
		{buttons, "order", "buttons"},
		{`the page has an input "country"`, "field-gone", "select country"},
		{`the page has an input "notes"`, "field-renamed", "textarea notes"},
		{types, "order", "inputs"},
		{types, "password-shown", "input password"},
		{more, "required", "input username, select country, textarea notes"},
		{more, "prefill", "input username, input password"},
		{more, "option-gone", "option country Germany, option country France"},
		{`the page shows "Sign On"`, "content", "h1 Sign On"},
		{`the page shows "Help"`, "content", "button HELP Help"},
	})
}

// So has every operator that changes what a page has packed for Ping's widget, and what a detailed
// screen has outside of its page.
func TestEveryOperatorOfPackedPagesIsNoticedByASentence(t *testing.T) {
	t.Parallel()
	const (
		all = "the form has the fields:\n      | key | type | label |\n      | pin | PASSWORD | PIN |\n      | user | TEXT | User |\n" +
			"      | GO | SUBMIT_BUTTON | Go \\| on |\n      | BACK | FLOW_BUTTON | Back |\n      | | SUBMIT_BUTTON | Next |\n      | polling | POLLING | |"
		list    = "screen.properties.formFieldsList.value"
		message = "screen.properties.message"
	)
	pack := func(component string) string {
		return "[[[skcomponent###eA==###" + base64.StdEncoding.EncodeToString([]byte(component)) + "]]]"
	}
	noticed(t, strings.Replace(pageScreen, `"customHTML"`, `"formFieldsList": {"value": [
 {"propertyName": "buttonValue"}, {"propertyName": "pin", "displayName": "PIN", "hashedVisibility": true},
 {"propertyName": "user", "displayName": "User"}]}, "showContinueButton": {"value": true}, "buttonText": {"value": "Next"},
 "customHTML"`, 1),
		"<h1>Sign On</h1>"+pack(`{"name": "skbutton", "options": {"label": "Go | on", "value": "GO", "buttonType": "form-submit"}}`)+
			pack(`{"name": "skbutton", "options": {"label": "Back", "value": "BACK", "buttonType": "next-event"}}`)+
			pack(`{"name": "skpolling", "options": {"pollInterval": "10"}}`)+pack(`{"name": "skrisk", "options": {}}`),
		[]pageRow{
			{`the page has a button "BACK"`, "button-gone", "button BACK"},
			{all, "button-gone", "screen.properties.showContinueButton.value"},
			{`the page has a button "GO"`, "button-renamed", "button GO"},
			{all, "button-kind", "button GO, button BACK"},
			{all, "button-doubled", "button GO, button BACK"},
			{all, "order", "buttons, " + list},
			{all, "field-gone", "polling, " + list + ".1, " + list + ".2"},
			{all, "field-renamed", list + ".1.propertyName"},
			{all, "label", list + ".1.displayName, " + list + ".2.displayName, screen.properties.buttonText.value"},
			{all, "password-shown", list + ".1.hashedVisibility"},
			{`the page shows "Go | on"`, "content", "button GO Go | on"},
			{`the page shows "Sign On"`, "content", "h1 Sign On"},
		})
	noticed(t, strings.Replace(strings.Replace(pageScreen, `"customHTML": {"value": "{{html:first.html}}"}`,
		`"messageTitle": {"value": "Welcome"}, "message": {"value": "<p>You are <b>in</b></p>"}, "enablePolling": {"value": true}`, 1),
		"customHTMLTemplate", "customHtmlMessage", 1), "", []pageRow{
		{`the page shows "Welcome"`, "content", message + "Title.value"},
		{`the page shows "You are in"`, "content", message + ".value"},
		{"the form has the fields:\n      | key | type | label |\n      | polling | POLLING | |", "field-gone", "screen.properties.enablePolling.value"},
	})
}

// A pageRow is a sentence, and the mutants of an operator that it notices.
type pageRow struct{ sentence, operator, what string }

// noticed holds that each mutant of a screen and its page survives a journey that does not look at
// it, and that the sentence of its row notices it and is suggested.
func noticed(t *testing.T, screen, page string, rows []pageRow) {
	t.Helper()
	files := fstest.MapFS{
		"sign-on/recording.yaml": {Data: []byte(pageRecording)}, "sign-on/first.json": {Data: []byte(screen)},
	}
	if page != "" {
		files["sign-on/first.html"] = &fstest.MapFile{Data: []byte(page)}
	}
	flows, err := recordings.LoadAll(files, ".")
	require.NoError(t, err)
	try := func(then string, operators ...string) map[string]mutate.Result {
		s := suite(t, strings.Replace(start, "    When I start", "    And detailed responses\n    When I start", 1)+then)
		s.Recordings = flows
		results, err := mutate.Run(t.Context(), s, mutate.Choice{Operators: operators}, 0, 0)
		require.NoError(t, err)
		out := map[string]mutate.Result{}
		for _, r := range results {
			if id, ok := strings.CutPrefix(r.ID, "sign-on/first/"); ok {
				out[strings.Replace(strings.Replace(id, "/screen.properties.customHTML.value ", " ", 1), "/", " ", 1)] = r
			}
		}
		return out
	}
	without, left := try("", mutate.Buttons, mutate.Fields, "content", "label", mutate.Security), map[string]bool{}
	for id := range without {
		left[id] = true
	}
	for _, row := range rows {
		with := try("    Then "+row.sentence+"\n", row.operator)
		for what := range strings.SplitSeq(row.what, ", ") {
			id := row.operator + " " + what
			require.Contains(t, without, id)
			assert.Equal(t, mutate.Survived, without[id].Verdict, "%s without an assertion", id)
			assert.Equal(t, mutate.ByStep, with[id].Verdict, "%s with %s", id, row.sentence)
			if add := without[id].Add; assert.NotNil(t, add, id) {
				first, _, _ := strings.Cut(row.sentence, "\n")
				assert.Equal(t, "    Then "+first, add.Lines[0], id)
			}
			for other := range left {
				if strings.HasPrefix(other, row.operator+" ") {
					delete(left, other)
				}
			}
		}
	}
	assert.Empty(t, left, "mutants of operators without a row")
}
