package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/cli"
	"flowtest/runner/report"
	"flowtest/steps"
)

// printed returns what a command prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, talk bytes.Buffer
	code := cli.Main(t.Context(), cli.Process{
		Args: args, Stdout: &out, Stderr: &talk, Env: func(string) (string, bool) { return "", false }, Dir: t.TempDir(),
	})
	require.Zero(t, code, "%s", &talk)
	return out.String()
}

// kept keeps the scenarios of a run.
type kept struct {
	report.Discard

	list []*report.Scenario
}

// Scenario implements [report.Reporter].
func (k *kept) Scenario(s *report.Scenario) { k.list = append(k.list, s) }

// besideSchemas returns a feature in the folder features, beside which is the schema of the example.
func besideSchemas(feature string) []runner.Source {
	return []runner.Source{{Path: "features/f.feature", FS: fstest.MapFS{
		"features/f.feature": {Data: []byte(feature)},
		"schemas/screen.json": {Data: []byte(`{
			"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["interactionId", "form"],
			"properties": {"form": {"type": "object", "required": ["name", "components"]}}}`)},
	}}}
}

// played runs scenarios against the shipped recordings. Each is its steps, a
// line or more an element.
func played(t *testing.T, dry bool, scenarios ...[]string) []*report.Scenario {
	t.Helper()
	var b strings.Builder
	b.WriteString("Feature: Examples\n")
	for i, lines := range scenarios {
		fmt.Fprintf(&b, "\nScenario: %d\n%s\n", i, strings.Join(lines, "\n"))
	}
	flows := shipped.Flows(t)
	connector, err := recordings.LoadAll(sdkConnector, ".")
	require.NoError(t, err)
	flows = append(flows, connector...)
	replay := runner.Replay()
	var out kept
	s := runner.Suite{
		Features: besideSchemas(b.String()),
		Target:   replay, Recordings: flows, Reporter: &out, DryRun: dry, Concurrency: 1,
	}
	_, err = s.Run(t.Context())
	require.NoError(t, err)
	require.Len(t, out.list, len(scenarios))
	return out.list
}

// sdkConnector has a flow that waits for the answer of an app under the key of the example,
// and one that leads back to the app.
var sdkConnector = fstest.MapFS{
	"connector/recording.yaml": {Data: []byte(`format: 1
source: synthetic
flow: connector
policy: 7c6b5a49382716f5e4d3c2b10f9e8d7c
hops:
  - name: wait
    request: {method: GET, path: /as/authorize}
    response: {status: 200, json: wait.json}
  - name: done
    from: wait
    request: {eventType: action, action: metadata, formData: {metadata: {status: succeeded}}}
    response: {status: 200, json: done.json, cookies: [ST, ST-NO-SS]}
`)},
	"redirect/recording.yaml": {Data: []byte(`format: 1
source: synthetic
flow: redirect
policy: 8c6b5a49382716f5e4d3c2b10f9e8d7c
hops:
  - name: away
    request: {method: GET, path: /as/authorize}
    response: {status: 302, headers: {Location: "https://app.example.com/callback?error=access_denied"}}
`)},
	"connector/wait.json": {Data: []byte(`{"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}",
		"companyId":"{{envID}}","id":"aaaaaaaaaa","connectionId":"867ed4363b2bc21c860085ad2baa817d","capabilityName":"sdk",
		"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},
		"form":{"components":{"fields":[{"type":"METADATA","key":"metadata","payload":{}}]}}}`)},
	"connector/done.json": {Data: []byte(`{"authorizeResponse":{"code":"{{code}}","state":"{{state}}"},"status":"COMPLETED",
		"environment":{"id":"{{envID}}"},"session":{"id":"{{sessionId}}"}}`)},
}

func TestEveryExampleHoldsInAReplay(t *testing.T) {
	t.Parallel()
	defs := steps.Definitions()
	scenarios := make([][]string, 0, len(defs))
	for _, d := range defs {
		first, _, _ := strings.Cut(d.Example, "\n")
		j, ok := journeys[first]
		if !ok {
			j = journeys[`every sentence that is not among the others`]
		}
		lines := append([]string{}, j.before...)
		lines = append(append(lines, d.Example), j.after...)
		scenarios = append(scenarios, lines)
	}
	for i, s := range played(t, false, scenarios...) {
		t.Run(defs[i].Example, func(t *testing.T) {
			if st := s.FailedStep(); st != nil {
				assert.Fail(t, "the example does not hold", "%s\n%s", st.Text, st.Error)
			}
			assert.Equal(t, report.Passed, s.Status, "%+v", s.Notes)
		})
	}
}

// word is one of the words of a sentence that are not a value.
var word, longer = regexp.MustCompile(`[a-z]{2,}`), regexp.MustCompile(`[a-z]{3,}`)

