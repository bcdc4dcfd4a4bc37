package cli_test

import (
	"os"
	"path/filepath"
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
