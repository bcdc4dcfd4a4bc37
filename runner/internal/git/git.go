// Package git reads the files of a repository at a revision, and the changes since. It
// runs the git command, and changes nothing.
package git

import (
	"archive/tar"
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing/fstest"
)

// run runs git in a folder. The error has git's message.
func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	git := exec.CommandContext(ctx, "git", args...) //nolint:gosec // no shell
	git.Dir = dir
	var said strings.Builder
	git.Stderr = &said
	out, err := git.Output()
	if err != nil {
		return nil, fmt.Errorf("git: %s", cmp.Or(strings.TrimSpace(said.String()), err.Error()))
	}
	return out, nil
}

// revision refuses a name that git would read as a flag.
func revision(name string) error {
	if strings.HasPrefix(name, "-") || name == "" {
		return fmt.Errorf("%q is not a revision of git", name)
	}
	return nil
}

// Show returns a file as it is at a revision. The error wraps [fs.ErrNotExist] if the revision has
// no such file.
func Show(ctx context.Context, file, at string) ([]byte, error) {
	if err := revision(at); err != nil {
		return nil, err
	}
	dir, name := filepath.Dir(file), at+":./"+filepath.Base(file)
	out, err := run(ctx, dir, "show", name)
	if err == nil {
		return out, nil
	}
	if _, none := run(ctx, dir, "rev-parse", "--verify", "--quiet", at+"^{commit}"); none != nil {
		if _, inside := run(ctx, dir, "rev-parse", "--git-dir"); inside == nil {
			return nil, fmt.Errorf("git knows no revision %q", at)
		}
		return nil, err // the folder is not in a repository
	}
	if list, failed := run(ctx, dir, "ls-tree", at, "--", "./"+filepath.Base(file)); failed == nil && len(list) == 0 {
		return nil, fmt.Errorf("%s at %s: %w", filepath.Base(file), at, fs.ErrNotExist)
	}
	return nil, err
}

// A Since has the changes since a revision.
type Since struct {
	root string // of the repository
	base string // the commit from which the changes count

	files map[string]*Change
}

// A Change is how one file changed.
type Change struct {
	// Whole says that the file is new, or was removed.
	Whole bool

	// Hunks are the changed lines, in order.
	Hunks []Hunk
}

// A Hunk is a range of lines that were replaced.
type Hunk struct {
	// Line is the number of the first new line, from 1. If lines were only removed, it is the
	// number of the line before them.
	Line int

	New, Old []string
}

// Read reads the changes below some paths since the common ancestor of HEAD and a
// revision. They include changes that are not committed and untracked files that git
// does not ignore. Dir is a folder in the repository.
func Read(ctx context.Context, dir, from string, paths ...string) (*Since, error) {
	if err := revision(from); err != nil {
		return nil, err
	}
	up, err := run(ctx, dir, "rev-parse", "--show-cdup")
	if err != nil {
		return nil, err
	}
	s := &Since{root: filepath.Join(dir, strings.TrimSpace(string(up))), files: map[string]*Change{}}
	base, err := run(ctx, dir, "merge-base", "HEAD", from)
	if err != nil { // there is no common ancestor, or no such revision
		if base, err = run(ctx, dir, "rev-parse", "--verify", "--quiet", from+"^{commit}"); err != nil {
			return nil, fmt.Errorf("git knows no revision %q", from)
		}
	}
	s.base = strings.TrimSpace(string(base))
	diff, err := run(ctx, s.root, append([]string{
		"-c", "core.quotePath=false", "diff", "--unified=0", "--text", "--no-color", "--no-ext-diff", "--no-textconv",
		"--no-renames", "--src-prefix=a/", "--dst-prefix=b/", s.base, "--",
	}, paths...)...)
	if err != nil {
		return nil, err
	}
	if err := s.read(diff); err != nil {
		return nil, err
	}
	unknown := []string{"ls-files", "-z", "--others", "--exclude-standard", "--"}
	others, err := run(ctx, s.root, append(unknown, paths...)...)
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(others), "\x00"), "\x00") {
		if name != "" {
			s.at(name).Whole = true
		}
	}
	return s, nil
}

