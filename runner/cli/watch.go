package cli

import (
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

// watchRun runs, and runs again what a change touches, until ctx ends: the
// scenarios of a changed feature file, those that drive the flow of a changed
// recording, and everything after a change of the configuration.
func (p *Process) watchRun(ctx context.Context, f *runFlags, args []string) error {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	if !w.own {
		return usage(errors.New("--watch needs a flowtest.yaml: what flowtest ships does not change"),
			"flowtest init writes a folder to start from")
	}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return usage(fmt.Errorf("--watch: %w", err), "")
	}
	defer func() { _ = watcher.Close() }() // nothing is left to be told of
	for _, dir := range w.watched() {
		if err := addFolders(watcher, dir); err != nil {
			return usage(fmt.Errorf("--watch: %w", err), "")
		}
	}
	t := p.told()
	changed := []string{filepath.Join(w.dir, configName)}
	for {
		p.runChanged(ctx, f, args, t, w, changed)
		if changed, err = nextChange(ctx, watcher); err != nil || ctx.Err() != nil {
			return err
		}
		for _, dir := range w.watched() { // a folder may be new
			if err := addFolders(watcher, dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				p.say("error: watch: " + err.Error())
			}
		}
	}
}

// watched are the folders in which a change matters.
func (w *workspace) watched() []string {
	out := []string{w.dir, w.beside(w.file.Features)}
	if dir := w.folder(""); dir != "" {
		out = append(out, dir)
	}
	return out
}

// nextChange waits for files to change and to rest then.
func nextChange(ctx context.Context, w *fsnotify.Watcher) ([]string, error) {
	var changed []string
	rest := time.NewTimer(settle)
	rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, nil
		case e := <-w.Events:
			if matters(e.Name) && !slices.Contains(changed, e.Name) {
				changed = append(changed, e.Name)
			}
			if len(changed) > 0 {
				rest.Reset(settle)
			}
		case err := <-w.Errors:
			return nil, usage(fmt.Errorf("--watch: %w", err), "")
		case <-rest.C:
			return changed, nil
		}
	}
}

func matters(file string) bool {
	switch filepath.Ext(file) {
	case ".feature", ".yaml", ".json", ".html":
		return !strings.HasPrefix(filepath.Base(file), ".")
	default:
		return false
	}
}

// runChanged runs what the changed files touch. Mistakes are said, and the
// watch goes on.
func (p *Process) runChanged(ctx context.Context, f *runFlags, args []string, t *teller, w *workspace, changed []string) {
	s, conform, err := p.suite(f, args)
	if err == nil {
		s.Touched = p.touched(w, changed)
		stop := t.tell(s)
		err = p.once(ctx, s, conform)
		stop()
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		if e.err != nil {
			p.say("error: " + e.err.Error())
		}
	} else if err != nil {
		p.say("error: " + err.Error())
	}
	p.say("watching; Ctrl-C ends it")
}

// touched returns what tells the scenarios that changed files touch, nil where
// that is all of them.
func (p *Process) touched(w *workspace, changed []string) func(file string, flows []string) bool {
	files, recorded := map[string]bool{}, map[string]bool{}
	for _, file := range changed {
		abs, err := filepath.Abs(file)
		if err != nil {
			return nil
		}
		flow := w.flowOf(abs)
		switch {
		case filepath.Ext(file) == ".feature":
			files[abs] = true
		case flow != "":
			recorded[flow] = true
		default:
			return nil // the configuration, or a recording that cannot be loaded
		}
	}
	return func(file string, flows []string) bool {
		abs, err := filepath.Abs(p.path(filepath.FromSlash(file)))
		return err != nil || files[abs] || slices.ContainsFunc(flows, func(f string) bool { return recorded[f] })
	}
}

// flowOf returns the name of the flow in whose recording a file lies, or "".
func (w *workspace) flowOf(file string) string {
	root := w.folder("")
	if root == "" {
		return ""
	}
	flows, err := recordings.LoadAll(os.DirFS(root), ".")
	if err != nil {
		return ""
	}
	for _, f := range flows {
		dir, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(f.Dir)))
		if err == nil && filepath.Dir(file) == dir {
			return f.Name
		}
	}
	return ""
}
