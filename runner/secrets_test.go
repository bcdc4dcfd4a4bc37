package runner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
	"flowtest/steps/secret"
)

// What flowtest.yaml lists as secret is in no output, though nothing but that list
// tells that it is one.
func TestWhatATargetListsAsSecretIsInNoOutput(t *testing.T) {
	const listed = "vd6qrg8bkx" // the id of a node, in the shipped recording
	at := replayTarget(t)
	at.Secrets = []secret.Value{secret.New(listed)}
	for name, row := range map[string]struct {
		secrets []secret.Value
		want    bool
	}{
		"listed":     {at.Secrets, false},
		"not listed": {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			to := *at
			to.Secrets = row.secrets
			dir := t.TempDir()
			folder, err := output.NewFolder(dir)
			require.NoError(t, err)
			var out strings.Builder
			_, err = (&runner.Suite{
				Features: []runner.Source{feature("a.feature", `Feature: A
  Scenario: It fails
    Given the flow "sign-on"
    When I start the flow
    Then "id" is "another"
`)},
				Target: &to, Recordings: shipped.Flows(t), Evidence: true,
				Reporter: report.Many(folder, output.NewPretty(&out, false)),
			}).Run(t.Context())
			require.NoError(t, err)
			require.NoError(t, folder.Err())
			for _, file := range []string{"messages.ndjson", "junit.xml", "report.json", "report.html", "summary.md"} {
				text, err := os.ReadFile(filepath.Join(dir, file))
				require.NoError(t, err)
				assert.Equal(t, row.want, strings.Contains(string(text), listed), file)
			}
			assert.Equal(t, row.want, strings.Contains(out.String(), listed))
		})
	}
}

// A password that is a word or a letter changes nothing that a report says, and is in
// no request that carries it.
func TestAShortPasswordOfTheTargetChangesNothing(t *testing.T) {
	const text = "Feature: A user signs on, 1 of 2\n  Scenario: A wrong password\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
		"    And I fill in \"username\" with \"${user.username}\"\n    And I fill in \"password\" with \"${user.password}\"\n" +
		"    And I press \"SIGNON\"\n    Then the response status is 400\n    And \"form.name\" is \"1\"\n"
	run := func(password string) *report.Scenario {
		at := replayTarget(t)
		at.Users = map[string]target.User{"alice": target.NewUser(map[string]string{"username": "alice", "password": password, "otp": "1"})}
		seen := &collector{}
		_, err := (&runner.Suite{
			Features: []runner.Source{feature("a.feature", text)}, Target: at, Recordings: shipped.Flows(t), Evidence: true, Reporter: seen,
		}).Run(t.Context())
		require.NoError(t, err)
		require.Len(t, seen.scenarios, 1)
		return seen.scenarios[0]
	}
	want := run("correct-horse-battery")
	for _, password := range []string{"a", "1", "wrong", "password"} {
		t.Run(password, func(t *testing.T) {
			got := run(password)
			assert.Equal(t, want.Name, got.Name)
			assert.Equal(t, want.Feature, got.Feature)
			require.Len(t, got.Steps, len(want.Steps))
			for i := range want.Steps {
				assert.Equal(t, want.Steps[i].Text, got.Steps[i].Text)
				assert.Equal(t, want.Steps[i].Status, got.Steps[i].Status)
				assert.Equal(t, want.Steps[i].Error, got.Steps[i].Error)
			}
			require.Len(t, got.Hops, len(want.Hops))
			for i := range want.Hops {
				assert.Equal(t, want.Hops[i].Response, got.Hops[i].Response)
				assert.Equal(t, want.Hops[i].Evidence.Screen, got.Hops[i].Evidence.Screen)
				for _, path := range []string{"form", "message", "capabilityName", "id"} {
					assert.Equal(t, gjson.GetBytes(want.Hops[i].Evidence.Body, path).Raw, gjson.GetBytes(got.Hops[i].Evidence.Body, path).Raw)
				}
			}
			sent := got.Hops[1].Evidence.RequestBody
			assert.Equal(t, "[redacted]", gjson.GetBytes(sent, "parameters.data.formData.password").String())
			assert.Equal(t, "alice", gjson.GetBytes(sent, "parameters.data.formData.username").String())
		})
	}
}
