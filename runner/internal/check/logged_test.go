package check_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A sentence that says that a node did not run holds of a misspelt title: a check knows the nodes
// of the execution logs that the recording has.
func TestACheckKnowsTheNodesOfRecordedLogs(t *testing.T) {
	t.Parallel()
	const none = `a.feature:5: no execution log of the recording of "sign-on" has a node `
	for text, want := range map[string][]string{
		`the flow did not run "Check Password"`:             nil,
		`the flow ran "Return Success"`:                     nil,
		`the flow did not run "${env.NODE}"`:                nil,
		`the flow did not run "Chek Password"`:              {none + `"Chek Password", did you mean "Check Password"?`},
		"the flow ran:\n| node |\n| Lookup Usr |":           {none + `"Lookup Usr", did you mean "Lookup User"?`},
		`"Check Pasword" failed`:                            {none + `"Check Pasword", did you mean "Check Password"?`},
		`the flow did not run "Send an SMS to the manager"`: {none + `"Send an SMS to the manager", so nothing shows that the title is right: record a journey that runs it`},
	} {
		got := checks(t, onSignOn("    Then "+text+"\n"))
		assert.Empty(t, got.Faults, text)
		assert.Equal(t, want, got.Warnings, text)
	}
	got := checks(t, "Feature: A\n  Scenario: one\n    Given the flow \"sso\"\n    When I start the flow\n    Then the flow did not run \"A\"\n")
	assert.Empty(t, got.Warnings, "the recording has no log")
}
