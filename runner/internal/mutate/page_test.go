package mutate_test

import (
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
	flows, err := recordings.LoadAll(fstest.MapFS{
		"sign-on/recording.yaml": {Data: []byte(pageRecording)}, "sign-on/first.json": {Data: []byte(pageScreen)},
		"sign-on/first.html": {Data: []byte(pageHTML)},
	}, ".")
	require.NoError(t, err)
	try := func(then string, operators ...string) map[string]mutate.Result {
		s := suite(t, strings.Replace(start, "    When I start", "    And detailed responses\n    When I start", 1)+then)
		s.Recordings = flows
		results, err := mutate.Run(t.Context(), s, mutate.Choice{Operators: operators}, 0, 0)
		require.NoError(t, err)
		out := map[string]mutate.Result{}
		for _, r := range results {
			if id, ok := strings.CutPrefix(r.ID, "sign-on/first/"); ok {
				out[strings.Replace(id, "/screen.properties.customHTML.value ", " ", 1)] = r
			}
		}
		return out
	}
	without, left := try("", mutate.Buttons, mutate.Fields, "content", mutate.Security), map[string]bool{}
	for id := range without {
		left[id] = true
	}
	for _, row := range []struct{ sentence, operator, what string }{
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
	} {
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
