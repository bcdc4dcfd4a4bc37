// Package store saves recordings: it locks the folder of one, writes the new recording beside it,
// and renames that to the folder. It does not know how recordings are made, nor what is in them.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"flowtest/recordings"
	"flowtest/runner/internal/safefile"
)

// A Writer writes the recording of one folder, which it locks as long as it is
// open. It is used by one goroutine at a time.
type Writer struct {
	dir  string
	lock *safefile.Lock
	disk disk
	left bool
}

// Create opens the folder dir for writing; it need not exist. If a process was killed while it
// saved there, Create puts back the recording from before. It returns an error if another process
// is recording the same flow.
func Create(dir string) (*Writer, error) { return create(dir, osDisk{}) }

func create(dir string, d disk) (*Writer, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if named, err := filepath.EvalSymlinks(dir); err == nil {
		dir = named // what a link names is written, and the link stays
	}
	if err := d.MkdirAll(filepath.Dir(dir)); err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	name := beside(dir, locked)
	l, err := safefile.Acquire(name)
	if errors.Is(err, safefile.ErrLocked) {
		return nil, fmt.Errorf("recordings: another flowtest is recording %s and holds %s: wait until it has ended",
			dir, name)
	} else if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	w := &Writer{dir: dir, lock: l, disk: d}
	w.left = exists(w.fresh()) || exists(w.aside())
	if err := w.recover(); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// Left reports whether a process was killed while it saved this recording, and left a
// folder beside it that [Create] put in order.
func (w *Writer) Left() bool { return w.left }

// Close releases the lock. A recording that was saved stays.
func (w *Writer) Close() { w.lock.Release() }

// Save writes f and closes the folder again, as in one go of a [Writer].
func Save(dir string, f *recordings.Flow) error {
	w, err := Create(dir)
	if err != nil {
		return err
	}
	defer w.Close()
	return w.Save(f, nil)
}

// fresh is the folder of the new recording, and aside that of the previous one until the new one
// has replaced it.
func (w *Writer) fresh() string { return beside(w.dir, fresh) }
func (w *Writer) aside() string { return beside(w.dir, aside) }

// recover puts back the recording that a killed process moved aside.
func (w *Writer) recover() error {
	if err := w.disk.RemoveAll(w.fresh()); err != nil {
		return fmt.Errorf("recordings: remove what an interrupted run left: %w", err)
	}
	if !exists(w.aside()) {
		return nil
	}
	if exists(w.dir) {
		return w.removeAside()
	}
	if err := w.disk.Rename(w.aside(), w.dir); err != nil {
		return fmt.Errorf("recordings: put back the recording that an interrupted run moved to %s: %w", w.aside(), err)
	}
	return nil
}

func (w *Writer) removeAside() error {
	if err := w.disk.RemoveAll(w.aside()); err != nil {
		return fmt.Errorf("recordings: the recording is saved; the one before it is still in %s: %w", w.aside(), err)
	}
	return nil
}

// Save writes the whole recording beside the folder, reads it again, and replaces the folder by
// it. After any failure the previous recording is still there. Files of the folder that are not
// part of a recording are kept.
//
// Check reads what was written before it replaces the previous recording, which its error leaves
// as it was. Nil means that there is nothing to check.
//
// The error says what could not be written, what [recordings.Load] says about what was
// written, or is that of check.
func (w *Writer) Save(f *recordings.Flow, check func(fsys fs.FS) error) error {
	files, err := f.Files()
	if err != nil {
		return err
	}
	if err := w.write(files, check); err != nil {
		return errors.Join(err, w.disk.RemoveAll(w.fresh()))
	}
	return w.swap()
}

// write writes and checks the fresh folder.
func (w *Writer) write(files map[string][]byte, check func(fsys fs.FS) error) error {
	for _, step := range []func() error{
		func() error { return w.disk.RemoveAll(w.fresh()) },
		func() error { return w.disk.MkdirAll(w.fresh()) },
		func() error { return w.writeFiles(files) },
		w.keep,
		func() error { return w.disk.SyncDir(w.fresh()) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("recordings: save: %w", err)
		}
	}
	written := os.DirFS(w.fresh())
	if _, err := recordings.Load(written, "."); err != nil {
		return fmt.Errorf("recordings: save: what was written is not a recording: %w", err)
	}
	if check != nil {
		return check(written)
	}
	return nil
}

// writers is how many files are written at the same time: each waits until the
// disk has it, and a disk takes many at once.
const writers = 32

func (w *Writer) writeFiles(files map[string][]byte) error {
	var all errgroup.Group
	all.SetLimit(writers)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all.Go(func() error { return w.disk.WriteFile(filepath.Join(w.fresh(), name), files[name]) })
	}
	return all.Wait()
}

// keep copies what a person put into the folder beside the recording.
func (w *Writer) keep() error {
	if !exists(w.dir) {
		return nil
	}
	old := os.DirFS(w.dir)
	return fs.WalkDir(old, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		to := filepath.Join(w.fresh(), filepath.FromSlash(name))
		top := path.Dir(name) == "."
		switch {
		case d.IsDir():
			return w.disk.MkdirAll(to)
		case top && (name == recordings.FileName || slices.Contains([]string{".json", ".html"}, path.Ext(name))):
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is not a plain file: move it out of the recording's folder",
				filepath.Join(w.dir, name))
		}
		text, err := fs.ReadFile(old, name)
		if err != nil {
			return err
		}
		return w.disk.WriteFile(to, text)
	})
}

// swap replaces the old folder by the fresh one.
func (w *Writer) swap() error {
	old := exists(w.dir)
	if old {
		if err := w.disk.Rename(w.dir, w.aside()); err != nil {
			return errors.Join(fmt.Errorf("recordings: save: %w", err), w.disk.RemoveAll(w.fresh()))
		}
	}
	if err := w.disk.Rename(w.fresh(), w.dir); err != nil {
		err = fmt.Errorf("recordings: save: %w", err)
		if old {
			err = errors.Join(err, w.disk.Rename(w.aside(), w.dir))
		}
		return errors.Join(err, w.disk.RemoveAll(w.fresh()))
	}
	if err := w.disk.SyncDir(filepath.Dir(w.dir)); err != nil {
		return fmt.Errorf("recordings: saved, and the disk does not say that it is there for good: %w", err)
	}
	if old {
		return w.removeAside()
	}
	return nil
}

// PutBack puts recordings below dir back that a process moved aside and was killed before
// it had saved, and calls say with a line for each. Back reports whether there was one, and
// busy whether another process is saving one. What cannot be put back is an error once the
// recordings are read.
func PutBack(dir string, say func(line string)) (back, busy bool) {
	_ = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error { // as far as it can be read
		name, old := strings.CutSuffix(filepath.Base(at), recordings.Leftover+aside)
		if err != nil || !d.IsDir() || !old || !strings.HasPrefix(name, ".") {
			return nil //nolint:nilerr // it is said once the recordings are read
		}
		place := filepath.Join(filepath.Dir(at), name[1:])
		if exists(place) {
			return fs.SkipDir
		}
		w, err := Create(place)
		if err != nil {
			busy = busy || exists(beside(place, locked))
			return fs.SkipDir
		}
		back = true
		say(place + ": put back: a process was killed while it saved another recording in its place")
		w.Close()
		return fs.SkipDir
	})
	return back, busy
}
