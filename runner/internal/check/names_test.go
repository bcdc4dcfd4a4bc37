package check_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/check"
	"flowtest/runner/internal/known"
	"flowtest/runner/report"
)

const asItStands = ` is used as the value itself; did you mean `

func TestACheckWarnsOfWhatLooksLikeTheNameOfAValue(t *testing.T) {
	for value, want := range map[string]string{
		"{user.username}":             "{user.username}" + asItStands + "${user.username}?",
		"{{user.username}}":           "{{user.username}}" + asItStands + "${user.username}?",
		"$user.password":              "$user.password" + asItStands + "${user.password}?",
		"$(user.email)":               "$(user.email)" + asItStands + "${user.email}?",
		"%user.email%":                "%user.email%" + asItStands + "${user.email}?",
		"{user.usrname}":              "{user.username}" + asItStands + "${user.username}?",
		"{env.SOME_TOKEN}":            "{env.NAME}" + asItStands + "${env.NAME}?",
		"${user.email} {user.otp}":    "{user.otp}" + asItStands + "${user.otp}?",
		"${user.username}":            "",
		"$${user.username}":           "",
		"{user.shoeSizeOfTheYear}":    "",
		"mail user.email to env.HOME": "",
		"{env.lower}":                 "",
		"hunter2{user":                "",
		"{username}":                  "",
	} {
		for _, key := range []string{"username", "password"} {
			got := checks(t, onSignOn(`    And I fill in "`+key+`" with "`+value+"\"\n    Then the flow completes\n"))
			assert.Empty(t, got.Faults, value)
			if want == "" {
				assert.Empty(t, got.Warnings, value)
				continue
			}
			assert.Equal(t, []string{"a.feature:5: " + want}, got.Warnings, value)
		}
	}
}

func TestWhatLooksLikeANameMayBeAPassword(t *testing.T) {
	got := checks(t, onSignOn(`    And I fill in "password" with "hunter2{user.hunter3}{env.HUNTER4}$user.passwrd-hunter5"`+"\n"+
		`    And I fill in "password" with "${user.username and hunter6"`+"\n    Then the flow completes\n"))
	all := strings.Join(append(got.Faults, got.Warnings...), "\n")
	assert.NotContains(t, strings.ToLower(all), "hunter")
	assert.Contains(t, all, "a.feature:5: {env.NAME}"+asItStands)
	assert.Contains(t, all, "a.feature:5: $user.password"+asItStands+"${user.password}?")
	assert.Contains(t, all, "a.feature:6: a ${ has no closing brace, want ${user.ATTRIBUTE} or ${env.NAME}; did you mean ${user.username}?")
}

func TestACheckFollowsTheOrderOfAScenario(t *testing.T) {
	got := checks(t, `Feature: A
  Background:
    Given the user "alice"

  Scenario: never started
    Given the flow "sign-on"
    When I press "SIGNON"
    Then the flow completes

  Scenario: no flow
    When I start the flow
    Then the flow completes

  Scenario: too late
    Given the flow "sign-on"
    When I start the flow
    * detailed responses
    Then the flow pauses at "Sign On Form"

  Scenario: it is not known what the first was to be
    Given the thing begins
    When I press "SIGNON"
    Then the flow completes

  Rule: a background counts
    Background:
      Given the flow "sign-on"
      When I start the flow

    Scenario: started
      Then the flow pauses at "Sign On Form"
`)
	require.Len(t, got.Faults, 4)
	assert.Equal(t, []string{
		`a.feature:7: the flow has not been started: write "When I start the flow" before this step`,
		`a.feature:11: no flow was chosen: write for example "Given the flow "sign-on"" before this step`,
		`a.feature:17: the flow has been started already: ask for detailed responses before`,
	}, got.Faults[:3])
	assert.Contains(t, got.Faults[3], `a.feature:21: step "the thing begins" is undefined`)
}

func TestAnOutlineNeedsTheColumnsThatItNames(t *testing.T) {
	text := `Feature: A
  Background:
    Given the flow "sign-on"
    When I start the flow

  Scenario Outline: one
    When I fill in:
      | key      | value |
      | username | <usr> |
    And I press "<button>"
    Then the page shows "<b>bold</b> and <br>"
    And "id" matches "(?P<word>.*)"

    Examples:
      | user  | button |
      | alice | SIGNON |

    Examples:
      | usr |
      | bob |
`
	want := []string{
		`a.feature:7: step "I fill in:" is undefined: the examples have no column <usr>, which would be used as the value; did you mean <user>?`,
		`a.feature:10: step "I press \"<button>\"" is undefined: the examples have no column <button>, which would be used as the value; they have usr`,
	}
	assert.Equal(t, want, checks(t, text).Faults)
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", text)}})
	require.Len(t, out.scenarios, 2)
	for _, s := range out.scenarios {
		assert.Equal(t, report.Undefined, s.Status, "a run says the same, and types no <usr>")
		assert.Contains(t, s.FailedStep().Error, "which would be used as the value")
	}
}

