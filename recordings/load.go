package recordings

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// LoadAll loads every recording below root, in the order of their paths. Its
// error joins the mistakes of all of them, a line each.
func LoadAll(fsys fs.FS, root string) ([]*Flow, error) {
	var flows []*Flow
	var mistakes []error
	named := map[string]string{}
	err := fs.WalkDir(fsys, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: cannot be read: %w", p, bare(err))
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && strings.Contains(d.Name(), Leftover) {
			mistakes = append(mistakes, orphan(fsys, p))
			return fs.SkipDir
		}
		if d.Name() != FileName {
			return nil
		}
		f, err := Load(fsys, path.Dir(p))
		if err != nil {
			mistakes = append(mistakes, err)
			return nil
		}
		if other, ok := named[f.Name]; ok {
			mistakes = append(mistakes, fmt.Errorf("%s: flow %q is also the name of %s: rename one", p, f.Name, other))
			return nil
		}
		named[f.Name] = p
		flows = append(flows, f)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return flows, nil
}

// Load loads the recording in the folder dir. It is strict: an unknown key, a
// missing or unused body, a hop that cannot be reached or a later format is an
// error. The error joins a line "FILE:LINE: …" for every mistake; those of the YAML,
// which are reported first, have the column too.
func Load(fsys fs.FS, dir string) (*Flow, error) {
	name := path.Join(dir, FileName)
	text, err := read(fsys, name, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("recordings: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", name, bare(err))
	}
	file, err := decode(name, text)
	if err != nil {
		return nil, err
	}
	l := &loading{
		fsys: fsys, dir: dir, file: file, byName: map[string]*Hop{}, bodies: map[string]*Body{},
		unread: map[*Hop]bool{}, used: map[string]bool{}, made: map[string]bool{},
	}
	flow := l.flow()
	if err := errors.Join(l.mistakes...); err != nil {
		return nil, err
	}
	return flow, nil
}

// bare takes the path off an error of the system, where the message has a name of its own.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// maxFile is how many bytes a recording.yaml may have.
const maxFile = 4 << 20

// read reads a regular file of at most that many bytes: to open a pipe or a device may
// wait for ever.
func read(fsys fs.FS, name string, most int) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > int64(most):
		return nil, fmt.Errorf("it has %d bytes, want at most %d", info.Size(), most)
	}
	return fs.ReadFile(fsys, name)
}

// orphan returns a mistake where a run that was killed while it saved has left
// a recording moved aside and none in its place; else nil.
func orphan(fsys fs.FS, aside string) error {
	name, old := strings.CutSuffix(strings.TrimPrefix(path.Base(aside), "."), Leftover+"old")
	place := path.Join(path.Dir(aside), name)
	if _, err := fs.Stat(fsys, place); !old || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: a run was interrupted while it saved %s: record again, or rename this folder to %s",
		aside, place, name)
}
