// Package watch waits for files to change. It does not know their meaning.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// rest is how long files must stay unchanged before they are reported. An editor often
// saves in several steps.
const rest = 100 * time.Millisecond

// A Watcher reports files that changed. It is used by one goroutine.
type Watcher struct {
	matters func(file string, folder bool) bool
	skip    func(folder string) bool
	events  *fsnotify.Watcher

	files, folders []string

	// known has the files and folders that existed at a time when nothing changed.
	// Files that appear and disappear between are copies that an editor makes. The
	// value is true for a folder.
	known map[string]bool
}

// New returns a Watcher that watches nothing yet.
//
//	matters  reports whether a change of a file counts, by its name only, for the
//	         file may be gone; folder says that it was a folder when last seen
//	skip     reports whether a folder below a watched one is left out; folders
//	         named node_modules or with a dot in front always are
func New(matters func(file string, folder bool) bool, skip func(folder string) bool) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &Watcher{matters: matters, skip: skip, events: events, known: map[string]bool{}}, nil
}

// Close stops watching.
func (w *Watcher) Close() { _ = w.events.Close() } // no event is read after it

// Watch watches files, whether they exist or not, and folders with everything below
// them. All names are absolute. It may be called again. Files and folders watched
// before stay watched, but only those that matters accepts are reported. The error
// joins one for each name that could not be watched.
func (w *Watcher) Watch(files, folders []string) error {
	w.files, w.folders = files, folders
	var all []error
	for _, file := range files { // an editor replaces a file, so its folder is watched
		all = append(all, w.events.Add(filepath.Dir(file)))
	}
	for _, dir := range folders {
		found, err := w.add(dir)
		all = append(all, err)
		for _, file := range found {
			w.known[file] = false
		}
	}
	return errors.Join(all...)
}

// add watches a folder with everything below it, and returns the files there.
func (w *Watcher) add(root string) (files []string, err error) {
	var all []error
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			all = append(all, err)
			return nil
		case err != nil:
			return nil //nolint:nilerr // it no longer exists
		case !d.IsDir():
			files = append(files, path)
			return nil
		case path != root && hidden(path) || w.skip(path):
			return fs.SkipDir
		}
		w.known[path] = true
		all = append(all, w.events.Add(path))
		return nil
	})
	return files, errors.Join(all...)
}

func hidden(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, ".") || name == "node_modules"
}

// Next waits until files that matter have changed and then stayed unchanged for a
// moment, and returns their names. It returns nil once ctx has ended. It may be called
// again after an error.
func (w *Watcher) Next(ctx context.Context) ([]string, error) {
	var changed []string
	timer := time.NewTimer(rest)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, nil
		case err := <-w.events.Errors:
			return nil, err
		case event := <-w.events.Events:
			for _, file := range w.meant(event) {
				if !w.matters(file, w.known[file]) {
					continue
				}
				if !slices.Contains(changed, file) {
					changed = append(changed, file)
				}
				timer.Reset(rest)
			}
		case <-timer.C:
			if changed = slices.DeleteFunc(changed, w.fleeting); len(changed) > 0 {
				return changed, nil
			}
		}
	}
}

// fleeting reports whether a file does not exist now and did not before.
func (w *Watcher) fleeting(file string) bool {
	_, before := w.known[file]
	_, err := os.Stat(file)
	return err != nil && !before && !slices.Contains(w.files, file)
}

// meant returns the files that an event is about; for a new folder, the files in it. A
// change of only the mode or the times is ignored.
func (w *Watcher) meant(event fsnotify.Event) []string {
	if event.Op == fsnotify.Chmod {
		return nil
	}
	info, err := os.Stat(event.Name)
	if err != nil || !info.IsDir() {
		return []string{event.Name}
	}
	watched := func(dir string) bool { return Within(dir, event.Name) }
	if !event.Has(fsnotify.Create) || hidden(event.Name) || !slices.ContainsFunc(w.folders, watched) {
		return nil
	}
	files, _ := w.add(event.Name) // if it no longer exists, another event follows
	return files
}

// Within reports whether file is the folder dir or lies below it.
func Within(dir, file string) bool {
	const sep = string(filepath.Separator)
	return file == dir || strings.HasPrefix(file, strings.TrimSuffix(dir, sep)+sep)
}
