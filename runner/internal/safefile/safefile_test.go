package safefile_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/safefile"
)

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// names lists what is in a folder.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, ".lock")
	l, err := safefile.Acquire(name)
	require.NoError(t, err)
	_, err = safefile.Acquire(name)
	require.ErrorIs(t, err, safefile.ErrLocked)
	l.Release()
	assert.Empty(t, names(t, dir), "the lock's file goes with it")
	l, err = safefile.Acquire(name)
	require.NoError(t, err)
	l.Release()
	(*safefile.Lock)(nil).Release()
}

func TestWhatIsReadHasABound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a")
	require.NoError(t, os.WriteFile(name, []byte("four"), 0o600))
	for _, read := range []func(most int64) ([]byte, error){
		func(most int64) ([]byte, error) { return safefile.Read(name, most) },
		func(most int64) ([]byte, error) { return safefile.ReadFS(os.DirFS(dir), "a", most) },
	} {
		for _, most := range []int64{0, 4, 5} {
			text, err := read(most)
			require.NoError(t, err)
			assert.Equal(t, "four", string(text))
		}
		_, err := read(3)
		require.ErrorContains(t, err, "it has 4 bytes, want at most 3")
	}
	_, err := safefile.Read(dir, 0)
	require.EqualError(t, err, "open "+dir+": it is a folder, want a regular file")
	_, err = safefile.Read(filepath.Join(dir, "gone"), 0)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
