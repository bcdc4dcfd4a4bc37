package mutate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
)

// Where a sentence belongs depends on what the scenario is: an outline has its column, or the row
// gets a scenario of its own, as does an answer in the middle of a step that polls.
func TestASuggestionHasItsPlace(t *testing.T) {
	t.Parallel()
	const (
		outline = `Feature: Mutants
  Background:
    Given the flow "errors"
    And the user "alice"
    When I start the flow

  Scenario Outline: NAME
    When I press "<button>"

    Examples:
      | button  | status |
      | EXPIRED | 401    |
      | TIMEOUT | 400    |

  Scenario: Another one
    When I start the flow again
`
		polls = `Feature: Mutants
  Scenario: Alice approves
    Given the flow "mfa"
    And the user "alice"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    And I submit the form with:
      | device | MOBILE |
    And the screen polls until it moves on
`
		background = `Feature: Mutants
  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    And I press "REGISTER"

  Scenario: It is filled in
    When I fill in "user.email" with "a@example.com"
`
		signOn = start + "    When I press \"TROUBLE\"\n"
	)
	for name, test := range map[string]struct{ feature, id, want string }{
		"a column says it": {
			strings.Replace(outline, "NAME", "<button> fails", 1), "errors/expired/status/status",
			"add after line 8 of features/a.feature: Then the response status is <status>",
		},
		"a row has a scenario of its own": {
			strings.Replace(outline, "NAME", "<button> fails", 1), "errors/expired/message/message",
			"add after line 13 of features/a.feature: Scenario: EXPIRED fails, in detail\n        When I press \"EXPIRED\"\n" +
				"        Then the flow reports \"Unauthorized!\"",
		},
		"all rows have one name": {
			strings.Replace(outline, "NAME", "It fails", 1), "errors/expired/message/message",
			"add after line 13 of features/a.feature: Scenario: It fails: EXPIRED, 401\n        When I press \"EXPIRED\"\n" +
				"        Then the flow reports \"Unauthorized!\"",
		},
		"a poll before the last one": {
			polls, "mfa/push-pending/property-gone/eventName",
			"add after line 11 of features/a.feature: Scenario: Alice approves, in detail\n        Given the flow \"mfa\"\n" +
				"        And the user \"alice\"\n        When I start the flow\n        And I submit the form with:\n" +
				"          | username | ${user.username} |\n          | password | ${user.password} |\n" +
				"        And I submit the form with:\n          | device | MOBILE |\n        When the screen polls\n" +
				"        Then \"eventName\" is present",
		},
		"a screen that a background leaves": {
			background, "sign-on/sign-on-form/form-name/form.name",
			"add after line 5 of features/a.feature: Then the flow pauses at \"Sign On Form\"",
		},
		"the token of a start": {
			start, "sign-on/sign-on-form/token-not-refreshed/interactionToken",
			"add after line 5 of features/a.feature: When I start the flow again\n        Then \"interactionToken\" has changed",
		},
		"the token of a later screen": {
			signOn, "sign-on/trouble/token-not-refreshed/interactionToken",
			"add after line 6 of features/a.feature: Then \"interactionToken\" has changed",
		},
		"the link of an end": {
			`Feature: Mutants
  Scenario: Alice follows the link
    Given the flow "magic-link"
    And detailed responses
    And the user "alice"
    When I start the flow
    And I submit the form with:
      | email | ${user.email} |
    And the screen polls until it moves on
    And I submit the form
`, "magic-link/completed/next-host/_links.next.href",
			`add after line 10 of features/a.feature: Then "_links.next.href" starts with "https://auth."`,
		},
		"a row with a table": {
			`Feature: Mutants
  @reset @slow
  Scenario Outline: <what> is refused
    Given the flow "password-reset"
    And the user "alice"
    When I start the flow
    And I press "TROUBLE"
    And I submit the form with:
      | username | ${user.username} |
    And I submit the form with:
      | recoveryCode | <code> |
      | newPassword | <password> |

    @tag
    Examples:
      | what             | code        | password            |

      # It is not the one of the message.
      | A\|code          | 000000      | ${user.newPassword} |

    @other
    Examples:
      | what             | code        | password            |
      | A password       | ${user.otp} | ${user.password}    |
`, "password-reset/wrong-code/message/message",
			"add after line 24 of features/a.feature: @reset @slow @tag\n      Scenario: A|code is refused, in detail\n        Given the flow \"password-reset\"\n" +
				"        And the user \"alice\"\n        When I start the flow\n        And I press \"TROUBLE\"\n" +
				"        And I submit the form with:\n          | username | ${user.username} |\n" +
				"        And I submit the form with:\n          | recoveryCode | 000000              |\n" +
				"          | newPassword  | ${user.newPassword} |\n        Then the flow reports \"Invalid verification code\"",
		},
		"a text with the name of a person": {
			strings.ReplaceAll(start, "sign-on", "password-reset") + "    When I press \"TROUBLE\"\n    And I submit the form with:\n" +
				"      | username | ${user.username} |\n",
			"password-reset/new-password-form/description/form.description",
			"add after line 8 of features/a.feature: Then \"form.description\" is " +
				"\"Enter the code that was sent to ${user.email} and a new password\"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part := strings.Split(test.id, "/")
			got := verdict(t, suite(t, test.feature), mutate.Choice{Flow: part[0], Operators: []string{part[2]}}, test.id)
			require.NotNil(t, got.Add, got.Why)
			assert.Equal(t, test.want, got.Add.String())
		})
	}
}

