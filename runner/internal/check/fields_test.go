package check_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/check"
)

func TestFieldsThatAreMisspelt(t *testing.T) {
	for name, row := range map[string]struct{ was, is, want string }{
		"nothing":              {"", "", ""},
		"a type":               {`"type": "DROPDOWN"`, `"type": "DROPDWON"`, `f/form.json:7: the field "color": the type "DROPDWON" is unknown; did you mean "DROPDOWN"?`},
		"a button's type":      {`"type": "SUBMIT_BUTTON"`, `"type": "SUBMITT_BUTTON"`, `f/form.json:11: the field "go": the type "SUBMITT_BUTTON" is unknown; did you mean "SUBMIT_BUTTON"?`},
		"a type that is newer": {`"type": "DROPDOWN"`, `"type": "SIGNATURE_PAD"`, ""},
		"a button of another":  {`"type": "SUBMIT_BUTTON"`, `"type": "PLAIN_BUTTON"`, ""},
		"a button like ours":   {`"type": "SUBMIT_BUTTON"`, `"type": "ICON_BUTTON"`, ""},
		"a kind":               {`"type": "SINGLE_CHECKBOX"`, `"type": "SINGLE_CHECKBOX", "required": "yes"`, `f/form.json:9: the field "agree": required is "yes", want true or false`},
		"options":              {`"options": [{"label": "One"`, `"options": {"label": "One"}, "more": [{"label": "One"`, `f/form.json:8: the field "list": options is {"label": "One"}, want an array`},
		"no key":               {`{"type": "TEXT", "key": "user.username"`, `{"type": "TXT"`, `f/form.json:6: a field: the type "TXT" is unknown; did you mean "TEXT"?`},
	} {
		t.Run(name, func(t *testing.T) {
			flows, err := recordings.LoadAll(fstest.MapFS{
				"f/recording.yaml": {Data: []byte(strings.Replace(requestsOf, "REQUEST", "{action: go}", 1))},
				"f/form.json":      {Data: []byte(strings.Replace(requestsForm, row.was, row.is, 1))},
				"f/end.json":       {Data: []byte(requestsEnd)},
			}, ".")
			require.NoError(t, err)
			var want []string
			if row.want != "" {
				want = []string{row.want}
			}
			assert.Equal(t, want, check.Fields(flows))
		})
	}
	assert.Empty(t, check.Fields(shipped.Flows(t)))
}

// A form without a next link is the end of the flow to the web SDK, whether or not a hop leaves it.
func TestAFormThatNoClientCanAnswerIsAFault(t *testing.T) {
	end := `{"capabilityName": "customForm",
  "form": {"name": "F", "components": {"fields": []}}}`
	for name, row := range map[string]struct{ end, want string }{
		"a form without a link": {end, "f/end.json:2: the form has no _links.next.href, so no client can answer it, and the flow ends there: " +
			"there is no code and no session (its last capability is customForm)"},
		"a form with one":        {strings.Replace(end, "{", `{"_links": {"next": {"href": "https://a/b"}},`, 1), ""},
		"a refusal with a form":  {strings.Replace(end, "{", `{"status": "FAILED",`, 1), ""},
		"an end without a form":  {`{"capabilityName": "createSuccessResponse", "success": true}`, ""},
		"a form that rewinds it": {strings.Replace(end, "{", `{"eventName": "rewindStateToLastRenderedUI",`, 1), ""},
	} {
		flows, err := recordings.LoadAll(fstest.MapFS{
			"f/recording.yaml": {Data: []byte(strings.Replace(requestsOf, "REQUEST", "{action: go}", 1))},
			"f/form.json":      {Data: []byte(requestsForm)},
			"f/end.json":       {Data: []byte(row.end)},
		}, ".")
		require.NoError(t, err, name)
		assert.Equal(t, row.want, strings.Join(check.Fields(flows), "\n"), name)
	}
}

// A hop may leave formData out where every request with its button means it.
func TestARequestThatDoesNotLookAtFormDataConforms(t *testing.T) {
	flows := shipped.Edited(t, "recording.yaml", `{action: SIGNON, formData: {username: "${user.username}", password: "${user.wrongPassword}"}}`, "{action: SIGNON}")
	_, faults := check.Conforms(flows, nil)
	assert.Empty(t, faults)
	assert.Empty(t, check.Requests(flows, nil))
}

func TestValuesThatEveryRecordedFieldRefuses(t *testing.T) {
	on := func(text string) string {
		return "Feature: A\n  Scenario: one\n    Given the flow \"forms\"\n    When I start the flow\n" + text + "    Then the flow completes\n"
	}
	const field = `the field "FIELD" of the flow "forms" does not take this value: `
	for name, row := range map[string]struct{ text, key, want string }{
		"an option by its value, its label and in a list": {
			"    And I fill in \"user.preferredLanguage\" with \"Deutsch\"\n    And I fill in \"contact.topics\" with \"releases, security\"\n", "", "",
		},
		"an invalid option": {
			"    And I fill in \"contact.channel\" with \"fax\"\n", "contact.channel", `the RADIO "How may we reach you?" has no such option, it has "email" ("By email"), "phone" ("By phone")`,
		},
		"an invalid yes, in a table": {
			"    And I submit the form with:\n      | value | key |\n      | yes | user.acceptedTerms |\n", "user.acceptedTerms", "the SINGLE_CHECKBOX \"I accept the terms\" takes true or false",
		},
		"a phone number as text": {
			"    And I fill in \"user.primaryPhone\" with \"a phone\"\n", "user.primaryPhone",
			"the PHONE_NUMBER \"Phone\" takes a number as in +41 79 123 45 67, or a JSON object with countryCode and phoneNumber",
		},
		"what only a run knows": {"    And I fill in \"contact.channel\" with \"${env.CHANNEL}\"\n", "", ""},
		"an attribute":          {"    And I fill in \"contact.channel\" with \"${user.email}\"\n", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			if row.want != "" {
				want = []string{"a.feature:5: " + strings.Replace(field, "FIELD", row.key, 1) + row.want}
			}
			assert.Equal(t, want, checks(t, on(row.text)).Faults)
		})
	}
	outline := "Feature: A\n  Scenario Outline: one\n    Given the flow \"forms\"\n    When I start the flow\n" +
		"    And I fill in \"contact.channel\" with \"<by>\"\n    Then the flow completes\n    Examples:\n      | by |\n      | email |\n      | fax |\n"
	assert.Equal(t, []string{"a.feature:10: " + strings.Replace(field, "FIELD", "contact.channel", 1) +
		`the RADIO "How may we reach you?" has no such option, it has "email" ("By email"), "phone" ("By phone")`}, checks(t, outline).Faults)
}
