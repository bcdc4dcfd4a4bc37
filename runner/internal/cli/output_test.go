//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A run that never begins has nothing to report, so the reports of the run
// before are still the last ones.
func TestARunThatDoesNotBeginLeavesTheOldReport(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": "@a\n" + signsOnTo(right)})
	write(t, dir, map[string]string{"wrong.feature": "Feature: F\n  Scenario: s\n    * detailed responses\n    Gvien x\n"})
	require.Equal(t, 0, command(t.Context(), dir, nil, "run", "--report", "report").code)
	before := map[string]string{}
	for _, name := range reportFiles {
		before[name] = read(t, dir, filepath.Join("report", name))
	}
	for name, row := range map[string]struct {
		args []string
		want int
	}{
		"no scenario has the tag":         {[]string{"--tags", "@nosuch"}, cli.ExitNothing},
		"no scenario has the name":        {[]string{"--name", "nosuch"}, cli.ExitNothing},
		"nothing failed before":           {[]string{"--rerun", "report"}, cli.ExitNothing},
		"no scenario is at the line":      {[]string{"features/a.feature:999"}, cli.ExitNothing},
		"an unknown flag":                 {[]string{"--nosuch"}, cli.ExitUsage},
		"an unknown format":               {[]string{"--format", "pdf"}, cli.ExitUsage},
		"an unknown target":               {[]string{"--target", "nosuch"}, cli.ExitUsage},
		"a wrong tag expression":          {[]string{"--tags", "@a and"}, cli.ExitUsage},
		"a feature that does not parse":   {[]string{"wrong.feature"}, cli.ExitUsage},
		"a folder that does not exist":    {[]string{"nosuch"}, cli.ExitUsage},
		"retries of what there is not":    {[]string{"--retry-on", "nosuch"}, cli.ExitUsage},
		"a configuration that is missing": {[]string{"--config", "nosuch.yaml"}, cli.ExitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t.Context(), dir, nil, append([]string{"run", "--report", "report"}, row.args...)...)
			assert.Equal(t, row.want, got.code, got.errors)
			for _, name := range reportFiles {
				text, err := os.ReadFile(filepath.Join(dir, "report", name))
				require.NoError(t, err)
				assert.Equal(t, before[name], string(text), "%s is as it was", name)
			}
		})
	}
	got := command(t.Context(), dir, nil, "run", "--report", "report", "--tags", "@nosuch or @a", "--repeat", "2")
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.NotEqual(t, before["report.json"], read(t, dir, "report/report.json"), "a run that begins takes its place")
}

func TestAFolderThatCannotBeWrittenIsRefusedBeforeNothingIsChosen(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
	write(t, dir, map[string]string{"file": ""})
	got := command(t.Context(), dir, nil, "run", "--report", "file", "--tags", "@nosuch")
	assert.Equal(t, cli.ExitUsage, got.code, "that nothing would run is not known by then")
	assert.Contains(t, got.errors, "flowtest: error: report: the folder ")
	assert.Empty(t, got.out)
}
