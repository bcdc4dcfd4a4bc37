package runner_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/steps/secret"
)

// odd returns the shipped recording of a sign-on whose user name is a secret: no
// other key says less of one.
func odd(t *testing.T) []*recordings.Flow {
	t.Helper()
	files := fstest.MapFS{}
	fsys := recordings.Shipped()
	entries, err := fs.ReadDir(fsys, "sign-on")
	require.NoError(t, err)
	for _, e := range entries {
		name := path.Join("sign-on", e.Name())
		content, err := fs.ReadFile(fsys, name)
		require.NoError(t, err)
		if e.Name() == "sign-on-form.json" {
			changed := strings.Replace(string(content), `"type": "TEXT"`, `"type": "PASSWORD"`, 1)
			require.NotEqual(t, string(content), changed)
			content = []byte(changed)
		}
		files[name] = &fstest.MapFile{Data: content}
	}
	flows, err := recordings.LoadAll(files, ".")
	require.NoError(t, err)
	return flows
}

// outputs runs a feature against a target with these secrets and returns what people
// and machines get of it.
func outputs(t *testing.T, flows []*recordings.Flow, text string, secrets ...string) map[string]string {
	t.Helper()
	to := *replayTarget(t)
	for _, s := range secrets {
		to.Secrets = append(to.Secrets, secret.New(s))
	}
	dir := t.TempDir()
	folder, err := output.NewFolder(dir)
	require.NoError(t, err)
	var out strings.Builder
	_, err = (&runner.Suite{
		Features: []runner.Source{feature("leaks.feature", text)}, Target: &to, Recordings: flows,
		Evidence: true, Concurrency: 1, Reporter: report.Many(folder, output.NewPretty(&out, false)),
	}).Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, folder.Err())
	texts := map[string]string{"the terminal": out.String()}
	for _, name := range []string{"messages.ndjson", "junit.xml", "report.json", "report.html", "summary.md"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		texts[name] = string(content)
	}
	return texts
}

const scenarioStart = "Feature: F\n  Scenario: S\n    Given the flow \"sign-on\"\n    When I start the flow\n"

// What an author wrote stays as it is in every output, whatever is typed in it, and
// so do verdicts and everything else that a report says.
func TestWhatAFeatureSaysIsShownAsItsAuthorWroteIt(t *testing.T) {
	const text = `@of:VALUE
Feature: It takes VALUE
  A description with VALUE.

  # I fill in "password" with "VALUE"
  Scenario: With VALUE
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | key      | value |
      | username | VALUE |
      | password | VALUE |
    Then the response status is 400

  Scenario Outline: With <v>
    Given the flow "sign-on"
    When I start the flow
    And I fill in "password" with "pre<v>"
    And I fill in "username" by "VALUE"
    Examples:
      | v     |
      | VALUE |
`
	want := outputs(t, odd(t), strings.ReplaceAll(text, "VALUE", "nothing-that-is-elsewhere"))
	for _, value := range []string{"a", "1", "wrong", "password", "passed", "sign-on", "hunter2-which-is-long"} {
		t.Run(value, func(t *testing.T) {
			written := strings.ReplaceAll(text, "VALUE", value)
			for where, got := range outputs(t, odd(t), written) {
				assert.Contains(t, got, "With "+value, where)
				if where == "the terminal" {
					assert.NotContains(t, got, "[redacted]", where)
					assert.Contains(t, got, "And I fill in \"username\" by \""+value+"\"", where)
					assert.Equal(t, strings.Count(want[where], "\n"), strings.Count(got, "\n"), where)
				}
				if where == "messages.ndjson" {
					source, err := json.Marshal(written)
					require.NoError(t, err)
					assert.Contains(t, got, `"data":`+strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(source)), "the source")
					assert.Contains(t, got, `"cells":[{"value":"password"},{"value":"`+value+`"}]`)
				}
			}
		})
	}
}

