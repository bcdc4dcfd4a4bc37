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
	"flowtest/steps"
)

// onSignOn is a scenario of the flow sign-on that was started.
func onSignOn(text string) string {
	return "Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n    When I start the flow\n" + text
}

const noScreen = `no recorded screen of the flow "sign-on" `

func TestACheckFindsWhatNoRecordedScreenHas(t *testing.T) {
	for name, row := range map[string]struct {
		text           string
		want, warnings []string
	}{
		"a screen": {
			"    Then the flow pauses at \"Sign On Fom\"\n",
			[]string{`a.feature:5: ` + noScreen + `is called "Sign On Fom"; did you mean "Sign On Form"?`},
			nil,
		},
		"a field, and one in a table by its label": {
			"    And I fill in \"usernme\" with \"a\"\n    And I fill in:\n      | key | value |\n      | User Name | b |\n" +
				"      | given | c |\n    Then the form offers \"SIGNON\"\n",
			[]string{
				`a.feature:5: ` + noScreen + `has a field "usernme"; did you mean "username"?`,
				`a.feature:6: ` + noScreen + `has a field "User Name"; did you mean "username"?`,
				`a.feature:6: ` + noScreen + `has a field "given"; did you mean "user.name.given"?`,
			},
			nil,
		},
		"a table with rows and columns swapped": {
			"    And I submit the form with:\n      | username | password |\n      | alice | x |\n    Then the form offers \"SIGNON\"\n",
			[]string{`a.feature:5: ` + noScreen + `has a field "alice"; "username" and "password" are both keys, so the rows and columns ` +
				`of the table are swapped, want a row for each key`},
			nil,
		},
		"a button by its key and by its label": {
			"    And I press \"SIGNNON\"\n    And I press \"No account? Register nwo!\"\n    Then the form offers \"SIGNON\"\n",
			[]string{
				`a.feature:5: ` + noScreen + `has a button "SIGNNON"; did you mean "SIGNON"?`,
				`a.feature:6: ` + noScreen + `has a button "No account? Register nwo!"; did you mean "No account? Register now!"?`,
			},
			nil,
		},
		"what must not be there can only fail where it may be": {
			"    Then the form does not offer \"REGISTR\"\n    And the form does not offer \"NEWSLETTER\"\n",
			nil,
			[]string{`a.feature:5: ` + noScreen + `offers "REGISTR", so this can never fail; did you mean "REGISTER"?`},
		},
		"of the page": {
			"    Then the page has an input \"usrname\"\n    And the page has a button \"SIGNN\"\n",
			[]string{
				`a.feature:5: ` + noScreen + `has an input "usrname"; did you mean "username"?`,
				`a.feature:6: ` + noScreen + `has a button "SIGNN"; did you mean "SIGNON"?`,
			},
			nil,
		},
		"in the table of a form": {
			"    Then the form has the fields:\n      | key |\n      | username |\n      | pasword |\n",
			[]string{`a.feature:5: ` + noScreen + `has anything with the key "pasword"; did you mean "password"?`},
			nil,
		},
		"nothing that some screen has, in whatever shape": {
			"    And I fill in \"user.email\" with \"a\"\n    And I press \"No account?  Register now!\"\n    And I press \"CANCEL\"\n" +
				"    Then the flow pauses at \"Registration Form\"\n    And the page has an input \"user.name.given\"\n", nil, nil,
		},
		"nothing where the parameters choose the flow": {
			"    And the authorize parameters:\n      | name | value |\n      | acr_values | other |\n    When I start the flow\n" +
				"    And I press \"NOPE\"\n    Then the flow completes\n", nil, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := row.text
			if name == "nothing where the parameters choose the flow" {
				text = "    Given the flow \"sign-on\"\n" + text
			}
			got := checks(t, onSignOn(text))
			assert.Equal(t, row.want, got.Faults)
			assert.Equal(t, row.warnings, got.Warnings)
		})
	}
}

// Faults put into the answers what was not recorded, and it is not known what a
// sentence of the caller's own did.
func TestACheckKnowsWhatItCannotKnow(t *testing.T) {
	assert.Empty(t, checks(t, "Feature: A\n  @fault:extra\n  Scenario: one\n    Given the flow \"sign-on\"\n    When I start the flow\n"+
		"    Then the form offers \"SOMETHING\"\n").Faults)
	own := check.Features(&runner.Suite{
		Features: []runner.Source{feature("a.feature", "Feature: A\n  Scenario: one\n    Given all is well\n"+
			"    When I press \"SOMETHING\"\n    Then the flow completes\n")},
		Target: replayTarget(t), Recordings: shipped.Flows(t),
		Steps: func(sc runner.StepRegistry, _ *steps.World) { sc.Given(`^all is well$`, func() {}) },
	})
	assert.Empty(t, own.Faults, "it may have chosen and started a flow")
}

func TestACheckOfALiveTargetOnlyWarnsOfWhatWasNotRecorded(t *testing.T) {
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(
		"targets:\n  staging:\n    type: live\n    baseUrl: https://auth.example.invalid/as\n    clientId: app\n" +
			"    flows: {sign-on: policy, other: policy}\n    users: {alice: {username: bob}}\n")}}, "flowtest.yaml", nil)
	require.NoError(t, err)
	staging, err := file.Choose("")
	require.NoError(t, err)
	got := check.Features(&runner.Suite{Target: staging, Recordings: shipped.Flows(t), Features: []runner.Source{feature("a.feature",
		onSignOn("    And I press \"SIGNNON\"\n    Then the flow completes\n")+
			"  Scenario: two\n    Given the flow \"other\"\n    When I start the flow\n    And I press \"NOPE\"\n    Then the flow completes\n")}})
	assert.Empty(t, got.Faults)
	assert.Equal(t, []string{
		`a.feature:5: ` + noScreen + `has a button "SIGNNON" (the flow itself may have it by now); did you mean "SIGNON"?`,
	}, got.Warnings, "and the other flow was not recorded")
}

func TestIdentityProvidersOfAFlow(t *testing.T) {
	const begin = "Feature: A\n  Scenario: one\n    Given the flow \"social\"\n    When I start the flow\n    And I return from "
	const with = " with the continue token \"${user.googleToken}\"\n    Then the flow completes\n"
	for _, name := range []string{"GOOGLE", "google", "Facebook", "facebook", "Continue with Google"} {
		assert.Empty(t, checks(t, begin+`"`+name+`"`+with).Faults, name)
	}
	assert.Equal(t, []string{
		`a.feature:5: no recorded screen of the flow "social" leads to "GOGLE"; did you mean "GOOGLE"?`,
	}, checks(t, begin+`"GOGLE"`+with).Faults)
}
