package cli_test

import (
	"fmt"
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
func servedTenant(t *testing.T, folder ...string) (dir string, env map[string]string) {
	t.Helper()
	s := serve(t, append(folder, "--tenant")...)
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

// secondPassword signs on with a wrong password, and then with the right one.
const secondPassword = `    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | wrong-Passw0rd-9 |
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
`

func TestLog(t *testing.T) {
	t.Parallel()
	dir, env := servedTenant(t)
	run := func(args ...string) said { return command(t.Context(), dir, env, args...) }
	write(t, dir, map[string]string{"features/a.feature": `Feature: A
  Scenario: Two passwords
` + secondPassword + `    Then the flow pauses
`})
	got := run("run", "--target", "local", "--report", "out")
	require.Equal(t, 1, got.code, got.out+got.errors)

	got = run("log", "--report", "out")
	require.Equal(t, 0, got.code, got.out+got.errors)
	for _, line := range []string{
		"features/a.feature:2 Two passwords\nflow \"Sign On\", version 12, interaction ",
		"subflow \"Check Credentials\", version 3, interaction ", "✓ Sign On Form ", "✗ Check Password ",
		"checkPassword, 118ms in \"Check Credentials\"\n", `"identifier":{"value":"alice"}`, "✓ Return Success ",
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

// record keeps the log beside the recording, and a replay answers the same sentences from it.
func TestTheLogIsRecorded(t *testing.T) {
	t.Parallel()
	dir, env := servedTenant(t)
	run := func(args ...string) said { return command(t.Context(), dir, env, args...) }
	write(t, dir, map[string]string{"features/a.feature": `Feature: A
  Scenario: A wrong password
    Given the flow "sign-on"
    When I start the flow
    Then the flow did not run "Check Password"
    When I submit the form with:
      | username | ${user.username} |
      | password | wrong-Passw0rd-9 |
    Then no node failed but "Check Password"
    And "Check Password" returned "identifier" as "${user.username}"
    And the flow ran:
      | node           | success |
      | Sign On Form   | true    |
      | Check Password | false   |

  Scenario: The right one
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then no node failed
`})
	config, err := os.ReadFile(filepath.Join(dir, "flowtest.yaml"))
	require.NoError(t, err)
	write(t, dir, map[string]string{"flowtest.yaml": string(config) +
		"  replay:\n    type: replay\n    users:\n      alice: {username: bertha, password: demo-Passw0rd-1}\n"})
	got := run("record", "--target", "local")
	require.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 3 hops of 4 journeys, 3 new, 0 changed, with 2 execution logs, in ")
	got = run("run", "--target", "replay")
	require.Equal(t, 0, got.code, got.out+got.errors)
	assert.Equal(t, 0, run("check").code)

	text, err := os.ReadFile(filepath.Join(dir, "recordings", "sign-on", "execution-log.json"))
	require.NoError(t, err)
	assert.Contains(t, string(text), `"identifier":{"value":"${user.username}"}`)
	for _, hidden := range append(canaries(env), "interactionId", "transactionId", "alice") {
		assert.NotContains(t, string(text), hidden)
	}

	// Without a log, and for a way that it does not have, a replay says how to record it.
	write(t, dir, map[string]string{"features/b.feature": `Feature: B
  Scenario: Another way
` + secondPassword + `    Then the flow did not run "Create User"
`})
	got = run("run", "--target", "replay", "features/b.feature")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, `the recording of "sign-on" has no execution log of this way: paused at node vd6qrg8bkx → SIGNON: refused 400`)
	assert.Contains(t, got.out, "record it: flowtest record --target LIVE features/b.feature:2")

	// Recorded again, the log of the new way is beside the others.
	got = run("record", "--target", "local", "features/b.feature")
	require.Equal(t, 0, got.code, got.out+got.errors)
	assert.Contains(t, got.out, "with 3 execution logs")
	got = run("run", "--target", "replay")
	require.Equal(t, 0, got.code, got.out+got.errors)
}

// A failed live scenario shows what failed without any sentence; a sentence about the log fails
// where it cannot be read, and says why.
func TestTheLogOfAFailure(t *testing.T) {
	t.Parallel()
	dir, env := servedTenant(t)
	run := func(args ...string) said { return command(t.Context(), dir, env, args...) }
	const fails = `Feature: A
  Scenario: A wrong password
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | wrong-Passw0rd-9 |
    Then the flow %s
`
	write(t, dir, map[string]string{
		"features/a.feature": strings.Replace(fails, "%s", "completes", 1),
		"features/b.feature": strings.Replace(fails, "%s", "did not run \"Create User\"", 1),
	})
	got := run("run", "--target", "local", "features/a.feature", "--report", "out")
	assert.Equal(t, 1, got.code, got.errors)
	assert.Contains(t, got.out, "! \"Check Password\" in the flow \"Check Credentials\" failed in the execution log\n")
	assert.Contains(t, got.out, "before it: ✓ \"Sign On Form\" → … \"Check Credentials\" → ✓ \"Lookup User\" in the flow \"Check Credentials\"\n")
	assert.Contains(t, got.out, `"identifier":{"value":"alice"}`)
	for _, file := range []string{"report.html", "report.json", "summary.md", "junit.xml", "messages.ndjson"} {
		text, err := os.ReadFile(filepath.Join(dir, "out", file))
		require.NoError(t, err)
		assert.Contains(t, string(text), "failed in the execution log", file)
		for _, hidden := range canaries(env)[:3] {
			assert.NotContains(t, string(text), hidden, file)
		}
	}

	got = run("run", "--target", "bare", "features/a.feature")
	assert.NotContains(t, got.out, "execution log")
	got = run("run", "--target", "bare", "features/b.feature")
	assert.Equal(t, 1, got.code)
	assert.Contains(t, got.out, `the target "bare" has no worker app: add worker with clientId and clientSecret to it in flowtest.yaml`)
	env["WORKER_SECRET"] = "canary-of-a-wrong-secret"
	got = run("run", "--target", "local", "features/b.feature")
	assert.Equal(t, 4, got.code, got.out)
	assert.Contains(t, got.out, "the execution log cannot be read: POST /"+mockserver.DefaultEnvironment+"/as/token was answered with 401")
	assert.NotContains(t, got.out+got.errors, "canary")
}

// The log of a live run shows what an export has between two answers: those nodes are observed.
func TestCoverageOfALiveRunReadsTheLog(t *testing.T) {
	t.Parallel()
	dir, env := servedTenant(t)
	const connection = `{"data": {"id": "%s", "nodeType": "CONNECTION", "connectorId": "%s", "capabilityName": "%s", "properties": {"nodeTitle": {"value": "%s"}%s}}}`
	nodes := []string{
		fmt.Sprintf(connection, "form", "httpConnector", "customHTMLTemplate", "Sign On Form", `, "customHTML": {"value": "<form><input name=\"username\"><input name=\"password\" type=\"password\"><button data-skcomponent=\"skbutton\" data-skvalue=\"SIGNON\">Sign On</button></form>"}`),
		fmt.Sprintf(connection, "find", "pingOneSSOConnector", "userLookup", "Lookup User", ""),
		fmt.Sprintf(connection, "check", "pingOneSSOConnector", "checkPassword", "Check Password", ""),
		fmt.Sprintf(connection, "done", "pingOneAuthenticationConnector", "returnSuccessResponseRedirect", "Return Success", ""),
		fmt.Sprintf(connection, "other", "pingOneSSOConnector", "createUser", "Create User", ""),
	}
	var edges []string
	for _, e := range [][2]string{{"form", "find"}, {"find", "check"}, {"check", "done"}, {"check", "other"}, {"other", "done"}} {
		edges = append(edges, fmt.Sprintf(`{"data": {"id": "%s-%s", "source": "%s", "target": "%s"}}`, e[0], e[1], e[0], e[1]))
	}
	write(t, dir, map[string]string{
		"flow.json": `{"flowId": "f", "name": "Sign On", "graphData": {"elements": {"nodes": [` + strings.Join(nodes, ",") +
			`], "edges": [` + strings.Join(edges, ",") + `]}}}`,
		"features/a.feature": `Feature: A
  Scenario: Signs on
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
`,
	})
	for target, want := range map[string]string{
		"local": "  nodes     80.0 %  4 observed, 1 never of 5\n",
		"bare":  "  nodes     20.0 %  1 observed, 4 never of 5\n", // it has no worker app
	} {
		got := command(t.Context(), dir, env, "run", "--target", target, "--coverage", "flow.json")
		assert.Equal(t, 0, got.code, got.out+got.errors)
		assert.Contains(t, got.out, want)
	}
}
