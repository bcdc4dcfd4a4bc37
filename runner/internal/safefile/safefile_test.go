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
