package safefile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/safefile"
)

func textOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	require.NoError(t, err)
	return string(text)
}

func TestReplace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.har")
	require.NoError(t, safefile.Replace(file, nil, writes("one")))
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o644), info.Mode().Perm())
	require.NoError(t, os.Chmod(file, 0o600))
	require.NoError(t, safefile.Replace(file, nil, writes("two")))
	assert.Equal(t, "two", textOf(t, file))
	info, err = os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), "who may read it is as before")

	link := filepath.Join(dir, "link.har")
	require.NoError(t, os.Symlink("a.har", link))
	require.NoError(t, safefile.Replace(link, nil, writes("three")))
	assert.Equal(t, "three", textOf(t, file), "what a link leads to is written")

	full := errors.New("the disk is full")
	err = safefile.Replace(file, nil, func(w io.Writer) error { return errors.Join(writes("th")(w), full) })
	require.ErrorIs(t, err, full)
	assert.Equal(t, "three", textOf(t, file), "a write that fails leaves the file as it was")
	assert.Equal(t, []string{"a.har", "link.har"}, names(t, dir), "nothing is left beside it")

	err = safefile.Replace(file, nil, func(w io.Writer) error {
		c, ok := w.(io.Closer)
		require.True(t, ok)
		return errors.Join(c.Close(), writes("x")(w))
	})
	require.ErrorContains(t, err, "write "+file+": file already closed", "it names what the user named")

	require.EqualError(t, safefile.Replace(dir, nil, writes("")), dir+": it is a folder, want a regular file")
	gone := filepath.Join(dir, "gone")
	require.EqualError(t, safefile.Replace(filepath.Join(gone, "b"), nil, writes("")),
		filepath.Join(gone, "b")+": folder "+gone+" does not exist")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a", "b.yaml")
	require.NoError(t, safefile.Create(file, []byte("one"), nil))
	require.ErrorIs(t, safefile.Create(file, []byte("two"), nil), fs.ErrExist)
	assert.Equal(t, "one", textOf(t, file))
	assert.Equal(t, []string{"b.yaml"}, names(t, filepath.Dir(file)))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "link")))
	require.ErrorIs(t, safefile.Create(filepath.Join(dir, "link"), []byte("one"), nil), fs.ErrExist, "a link that leads nowhere")
}

func TestWritable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.json")
	require.NoError(t, safefile.Writable(file))
	assert.Empty(t, names(t, dir), "the question creates nothing")
	require.NoError(t, os.WriteFile(file, []byte("one"), 0o600))
	require.NoError(t, safefile.Writable(file))
	assert.Equal(t, "one", textOf(t, file))
	gone := filepath.Join(dir, "gone", "a.json")
	err := safefile.Writable(gone)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, gone+": ", "it names what the user named")
}

var errFull = errors.New("no space left on device")

// failing fails one call, and every later one too where the process was killed, whose
// files the system closes.
type failing struct {
	safefile.OS

	at, calls int
	killed    bool
	step      string
	open      []safefile.File
}

func (d *failing) fails(step string) bool {
	d.calls++
	if d.calls == d.at {
		d.step = step
	}
	return d.calls == d.at || d.killed && d.calls > d.at
}

// died closes what a process had open that is gone.
func (d *failing) died() {
	for _, f := range d.open {
		_ = f.Close()
	}
}

func (d *failing) New(name string, mode fs.FileMode) (safefile.File, error) {
	if d.fails("new") {
		return nil, errFull
	}
	f, err := d.OS.New(name, mode)
	if err == nil {
		d.open = append(d.open, f)
		f = &failingFile{f, d}
	}
	return f, err
}

func (d *failing) Rename(from, to string) error {
	if d.fails("rename") {
		return errFull
	}
	return d.OS.Rename(from, to)
}

func (d *failing) Link(from, to string) error {
	if d.fails("link") {
		return errFull
	}
	return d.OS.Link(from, to)
}

