package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// What new users type is recorded as theirs, each code of theirs too, so that a replay takes
// what its own new users have, and nothing else.
func TestTheJourneysOfNewUsersAreRecorded(t *testing.T) {
	t.Parallel()
	w := newTenantWorld(t, named)
	at := filepath.Join(w.dir, "flowtest.yaml")
	config, err := os.ReadFile(at)
	require.NoError(t, err)
	signsOn := func(name, device, code string) string {
		return "  Scenario: " + name + "\n    Given a new user with a" + map[string]string{"TOTP": " TOTP", "EMAIL": "n email"}[device] +
			" device\n    And the flow \"mfa\"\n    When I start the flow\n    And I submit the form with:\n" +
			"      | username | ${user.username} |\n      | password | ${user.password} |\n" +
			"    And I submit the form with:\n      | device | " + device + " |\n    And I fill in \"otp\" with " + code +
			"\n    And I press \"VERIFY\"\n    Then the flow completes\n"
	}
	const byEmail, byApp = "the code from the email", "the TOTP code"
	write(t, w.dir, map[string]string{
		"flowtest.yaml": string(config) + "  replay:\n    type: replay\n    users:\n" +
			"      alice: {username: alice, password: demo-Passw0rd-1}\n",
		"features/a.feature": "Feature: A\n" + signsOn("one", "EMAIL", byEmail) + signsOn("two", "TOTP", byApp) +
			signsOn("three", "EMAIL", byEmail),
	})
	got := w.run(t.Context(), "record", "--target", "staging")
	require.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	recorded, err := os.ReadFile(filepath.Join(w.dir, "recordings", "mfa", "recording.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(recorded), `formData: {password: "${user.password}", username: "${user.username}"}`)
	assert.Contains(t, string(recorded), `formData: {otp: "${user.otp}"}`)
	assert.Contains(t, string(recorded), `formData: {otp: "${user.totp}"}`)
	assert.NotContains(t, string(recorded), `"*"`)
	for name, text := range files(t, filepath.Join(w.dir, "recordings")) {
		for value := range w.secrets() {
			assert.NotRegexp(t, `\b`+regexp.QuoteMeta(value)+`\b`, text, name)
		}
	}

	for _, args := range [][]string{{"run", "--target", "replay"}, {"check", "--target", "replay"}} {
		got = w.run(t.Context(), args...)
		assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	}
	write(t, w.dir, map[string]string{
		"features/a.feature": "Feature: A\n" + signsOn("one", "EMAIL", `"123"`) + signsOn("two", "TOTP", `"${user.otp}"`),
	})
	got = w.run(t.Context(), "run", "--target", "replay")
	assert.Equal(t, cli.ExitFailed, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "2 scenarios: 0 passed, 2 failed")
}

// So is the code of a message to a user whom the target names: a recording took any code there, so
// that a replay passed with a wrong one. A replay makes up the code, which the target does not have.
func TestTheCodesOfAUserOfTheTargetAreRecorded(t *testing.T) {
	t.Parallel()
	w := newTenantWorld(t, "")
	at := filepath.Join(w.dir, "flowtest.yaml")
	config, err := os.ReadFile(at)
	require.NoError(t, err)
	verifies := func(name, code, then string) string {
		return "  Scenario: " + name + "\n    Given the flow \"mfa\"\n    When I start the flow\n    And I submit the form with:\n" +
			"      | username | ${user.username} |\n      | password | ${user.password} |\n" +
			"    And I submit the form with:\n      | device | EMAIL |\n    And I fill in \"otp\" with " + code +
			"\n    And I press \"VERIFY\"\n    Then " + then + "\n"
	}
	const byEmail, completes, refuses = "the code from the email", "the flow completes", "the response status is 400"
	both := verifies("right", byEmail, completes) + verifies("wrong", `"123"`, refuses)
	write(t, w.dir, map[string]string{
		"flowtest.yaml": string(config) + "  replay:\n    type: replay\n    users:\n" +
			"      alice: {username: alice, password: demo-Passw0rd-1, email: alice@example.com}\n",
		"features/a.feature": "Feature: A\n" + both,
	})
	got := w.run(t.Context(), "record", "--target", "staging")
	require.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	recorded, err := os.ReadFile(filepath.Join(w.dir, "recordings", "mfa", "recording.yaml"))
	require.NoError(t, err)
	assert.Contains(t, string(recorded), `formData: {otp: "${user.otp}"}`)
	assert.Contains(t, string(recorded), `formData: {otp: "${user.wrongOtp}"}`)
	assert.NotContains(t, string(recorded), `"*"`)

	for _, args := range [][]string{{"run", "--target", "replay"}, {"check", "--target", "replay"}} {
		got = w.run(t.Context(), args...)
		assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
	}
	write(t, w.dir, map[string]string{"features/a.feature": "Feature: A\n" + verifies("another", `"123"`, completes)})
	got = w.run(t.Context(), "run", "--target", "replay")
	assert.Equal(t, cli.ExitFailed, got.code, got.out+got.errors)
}
