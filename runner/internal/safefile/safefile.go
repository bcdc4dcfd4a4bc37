// Package safefile writes files so that a reader never finds half of one, and
// locks folders. It does not know what is in the files.
//
// Package recordings saves whole folders in the same way, with a lock of its
// own: it is below package runner and cannot import this one.
package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// readable is the mode of a file that others may read: it holds no secret.
const readable = 0o644

// Replace writes what fill writes to a new file beside name and renames it to
// name. Whatever goes wrong, the file that was there stays whole. A pipe or a
// device is written to directly. The folder has to exist.
func Replace(name string, fill func(io.Writer) error) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder, want a file", name)
	case err == nil && !info.Mode().IsRegular():
		to, err := os.OpenFile(name, os.O_WRONLY, 0) //nolint:gosec // the user names it
		if err != nil {
			return err
		}
		return errors.Join(fill(to), to.Close())
	}
	dir := filepath.Dir(name)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: folder %s does not exist", name, dir)
	}
	to, err := os.CreateTemp(dir, ".flowtest-*")
	if err != nil {
		return err
	}
	err = errors.Join(fill(to), to.Chmod(readable), to.Close())
	if err == nil {
		err = os.Rename(to.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(to.Name()))
	}
	return nil
}

// Create writes a file that does not exist yet, and the folders above it. The
// error matches [fs.ErrExist] where the file exists.
func Create(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a folder that people work in
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, readable) //nolint:gosec // a file that people edit
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// Writable reports why a file could not be written later. It leaves a file that
// exists as it is, and creates none.
func Writable(name string) error {
	_, before := os.Stat(name)
	h, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, readable) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	if err := h.Close(); err != nil || before == nil {
		return err
	}
	return os.Remove(name)
}

// ErrLocked reports that another process holds a lock.
var ErrLocked = errors.New("locked by another process")

// A Lock is held by one process at a time.
type Lock struct{ file *flock.Flock }

// Acquire takes the lock whose file is name. It does not wait: the error matches
// [ErrLocked] where another process holds it.
func Acquire(name string) (*Lock, error) {
	for {
		l := flock.New(name)
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		if !ok {
			return nil, ErrLocked
		}
		held, err := l.Stat()
		if err != nil {
			return &Lock{l}, nil //nolint:nilerr // the system does not say whose file it is: the lock itself holds
		}
		if named, err := os.Stat(name); err == nil && os.SameFile(held, named) {
			return &Lock{l}, nil
		}
		// The holder removed the file after it was opened here and before it was
		// locked: this lock is on a file that has no name.
		if err := l.Close(); err != nil {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
	}
}

// Release gives the lock back and removes its file. A nil Lock is none.
func (l *Lock) Release() {
	if l == nil {
		return
	}
	removed := os.Remove(l.file.Path())
	_ = l.file.Close()
	if removed != nil { // Windows keeps a file that is open: it goes now
		_ = os.Remove(l.file.Path())
	}
}
