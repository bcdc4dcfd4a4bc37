package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/watch"
)

// A rerunning runs again what a change touches: the scenarios of a changed feature
// file, those that drive the flow of a changed recording, and everything after a
// change of the configuration.
type rerunning struct {
	p     *Process
	flags *runFlags
	args  []string
	space *workspace

	// pending are the changed files that no run has seen yet: a mistake in one of
	// them keeps a run from beginning. all says that everything is pending.
	pending []string
	all     bool
}

// watchRun runs, and runs again after changes, until ctx ends. That is no
// failure, whatever the runs were.
func (f *runFlags) watchRun(ctx context.Context, p *Process, args []string) error {
	space, err := p.open(f.config)
	if err != nil {
		return err
	}
	if !space.own {
		return usage(errors.New("--watch needs a flowtest.yaml: what flowtest ships does not change"),
			"flowtest init writes a folder to start from")
	}
	w := &rerunning{p: p, flags: f, args: args, space: space, all: true}
	files, err := watch.New(w.matters, w.written)
	if err != nil {
		return fmt.Errorf("--watch: %w", err)
	}
	defer files.Close()
	_ = files.Watch(w.configs(), w.folders()) // a run reports what does not exist
	t := newStatus(p)
	for {
		if err := p.stop.Finishing(finishReports); err != nil {
			return err
		}
		if w.run(ctx, t) {
			w.pending, w.all = nil, false
		}
		if ctx.Err() != nil {
			return nil
		}
		_ = files.Watch(w.configs(), w.folders()) // the configuration may name other folders now
		if err := p.stop.Finishing(""); err != nil {
			return err
		}
		p.say("watching; Ctrl-C ends it")
		changed, err := files.Next(ctx)
		if err != nil {
			return fmt.Errorf("--watch: %w", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		w.note(changed)
	}
}

// note takes in changed files.
func (w *rerunning) note(changed []string) {
	var names []string
	for _, file := range changed {
		names = append(names, w.shown(file))
		if !slices.Contains(w.pending, file) {
			w.pending = append(w.pending, file)
		}
		w.all = w.all || w.kind(file) == ofEverything
	}
	slices.Sort(names)
	w.p.say("changed: " + strings.Join(names, ", "))
}

// shown is a file as the user would name it.
func (w *rerunning) shown(file string) string {
	if rel, err := filepath.Rel(absolute(w.p.path(".")), file); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return file
}

// run runs what is pending, and reports whether that began. Mistakes are said, and
// the watch goes on.
func (w *rerunning) run(ctx context.Context, t *statusLine) (began bool) {
	s, conform, err := w.flags.suite(ctx, w.p, w.args)
	if err == nil {
		if space, err := w.p.open(w.flags.config); err == nil {
			w.space = space
		}
		if !w.all {
			s.Touched = w.touched()
		}
		stop := t.follow(s)
		err = runSuite(ctx, w.p, s, conform)
		w.flags.output.folder.Close()
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

// touched returns what tells the scenarios that the pending files touch, nil where
// that is all of them.
func (w *rerunning) touched() func(file string, flows []string) bool {
	files, recorded := map[string]bool{}, map[string]bool{}
	for _, file := range w.pending {
		switch w.kind(file) {
		case ofFeature:
			files[file] = true
		case ofRecording:
			flow := flowOf(w.space, file)
			if flow == "" {
				return nil // it is gone, or new without a name yet
			}
			recorded[flow] = true
		default:
			return nil
		}
	}
	return func(file string, flows []string) bool {
		return files[absolute(w.p.path(filepath.FromSlash(file)))] ||
			slices.ContainsFunc(flows, func(f string) bool { return recorded[f] })
	}
}

// flowOf returns the name of the flow in whose recording a file lies, or "".
func flowOf(w *workspace, file string) string {
	root := w.folder("")
	flows, _ := recordings.LoadAll(os.DirFS(root), ".") // a run says what is wrong with them
	for _, f := range flows {
		if watch.Within(absolute(filepath.Join(root, filepath.FromSlash(f.Dir))), file) {
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
func (w *rerunning) kind(file string) touch {
	ext := filepath.Ext(file)
	switch {
	case strings.ContainsAny(filepath.Base(file)[:1], ".#~") || w.written(file):
		return ofNothing
	case slices.Contains(w.configs(), file):
		return ofEverything
	case ext == ".feature":
		return ofFeature
	case watch.Within(w.recordings(), file) && slices.Contains([]string{".yaml", ".json", ".html", ""}, ext):
		return ofRecording
	default:
		return ofNothing
	}
}

// written reports whether a file is one that the run itself writes.
func (w *rerunning) written(file string) bool {
	if dir := w.flags.output.report; dir != "" && watch.Within(absolute(w.p.path(dir)), file) {
		return true
	}
	return slices.ContainsFunc(w.flags.conform.conformance, func(out string) bool {
		return absolute(w.p.path(out)) == file
	})
}

// configs are the files that everything depends on.
func (w *rerunning) configs() []string {
	config := w.p.path(cmp.Or(w.flags.config, configName))
	return []string{absolute(config), absolute(w.flags.conform.knownFile(w.space))}
}

func (w *rerunning) recordings() string { return absolute(w.space.folder("")) }

// folders are those that are watched with all below them.
func (w *rerunning) folders() []string {
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

// matters reports whether a changed file is part of what runs. One without an
// extension is the folder of a recording, if it ever was one: it may be gone.
func (w *rerunning) matters(file string, folder bool) bool {
	return w.kind(file) != ofNothing && (filepath.Ext(file) != "" || folder || slices.Contains(w.configs(), file))
}