func TestACheckWarnsOfWhatNeverRuns(t *testing.T) {
	rest := "\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then the form offers \"SIGNON\"\n"
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"an empty file":             {"# nothing\n", []string{"a.feature:1: the file has no feature, so nothing of it runs"}},
		"a feature without any":     {"\nFeature: A\n  Words.\n", []string{`a.feature:2: the feature "A" has no scenarios, so nothing of it runs`}},
		"a rule without any":        {"Feature: A\n  Rule: B\n", []string{`a.feature:1: the feature "A" has no scenarios, so nothing of it runs`}},
		"an outline without rows":   {"Feature: A\n  Scenario Outline: B" + rest + "    Examples:\n      | a |\n", []string{`a.feature:2: the outline "B" has no row of examples, so it never runs: want Examples: with a row for each run`}},
		"an outline without a head": {"Feature: A\n  Scenario Outline: B" + rest + "    Examples:\n", []string{`a.feature:2: the outline "B" has no row of examples, so it never runs: want Examples: with a row for each run`}},
		"an outline without any":    {"Feature: A\n  Scenario Outline: B" + rest, []string{`a.feature:2: the outline "B" has no examples, so it runs once: want Examples: with a row for each run`}},
		"a name without any": {
			"Feature: A\n  Scenario: B" + rest + "    And the form offers \"<who>\"\n",
			[]string{`a.feature:2: the scenario "B" has no examples, so it runs once with <who> as the value: want Examples: with a row for each run`},
		},
		"one table of two without rows": {"Feature: A\n  Scenario Outline: B" + rest + "    Examples:\n      | a |\n    Examples:\n      | a |\n      | b |\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, checks(t, row.text).Warnings)
		})
	}
}

// knownOf reads entries of known failures.
func knownOf(t *testing.T, entries ...[4]string) *known.List {
	t.Helper()
	var b strings.Builder
	for _, e := range entries {
		b.WriteString("- journey: " + e[0] + "\n  flow: " + e[1] + "\n  " + e[2] + "\n  reason: r\n  owner: o\n  expires: " + e[3] + "\n")
	}
	k, err := known.Read("known.yaml", []byte(b.String()), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	return k
}

func TestACheckFindsKnownFailuresThatARunWouldFindStale(t *testing.T) {
	const far = "2099-12-31"
	entries := [][4]string{
		{"one", "sign-on", `step: Then the flow pauses at "Other"`, far},      // holds, and says why the name is of no screen
		{"one", "sign-on", `step: the flow completes`, far},                   // without its keyword
		{"one", `""`, `step: the flow completes`, far},                        // it may end before it names one
		{"one", "sign-on", `requirement: JSON-INTRO-1`, far},                  // which requirement breaks, a run finds out
		{"one", "sign-on", `step: When I fill in "x" with "[redacted]"`, far}, // as earlier versions wrote it
		{"ones", "sign-on", `requirement: JSON-INTRO-1`, far},
		{"one", "mfa", `requirement: JSON-INTRO-1`, far},
		{"one", "sign-on", `step: the flow competes`, far},
		{"one", "sign-on", `step: the flow waits`, "2029-12-31"},
	}
	s := runner.Suite{
		Features: []runner.Source{feature("a.feature", onSignOn("    Then the flow pauses at \"Other\"\n    And the flow completes\n    When I fill in \"x\" with \"y\"\n"))},
		Target:   replayTarget(t), Recordings: shipped.Flows(t), Known: knownOf(t, entries...), Whole: true,
	}
	assert.Equal(t, []string{
		`known.yaml:31: there is no journey "ones" of the flow "sign-on": remove the entry, or correct its names; did you mean "one"?`,
		`known.yaml:37: there is no journey "one" of the flow "mfa": remove the entry, or correct its names; the journey of that name is of the flow sign-on`,
		`known.yaml:43: the journey "one" has no step "the flow competes", so it never fails so: remove the entry, or correct it; did you mean "the flow completes"?`,
		`known.yaml:49: the entry expired on 2029-12-31: fix "the flow waits" in the journey "one", or renew the entry`,
	}, check.Features(&s).Faults)
	s.Whole = false
	assert.Empty(t, check.Features(&s).Faults, "they may be of the other features")
}
