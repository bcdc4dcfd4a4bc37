package output_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/PuerkitoBio/goquery"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/report"
)

const npmFolder = "testdata/npm"

// npmModule returns a file of an npm package, or skips the test.
func npmModule(t *testing.T, path string) string {
	t.Helper()
	file := filepath.Join(npmFolder, "node_modules", filepath.FromSlash(path))
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%s is not installed: (cd runner/internal/output/%s && npm ci)", path, npmFolder)
	}
	return file
}

func compileSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { _ = f.Close() }()
	doc, err := jsonschema.UnmarshalJSON(f)
	require.NoError(t, err)
	id := "file:///schema.json"
	if m, ok := doc.(map[string]any); ok && m["$id"] != nil {
		id = m["$id"].(string) //nolint:errcheck,forcetypeassert // a schema's id is a string
	}
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource(id, doc))
	schema, err := c.Compile(id)
	require.NoError(t, err)
	return schema
}

// streams are runs of every kind.
func streams(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"the sample": streamOf(t, sampleRun())}
	for name, s := range stories() {
		out["without evidence: "+name] = streamOf(t, s)
	}
	rules := sampleRun()
	rules.plan.Source = func(string) string {
		return "# language: en\nFeature: Strings\n\n  Background:\n    * a\n\n  Rule: R\n    Background:\n      Given b\n        \"\"\"json\n        {}\n        \"\"\"\n\n" +
			"    @t\n    Scenario Outline: O <x>\n      When c <x>\n\n      Examples: none\n\n      Examples:\n        | x |\n        | 1 |\n"
	}
	rules.scenarios = []*report.Scenario{{
		Feature: "Strings", Name: "O 1", File: "r.feature", Line: 22, Status: report.Passed,
		Attempt: report.Attempt{Steps: []report.Step{sampleStep("* a", 5, report.Passed), sampleStep("Given b", 9, report.Passed), sampleStep("When c 1", 16, report.Passed)}},
	}}
	out["rules, doc strings and examples without rows"] = streamOf(t, rules)
	return out
}

func TestTheStreamFitsTheSchemaOfCucumberMessages(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, npmModule(t, "@cucumber/messages/messages.schema.json"))
	require.Error(t, schema.Validate(map[string]any{"nothing": true}), "the schema refuses something")
	for name, stream := range streams(t) {
		t.Run(name, func(t *testing.T) {
			for line := range strings.Lines(string(stream)) {
				doc, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
				require.NoError(t, err)
				assert.NoError(t, schema.Validate(doc), line)
			}
		})
	}
}

// The versions that are installed are those of the lock file, and the stream
// names the one that it was checked against.
func TestTheStreamNamesTheSchemasVersion(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(npmModule(t, "@cucumber/messages/package.json"))
	require.NoError(t, err)
	var pack struct{ Version string }
	require.NoError(t, json.Unmarshal(text, &pack))
	assert.Contains(t, string(streamOf(t, sampleRun())), `"protocolVersion":"`+pack.Version+`"`)
}

// The official formatter draws the run, in a browser.
func TestTheOfficialFormatterRendersTheStream(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the program that it starts is built without the race detector")
	}
	npmModule(t, "@cucumber/html-formatter/package.json")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	websdk.NeedsChromium(t)
	cmd := exec.CommandContext(t.Context(), node, "format.mjs")
	cmd.Dir = npmFolder
	cmd.Stdin = bytes.NewReader(streamOf(t, sampleRun()))
	var page, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &page, &said
	require.NoError(t, cmd.Run(), "%s", &said)
	file := filepath.Join(t.TempDir(), "cucumber.html")
	require.NoError(t, os.WriteFile(file, page.Bytes(), 0o600))

	tab := newTab(t)
	tab.Open("file://" + file)
	tab.Eval(`(async () => { // it is drawn up when the page is loaded, out of a script that has the same words
  const drawn = () => [...document.body.children].some((e) => e.tagName !== "SCRIPT" && e.textContent.includes("hop 1 breaks"));
  for (let i = 0; i < 3000 && !drawn(); i++) await new Promise((r) => setTimeout(r, 10));
})()`)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(tab.HTML()))
	require.NoError(t, err)
	doc.Find("script, style").Remove()
	text := doc.Text()
	assert.NotContains(t, tab.Console(), "Uncaught")
	for _, want := range []string{
		"passed 3", "failed 4", "undefined 1", "skipped 2", "Feature: Sign on", "The form has its fields", `row 1: type is "TEXT", want "PASSWORD"`,
		"hop 1  GET …/as/authorize → 200 paused", "A file without its text", "hop 1 breaks SAMPLE-FORM",
	} {
		assert.True(t, strings.Contains(text, want), "%q is not there", want) //nolint:testifylint // the text is long
	}
}