// at returns the change of a file, named relative to the root.
func (s *Since) at(name string) *Change {
	file := filepath.Join(s.root, filepath.FromSlash(name))
	if s.files[file] == nil {
		s.files[file] = &Change{}
	}
	return s.files[file]
}

// Files returns the changes by the paths of the files. The map may not be changed.
func (s *Since) Files() map[string]*Change { return s.files }

// read reads a diff without context.
func (s *Since) read(diff []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(diff))
	lines.Buffer(nil, len(diff)+1)
	var old string
	var c *Change
	for minus, plus := 0, 0; lines.Scan(); {
		line := lines.Text()
		switch {
		case minus > 0 && strings.HasPrefix(line, "-"):
			minus--
			h := &c.Hunks[len(c.Hunks)-1]
			h.Old = append(h.Old, line[1:])
		case plus > 0 && strings.HasPrefix(line, "+"):
			plus--
			h := &c.Hunks[len(c.Hunks)-1]
			h.New = append(h.New, line[1:])
		case strings.HasPrefix(line, "--- "):
			old = named(line[4:])
		case strings.HasPrefix(line, "+++ "):
			now := named(line[4:])
			c = s.at(cmp.Or(now, old))
			c.Whole = now == "" || old == ""
		case strings.HasPrefix(line, "@@ ") && c != nil:
			var h Hunk
			var err error
			if minus, plus, h.Line, err = hunk(line); err != nil {
				return err
			}
			c.Hunks = append(c.Hunks, h)
		}
	}
	return lines.Err()
}

// named returns the name of a file in a diff, "" for none.
func named(text string) string {
	text = strings.TrimSuffix(text, "\t") // git writes one after a name with blanks
	if plain, err := strconv.Unquote(text); err == nil {
		text = plain
	}
	if text == "/dev/null" {
		return ""
	}
	return text[min(len("a/"), len(text)):]
}

// hunk reads the header of a hunk: how many lines it removes and adds, and where.
func hunk(line string) (minus, plus, number int, err error) {
	part := strings.Fields(line)
	if len(part) < 3 { //nolint:mnd // "@@ -1,2 +3,4 @@"
		return 0, 0, 0, fmt.Errorf("git: the hunk %q cannot be read", line)
	}
	count := func(text string) (at, n int) {
		first, many, several := strings.Cut(text[1:], ",")
		at, err = strconv.Atoi(first)
		if n = 1; several && err == nil {
			n, err = strconv.Atoi(many)
		}
		return at, n
	}
	_, minus = count(part[1])
	if err == nil {
		number, plus = count(part[2])
	}
	return minus, plus, number, err
}

// Folder returns a folder of the repository as it was at the revision. It is empty if the folder
// did not exist.
func (s *Since) Folder(ctx context.Context, dir string) (fs.FS, error) {
	within, err := filepath.Rel(s.root, dir)
	if err != nil {
		return nil, err
	}
	tree := s.base + ":" + strings.TrimPrefix(filepath.ToSlash(within), ".")
	if _, err := run(ctx, s.root, "cat-file", "-e", tree); err != nil {
		return fstest.MapFS{}, nil //nolint:nilerr // it was not there
	}
	packed, err := run(ctx, s.root, "archive", "--format=tar", tree)
	if err != nil {
		return nil, err
	}
	out := fstest.MapFS{}
	for files := tar.NewReader(bytes.NewReader(packed)); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("git: the archive of %s cannot be read: %w", dir, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return nil, fmt.Errorf("git: the archive of %s cannot be read: %w", dir, err)
		}
		out[path.Clean(h.Name)] = &fstest.MapFile{Data: text}
	}
}
