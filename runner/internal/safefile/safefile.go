// Package safefile reads and writes only regular files, writes them so that a reader
// never finds half of one, and locks folders. It does not know what is in the files.
package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/gofrs/flock"
)

// readable is the mode of a file that others may read: it holds no secret.
const readable = 0o644

// Check decides what may be read and written: a regular file of at most that many bytes,
// 0 for any number. To open a pipe or a device may wait for ever. The error says
// what it is, and not its name.
func Check(info fs.FileInfo, most int64) error {
	var is string
	switch mode := info.Mode(); {
	case mode.IsDir():
		is = "it is a folder"
	case mode&fs.ModeNamedPipe != 0:
		is = "it is a pipe"
	case mode&fs.ModeDevice != 0:
		is = "it is a device"
	case mode&fs.ModeSocket != 0:
		is = "it is a socket"
	case !mode.IsRegular():
		is = "it is not a regular file"
	case most > 0 && info.Size() > most:
		return tooLarge(info.Size(), most)
	default:
		return nil
	}
	return errors.New(is + ", want a regular file")
}

func tooLarge(size, most int64) error {
	return fmt.Errorf("it has %d bytes, want at most %d", size, most)
}

// Open opens a file for reading that has at most that many bytes, 0 for any number. The error is
// a [*fs.PathError] if the file is none that [Check] lets pass.
func Open(name string, most int64) (*os.File, error) {
	if info, err := os.Stat(name); err == nil {
		if err := refused(name, Check(info, most)); err != nil {
			return nil, err
		}
	}
	return os.Open(name) //nolint:gosec // the user names it
}

// Read is [os.ReadFile] for a file that [Check] lets pass.
func Read(name string, most int64) ([]byte, error) {
	f, err := Open(name, most)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, most)
}

// ReadFS is [fs.ReadFile] for a file that [Check] lets pass.
func ReadFS(fsys fs.FS, name string, most int64) ([]byte, error) {
	if info, err := fs.Stat(fsys, name); err == nil {
		if err := refused(name, Check(info, most)); err != nil {
			return nil, err
		}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(f, name, most)
}

// readAll reads a file that may have grown since it was looked at.
func readAll(f fs.File, name string, most int64) ([]byte, error) {
	defer func() { _ = f.Close() }() // it was only read
	if most == 0 {
		return io.ReadAll(f)
	}
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		err = refused(name, tooLarge(int64(len(text)), most))
	}
	return text, err
}

func refused(name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: "open", Path: name, Err: err}
}

// ErrLocked reports that another process holds a lock.
var ErrLocked = errors.New("locked by another process")

// A Lock is held by one process at a time.
type Lock struct {
	file *flock.Flock
	left bool
}

// Left reports whether the lock was taken of a process that was killed while it held it.
func (l *Lock) Left() bool { return l.left }

// Acquire takes the lock whose file is name. It does not wait: the error matches
// [ErrLocked] where another process holds it.
func Acquire(name string) (*Lock, error) {
	before, err := os.Stat(name)
	if err == nil {
		if err := Check(before, 0); err != nil {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
	}
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
			return &Lock{file: l}, nil //nolint:nilerr // whose file it is, is not known: the lock itself holds
		}
		if named, err := os.Stat(name); err == nil && os.SameFile(held, named) {
			return &Lock{file: l, left: before != nil && os.SameFile(held, before)}, nil
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
