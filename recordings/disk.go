package recordings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// A disk is what saving does to the file system, so that a test can fail each
// step of it. Files are written by several goroutines at once.
type disk interface {
	MkdirAll(dir string) error
	WriteFile(name string, text []byte) error // and has it on the disk when it returns
	SyncDir(dir string) error
	Rename(from, to string) error
	RemoveAll(dir string) error
}

type osDisk struct{}

// The modes of a recording, which is for a team to read.
const (
	dirMode  = 0o755
	fileMode = 0o644
)

func (osDisk) MkdirAll(dir string) error    { return os.MkdirAll(dir, dirMode) }
func (osDisk) Rename(from, to string) error { return os.Rename(from, to) }
func (osDisk) RemoveAll(dir string) error   { return os.RemoveAll(dir) }

func (osDisk) WriteFile(name string, text []byte) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode) //nolint:gosec // the caller's folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

func (osDisk) SyncDir(dir string) (err error) {
	if runtime.GOOS == "windows" {
		return nil // it has no such thing
	}
	d, err := os.Open(dir) //nolint:gosec // the caller's folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}

// exists reports whether something lies at name, whatever it is.
func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// lock takes the lock of a recording's folder, which lies beside it. The error
// says so where another process has it.
func lock(dir string) (*flock.Flock, error) {
	name := beside(dir, "lock")
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { // to open a pipe may wait for ever
		return nil, fmt.Errorf("recordings: lock %s is no regular file: remove it", name)
	}
	for {
		l := flock.New(name)
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("recordings: lock %s: %w", name, err)
		}
		if !ok {
			return nil, fmt.Errorf("recordings: another flowtest is recording %s and holds %s: wait until it has ended",
				dir, name)
		}
		if same(l) {
			return l, nil
		}
		// The process that held it removed the file after we opened it and before
		// we locked it: our lock protects nothing.
		if err := l.Close(); err != nil {
			return nil, fmt.Errorf("recordings: lock %s: %w", name, err)
		}
	}
}

// same reports whether the locked file is still the one that its name names.
func same(l *flock.Flock) bool {
	held, err := l.Stat()
	if err != nil {
		return true // the system does not say: the lock itself holds
	}
	named, err := os.Stat(l.Path())
	return err == nil && os.SameFile(held, named)
}

// unlock removes the lock's file while it is held, and releases the lock.
func unlock(l *flock.Flock) error {
	removed := os.Remove(l.Path())
	err := l.Close()
	if removed != nil && !errors.Is(removed, fs.ErrNotExist) {
		// Windows keeps a file that is open: it goes now.
		_ = os.Remove(l.Path())
	}
	return err
}

// beside names a file or folder of ours that lies beside a recording's folder.
func beside(dir, kind string) string {
	parent, name := filepath.Split(filepath.Clean(dir))
	return filepath.Join(parent, "."+name+leftover+kind)
}
