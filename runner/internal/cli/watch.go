package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"flowtest/recordings"
)

// A watch runs again what a change touches: the scenarios of a changed feature
// file, those that drive the flow of a changed recording, and everything after a
// change of the configuration.
type watch struct {
	p     *Process
	flags *runFlags
	args  []string
	space *workspace

	// owed are the changed files that no run has seen yet: a mistake in one of
	// them keeps a run from beginning. all says that everything is owed.
	owed []string
	all  bool
}

// watchRun runs, and runs again after changes, until ctx ends. That is no
// failure, whatever the runs were.
func (p *Process) watchRun(ctx context.Context, f *runFlags, args []string) error {
	space, err := p.open(f.config)
	if err != nil {
		return err
	}
	if !space.own {
		return usage(errors.New("--watch needs a flowtest.yaml: what flowtest ships does not change"),
			"flowtest init writes a folder to start from")
	}
	w := &watch{p: p, flags: f, args: args, space: space, all: true}
	eye, err := newEye(w)
	if err != nil {
		return usage(fmt.Errorf("--watch: %w", err), "")
	}
	defer eye.close()
	t := p.told()
	for {
		p.stop.finishing(finishReports)
		if w.run(ctx, t) {
			w.owed, w.all = nil, false
		}
		if ctx.Err() != nil {
			return nil
		}
		eye.open() // the configuration may name other folders now
		p.stop.finishing("")
		p.say("watching; Ctrl-C ends it")
		changed, err := eye.next(ctx)
		if err != nil {
			return usage(fmt.Errorf("--watch: %w", err), "")
		}
		if ctx.Err() != nil {
			return nil
		}
		w.owe(changed)
	}
}

// owe takes in changed files.
func (w *watch) owe(changed []string) {
	var names []string
	for _, file := range changed {
		names = append(names, w.shown(file))
		if !slices.Contains(w.owed, file) {
			w.owed = append(w.owed, file)
		}
		w.all = w.all || w.kind(file) == ofEverything
	}
	slices.Sort(names)
	w.p.say("changed: " + strings.Join(names, ", "))
}

// shown is a file as the user would name it.
func (w *watch) shown(file string) string {
	base, err := filepath.Abs(w.p.path("."))
	if err != nil {
		return file
	}
	if rel, err := filepath.Rel(base, file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// run runs what is owed, and reports whether that began. Mistakes are said, and
// the watch goes on.
func (w *watch) run(ctx context.Context, t *teller) (began bool) {
	s, conform, err := w.p.suite(w.flags, w.args)
	if err == nil {
		if space, err := w.p.open(w.flags.config); err == nil {
			w.space = space
		}
		if !w.all {
			s.Touched = w.touched()
		}
		stop := t.tell(s)
		err = w.p.once(ctx, s, conform)
		stop()
	}
	if err == nil || ctx.Err() != nil {
		return true
	}
	said, _, code := ending(err) // the hints are for a command line that can still be changed
	for _, line := range said {
		w.p.say(line)
	}
	return len(said) == 0 || code == ExitNothing
}

// touched returns what tells the scenarios that the owed files touch, nil where
// that is all of them.
func (w *watch) touched() func(file string, flows []string) bool {
	files, recorded := map[string]bool{}, map[string]bool{}
	for _, file := range w.owed {
		switch w.kind(file) {
		case ofFeature:
			files[file] = true
		case ofRecording:
			flow := w.space.flowOf(file)
			if flow == "" {
				return nil // it is gone, or new without a name yet
			}
			recorded[flow] = true
		default:
			return nil
		}
	}
	return func(file string, flows []string) bool {
		abs, err := filepath.Abs(w.p.path(filepath.FromSlash(file)))
		return err != nil || files[abs] || slices.ContainsFunc(flows, func(f string) bool { return recorded[f] })
	}
}

// flowOf returns the name of the flow in whose recording a file lies, or "".
func (w *workspace) flowOf(file string) string {
	root := w.folder("")
	flows, err := recordings.LoadAll(os.DirFS(root), ".")
	if err != nil {
		return ""
	}
	for _, f := range flows {
		dir, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(f.Dir)))
		if err == nil && within(dir, file) {
			return f.Name
		}
	}
	return ""
}

// What a changed file is of.
type touch uint8

const (
	ofNothing touch = iota
	ofFeature
	ofRecording
	ofEverything
)

// kind says what a file is of, by its absolute name alone: it may be gone. What
// editors put beside the files that they save is of nothing.
func (w *watch) kind(file string) touch {
	ext := filepath.Ext(file)
	if strings.ContainsAny(filepath.Base(file)[:1], ".#~") || w.written(file) {
		return ofNothing
	}
	if slices.Contains(w.configs(), file) {
		return ofEverything
	}
	if ext == ".feature" {
		return ofFeature
	}
	if within(w.recordings(), file) && slices.Contains([]string{".yaml", ".json", ".html", ""}, ext) {
		return ofRecording
	}
	return ofNothing
}

