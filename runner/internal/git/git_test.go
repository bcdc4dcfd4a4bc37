package git_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/git"
)

// A repository is a folder with one commit, in which files are changed.
type repository struct {
	*testing.T

	dir string
}

func newRepository(t *testing.T, files map[string]string) *repository {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repository{t, t.TempDir()}
	r.git("init", "-q", "-b", "main")
	r.write(files)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "first")
	return r
}

func (r *repository) git(args ...string) {
	r.Helper()
	config := []string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}
	cmd := exec.CommandContext(r.Context(), "git", append(config, args...)...)
	cmd.Dir = r.dir
	out, err := cmd.CombinedOutput()
	require.NoError(r, err, "%s", out)
}

func (r *repository) write(files map[string]string) {
	r.Helper()
	for name, text := range files {
		name = filepath.Join(r.dir, name)
		require.NoError(r, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(r, os.WriteFile(name, []byte(text), 0o600))
	}
}

func (r *repository) read(from string, paths ...string) *git.Since {
	r.Helper()
	s, err := git.Read(r.Context(), filepath.Join(r.dir, "sub"), from, paths...)
	require.NoError(r, err)
	return s
}

func TestWhatChangedSinceARevision(t *testing.T) {
	t.Parallel()
	r := newRepository(t, map[string]string{
		"sub/a b\t.feature": "1\n2\n3\n4\n", "sub/gone": "--- a\n", "sub/same": "1\n", "other": "1\n", ".gitignore": "ignored\n",
		"sub/only-added": "1\n2\n",
	})
	r.git("checkout", "-q", "-b", "branch")
	r.git("rm", "-q", "sub/gone")
	r.write(map[string]string{"sub/a b\t.feature": "1\ntwo\n3\n", "other": "2\n"})
	r.git("commit", "-q", "-a", "-m", "second")
	r.write(map[string]string{"sub/new": "1\n", "sub/ignored": "1\n", "sub/only-added": "1\nx\ny\n2\n"})
	// What main has since then is no change of the branch.
	r.git("stash", "-q", "-u")
	r.git("checkout", "-q", "main")
	r.write(map[string]string{"sub/same": "2\n"})
	r.git("commit", "-q", "-a", "-m", "third")
	r.git("checkout", "-q", "branch")
	r.git("stash", "pop", "-q")

	s := r.read("main", filepath.Join(r.dir, "sub"))
	at := func(name string) string { return filepath.Join(r.dir, "sub", name) }
	assert.Equal(t, map[string]*git.Change{
		at("a b\t.feature"): {Hunks: []git.Hunk{{2, []string{"two"}, []string{"2"}}, {3, nil, []string{"4"}}}},
		at("gone"):          {Whole: true, Hunks: []git.Hunk{{0, nil, []string{"--- a"}}}},
		at("new"):           {Whole: true},
		at("only-added"):    {Hunks: []git.Hunk{{2, []string{"x", "y"}, nil}}},
	}, s.Files())

	old, err := s.Folder(t.Context(), filepath.Join(r.dir, "sub"))
	require.NoError(t, err)
	text, err := fs.ReadFile(old, "gone")
	require.NoError(t, err)
	assert.Equal(t, "--- a\n", string(text))
	old, err = s.Folder(t.Context(), filepath.Join(r.dir, "nowhere"))
	require.NoError(t, err)
	entries, err := fs.ReadDir(old, ".")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestWhatGitDoesNotKnow(t *testing.T) {
	t.Parallel()
	r := newRepository(t, map[string]string{"sub/a": "1\n"})
	_, err := git.Read(t.Context(), r.dir, "nowhere")
	require.EqualError(t, err, `git knows no revision "nowhere"`)
	_, err = git.Read(t.Context(), r.dir, "--output=x")
	require.EqualError(t, err, `"--output=x" is not a revision of git`)
	_, err = git.Show(t.Context(), filepath.Join(r.dir, "sub/a"), "-x")
	require.EqualError(t, err, `"-x" is not a revision of git`)
	text, err := git.Show(t.Context(), filepath.Join(r.dir, "sub/a"), "HEAD")
	require.NoError(t, err)
	assert.Equal(t, "1\n", string(text))
	_, err = git.Show(t.Context(), filepath.Join(r.dir, "sub/new"), "HEAD")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = git.Show(t.Context(), filepath.Join(r.dir, "sub/a"), "nowhere")
	require.EqualError(t, err, `git knows no revision "nowhere"`)
	_, err = git.Show(t.Context(), filepath.Join(t.TempDir(), "a"), "HEAD")
	require.ErrorContains(t, err, "not a git repository")
	_, err = git.Read(t.Context(), t.TempDir(), "HEAD")
	require.ErrorContains(t, err, "not a git repository")
}
