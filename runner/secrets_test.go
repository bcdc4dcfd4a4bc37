package runner_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/internal/output"
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
				Target: &to, Recordings: shippedFlows(t), Evidence: true,
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
