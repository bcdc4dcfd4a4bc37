package mutate_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/mutate"
)

// A poor suite asserts on nothing. With all suggestions it passes, and they kill what
// they claim. With FLOWTEST_LARGE=1 it tries all mutants.
func TestSuggestionsKillWhatTheyClaim(t *testing.T) {
	t.Parallel()
	poor := start + `    When I press "TROUBLE"

  Scenario: A wrong password, and the right one
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | wrong            |
    And I fill in "password" with "${user.password}"
    And I press "SIGNON"

  Scenario: Through the pages
    Given the flow "sign-on"
    And detailed responses
    When I start the flow
    And I press "REGISTER"
`
	choice := mutate.Choice{Flow: "sign-on"}
	shard, shards := 1, 2
	if os.Getenv("FLOWTEST_LARGE") != "" {
		shard, shards = 0, 0
	}
	results, err := mutate.Run(t.Context(), suite(t, poor), choice, shard, shards)
	require.NoError(t, err)
	var survived, claimed []string
	var suggested []*mutate.Suggestion
	for _, r := range results {
		if r.Verdict != mutate.Survived {
			continue
		}
		survived = append(survived, r.ID)
		if r.Add == nil {
			continue
		}
		claimed = append(claimed, r.ID)
		suggested = append(suggested, r.Add)
	}
	assert.Len(t, claimed, len(survived))
	rich := mutate.Patched(poor, suggested)
	for _, sentence := range []string{"every field comes empty", "the session cookies have:", `the page has a button "CANCEL"`} {
		assert.Contains(t, rich, sentence)
	}
	results, err = mutate.Run(t.Context(), suite(t, rich), choice, shard, shards)
	require.NoError(t, err)
	got := map[string]mutate.Verdict{}
	for _, r := range results {
		got[r.ID] = r.Verdict
	}
	for _, id := range claimed {
		assert.True(t, got[id].Noticed(), "%s: %s", id, got[id])
	}
	if t.Failed() {
		t.Log(rich)
	}
}

func TestASuggestionSaysWhere(t *testing.T) {
	t.Parallel()
	results, err := mutate.Run(t.Context(), suite(t, start), mutate.Choice{
		Flow: "sign-on", Operators: []string{"form-name", "description"},
	}, 0, 0)
	require.NoError(t, err)
	require.NotNil(t, results[0].Add)
	assert.Equal(t, `add after line 5 of features/a.feature: Then the flow pauses at "Sign On Form"`, results[0].Add.String())

	var b strings.Builder
	require.NoError(t, mutate.NewReport(results, nil, true).Patch(&b))
	assert.Equal(t, `--- a/features/a.feature
+++ b/features/a.feature
@@ -5,1 +5,3 @@
     When I start the flow
+    Then the flow pauses at "Sign On Form"
+    And "form.description" is "Prompt for username and password"
`, b.String())
}

// What a feature names beside it is there for a suggestion too.
func TestASuggestionIsTriedBesideTheFilesOfItsFeature(t *testing.T) {
	t.Parallel()
	s := suite(t, "")
	s.Features[0].FS = fstest.MapFS{
		"on/a.feature": {Data: []byte(start + "    Then the response matches the schema \"../screen.json\"\n")},
		"screen.json":  {Data: []byte(`{"type": "object"}`)},
	}
	choice := mutate.Choice{Flow: "sign-on", Operators: []string{"description"}}
	got := verdict(t, s, choice, "sign-on/sign-on-form/description/form.description")
	require.NotNil(t, got.Add)
	assert.Equal(t, `add after line 6 of features/on/a.feature: And "form.description" is "Prompt for username and password"`, got.Add.String())
}

// That a code is good for one exchange is suggested at the end of a scenario, of one that exchanges
// it once if there is any.
func TestASuggestionExchangesTheCodeAgain(t *testing.T) {
	t.Parallel()
	const (
		scenario = "\n  Scenario: At once\n    Given the flow \"session\"\n    And the user \"alice\"\n    When I start the flow\n"
		id       = "session/completed/code-reusable/authorizeResponse.code"
		again    = "And I exchange the code a second time\n        Then the code is refused with \"invalid_grant\""
	)
	choice := mutate.Choice{Flow: "session", Operators: []string{"code-reusable"}}
	got := verdict(t, suite(t, "Feature: Codes\n"+scenario), choice, id)
	require.NotNil(t, got.Add)
	assert.Equal(t, "add after line 6 of features/a.feature: When I exchange the code for tokens\n        "+again, got.Add.String())
	got = verdict(t, suite(t, "Feature: Codes\n"+scenario+scenario+"    And I exchange the code for tokens\n"), choice, id)
	require.NotNil(t, got.Add)
	assert.Equal(t, "add after line 12 of features/a.feature: "+strings.Replace(again, "And", "When", 1), got.Add.String())
}

// Options are named as a person reads them, whatever property says that.
func TestAnOptionIsNamedByItsTitle(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(start, "sign-on", "forms") + `    When I submit the form with:
      | user.username | ${user.username} |
      | user.email | ${user.email} |
      | user.temporaryPassword | ${user.password} |
      | user.password | ${user.newPassword} |
    And I fill in:
      | user.preferredLanguage | Deutsch |
      | contact.channel | email |
      | contact.topics | ["releases", "security"] |
      | contact.days | mon, fri |
      | user.primaryPhone | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms | true |
      | riskSignals | signals-of-this-browser |
    And I press "Save"
`
	choice := mutate.Choice{Flow: "forms", Operators: []string{"option-gone"}}
	got := verdict(t, suite(t, text), choice, "forms/device-form/option-gone/form.components.fields.2.options.1")
	assert.Equal(t, `the option "Text message" of the field "deviceRegistration" is gone on "Device Form"`, got.Change)
	require.NotNil(t, got.Add)
	assert.Contains(t, strings.Join(got.Add.Lines, "\n"), "| Text message | SMS")
}

func ExampleScore() {
	s := mutate.Score{Name: "texts", Percent: 94.96}
	fmt.Println(s.String())
	// Output: texts 94.9 %
}
