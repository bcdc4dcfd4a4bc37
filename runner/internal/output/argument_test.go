package output_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// argued has a step with a table and two with a text.
func argued() *story {
	text, fenced := "two\nlines", `has """ in it`
	return &story{scenarios: []*report.Scenario{{
		Feature: "F", Name: "N", File: "f.feature", Line: 2, Status: report.Failed, Attempt: report.Attempt{Steps: []report.Step{
			{Text: "When I fill in:", Line: 3, Status: report.Passed, Table: [][]string{{"key", "value"}, {"größe", `a|b\c`}, {"x", "two\nlines"}}},
			{Text: "And a text:", Line: 6, Status: report.Passed, DocString: &text},
			{Text: "Then another:", Line: 9, Status: report.Failed, Error: "no", DocString: &fenced},
		}},
	}}}
}

func TestTheArgumentOfAStepIsShown(t *testing.T) {
	t.Parallel()
	var pretty bytes.Buffer
	argued().tell(output.NewPretty(&pretty, false))
	const table = `
| key   | value      |
| größe | a\|b\\c    |
| x     | two\nlines |
`
	assert.Contains(t, pretty.String(), `
    ✓ When I fill in:`+strings.ReplaceAll(strings.TrimSuffix(table, "\n"), "\n", "\n        ")+`
    ✓ And a text:
        """
        two
        lines
        """
    ✗ Then another:
        `+"```"+`
        has """ in it
        `+"```"+`
        no
`)

	dir := folderOf(t, argued())
	assert.Contains(t, readAll(t, dir, "junit.xml"), "            | größe | a\\|b\\\\c    |")
	var whole struct {
		Scenarios []struct{ Steps []report.Step }
	}
	require.NoError(t, json.Unmarshal([]byte(readAll(t, dir, "report.json")), &whole))
	want := argued().scenarios[0].Steps
	require.Len(t, whole.Scenarios[0].Steps, len(want))
	for i, got := range whole.Scenarios[0].Steps {
		assert.Equal(t, want[i].Table, got.Table)
		assert.Equal(t, want[i].DocString, got.DocString)
	}

	// It is read back, and a document that was not written has it too.
	other := t.TempDir()
	_, _, err := rendered(t, other, dir)
	require.NoError(t, err)
	assert.Equal(t, readAll(t, dir, "junit.xml"), readAll(t, other, "junit.xml"))
	assert.Contains(t, readAll(t, dir, "messages.ndjson"), `"argument":{"dataTable":{"rows":[{"cells":[{"value":"key"},{"value":"value"}]}`)
	assert.Contains(t, readAll(t, dir, "messages.ndjson"), `"argument":{"docString":{"content":"two\nlines"}}`)
}