func TestAMistypedSentenceIsAnsweredWithTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	defs := steps.Definitions()
	var scenarios [][]string
	var wants []string
	for _, d := range defs {
		first, _, _ := strings.Cut(d.Example, "\n")
		keyword, sentence, _ := strings.Cut(first, " ")
		parts := strings.Split(sentence, `"`)
		at := -1
		for i, part := range slices.Backward(parts) { // the last fixed part that has a word
			if i%2 == 0 && word.MatchString(part) {
				at = i
				break
			}
		}
		require.GreaterOrEqual(t, at, 0, first)
		slip := word
		if longer.MatchString(parts[at]) {
			slip = longer // what is left of "is one of:" would be nothing
		}
		parts[at] = slip.ReplaceAllStringFunc(parts[at], func(w string) string { return w + w[1:2] })
		scenarios = append(scenarios, []string{keyword + " " + strings.Join(parts, `"`)})
		wants = append(wants, first)
	}
	for i, s := range played(t, true, scenarios...) {
		assert.Equal(t, report.Undefined, s.Status)
		assert.Regexp(t, "^undefined: no sentence is like this; the nearest (?:is|are): (?:.*; )?"+
			regexp.QuoteMeta(wants[i])+"(?:;|$)", s.Steps[0].Error, s.Steps[0].Text)
	}
}

func TestTheListAsJSONIsTheVocabulary(t *testing.T) {
	t.Parallel()
	var got struct {
		Format int
		Areas  []struct {
			Area      string
			Sentences []struct {
				Keyword, Expression, Example, Doc string
				Params                            []steps.Kind
				Columns                           []steps.Column
			}
		}
	}
	d := json.NewDecoder(strings.NewReader(printed(t, "steps", "--format", "json")))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&got))
	assert.Equal(t, 1, got.Format)
	var all []steps.Definition
	seen := map[string]bool{}
	for _, a := range got.Areas {
		assert.False(t, seen[a.Area], "the area %q stands there once", a.Area)
		seen[a.Area] = true
		for _, s := range a.Sentences {
			all = append(all, steps.Definition{
				Keyword: s.Keyword, Pattern: s.Expression, Area: a.Area, Doc: s.Doc, Example: s.Example,
				Params: s.Params, Columns: s.Columns,
			})
		}
	}
	want := make([]steps.Definition, 0, len(all))
	for _, d := range steps.Definitions() {
		var columns []steps.Column
		for _, c := range d.Columns {
			columns = append(columns, steps.Column{Name: c.Name, Kind: c.Kind, Required: c.Required})
		}
		want = append(want, steps.Definition{
			Keyword: d.Keyword, Pattern: d.Pattern, Area: d.Area, Doc: d.Doc, Example: d.Example, Params: d.Params, Columns: columns,
		})
	}
	assert.Equal(t, want, all)
}

func TestTheListsForPeopleHaveEverySentence(t *testing.T) {
	t.Parallel()
	text, markdown := printed(t, "steps"), printed(t, "steps", "--format", "markdown")
	for _, d := range steps.Definitions() {
		assert.Contains(t, text, "\n  "+strings.ReplaceAll(d.Example, "\n", "\n  ")+"\n      "+d.Doc+"\n")
		assert.Contains(t, markdown, "\n```gherkin\n"+d.Example+"\n```\n"+d.Doc+"\n")
	}
}

func TestTheListAsAPageNeedsNothingElse(t *testing.T) {
	t.Parallel()
	page := printed(t, "steps", "--format", "html")
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
	require.NoError(t, err)
	assert.Zero(t, doc.Find("script, link, img, iframe, object, [src], [onclick]").Length(), "nothing runs or is loaded")
	assert.NotRegexp(t, `(?i)url\(|@import|https?:`, doc.Find("style").Text())
	assert.Zero(t, doc.Find("[style]").Length())
	assert.Contains(t, page, "@media (prefers-color-scheme: dark)")
	assert.Equal(t, "en", doc.Find("html").AttrOr("lang", ""))

	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		assert.NotEmpty(t, id)
		assert.False(t, ids[id], "the name %q stands there once", id)
		ids[id] = true
	})
	doc.Find("a").Each(func(_ int, s *goquery.Selection) {
		assert.True(t, ids[strings.TrimPrefix(s.AttrOr("href", ""), "#")], "%s leads somewhere", s.AttrOr("href", ""))
	})

	entries := doc.Find("article")
	require.Equal(t, len(steps.Definitions()), entries.Length())
	for i, d := range steps.Definitions() {
		entry := entries.Eq(i)
		first, table, _ := strings.Cut(d.Example, "\n")
		assert.Equal(t, first, entry.Find("h3").Text())
		assert.Equal(t, strings.Count(first, `"`)/2, entry.Find("h3 .value").Length(), "what is between quotes is a value")
		assert.Equal(t, strings.TrimPrefix(strings.ReplaceAll(table, "\n  ", "\n"), "  "), entry.Find("pre").Text())
		assert.Equal(t, d.Doc, entry.Find("p").Text())
		assert.Equal(t, d.Area, entry.Parent().Find("h2").Text())
	}
}