func (d *failing) Remove(name string) error {
	if d.fails("remove") {
		return errFull
	}
	return d.OS.Remove(name)
}

type failingFile struct {
	safefile.File

	d *failing
}

func (f *failingFile) Write(b []byte) (int, error) {
	if f.d.fails("write") {
		n, err := f.File.Write(b[:len(b)/2]) // half of it got there
		return n, errors.Join(errFull, err)
	}
	return f.File.Write(b)
}

func (f *failingFile) Chmod(mode fs.FileMode) error {
	if f.d.fails("chmod") {
		return errFull
	}
	return f.File.Chmod(mode)
}

func (f *failingFile) Sync() error {
	if f.d.fails("sync") {
		return errFull
	}
	return f.File.Sync()
}

func (f *failingFile) Close() error {
	if f.d.killed && f.d.calls >= f.d.at {
		return nil // it is closed when the process is gone
	}
	return f.File.Close()
}

// Whatever step of writing a file fails, and whether the process lives on or is killed
// there, what was there is whole or what was to be, and the next command removes what is
// left and says so.
func TestWritingLosesNothing(t *testing.T) {
	t.Parallel()
	const was, to = "what was", "what is to be"
	twice := func(w io.Writer) error { return errors.Join(writes(to[:4])(w), writes(to[4:])(w)) }
	for what, act := range map[string]func(d safefile.Disk, name string) error{
		"replace": func(d safefile.Disk, name string) error { return safefile.ReplaceOn(d, name, twice) },
		"create":  func(d safefile.Disk, name string) error { return safefile.CreateOn(d, name, []byte(to), nil) },
		"ask":     func(d safefile.Disk, name string) error { return safefile.WritableOn(d, name) },
	} {
		for how, killed := range map[string]bool{"a step fails": false, "the process is killed": true} {
			for _, before := range []string{"", was} {
				if before != "" && what == "create" {
					continue
				}
				t.Run(strings.Join([]string{what, how, before}, ", "), func(t *testing.T) {
					t.Parallel()
					var steps []string
					for at := 1; ; at++ {
						dir := t.TempDir()
						name := filepath.Join(dir, "m.json")
						if before != "" {
							require.NoError(t, os.WriteFile(name, []byte(before), 0o600))
						}
						d := &failing{at: at, killed: killed}
						err := act(d, name)
						d.died()
						if d.step == "" {
							require.NoError(t, err)
							break
						}
						steps = append(steps, d.step)
						after := textOf(t, name)
						assert.Contains(t, []string{before, to}, after, "after %s", d.step)
						left := len(names(t, dir))
						if after != "" {
							left--
						}
						if d.step != "remove" && d.step != "link" && !killed {
							require.ErrorIs(t, err, errFull)
							assert.Zero(t, left, "after %s: %v", d.step, names(t, dir))
						}
						var said []string
						require.NoError(t, safefile.Replace(name, func(line string) { said = append(said, line) }, writes("next")))
						assert.Len(t, said, left, "after %s", d.step)
						for _, line := range said {
							assert.Contains(t, line, ": removed: a process was killed while it wrote m.json")
						}
						assert.Equal(t, []string{"m.json"}, names(t, dir))
						assert.Equal(t, "next", textOf(t, name))
					}
					if what == "replace" {
						assert.Equal(t, []string{"new", "write", "write", "chmod", "sync", "rename"}, steps)
					}
				})
			}
		}
	}
}

// What another process writes at the same time is not taken for what is left of one.
func TestTwoWriteAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "m.json")
	said := func(line string) { assert.Fail(t, line) }
	require.NoError(t, safefile.Replace(name, said, func(w io.Writer) error {
		return errors.Join(writes("one")(w), safefile.Replace(name, said, writes("two")))
	}))
	assert.Equal(t, "one", textOf(t, name))
	assert.Equal(t, []string{"m.json"}, names(t, dir))
}
