package runner_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// odd returns the shipped recording of a sign-on whose user name is a secret: no
// other key says less of one.
func odd(t *testing.T) []*recordings.Flow {
	t.Helper()
	files := fstest.MapFS{}
	shipped := recordings.Shipped()
	entries, err := fs.ReadDir(shipped, "sign-on")
	require.NoError(t, err)
	for _, e := range entries {
		name := path.Join("sign-on", e.Name())
		content, err := fs.ReadFile(shipped, name)
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

// outputs runs a feature and returns what people and machines get of it.
func outputs(t *testing.T, flows []*recordings.Flow, text string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	folder, err := output.NewFolder(dir)
	require.NoError(t, err)
	var out strings.Builder
	_, err = (&runner.Suite{
		Features: []runner.Source{feature("leaks.feature", text)}, Target: replayTarget(t), Recordings: flows,
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
	found := (&runner.Suite{
		Features: []runner.Source{feature("leaks.feature", text)}, Target: replayTarget(t), Recordings: flows,
	}).Check()
	texts["the check"] = strings.Join(append(found.Faults, found.Warnings...), "\n")
	return texts
}

const scenarioStart = "Feature: F\n  Scenario: S\n    Given the flow \"sign-on\"\n    When I start the flow\n"

// TestWhatIsTypedIsInNoOutput types a canary in every way in which one was ever
// found in an output.
func TestWhatIsTypedIsInNoOutput(t *testing.T) {
	const canary = "hunter2"
	step := func(text string) string { return scenarioStart + "    " + text + "\n    Then the flow completes\n" }
	outline := func(name, text, rows string) string {
		return "Feature: F\n  Scenario Outline: " + name + "\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
			"    And " + text + "\n    Then the flow completes\n    Examples:\n" + rows
	}
	for name, row := range map[string]string{
		"into a field that a later scenario finds to be one of a secret": "Feature: F\n  Scenario: First\n" +
			"    Given the flow \"sign-on\"\n    And detailed responses\n\n  Scenario: Second\n    Given the flow \"sign-on\"\n" +
			"    When I start the flow\n    And I fill in \"username\" with \"hunter2-odd\"\n    Then the flow completes\n",
		"where nobody ever comes": "Feature: F\n  Scenario: T\n    Given the flow \"sign-on\"\n" +
			"    When I fill in \"username\" with \"hunter2-early\"\n",
		"around the name of a value":        step(`And I fill in "password" with "${user.username}hunter2-exp"`),
		"as a default of a name":            step(`And I fill in "password" with "${user.nope:-hunter2}"`),
		"as a name that is none":            step(`And I fill in "password" with "${hunter2-name}"`),
		"as a name that is never closed":    step(`And I fill in "password" with "${hunter2-open"`),
		"with the signs of a name":          step(`And I fill in "password" with "$${hunter2}"`),
		"as a default into another key":     step(`And I fill in "username" with "${env.nope:-hunter2}"`),
		"with a misspelt word":              step(`And I fill in "password" by "hunter2"`),
		"between other quotes":              step(`And I fill in "password" with 'hunter2 it''s'`),
		"between quotes of a book":          step(`And I fill in “password” with “hunter2”`),
		"without a word between":            step(`And I type "password" "hunter2"`),
		"into a field without quotes":       step(`And I fill in password with "hunter2"`),
		"without quotes":                    step(`And I fill in "password" with hunter2 and more`),
		"with a quote that is open":         step(`And I fill in "password" with "hunter2`),
		"with another quote that is open":   step(`And I fill in "password with "hunter2"`),
		"before the name of its field":      step(`And I type "hunter2-password" into "password"`),
		"into an odd key, misspelt":         step(`And I fill in "username" by "hunter2"`),
		"below a sentence without a colon":  step("And I submit the form with\n      | key      | value   |\n      | password | hunter2 |"),
		"below other columns":               step("And I submit the form with:\n      | Key      | Value   |\n      | password | hunter2 |"),
		"below columns of no meaning":       step("And I submit the form with:\n      | what     | how     |\n      | password | hunter2 |"),
		"below no columns":                  step("And I submit the form with:\n      | username | alice |\n      | password | hunter2 |"),
		"in the only row":                   step("And I submit the form with:\n      | password | hunter2 |"),
		"below its key":                     step("And I submit the form with:\n      | username | password |\n      | alice    | hunter2  |"),
		"in a block of text":                step("And I submit the form with\n      \"\"\"\n      {\"password\": \"hunter2\"}\n      \"\"\""),
		"with another keyword":              step(`Then I fill in "password" with "hunter2"`),
		"as a parameter that holds a token": step("Given the authorize parameters:\n      | name | value |\n      | id_token_hint | hunter2 |"),
		"as a parameter that is a request": "Feature: F\n  Scenario: S\n    Given the flow \"sign-on\"\n" +
			"    And the authorize parameters:\n      | name    | value     |\n      | request | hunter2\\|r |\n      | login_hint_token | hunter2 |\n" +
			"    When I start the flow\n    Then the flow completes\n",
		"below parameters without a colon": step("Given the authorize parameters\n      | name    | value   |\n      | request | hunter2 |"),
		"in the names of feature and scenario, and in tags": "@hunter2\nFeature: It takes hunter2\n" +
			"  Scenario: Another\n    Given the flow \"sign-on\"\n    When I start the flow\n    Then the flow completes\n  @of:hunter2 @other\n" +
			"  Scenario: With hunter2\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
			"    And I fill in \"password\" with \"hunter2\"\n    Then the flow completes\n",
		"as parts of a value": outline("With <b>", `I fill in "password" with "pre<a>-<b>hunter2"`,
			"      | a        | b          |\n      | hunter2a | of-hunter2 |\n"),
		"as a part in a table": outline("With <b>", "I submit the form with:\n      | key | value |\n      | password | x<b> |",
			"      | b          |\n      | of-hunter2 |\n"),
		"as a cell with a sign of tables": outline("S", `I fill in "password" with "<a>"`, "      | a             |\n      | hunter2\\|pipe |\n"),
		"as a cell with a quote":          outline("S", `I fill in "password" with "<a>"`, "      | a               |\n      | hunter2\\\\\"quot |\n"),
		"as a cell of a misspelt step":    outline("S <a>", `I fill in "password" by "pre<a>"`, "      | a       |\n      | hunter2 |\n"),
		"in a description": "Feature: F\n  Scenario: S\n    Wen I fill in \"password\" with \"hunter2-descr\"\n    Given the flow \"sign-on\"\n" +
			"    Then the flow completes\n",
		"in comments": "Feature: F\n  # I fill in \"password\" with \"hunter2-old\"\n  # | password | hunter2 |\n" +
			"  # And I fill in \"geheim\" with \"hunter2\"\n  Scenario: S\n    Given the flow \"sign-on\"\n    Then the flow completes\n",
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, row, canary)
			texts := outputs(t, odd(t), row)
			if strings.Contains(name, "odd key") {
				delete(texts, "the check") // which knows no key but by its name
			}
			for where, text := range texts {
				assert.NotContains(t, text, canary, where)
			}
		})
	}
}

// What looks like a secret and is none stays where people read it.
func TestWhatIsNoSecretStaysInReports(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"a table of fields": {
			scenarioStart + "    Then the form has the fields:\n      | key      | type     | label    |\n      | password | PASSWORD | Password |\n",
			[]string{`"cells":[{"value":"password"},{"value":"PASSWORD"},{"value":"Password"}]`},
		},
		"a misspelt table of fields": {
			scenarioStart + "    Then the form has the fields\n      | key      | type     |\n      | password | PASSWORD |\n",
			[]string{`"cells":[{"value":"password"},{"value":"PASSWORD"}]`},
		},
		"a property that is named like one": {
			scenarioStart + "    Then \"password\" is \"nobodys\"\n", []string{`\"password\" is \"nobodys\"`},
		},
		"a name":                       {scenarioStart + "    And I fill in \"password\" with \"${user.password}\"\n", []string{`with \"${user.password}\"`}},
		"two names":                    {scenarioStart + "    And I fill in \"password\" with \"${user.username}${env.of}\"\n", []string{`with \"${user.username}${env.of}\"`}},
		"a misspelt sentence":          {scenarioStart + "    Then the flow pausd at \"Sign On Form\"\n", []string{`pausd at \"Sign On Form\"`}},
		"the code of an error":         {scenarioStart + "    Then the error code shoud be \"invalidValue\"\n", []string{`shoud be \"invalidValue\"`}},
		"what an open field takes":     {scenarioStart + "    And I fill in \"username\" with \"bob-the-builder\"\n", []string{`with \"bob-the-builder\"`}},
		"an open parameter":            {scenarioStart + "    Given the authorize parameters:\n      | name | value |\n      | prompt | login |\n", []string{`{"value":"login"}`}},
		"a state of the author's own":  {scenarioStart + "    Given the authorize parameters:\n      | name | value |\n      | state | my-own-state |\n    Then \"authorizeResponse.state\" is \"my-own-state\"\n", []string{`{"value":"my-own-state"}`, `is \"my-own-state\"`}},
		"a parameter of one character": {scenarioStart + "    Given the authorize parameters:\n      | name | value |\n      | max_age | 0 |\n    Then the response status is 400\n", []string{`status is 400`}},
		"a description and a comment": {
			"Feature: F\n  It is the user's password that matters, says the \"Sign On Form\".\n\n  # a user types what \"alice\" has\n" +
				"  Scenario: S\n    Given the flow \"sign-on\"\n    # the flow pauses at \"Password Form\"\n    Then the flow completes\n",
			[]string{`It is the user's password that matters`, `a user types what \"alice\" has`, `pauses at \"Password Form\"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := outputs(t, shippedFlows(t), row.text)["messages.ndjson"]
			for _, want := range row.want {
				assert.Contains(t, got, want)
			}
		})
	}
}

// Before a run knows what a field takes, the text of a file shows nothing that is
// typed into it, in no spelling, and all else.
func TestASourceHidesWhatIsTypedIntoUnknownFields(t *testing.T) {
	const text = `Feature: Given names
  Scenario Outline: S
    Given the flow "sign-on"
    When I fill in "geheim" with "hunter2-\"a"
    And I fill in "wort" with "Given"
    And I fill in "wort" with "<word>"
    And I fill in "username" with "bob-the-builder"
    Examples:
      | word          |
      | hunter2\|pipe |
      | Feature       |
`
	var got sourceReader
	_, err := (&runner.Suite{
		Features: []runner.Source{feature("a.feature", text)}, Target: replayTarget(t), Recordings: shippedFlows(t), Reporter: &got,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, `Feature: Given names
  Scenario Outline: S
    Given the flow "sign-on"
    When I fill in "geheim" with "[redacted]"
    And I fill in "wort" with "[redacted]"
    And I fill in "wort" with "<word>"
    And I fill in "username" with "bob-the-builder"
    Examples:
      | word          |
      | [redacted] |
      | [redacted]       |
`, got.source("a.feature"))
}

// What one attempt finds to be a secret, the next one may never come to.
func TestAnAttemptTeachesWhatIsSecret(t *testing.T) {
	t.Parallel() // a live target gets a second between two tries
	var starts atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && starts.Add(1) == 1 {
			_, _ = fmt.Fprintf(w, `{"id":"n","interactionId":"i","interactionToken":"token-of-it","form":{"name":"Sign On Form",`+
				`"components":{"fields":[{"type":"PASSWORD","key":"answer"},{"type":"SUBMIT_BUTTON","key":"SIGNON"}]}},`+
				`"_links":{"next":{"href":"http://%s/next"}}}`, r.Host)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"code":"BUSY","message":"not now"}`))
	}))
	t.Cleanup(s.Close)
	dir := t.TempDir()
	folder, err := output.NewFolder(dir)
	require.NoError(t, err)
	var out strings.Builder
	const text = passes + "\nWhen the network of \"a\" breaks 9 times\nAnd I fill in \"answer\" with \"the-answer-of-mine\""
	_, err = (&runner.Suite{
		Features: scenarios(text), Target: liveAt(t, s.URL), Rate: 10_000, Retries: 1, Conformance: runner.WarnBroken,
		Steps: (&storm{}).steps, Evidence: true, Reporter: report.Many(folder, output.NewPretty(&out, false)),
	}).Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, folder.Err())
	require.Contains(t, out.String(), "attempt 1 failed")
	assert.NotContains(t, out.String(), "the-answer-of-mine")
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		assert.NotContains(t, string(content), "the-answer-of-mine", f.Name())
	}
}
