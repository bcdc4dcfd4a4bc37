package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