// A value that is typed into a field of a secret is hidden in the request that carries it.
func TestAPasswordIsHiddenInItsRequest(t *testing.T) {
	const text = scenarioStart + "    And I fill in \"username\" with \"bob-the-builder\"\n" +
		"    And I fill in \"password\" with \"hunter2-typed\"\n    And I press \"SIGNON\"\n    Then the response status is 400\n"
	seen := &collector{}
	_, err := (&runner.Suite{
		Features: []runner.Source{feature("a.feature", text)}, Target: replayTarget(t), Recordings: odd(t), Evidence: true, Reporter: seen,
	}).Run(t.Context())
	require.NoError(t, err)
	require.Len(t, seen.scenarios, 1)
	s := seen.scenarios[0]
	require.Equal(t, report.Passed, s.Status)
	assert.Equal(t, `And I fill in "password" with "hunter2-typed"`, s.Steps[3].Text)
	sent := string(s.Hops[1].Evidence.RequestBody)
	assert.NotContains(t, sent, "hunter2")
	assert.NotContains(t, sent, "bob-the-builder", "the recording says that it is a secret")
	assert.Contains(t, sent, `"password":"[redacted]"`)
}

// A secret of the target is taken out of what an author wrote where it is long
// enough to be nothing else.
func TestASecretOfTheTargetIsHiddenInAFeature(t *testing.T) {
	const text = "Feature: F\n  # listed-secret or short\n  @of:listed-secret\n  Scenario: listed-secret or short\n" +
		"    Given the flow \"listed-secret\"\n"
	at := *replayTarget(t)
	at.Secrets = []secret.Value{secret.New("listed-secret"), secret.New("short"), secret.New("S")}
	seen, got := &collector{}, sourceReader{}
	_, err := (&runner.Suite{
		Features: []runner.Source{feature("a.feature", text)}, Target: &at, Recordings: shipped.Flows(t), Reporter: report.Many(seen, &got),
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, strings.ReplaceAll(text, "listed-secret", "[redacted]"), got.source("a.feature"))
	s := seen.scenarios[0]
	assert.Equal(t, "[redacted] or short", s.Name)
	assert.Equal(t, []string{"@of:[redacted]"}, s.Tags)
	assert.Equal(t, `Given the flow "[redacted]"`, s.Steps[0].Text)
	assert.NotContains(t, s.Steps[0].Error, "listed-secret")
}

// The cells of an outline may make a secret together that is in none of them.
func TestASecretThatAnOutlineMakesIsHidden(t *testing.T) {
	const text = `Feature: F
  Scenario Outline: <a><b>
    Given the flow "sign-on"
    And the authorize parameters:
      | name     | value  |
      | ui_<a><b> | <a><b> |
    When I start the flow
    And I answer "<a><b>" with:
      """
      {"is": "<a><b>"}
      """
    Then "<a><b>" is "<a><b>"
    Examples:
      | a        | b       |
      | listed-s | ecret-1 |
`
	for where, got := range outputs(t, shipped.Flows(t), text, "listed-secret-1") {
		assert.NotContains(t, got, "listed-secret-1", where)
		if where != "summary.md" {
			assert.Contains(t, got, "[redacted]", where)
		}
	}
}

// Every row of an outline has the texts and tables below its sentences again, and
// every report has every row.
func TestAReportHasTheBeginningOfALongArgument(t *testing.T) {
	text := "Feature: F\n  Scenario Outline: <n>\n    Given the flow \"sign-on\"\n    When I start the flow\n    And I fill in:\n" +
		"      | key | value |\n" + strings.Repeat("      | username | of-the-table |\n", 1200) +
		"    And I answer \"x\" with:\n      \"\"\"\n" + strings.Repeat("      of-the-text\n", 1500) + "      \"\"\"\n" +
		"    Examples:\n      | n |\n" + strings.Repeat("      | 1 |\n", 2)
	for where, got := range outputs(t, shipped.Flows(t), text) {
		for _, word := range []string{"of-the-table", "of-the-text"} {
			most := 2 * 2 * 1400 // the second in the error
			if where == "messages.ndjson" {
				most += most + 2*1500 // the file, and what was read of it
			}
			assert.LessOrEqual(t, strings.Count(got, word), most, "%s in %s", word, where)
		}
		if where != "summary.md" {
			assert.Contains(t, got, "(the first part of 17999 bytes)", where)
			assert.Contains(t, got, "(the first 820 of 1201 rows)", where)
		}
	}
}
