package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"flowtest/recordings"
)

// A disk has the operations of saving on the file system, so that a test can make each of them
// fail. Several goroutines write files at once.
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

// exists reports whether there is a file or folder of that name.
func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// What is beside a recording's folder while it is saved.
const (
	fresh  = "new"
	aside  = "old"
	locked = "lock"
)

// beside returns the name of a file or folder of ours beside a recording's folder.
func beside(dir, kind string) string {
	parent, name := filepath.Split(filepath.Clean(dir))
	return filepath.Join(parent, "."+name+recordings.Leftover+kind)
}
