package safefile_test

import (
	"errors"
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

func TestReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.har")
	require.NoError(t, safefile.Replace(file, writes("one")))
	require.NoError(t, safefile.Replace(file, writes("two")))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "two", string(text))

	full := errors.New("the disk is full")
	err = safefile.Replace(file, func(w io.Writer) error { return errors.Join(writes("th")(w), full) })
	require.ErrorIs(t, err, full)
	text, err = os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "two", string(text), "a write that fails leaves the file as it was")
	assert.Equal(t, []string{"a.har"}, names(t, dir), "nothing is left beside it")

	require.EqualError(t, safefile.Replace(dir, writes("")), dir+": it is a folder, want a regular file")
	gone := filepath.Join(dir, "gone")
	require.EqualError(t, safefile.Replace(filepath.Join(gone, "b"), writes("")),
		filepath.Join(gone, "b")+": folder "+gone+" does not exist")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a", "b.yaml")
	require.NoError(t, safefile.Create(file, []byte("one")))
	require.ErrorIs(t, safefile.Create(file, []byte("two")), fs.ErrExist)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "one", string(text))
}

func TestWritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.json")
	require.NoError(t, safefile.Writable(file))
	assert.Empty(t, names(t, dir), "the question creates nothing")
	require.NoError(t, os.WriteFile(file, []byte("one"), 0o600))
	require.NoError(t, safefile.Writable(file))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "one", string(text))
	require.ErrorIs(t, safefile.Writable(filepath.Join(dir, "gone", "a.json")), fs.ErrNotExist)
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
