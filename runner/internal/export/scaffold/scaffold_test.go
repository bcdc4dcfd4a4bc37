package scaffold_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
)

var update = flag.Bool("update", false, "write the feature into testdata")

func TestMain(m *testing.M) { shipped.Main(m) }

func TestWrite(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../testdata/shop.json")
	require.NoError(t, err)
	f, err := export.Parse(b)
	require.NoError(t, err)
	made, err := synth.Make(f, "shop")
	require.NoError(t, err)
	got := scaffold.Write(made.Flow, []string{"what is left"})
	golden := "testdata/shop.feature"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got.Text), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got.Text)
	assert.Len(t, made.Flow.Hops, got.Scenarios, "a scenario for each hop")
	assert.Empty(t, got.Missed)
}

// What turns the direction of text would show a reviewer other words than those that run.
func TestWriteTurnsNoText(t *testing.T) {
	t.Parallel()
	got := scaffold.Write(&recordings.Flow{Name: "f", Description: "one\n\u202etwo"}, []string{"three\u2066\nfour"}).Text
	assert.Contains(t, got, "  one two\n")
	assert.Contains(t, got, "  # TODO three four\n")
}

// Each recording that is shipped gets scenarios of names of their own, and every hop that has no
// scenario is listed.
func TestWriteOfTheShippedRecordings(t *testing.T) {
	t.Parallel()
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	for _, f := range flows {
		got := scaffold.Write(f, nil)
		assert.Len(t, f.Hops, got.Scenarios+len(got.Missed), f.Name)
		assert.Equal(t, len(got.Missed), strings.Count(got.Text, "# TODO "), f.Name)
		seen := map[string]bool{}
		for line := range strings.Lines(got.Text) {
			if strings.HasPrefix(line, "  Scenario: ") {
				assert.False(t, seen[line], line)
				seen[line] = true
			}
		}
	}
}
