package output_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
)

// failingRoot fails one step of writing a report, and every later one too where the process
// was killed.
type failingRoot struct {
	*os.Root

	at, calls int
	killed    bool
	step      string
}

func (r *failingRoot) fails(what, name string) bool {
	r.calls++
	if r.calls == r.at {
		r.step = what + " " + name
	}
	return r.calls == r.at || r.killed && r.calls > r.at
}

func (r *failingRoot) OpenFile(name string, flag int, perm os.FileMode) (*os.File, error) {
	if r.fails("open", name) {
		return nil, errFull
	}
	return r.Root.OpenFile(name, flag, perm)
}

func (r *failingRoot) Rename(from, to string) error {
	if r.fails("rename", from) {
		return errFull
	}
	return r.Root.Rename(from, to)
}

func (r *failingRoot) Remove(name string) error {
	if r.fails("remove", name) {
		return errFull
	}
	return r.Root.Remove(name)
}

func (r *failingRoot) Stat(name string) (os.FileInfo, error) {
	if r.fails("stat", name) {
		return nil, errFull
	}
	return r.Root.Stat(name)
}

// inFolder are the texts of a folder's files by their names.
func inFolder(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range listed(t, dir) {
		out[name] = readAll(t, dir, name)
	}
	return out
}

// Whatever step of writing a report fails, and whether the process lives on or is killed
// there, every file of the folder is whole: the one that was there, the new one, or as much
// of the messages as there was. The next run says that one was killed, and leaves nothing of it.
func TestAReportLosesNothing(t *testing.T) {
	t.Parallel()
	want := inFolder(t, folderOf(t, sampleRun()))
	const was = "of an earlier run"
	for _, whole := range []bool{false, true} {
		for _, killed := range []bool{false, true} {
			t.Run(fmt.Sprintf("whole %t, killed %t", whole, killed), func(t *testing.T) {
				t.Parallel()
				seen, leftBefore := map[string]bool{}, map[string]bool{}
				for at := 1; ; at++ {
					dir := t.TempDir()
					for _, name := range files {
						require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(was), 0o600))
					}
					r := &failingRoot{at: at, killed: killed}
					f, err := output.NewFolderOn(dir, func(root *os.Root) output.Root {
						r.Root = root
						return r
					})
					if err == nil {
						f.Whole = whole
						sampleRun().tell(f)
						err = f.Err()
					}
					if r.step == "" {
						require.NoError(t, err)
						require.Equal(t, want, inFolder(t, dir))
						break
					}
					what, _, _ := strings.Cut(r.step, " ")
					seen[what] = true
					lock := filepath.Join(dir, ".flowtest.lock")
					require.NoFileExists(t, lock, "after %s", r.step)
					left := inFolder(t, dir)
					state := fmt.Sprint(left) // in the order of the names
					for _, name := range files {
						text, ok := left[name]
						delete(left, name)
						switch {
						case !ok && !whole, text == was, text == want[name]:
						case name == "messages.ndjson" && !whole && strings.HasPrefix(want[name], text):
						default:
							assert.Fail(t, "a file is not whole", "%s after %s: %q", name, r.step, text)
						}
					}
					if !killed {
						if what != "remove" {
							assert.Empty(t, slices.Collect(maps.Keys(left)), "after %s", r.step)
						}
						continue
					}
					if leftBefore[state] {
						continue // the next run finds what it found before
					}
					leftBefore[state] = true
					require.NoError(t, os.WriteFile(lock, nil, 0o600)) // it is still there after a kill
					next, err := output.NewFolder(dir)
					require.NoError(t, err)
					assert.Equal(t, "report: the run that wrote into "+dir+" before was killed: what it left there is replaced",
						next.Left())
					sampleRun().tell(next)
					require.NoError(t, next.Err())
					require.Equal(t, want, inFolder(t, dir), "after %s", r.step)
					require.NoFileExists(t, lock)
				}
				assert.Subset(t, slices.Collect(maps.Keys(seen)), []string{"open", "remove", "rename", "stat"})
			})
		}
	}
}
