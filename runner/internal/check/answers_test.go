package check_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/check"
	"flowtest/runner/internal/target"
)

const noAnswer = `no recorded answer of the flow "sign-on" `

// What a Then names of an answer is looked up: a misspelt name is a fault where the recording is
// all there is, and a warning where it would never fail, or where it is like none.
func TestACheckFindsWhatNoRecordedAnswerHas(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, fault, warning string }{
		"a header": {
			text:  `the header "content-typ" contains "json"`,
			fault: `has the header "content-typ"; did you mean "Content-Type"?`,
		},
		"a header that must be absent": {
			text:    `the header "Set-Cookies" is absent`,
			warning: `has the header "Set-Cookies", so this can never fail; did you mean "Set-Cookie"?`,
		},
		"a header that went away":     {text: `the header "X-Powered-By" is absent`},
		"a header in other letters":   {text: `the header "CONTENT-type" contains "json"`},
		"a header that is remembered": {text: `I remember the header "Dat" as "x"`, fault: `has the header "Dat"; did you mean "Date"?`},
		"a cookie": {
			text:  `the cookie "ST-NO-S" is set`,
			fault: `sets the cookie "ST-NO-S"; did you mean "ST-NO-SS"?`,
		},
		"a cookie that must not be set": {
			text:    `the cookie "interactionTokn" is not set`,
			warning: `sets the cookie "interactionTokn", so this can never fail; did you mean "interactionToken"?`,
		},
		"a cookie that is like none": {
			text:    `the cookie "language" is set`,
			warning: `sets the cookie "language"; there are ST, ST-NO-SS, interactionId, interactionToken`,
		},
		"an error code": {
			text:  `the flow reports an error with code "Invalid username and/or pasword"`,
			fault: `has the error code "Invalid username and/or pasword"; did you mean "Invalid username and/or password"?`,
		},
		"an error code that is like none": {
			text:    `the flow fails with "requestTimedOut"`,
			warning: `has the error code "requestTimedOut"; there are Invalid username and/or password`,
		},
		"an error that is named by its status": {text: `the flow fails with "503"`},
		"a label": {
			text:  `the field "username" has the label "Usrname"`,
			fault: `has the label "Usrname"; did you mean "Username"?`,
		},
		"a label in a table": {
			text:  "the form has the fields:\n      | key | label |\n      | password | Pasword |",
			fault: `has the label "Pasword"; did you mean "Password"?`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keyword := "Then "
			if name == "a header that is remembered" {
				keyword = "When "
			}
			got := checks(t, onSignOn("    "+keyword+row.text+"\n    Then the flow pauses\n"))
			want := func(text string) []string {
				if text == "" {
					return nil
				}
				return []string{"a.feature:5: " + noAnswer + text}
			}
			assert.Equal(t, want(row.fault), got.Faults)
			assert.Equal(t, want(row.warning), got.Warnings)
		})
	}
}

// A live flow may answer otherwise by now, and a recording does not have all headers of it.
func TestACheckOfALiveTargetOnlyWarnsOfMisspeltAnswers(t *testing.T) {
	t.Parallel()
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(
		"targets:\n  staging:\n    type: live\n    baseUrl: https://auth.example.invalid/as\n    clientId: app\n" +
			"    flows: {sign-on: policy}\n    users: {alice: {username: bob}}\n")}}, "flowtest.yaml", nil)
	require.NoError(t, err)
	staging, err := file.Choose("")
	require.NoError(t, err)
	got := check.Features(&runner.Suite{Target: staging, Recordings: shipped.Flows(t), Features: []runner.Source{feature("a.feature",
		onSignOn("    Then the header \"X-Frame-Options\" is \"DENY\"\n    And the cookie \"ST-NO-S\" is set\n"))}})
	assert.Empty(t, got.Faults)
	assert.Equal(t, []string{
		`a.feature:6: ` + noAnswer + `sets the cookie "ST-NO-S" (the flow itself may have it by now); did you mean "ST-NO-SS"?`,
	}, got.Warnings)
}
