package check

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/steps"
)

// What a check looks at comes from the definitions: nothing goes unchecked where a
// sentence is put in other words.
func TestACheckFollowsTheDefinitions(t *testing.T) {
	t.Parallel()
	const text = `Feature: A
  Scenario: one
    Given @the flow "sing-on"
    And @the user "alcie"
    When @I start the flow
  Scenario: two
    Given @the flow "sign-on"
    When @I press "SIGNON"
  Scenario: three
    Given @the flow "sign-on"
    When @I start the flow
    Then @the flow pauses at "Sign On Fom"
    And @the page has an input "usrname"
    When @I fill in "usernme" with "${user.passwrod}"
    And @I fill in:
      | key      | value          |
      | pasword  | ${user.nothng} |
    And @I fill in:
      | field    | value          |
      | password | x              |
  Scenario: four
    Given @the flow "sign-on"
    When @I start the flow
    And @I press "SIGNNON"
    Then @the form offers "REGISTR"
    And @the form has the fields:
      | key     |
      | usrname |
    And @the page has a button "SIGNN"
    And @the form does not offer "SIGNN"
  Scenario: five
    Given @the flow "sign-on"
    And @the authorize parameters:
      | name       | value |
      | acr_values | other |
    When @I start the flow
    And @I press "SIGNNON"
    Given @detailed responses
    Then @the flow completes
`
	replay := runner.Replay()
	flows := shipped.Flows(t)
	found := func(word string, defs []steps.Definition) *Found {
		file := fstest.MapFS{"a.feature": {Data: []byte(strings.ReplaceAll(text, "@", word))}}
		return features(&runner.Suite{
			Features: []runner.Source{{FS: file, Path: "a.feature"}}, Target: replay, Recordings: flows,
		}, defs)
	}
	reworded := slices.Clone(steps.Definitions())
	for i := range reworded {
		expr := strings.Replace(reworded[i].Pattern, "^", "^in other words ", 1)
		reworded[i].Pattern, reworded[i].Expr = expr, func() *regexp.Regexp { return regexp.MustCompile(expr) }
	}

	want := found("", steps.Definitions())
	assert.Len(t, want.Faults, 15, "%s", strings.Join(want.Faults, "\n"))
	assert.Len(t, want.Warnings, 3, "%s", strings.Join(want.Warnings, "\n"))
	got := found("in other words ", reworded)
	assert.Equal(t, want.Faults, got.Faults)
	assert.Equal(t, want.Warnings, got.Warnings)
}
