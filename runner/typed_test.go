package runner_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// What a feature types into a field of a secret is in no file of a report: not
// in a table, and not where nothing but the screen tells that it is a secret.
func TestWhatIsTypedStaysOutOfReports(t *testing.T) {
	const text = `Feature: Typed
  Scenario: In a table, and in sentences
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | In-The-Tab\|le-1 |
      | password | In-The-Tab\|le-2 |
    Then the response status is 400
    When I fill in "username" with "In-A-\"Sentence-3"
    And I fill in "password" with "In-A-\"Sentence-4"
    And I press "SIGNON"
    Then the response status is 400

  Scenario: Where the journey never came
    Given the flow "sign-on"
    When I start the flow
    Then the flow completes
    When I submit the form with:
      | key      | value    |
      | username | Hidden-5 |
      | password | Hidden-6 |
`
	screens := fstest.MapFS{}
	shipped := recordings.Shipped()
	entries, err := fs.ReadDir(shipped, "sign-on")
	require.NoError(t, err)
	for _, e := range entries {
		name := path.Join("sign-on", e.Name())
		content, err := fs.ReadFile(shipped, name)
		require.NoError(t, err)
		if e.Name() == "sign-on-form.json" { // its user names are secrets too
			changed := strings.Replace(string(content), `"type": "TEXT"`, `"type": "PASSWORD"`, 1)
			require.NotEqual(t, string(content), changed)
			content = []byte(changed)
		}
		screens[name] = &fstest.MapFile{Data: content}
	}
	flows, err := recordings.LoadAll(screens, ".")
	require.NoError(t, err)

	dir := t.TempDir()
	folder, err := output.NewFolder(dir)
	require.NoError(t, err)
	var out strings.Builder
	run, err := (&runner.Suite{
		Features: []runner.Source{feature("typed.feature", text)}, Target: replayTarget(t), Recordings: flows, Evidence: true,
		Reporter: report.Many(folder, output.NewPretty(&out, false)),
	}).Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, folder.Err())
	assert.Equal(t, 1, run.Counts[report.Passed])
	assert.Equal(t, 1, run.Counts[report.Failed])

	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 5)
	texts := map[string]string{"the terminal": out.String()}
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		texts[f.Name()] = string(content)
	}
	for name, content := range texts {
		for _, secret := range []string{"In-The-Tab", "le-1", "le-2", "In-A-", "Sentence-", "Hidden-"} {
			assert.NotContains(t, content, secret, "%s in %s", secret, name)
		}
	}
	assert.Contains(t, out.String(), "\n        | key      | value      |\n        | username | [redacted] |\n")
	assert.Contains(t, texts["junit.xml"], "| username | [redacted] |")
	assert.Contains(t, texts["messages.ndjson"], `"cells":[{"value":"username"},{"value":"[redacted]"}]`)
	assert.Contains(t, texts["report.json"], `"table":[["key","value"],["username","[redacted]"]`)
}
