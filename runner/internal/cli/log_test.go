package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// servedTenant starts serve --tenant, and returns a folder with a live target for it, its
// environment, and the secret of its worker app.
func servedTenant(t *testing.T) (dir string, env map[string]string) {
	t.Helper()
	s := serve(t, "--tenant")
	all := strings.Join(s.out, "\n")
	base := regexp.MustCompile(`the management API is at (\S+)/v1, for the worker app (\S+) with the secret (\S+)`).FindStringSubmatch(all)
	require.NotNil(t, base, all)
	dir = t.TempDir()
	live := "    type: live\n    baseUrl: " + base[1] + "/" + mockserver.DefaultEnvironment + "/as\n    clientId: any\n" +
		"    redirectUri: https://app.example.com/callback\n    flows: {sign-on: 5012727d02503c3c246e6a660e020812}\n" +
		"    users:\n      alice: {username: alice, password: \"${ALICE_PASSWORD}\"}\n"
	write(t, dir, map[string]string{"flowtest.yaml": "targets:\n  bare:\n" + live + "  local:\n" + live +
		"    worker: {clientId: " + base[2] + ", clientSecret: \"${WORKER_SECRET}\", apiUrl: \"" + base[1] + "/v1\"}\n"})
	return dir, map[string]string{"WORKER_SECRET": base[3], "ALICE_PASSWORD": "demo-Passw0rd-1"}
}

// canaries are what no output and no file may hold of a run against [servedTenant].
func canaries(env map[string]string) []string {
	return []string{env["WORKER_SECRET"], env["ALICE_PASSWORD"], "demo-worker-token", "wrong-Passw0rd-9"}
}

func TestLog(t *testing.T) {
	t.Parallel()
	dir, env := servedTenant(t)
	run := func(args ...string) said { return command(t.Context(), dir, env, args...) }
	write(t, dir, map[string]string{"features/a.feature": `Feature: A
  Scenario: Two passwords
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | wrong-Passw0rd-9 |
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow pauses
`})
	got := run("run", "--target", "local", "--report", "out")
	require.Equal(t, 1, got.code, got.out+got.errors)

	got = run("log", "--report", "out")
	require.Equal(t, 0, got.code, got.out+got.errors)
	for _, line := range []string{
		"features/a.feature:2 Two passwords\nflow \"sign-on\", version 12, interaction ",
		"✓ Sign On Form", "✗ Check Password", "checkPassword, 1ms\n", `"username":{"value":"alice"}`, "✓ Return Success Response Redirect",
		"\"Check Password\" failed, and the flow went on\n",
	} {
		assert.Contains(t, got.out, line)
	}
	id := regexp.MustCompile(`interaction (\S+)`).FindStringSubmatch(got.out)[1]
	byID := run("log", id, "--target", "local")
	assert.Equal(t, 0, byID.code, byID.errors)
	assert.Contains(t, got.out, byID.out)
	asJSON := run("log", id, "--target", "local", "--format", "json")
	assert.Equal(t, 0, asJSON.code, asJSON.errors)
	assert.Contains(t, asJSON.out, `"message": "Send Error Response"`)

	report, err := os.ReadFile(filepath.Join(dir, "out", "messages.ndjson"))
	require.NoError(t, err)
	for _, text := range []string{got.out + got.errors, byID.out, asJSON.out, string(report)} {
		for _, secret := range canaries(env) {
			if secret == "wrong-Passw0rd-9" && text == string(report) {
				continue // it is written in the feature
			}
			assert.NotContains(t, text, secret)
		}
	}

	for name, test := range map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing":             {nil, 2, "error: log: want an interactionId, or --report DIR"},
		"both":                {[]string{"x", "--report", "out"}, 2, "error: log: want an interactionId, or --report DIR"},
		"an unknown format":   {[]string{"x", "--format", "yaml"}, 2, `error: --format "yaml", want text or json`},
		"no report":           {[]string{"--report", "features"}, 2, "error: features"},
		"no worker app":       {[]string{id, "--target", "bare"}, 2, `error: log: the target "bare" has no worker app`},
		"an unknown id":       {[]string{"x", "--target", "local"}, 4, "error: log: the execution log has no interaction x since "},
		"before it was there": {[]string{id, "--target", "local", "--since", "-1h"}, 4, "the execution log has no interaction " + id},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(append([]string{"log"}, test.args...)...)
			assert.Equal(t, test.code, got.code, got.out+got.errors)
			assert.Contains(t, got.errors, test.want)
			assert.Empty(t, got.out)
		})
	}
}
