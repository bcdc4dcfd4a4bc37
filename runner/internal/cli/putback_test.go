package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A save that was killed between its two renames is put in order by the next command.
func TestEveryCommandPutsARecordingBack(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"run":    {"run"},
		"check":  {"check"},
		"diff":   {"diff", "recordings/sign-on", "recordings/sign-on"},
		"export": {"export", "--har", "sign-on"},
		"import": {"import", "a.har", "--flow", "sign-on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
			if name == "import" {
				require.Zero(t, command(t.Context(), dir, nil, "export", "--har", "--out", "a.har", "sign-on").code)
			}
			place := filepath.Join(dir, "recordings", "sign-on")
			require.NoError(t, os.Rename(place, filepath.Join(dir, "recordings", ".sign-on.flowtest-old")))
			got := command(t.Context(), dir, nil, args...)
			assert.Equal(t, cli.ExitPassed, got.code, got.errors)
			assert.Contains(t, got.errors, place+": put back: a process was killed while it saved")
			assert.DirExists(t, place)
		})
	}
}

// So is one that was killed before them or after them, by the next command that saves.
func TestWhatASaveLeftIsReported(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"new", "old"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
			require.Zero(t, command(t.Context(), dir, nil, "export", "--har", "--out", "a.har", "sign-on").code)
			place := filepath.Join(dir, "recordings", "sign-on")
			left := filepath.Join(dir, "recordings", ".sign-on.flowtest-"+kind)
			require.NoError(t, os.CopyFS(left, os.DirFS(place)))
			got := command(t.Context(), dir, nil, "run")
			require.Equal(t, cli.ExitPassed, got.code, got.errors)
			got = command(t.Context(), dir, nil, "import", "a.har", "--flow", "sign-on")
			require.Equal(t, cli.ExitPassed, got.code, got.errors)
			assert.Contains(t, got.errors, place+": put in order: a process was killed while it saved this recording\n")
			assert.NoDirExists(t, left)
		})
	}
}

// A run says that the one before it was killed, whose lock has no holder.
func TestAnInterruptedReportIsNamed(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t, map[string]string{"a.feature": signsOnTo(right)})
	write(t, dir, map[string]string{"rep/.flowtest.lock": "", "rep/junit.xml.part": "half"})
	for _, said := range []bool{true, false} {
		got := command(t.Context(), dir, nil, "run", "--report", "rep")
		require.Equal(t, cli.ExitPassed, got.code, got.errors)
		assert.Equal(t, said, strings.Contains(got.errors, "before was killed: what it left there is replaced"), got.errors)
		assert.NoFileExists(t, filepath.Join(dir, "rep", "junit.xml.part"))
	}
}
