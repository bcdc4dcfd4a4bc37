package watch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/watch"
)

func TestNextReportsWhatChanged(t *testing.T) {
	t.Parallel()
	write := func(name string) error {
		return errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(time.Now().String()), 0o600))
	}
	for name, row := range map[string]struct {
		change func(dir string) error
		want   []string
	}{
		"a file that is written": {func(dir string) error { return write(dir + "/a.feature") }, []string{"a.feature"}},
		"a file that is removed": {func(dir string) error { return os.Remove(dir + "/a.feature") }, []string{"a.feature"}},
		"a folder that is removed": {
			func(dir string) error { return os.RemoveAll(dir + "/sub") }, []string{"sub", "sub/b.feature"},
		},
		"the files of a new folder": {func(dir string) error {
			return errors.Join(write(dir+"/c.txt"), write(dir+"/.moved/c.feature"), os.Rename(dir+"/.moved", dir+"/moved"))
		}, []string{"moved/c.feature"}},
		"not what comes and goes, what is hidden, and what does not matter": {func(dir string) error {
			return errors.Join(write(dir+"/d.feature"), os.Remove(dir+"/d.feature"), write(dir+"/.hidden/e.feature"),
				write(dir+"/skipped/f.feature"), write(dir+"/g.txt"), write(dir+"/sub/b.feature"))
		}, []string{"sub/b.feature"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := filepath.EvalSymlinks(t.TempDir())
			require.NoError(t, err)
			for _, file := range []string{"a.feature", "sub/b.feature", "skipped/f.feature"} {
				require.NoError(t, write(filepath.Join(dir, file)))
			}
			w, err := watch.New(
				func(file string, folder bool) bool { return folder || filepath.Ext(file) == ".feature" },
				func(folder string) bool { return filepath.Base(folder) == "skipped" })
			require.NoError(t, err)
			defer w.Close()
			require.NoError(t, w.Watch(nil, []string{dir}))
			require.NoError(t, row.change(dir))
			changed, err := w.Next(t.Context())
			require.NoError(t, err)
			for i, file := range changed {
				changed[i], err = filepath.Rel(dir, file)
				require.NoError(t, err)
				changed[i] = filepath.ToSlash(changed[i])
			}
			slices.Sort(changed)
			assert.Equal(t, row.want, changed)
		})
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w, err := watch.New(func(string, bool) bool { return true }, func(string) bool { return false })
	require.NoError(t, err)
	defer w.Close()
	require.Error(t, w.Watch(nil, []string{filepath.Join(t.TempDir(), "gone")}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	changed, err := w.Next(ctx)
	require.NoError(t, err)
	assert.Empty(t, changed)
}