// written reports whether a file is one that the run itself writes.
func (w *watch) written(file string) bool {
	if dir := w.flags.output.report; dir != "" && within(absolute(w.p.path(dir)), file) {
		return true
	}
	return slices.ContainsFunc(w.flags.conform.conformance, func(out string) bool {
		return absolute(w.p.path(out)) == file
	})
}

// configs are the files that everything depends on.
func (w *watch) configs() []string {
	config := w.p.path(cmp.Or(w.flags.config, configName))
	known := w.space.beside(knownName)
	if w.flags.conform.known != "" {
		known = w.p.path(w.flags.conform.known)
	}
	return []string{absolute(config), absolute(known)}
}

func (w *watch) recordings() string { return absolute(w.space.folder("")) }

// folders are those that are watched with all below them.
func (w *watch) folders() []string {
	out := []string{w.recordings()}
	if len(w.args) == 0 {
		return append(out, absolute(w.space.beside(w.space.file.Features)))
	}
	for _, arg := range w.args {
		src, err := w.space.source(arg)
		if err != nil {
			continue // a run says so
		}
		at := absolute(w.p.path(filepath.FromSlash(src.Show)))
		if src.Path != "." { // a file: editors replace it, so its folder is watched
			at = filepath.Dir(at)
		}
		out = append(out, at)
	}
	return out
}

func absolute(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return name
	}
	return abs
}

// within reports whether a file is a folder or lies below it.
func within(dir, file string) bool {
	const sep = string(filepath.Separator)
	return file == dir || strings.HasPrefix(file, strings.TrimSuffix(dir, sep)+sep)
}

// An eye sees files change.
type eye struct {
	of    *watch
	files *fsnotify.Watcher

	// there are the files and folders that were there at some time while nothing
	// changed: what comes and goes between is a copy that an editor makes. A
	// value is true for a folder.
	there map[string]bool
}

func newEye(w *watch) (*eye, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	e := &eye{w, files, map[string]bool{}}
	e.open()
	return e, nil
}

func (e *eye) close() { _ = e.files.Close() } // nothing is left to be told of

// open watches what matters now. What is not there a run complains of.
func (e *eye) open() {
	for _, file := range e.of.configs() {
		_ = e.files.Add(filepath.Dir(file))
	}
	for _, dir := range e.of.folders() {
		for _, file := range e.add(dir) {
			e.there[file] = false
		}
	}
}

// add watches a folder with all below it, and returns the files that are there.
func (e *eye) add(root string) []string {
	var files []string
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // it is gone again
		case !d.IsDir():
			files = append(files, path)
			return nil
		case path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") || e.of.written(path):
			return fs.SkipDir
		}
		e.there[path] = true
		return e.files.Add(path)
	})
	return files
}

// next waits for files that matter to change, and to rest then.
func (e *eye) next(ctx context.Context) ([]string, error) {
	var changed []string
	rest := time.NewTimer(settle)
	rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, nil
		case err := <-e.files.Errors:
			return nil, err
		case event := <-e.files.Events:
			for _, file := range e.meant(event) {
				if !e.matters(file) {
					continue
				}
				if !slices.Contains(changed, file) {
					changed = append(changed, file)
				}
				rest.Reset(settle)
			}
		case <-rest.C:
			if changed = slices.DeleteFunc(changed, e.fleeting); len(changed) > 0 {
				return changed, nil
			}
		}
	}
}

// matters reports whether a change of that name is one of what is run. What has no
// extension is a recording's folder, if it was ever one: it may be gone.
func (e *eye) matters(file string) bool {
	return e.of.kind(file) != ofNothing && (filepath.Ext(file) != "" || e.there[file] ||
		slices.Contains(e.of.configs(), file))
}

// fleeting reports whether a file is not there now and was not there before.
func (e *eye) fleeting(file string) bool {
	_, before := e.there[file]
	_, err := os.Stat(file)
	return err != nil && !before && !slices.Contains(e.of.configs(), file)
}

// meant returns the files that an event is about: those of a folder, where that
// is new. A file that was only touched or read has not changed.
func (e *eye) meant(event fsnotify.Event) []string {
	if event.Op == fsnotify.Chmod {
		return nil
	}
	info, err := os.Stat(event.Name)
	if err != nil || !info.IsDir() {
		return []string{event.Name}
	}
	watched := func(dir string) bool { return within(dir, event.Name) }
	if event.Has(fsnotify.Create) && slices.ContainsFunc(e.of.folders(), watched) {
		return e.add(event.Name)
	}
	return nil
}
