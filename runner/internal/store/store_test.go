package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/store"
)

// recordingOf loads a recording whose description is text.
func recordingOf(t *testing.T, text string) *recordings.Flow {
	t.Helper()
	f, err := recordings.Load(fstest.MapFS{
		recordings.FileName: {Data: []byte("format: 1\nsource: synthetic\nflow: demo\ndescription: " + text + "\n" +
			"hops:\n  - name: start\n    request: {path: /as/authorize}\n    response: {status: 200, json: screen.json}\n")},
		"screen.json": {Data: []byte(`{"id":"node","connectionId":"c1","capabilityName":"customHTMLTemplate",` +
			`"_links":{"next":{"href":"{{authPath}}/x"}},"form":{"components":{"fields":[]}}}`)},
	}, ".")
	require.NoError(t, err)
	return f
}

// described reads the description of the recording in a folder, "" where there is none.
func described(t *testing.T, folder string) string {
	t.Helper()
	f, err := recordings.Load(os.DirFS(folder), ".")
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	require.NoError(t, err)
	return f.Description
}

// left are the names beside a folder that saving left there.
func left(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(folder))
	require.NoError(t, err)
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out
}

func TestSaveWritesAndReplaces(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "deep", "demo")
	require.NoError(t, store.Save(folder, recordingOf(t, "first")))
	assert.Equal(t, "first", described(t, folder))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "notes.md"), []byte("mine"), 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(folder, "more"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "more", "x.json"), []byte("{}"), 0o600))

	require.NoError(t, store.Save(folder, recordingOf(t, "second")))
	assert.Equal(t, "second", described(t, folder))
	assert.Empty(t, left(t, folder))
	for name, want := range map[string]string{"notes.md": "mine", "more/x.json": "{}"} {
		got, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		require.NoError(t, err, "what a person put there is kept")
		assert.Equal(t, want, string(got))
	}
}

var errFull = errors.New("no space left on device")

// failing fails one call, and every later one too where the process was killed.
type failing struct {
	store.OS
	mu        sync.Mutex
	at, calls int
	killed    bool
	step      string
}

func (f *failing) fails(step string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.calls == f.at {
		f.step = step
	}
	return f.calls == f.at || f.killed && f.calls > f.at
}

func (f *failing) MkdirAll(dir string) error {
	if f.fails("make " + dir) {
		return errFull
	}
	return f.OS.MkdirAll(dir)
}

func (f *failing) WriteFile(name string, text []byte) error {
	if f.fails("write " + name) {
		if err := os.WriteFile(name, text[:len(text)/2], 0o600); err != nil { // half of it got there
			return err
		}
		return errFull
	}
	return f.OS.WriteFile(name, text)
}

func (f *failing) SyncDir(dir string) error {
	if f.fails("sync " + dir) {
		return errFull
	}
	return f.OS.SyncDir(dir)
}

func (f *failing) Rename(from, to string) error {
	if f.fails("rename " + from) {
		return errFull
	}
	return f.OS.Rename(from, to)
}

func (f *failing) RemoveAll(dir string) error {
	if f.fails("remove " + dir) {
		return errFull
	}
	return f.OS.RemoveAll(dir)
}

// Whatever step fails, and whether the process lives on or not, the old or the
// new recording is there, and the next run finds everything in order.
func TestSaveLosesNothing(t *testing.T) {
	for name, killed := range map[string]bool{"a step fails": false, "the process is killed": true} {
		t.Run(name, func(t *testing.T) {
			steps := 0
			for at := 1; ; at++ {
				folder := filepath.Join(t.TempDir(), "demo")
				require.NoError(t, store.Save(folder, recordingOf(t, "old")))
				d := &failing{at: at, killed: killed}
				w, err := store.CreateOn(folder, d)
				if err == nil {
					err = w.Save(recordingOf(t, "new"), nil)
					w.Close()
				}
				if d.step == "" {
					require.NoError(t, err)
					assert.Equal(t, "new", described(t, folder))
					break
				}
				steps++
				require.ErrorIs(t, err, errFull, d.step)
				if !killed {
					assert.NotEmpty(t, described(t, folder), "after %s failed", d.step)
				}
				w, err = store.Create(folder)
				require.NoError(t, err, "after %s failed", d.step)
				assert.Contains(t, []string{"old", "new"}, described(t, folder), "after %s failed", d.step)
				require.NoError(t, w.Save(recordingOf(t, "third"), nil))
				w.Close()
				assert.Equal(t, "third", described(t, folder))
				assert.Empty(t, left(t, folder), "after %s failed", d.step)
			}
			assert.Greater(t, steps, 8, "the steps that saving takes")
		})
	}
}

func TestSaveKeepsTheOldWhereTheCheckRefuses(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, store.Save(folder, recordingOf(t, "old")))
	w, err := store.Create(folder)
	require.NoError(t, err)
	refused := errors.New("a secret is left")
	check := func(fsys fs.FS) error {
		f, err := recordings.Load(fsys, ".")
		require.NoError(t, err)
		assert.Equal(t, "new", f.Description, "the check reads what was written")
		return refused
	}
	require.ErrorIs(t, w.Save(recordingOf(t, "new"), check), refused)
	w.Close()
	assert.Equal(t, "old", described(t, folder))
	assert.Empty(t, left(t, folder))
}

func TestSaveRefusesWhatDoesNotLoad(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, store.Save(folder, recordingOf(t, "old")))
	broken := recordingOf(t, "new")
	broken.Policy = "a*none"
	require.ErrorContains(t, store.Save(folder, broken),
		"recordings: save: what was written is not a recording: recording.yaml:1: policy \"a*none\" is not a flow policy")
	assert.Equal(t, "old", described(t, folder))

	twice := recordingOf(t, "new")
	other := *twice.Hops[0]
	body, err := recordings.NewBody("screen.json", []byte(`{"id":"other"}`))
	require.NoError(t, err)
	other.Name, other.Response.JSON = "other", body
	twice.Hops = append(twice.Hops, &other)
	require.EqualError(t, store.Save(folder, twice),
		`recordings: hop "other": two bodies want the name screen.json`)
}

func TestOneWriterAtATime(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "demo")
	first, err := store.Create(folder)
	require.NoError(t, err)
	_, err = store.Create(folder)
	require.EqualError(t, err, "recordings: another flowtest is recording "+folder+" and holds "+
		store.Beside(folder, "lock")+": wait until it has ended")
	first.Close()
	assert.Empty(t, left(t, folder))

	second, err := store.Create(folder)
	require.NoError(t, err)
	second.Close()
}

func TestLoadAllSeesWhatAnInterruptedRunLeft(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "demo")
	require.NoError(t, store.Save(folder, recordingOf(t, "old")))
	require.NoError(t, os.CopyFS(store.Beside(folder, "new"), os.DirFS(folder)))
	flows, err := recordings.LoadAll(os.DirFS(root), ".")
	require.NoError(t, err, "a half-written folder is none")
	assert.Len(t, flows, 1)

	require.NoError(t, os.Rename(folder, store.Beside(folder, "old")))
	_, err = recordings.LoadAll(os.DirFS(root), ".")
	require.EqualError(t, err, ".demo.flowtest-old: a run was interrupted while it saved demo: "+
		"record again, or rename this folder to demo")
}
