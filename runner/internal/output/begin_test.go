package output_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// A run that never began, for its selection chose nothing, leaves the report of
// the last one as it is.
func TestAnEarlierReportStaysUntilARunBegins(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("of an earlier run"), 0o600))
	}
	f, err := output.NewFolder(dir)
	require.NoError(t, err)
	require.NoError(t, f.Err())
	assert.Equal(t, files, listed(t, dir))
	for _, name := range files {
		assert.Equal(t, "of an earlier run", readAll(t, dir, name))
	}

	sampleRun().tell(f)
	require.NoError(t, f.Err())
	assert.Equal(t, files, listed(t, dir))
	for _, name := range files {
		assert.NotContains(t, readAll(t, dir, name), "of an earlier run")
	}
}

// Scenarios that come in a mixed order, as --random hands them out, are a suite
// for each run of one file, and every suite counts its own cases.
func TestFilesThatTakeTurns(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	a, b := s.scenarios[0], s.scenarios[1]
	other := *b
	other.File, other.Feature = "other.feature", "Other"
	s.scenarios = []*report.Scenario{a, &other, a, a}
	dir := folderOf(t, s)
	junit := readAll(t, dir, "junit.xml")
	checkJUnit(t, junit, 4)
	assert.Equal(t, 3, strings.Count(junit, "<testsuite "))
	page := readAll(t, dir, "report.html")
	assert.Equal(t, 3, strings.Count(page, `<section class="suite">`))
	assert.Equal(t, strings.Count(page, "<section"), strings.Count(page, "</section>"))
}