// Where nothing can be suggested, a reason says why, and what a person can do.
func TestASurvivorWithoutASuggestionHasAReason(t *testing.T) {
	t.Parallel()
	const journey = start + "    When I press \"GO\"\n"
	sentences, err := runner.ReadSentences("sentences.yaml", []byte(
		"- sentence: I go through the flow\n  steps: |\n    When I start the flow\n    And I press \"GO\"\n"))
	require.NoError(t, err)
	file := func(text, name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Replace(strings.ReplaceAll(text, "NAME", name), `"components"`,
			`"description": "{{correlationId}}", "components"`, 1))}
	}
	flows, err := recordings.LoadAll(fstest.MapFS{
		"sign-on/recording.yaml": file(twoScreens+`  - name: third
    from: first
    request: {method: POST, eventType: submit, action: OTHER}
    response: {status: 200, json: third.json}
`, ""),
		"sign-on/first.json": file(aScreen, "First"), "sign-on/no.json": file(noAnswer, ""), "sign-on/end.json": file(endAnswer, ""),
		"sign-on/second.json": file(aScreen, "Second"), "sign-on/third.json": file(aScreen, "Second"),
		"sign-on/detailed.json": file(detailedScreen, ""),
	}, ".")
	require.NoError(t, err)
	for name, test := range map[string]struct{ feature, id, want string }{
		"a text is generated":      {journey, "sign-on/first/description/form.description", mutate.NoSentence},
		"a sentence hides it":      {strings.Replace(start, "I start", "I go through", 1), "sign-on/first/form-name/form.name", mutate.NoPlace},
		"the recording is not so":  {journey + "    And I press \"GO\"\n", "sign-on/end/state-wrong/authorizeResponse.state", mutate.NotTrue},
		"two screens are the same": {journey, "sign-on/second/way-elsewhere/to third", mutate.ReadsSame},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := suite(t, test.feature)
			s.Recordings, s.Sentences = flows, sentences
			got := verdict(t, s, mutate.Choice{}, test.id)
			assert.Equal(t, mutate.Survived, got.Verdict)
			assert.Nil(t, got.Add)
			assert.Equal(t, test.want, got.Why)
		})
	}
}

// A patch fits files with the line ends of Windows, and files whose last line has no end.
func TestAPatchFitsTheLineEndsOfAFile(t *testing.T) {
	t.Parallel()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("git is not installed")
	}
	outline := strings.ReplaceAll(start, "sign-on", "errors")
	outline = strings.Replace(outline, "Scenario:", "Scenario Outline:", 1) + "    And I press \"<button>\"\n\n    Examples:\n" +
		"      | button  |\n      | EXPIRED |\n      | TIMEOUT |\n"
	windows := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	for name, text := range map[string]string{
		"lines": outline, "no end": strings.TrimSuffix(outline, "\n"),
		"lines of Windows": windows(outline), "lines of Windows, and no end": strings.TrimSuffix(windows(outline), "\r\n"),
	} {
		s := suite(t, text)
		results, err := mutate.Run(t.Context(), s, mutate.Choice{Flow: "errors", Operators: []string{"form-name", "message"}}, 0, 0)
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, os.Mkdir(filepath.Join(dir, "features"), 0o700))
		file := filepath.Join(dir, "features", "a.feature")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		var b strings.Builder
		require.NoError(t, mutate.NewReport(results, nil, true).Patch(&b))
		c := exec.CommandContext(t.Context(), git, "-c", "core.autocrlf=false", "apply", "--unidiff-zero", "-")
		c.Dir, c.Stdin = dir, strings.NewReader(b.String())
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		row := func(button, message string) string {
			return "\n  Scenario: The first screen: " + button + "\n    Given the flow \"errors\"\n    And the user \"alice\"\n" +
				"    When I start the flow\n    And I press \"" + button + "\"\n    Then the flow reports \"" + message + "\"\n"
		}
		want := strings.Replace(outline, "    And I press", "    Then the flow pauses at \"Choose an Error\"\n    And I press", 1) +
			row("TIMEOUT", "Request timed out. Please try again.") + row("EXPIRED", "Unauthorized!")
		if strings.Contains(text, "\r") {
			want = windows(want)
		}
		assert.Equal(t, want, string(got), name)
	}
}
