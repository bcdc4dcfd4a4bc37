package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/recordings"
)

// linked puts the files of a folder into another as hard links, without those that skip
// names: dozens of tests begin with the same files, and to write one costs thirty times as
// much as to link it. A test that changes one removes it first, as editIn does.
func linked(t *testing.T, to, from string, skip ...string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		for _, s := range skip {
			if filepath.ToSlash(name) == s {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		return os.Link(path, filepath.Join(to, name))
	}))
}

// onDisk is a folder with what is shipped, for the tests to link to, once one asked for it.
var onDisk string

var writeShipped = sync.OnceValue(func() (err error) {
	onDisk, err = os.MkdirTemp("", "flowtest-shipped-")
	return errors.Join(err, os.CopyFS(filepath.Join(onDisk, "recordings"), recordings.Shipped()),
		os.CopyFS(filepath.Join(onDisk, "features"), features.Shipped()))
})

// shippedFolder returns the folder of the shipped "recordings" or "features".
func shippedFolder(t *testing.T, what string) string {
	t.Helper()
	require.NoError(t, writeShipped())
	return filepath.Join(onDisk, what)
}

// removeShipped removes the folder. A test that changed a file there, through a link, changed
// it for the others too: that is an error.
func removeShipped() error {
	if onDisk == "" {
		return nil
	}
	var err error
	for what, want := range map[string]fs.FS{"recordings": recordings.Shipped(), "features": features.Shipped()} {
		err = errors.Join(err, fs.WalkDir(want, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(want, name)
			if err != nil {
				return err
			}
			got, err := os.ReadFile(filepath.Join(onDisk, what, name))
			if err == nil && string(got) != string(text) {
				err = fmt.Errorf("a test wrote into %s/%s, which other tests link to: remove the link first", what, name)
			}
			return err
		}))
	}
	return errors.Join(err, os.RemoveAll(onDisk))
}
