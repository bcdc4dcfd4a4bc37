package safefile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
)

// A disk has the operations of writing a file, so that a test can make each of them fail.
type disk interface {
	// New makes a file that its process holds a lock on for as long as it is open.
	New(name string, mode fs.FileMode) (file, error)
	Rename(from, to string) error
	Link(from, to string) error
	Remove(name string) error
}

type file interface {
	io.Writer
	Chmod(mode fs.FileMode) error
	Sync() error
	Close() error
}

type osDisk struct{}

func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }
func (osDisk) Link(from, to string) error   { return os.Link(from, to) }
func (osDisk) Remove(name string) error     { return os.Remove(name) }

// held is a new file and its lock. The lock is a handle of its own: what writes is
// bound to the file by it, and not by the name.
type held struct {
	*os.File

	lock *flock.Flock
}

// Close implements [file].
func (h *held) Close() error { return errors.Join(h.File.Close(), h.lock.Close()) }

// New implements [disk]. The error matches [ErrLocked] where another process took the
// file for one that was left.
func (osDisk) New(name string, mode fs.FileMode) (file, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, mode) //nolint:gosec // beside what the user names
	if err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" { // its locks keep out the handle that writes, and it removes no open file
		return f, nil
	}
	l := flock.New(name, flock.SetFlag(os.O_RDWR))
	ok, err := l.TryLock()
	taken := err == nil && !ok || errors.Is(err, fs.ErrNotExist)
	if is, err := f.Stat(); err == nil {
		named, err := os.Stat(name)
		taken = taken || err != nil || !os.SameFile(is, named)
	}
	if taken {
		return nil, errors.Join(ErrLocked, f.Close(), l.Close())
	}
	return &held{f, l}, nil // without a lock where the file system has none
}

// Replace writes what fill writes to a new file beside name and renames it to name. After any
// failure the previous file is still there and whole, with its mode. The folder has to
// exist, and what has the name already has to be a regular file; if it is a link, what it leads
// to is written.
//
// It removes what killed processes left beside name, and calls say, which may be nil, with a line
// for each file.
func Replace(name string, say func(line string), fill func(io.Writer) error) error {
	return write(osDisk{}, name, true, say, fill)
}

// Create writes a file that does not exist yet, and the folders above it. The error matches
// [fs.ErrExist] if the file exists. It is never there in part. Say is that of [Replace].
func Create(name string, text []byte, say func(line string)) error {
	return create(osDisk{}, name, text, say)
}

func create(d disk, name string, text []byte, say func(string)) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a folder that people work in
		return err
	}
	return write(d, name, false, say, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// write writes a file beside name and gives it that name, which has to be free if it is not to
// replace.
func write(d disk, name string, replace bool, say func(string), fill func(io.Writer) error) error {
	mode := fs.FileMode(readable)
	info, err := os.Stat(name)
	switch {
	case err == nil && !replace:
		sweep(d, name, say) // a process may have been killed when the file had its name
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case err == nil:
		if err := Check(info, 0); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		mode = info.Mode().Perm()
	}
	if named, err := filepath.EvalSymlinks(name); err == nil {
		name = named // the link stays
	}
	if dir := filepath.Dir(name); !isThere(dir) {
		return fmt.Errorf("%s: folder %s does not exist", name, dir)
	}
	sweep(d, name, say)
	beside, to, err := fresh(d, name, mode)
	if err != nil {
		return err
	}
	err = errors.Join(fill(to), to.Chmod(mode))
	if err == nil && replace { // else there is nothing to lose
		err = to.Sync()
	}
	if runtime.GOOS == "windows" { // which renames no file that is open
		err = errors.Join(err, to.Close())
	} else {
		defer func() { _ = to.Close() }() // all of it is on the disk
	}
	if err == nil && replace {
		err = d.Rename(beside, name)
	} else if err == nil {
		err = place(d, beside, name)
	}
	if err != nil {
		return errors.Join(known(err, beside, name), d.Remove(beside))
	}
	return nil
}

// fresh makes a file beside name.
func fresh(d disk, name string, mode fs.FileMode) (beside string, to file, err error) {
	for {
		beside = besideOf(name) + rand.Text()
		if to, err = d.New(beside, mode|ownerWrites); !errors.Is(err, ErrLocked) {
			return beside, to, known(err, beside, name)
		}
	}
}

// known replaces in an error the name of the file beside by that of the user's file.
func known(err error, beside, name string) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok && e.Path == beside {
		e.Path = name
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok && e.Old == beside {
		return &fs.PathError{Op: e.Op, Path: e.New, Err: e.Err}
	}
	return err
}

// place gives a file a name that is free.
func place(d disk, beside, name string) error {
	err := d.Link(beside, name)
	switch {
	case err == nil:
		return d.Remove(beside)
	case errors.Is(err, fs.ErrExist), isThere(name):
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	default: // the file system has no such links
		return d.Rename(beside, name)
	}
}

// ownerWrites lets the owner write a file that is being made, whatever its mode is to be.
const ownerWrites = 0o200

// besideOf is how the names of files begin that are to become name.
func besideOf(name string) string {
	const most = 100 // bytes: names have a bound
	dir, base := filepath.Split(name)
	return filepath.Join(dir, "."+base[:min(len(base), most)]+".flowtest-new-")
}

// sweep removes what processes left beside name that were killed. What one still
// writes is locked.
func sweep(d disk, name string, say func(string)) {
	of := besideOf(name)
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return // to write there says why
	}
	for _, e := range entries {
		left := filepath.Join(filepath.Dir(name), e.Name())
		if !strings.HasPrefix(left, of) || !e.Type().IsRegular() {
			continue
		}
		l, free := flock.New(left, flock.SetFlag(os.O_RDWR)), true
		if runtime.GOOS != "windows" { // which removes no file that is open
			free, err = l.TryLock()
		}
		removed := free && err == nil && d.Remove(left) == nil
		_ = l.Close()
		if removed && say != nil {
			say(left + ": removed: a process was killed while it wrote " + filepath.Base(name))
		}
	}
}

// isThere reports whether something has the name.
func isThere(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// Writable reports why a file could not be written later by [Replace]. It leaves a file
// that exists as it is, and creates none.
func Writable(name string) error { return writable(osDisk{}, name) }

func writable(d disk, name string) error {
	if info, err := os.Stat(name); err == nil {
		if err := refused(name, Check(info, 0)); err != nil {
			return err
		}
		h, err := os.OpenFile(name, os.O_WRONLY, 0) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		return h.Close()
	}
	beside, h, err := fresh(d, name, readable)
	if err != nil {
		return err
	}
	return errors.Join(h.Close(), d.Remove(beside))
}
