package diff_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
)

// folder is the folder of a shipped recording, to be edited and loaded.
type folder struct {
	dir   string
	files fstest.MapFS
}

func shipped(tb testing.TB, dir string) *folder {
	tb.Helper()
	f := &folder{dir, fstest.MapFS{}}
	entries, err := fs.ReadDir(recordings.Shipped(), dir)
	require.NoError(tb, err)
	for _, e := range entries {
		text, err := fs.ReadFile(recordings.Shipped(), path.Join(dir, e.Name()))
		require.NoError(tb, err)
		f.files[path.Join(dir, e.Name())] = &fstest.MapFile{Data: text}
	}
	return f
}

// An edit replaces a text of a file by another, once. An old text of "" makes
// new the whole file, and a new text of "-" for a whole file takes it away.
type edit struct{ file, old, new string }

func (f *folder) edit(tb testing.TB, edits ...edit) *folder {
	tb.Helper()
	for _, e := range edits {
		name := path.Join(f.dir, e.file)
		if e.old == "" {
			f.files[name] = &fstest.MapFile{Data: []byte(e.new)}
			if e.new == "-" {
				delete(f.files, name)
			}
			continue
		}
		text := string(f.files[name].Data)
		require.Contains(tb, text, e.old, "%s has not what the edit replaces", name)
		f.files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, e.old, e.new, 1))}
	}
	return f
}

func (f *folder) load(tb testing.TB) *recordings.Flow {
	tb.Helper()
	flow, err := recordings.Load(f.files, f.dir)
	require.NoError(tb, err)
	return flow
}

// lines writes the changes of a difference, each with its place, class and kind.
func lines(d *diff.Difference) []string {
	out := []string{}
	for i := range d.Locations {
		for _, c := range d.Locations[i].Changes {
			at := d.Locations[i].Screen
			if d.Locations[i].At == "start" {
				at = "start"
			}
			out = append(out, at+": "+c.Class.String()+" "+string(c.Kind)+": "+c.Text)
		}
	}
	for _, c := range d.NotRecorded {
		out = append(out, c.Class.String()+" "+string(c.Kind)+": "+c.Text)
	}
	return out
}
