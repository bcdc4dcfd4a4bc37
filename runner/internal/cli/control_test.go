package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// What a file says cannot steer the terminal of the person who reads an error.
func TestErrorsDoNotSteerATerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "evil.feature"), []byte("\x1b]0;mine\x07\x1b[31mEvil\n"), 0o600))
	for _, args := range [][]string{{"run", "evil.feature"}, {"check", "evil.feature"}} {
		got := command(t.Context(), dir, nil, args...)
		assert.NotEqual(t, cli.ExitPassed, got.code)
		assert.Contains(t, got.out+got.errors, "Evil")
		assert.NotContains(t, got.out+got.errors, "\x1b", "%v", args)
	}
}
