package output_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// lookup returns requirements of the catalogue.
func lookup(t *testing.T, ids ...string) []*conformance.Requirement {
	t.Helper()
	var out []*conformance.Requirement
	for _, id := range ids {
		r := conformance.Lookup(id)
		require.NotNil(t, r, id)
		out = append(out, r)
	}
	return out
}

// requirementFormats are the three in which the catalogue is printed.
var requirementFormats = map[string]func(io.Writer, []*conformance.Requirement) error{
	"requirements.txt": output.RequirementsText, "requirements.md": output.RequirementsMarkdown,
	"requirements.json": output.RequirementsJSON,
}

func TestRequirementsArePrinted(t *testing.T) {
	t.Parallel()
	list := append(lookup(t, "JSON-INTRO-1", "JSON-INTRO-2", "JSON-STEP1-2b", "MODEL-status-KIND"), &conformance.Requirement{
		ID: "SAMPLE-1", Level: conformance.May, Sentence: "A | stands in\nno <table>.", Page: "A page", Section: "a section",
		Shapes: conformance.Detailed, Outcomes: 1 << 4, Doubt: "one | other",
	})
	for file, write := range requirementFormats {
		t.Run(file, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, write(&b, list))
			golden(t, file, b.String())
		})
	}
}

func TestEveryFormatHasTheWholeCatalogue(t *testing.T) {
	t.Parallel()
	all := conformance.Catalogue()
	for file, write := range requirementFormats {
		t.Run(file, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, write(&b, all))
			for _, r := range all {
				assert.Contains(t, b.String(), r.ID)
			}
		})
	}
	var b strings.Builder
	require.NoError(t, output.RequirementsJSON(&b, all))
	var got []map[string]string
	require.NoError(t, json.Unmarshal([]byte(b.String()), &got))
	require.Len(t, got, len(all))
	for i, r := range all {
		want := map[string]string{
			"id": r.ID, "level": r.Level.String(), "sentence": r.Sentence, "page": r.Page, "section": r.Section,
			"shapes": r.Shapes.String(), "outcomes": r.Outcomes.String(),
		}
		if r.Doubt != "" {
			want["doubt"] = r.Doubt
		}
		assert.Equal(t, want, got[i])
	}
}

func TestNoRequirementIsAnEmptyList(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, output.RequirementsJSON(&b, nil))
	assert.Equal(t, "[]\n", b.String())
}

// A row of a table stays one line with as many cells, whatever a sentence holds.
func TestTheTableKeepsItsColumns(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, output.RequirementsMarkdown(&b, conformance.Catalogue()))
	for line := range strings.SplitSeq(strings.TrimSpace(b.String()), "\n") {
		assert.Equal(t, 6, strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"), line)
	}
}

func TestAWriterThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	for name, write := range requirementFormats {
		require.Error(t, write(&broken{}, conformance.Catalogue()), name)
	}
	for name, write := range matrixFormats {
		require.Error(t, write(&broken{}, &report.Run{}), name)
	}
}
