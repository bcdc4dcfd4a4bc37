//go:build unix

package output_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

func TestTwoRunsDoNotWriteIntoOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := output.NewFolder(dir)
	require.NoError(t, err)
	part := filepath.Join(dir, "junit.xml.part")
	require.NoError(t, os.WriteFile(part, []byte("of the first"), 0o600))
	refused := "report: another run writes its report into " + dir + ": wait until it has ended, or choose another folder"
	_, err = output.NewFolder(dir)
	require.EqualError(t, err, refused, "before the first begins")
	assert.FileExists(t, part, "one that is refused touches nothing")

	s := sampleRun()
	first.Begin(s.plan)
	_, err = output.NewFolder(dir)
	require.EqualError(t, err, refused, "after it began")
	assert.FileExists(t, part)

	for _, sc := range s.scenarios {
		first.Scenario(sc)
	}
	run := &report.Run{Plan: s.plan}
	for _, sc := range s.scenarios {
		run.Add(sc)
	}
	first.End(run)
	require.NoError(t, first.Err())
	assert.Equal(t, files, listed(t, dir))
	_, err = os.Stat(filepath.Join(dir, ".flowtest.lock"))
	require.ErrorIs(t, err, os.ErrNotExist)
	never, err := output.NewFolder(dir)
	require.NoError(t, err)
	never.Close()
	assert.Equal(t, files, listed(t, dir), "one that never begins gives the lock back")
	(*output.Folder)(nil).Close()
}

// What has the name of a file of ours, and is none, is said before anything runs.
func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	for name, put := range map[string]func(t *testing.T, dir string){
		"a pipe": func(t *testing.T, dir string) {
			t.Helper()
			require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "report.html"), 0o600))
		},
		"a folder of the body's name": func(t *testing.T, dir string) {
			t.Helper()
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "junit.xml.body", "x"), 0o700))
		},
		"a folder of the part's name": func(t *testing.T, dir string) {
			t.Helper()
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "report.json.part", "x"), 0o700))
		},
		"a link that leads out": func(t *testing.T, dir string) {
			t.Helper()
			outside := filepath.Join(t.TempDir(), "outside")
			require.NoError(t, os.WriteFile(outside, []byte("theirs"), 0o600))
			require.NoError(t, os.Symlink(outside, filepath.Join(dir, "summary.md")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir)
			_, err := output.NewFolder(dir)
			assert.ErrorContains(t, err, "report: the folder "+dir+" cannot be written: ")
		})
	}
}

// A link beside the reports is not followed, wherever it leads.
func TestLinksOfOurNamesAreNotFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "inside"), []byte("theirs"), 0o600))
	for _, name := range []string{"junit.xml.part", "junit.xml.body"} {
		require.NoError(t, os.Symlink("inside", filepath.Join(dir, name)))
	}
	f, err := output.NewFolder(dir)
	require.NoError(t, err)
	sampleRun().tell(f)
	require.NoError(t, f.Err())
	assert.Equal(t, "theirs", readAll(t, dir, "inside"))
}
