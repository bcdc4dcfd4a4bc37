package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"flowtest/recordings"
)

// settle is how long the files have to rest before they are read again: a save
// is often several changes.
const settle = 100 * time.Millisecond

// watch takes over recordings that change on disk. What cannot be loaded is
// said, and the old ones stay.
func (r *replayed) watch(ctx context.Context) (stop func(), err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("serve: watch: %w", err)
	}
	if err := addFolders(w, r.dir); err != nil {
		return nil, errors.Join(fmt.Errorf("serve: watch: %w", err), w.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.follow(ctx, w)
	}()
	return func() {
		cancel()
		<-done
		_ = w.Close() // nothing is left to be told of
	}, nil
}

// from says where the recordings are from, and what becomes of changes in them.
func (r *replayed) from(watched bool) string {
	switch {
	case r.dir == "":
		return "the shipped ones, part of the program; flowtest serve DIR replays those of a folder"
	case watched:
		return r.dir + ", watched: what is saved there is taken over"
	default:
		return r.dir + ", as they are now; --watch takes over what is saved there"
	}
}

// watchable refuses to watch what is part of the program, and says how to serve
// recordings that can be changed: those of a folder that lies here, if any.
func (r *replayed) watchable() error {
	if r.dir != "" {
		return nil
	}
	const usual = "recordings"
	hint := "flowtest serve DIR --watch replays and watches the recordings in DIR; " +
		"flowtest init writes some to start from"
	if flows, err := recordings.LoadAll(os.DirFS(r.p.path(usual)), "."); err == nil && len(flows) > 0 {
		hint = "flowtest serve " + usual + " --watch replays and watches those in ./" + usual
	}
	return usage(errors.New("serve: --watch has nothing to watch: without a flowtest.yaml or DIR "+
		"it replays the shipped recordings, which are part of the program"), hint)
}

// follow reloads after changes until ctx ends.
func (r *replayed) follow(ctx context.Context, w *fsnotify.Watcher) {
	flows := r.flows
	rest := time.NewTimer(settle)
	rest.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.Events:
			rest.Reset(settle)
		case err := <-w.Errors:
			r.p.say("error: watch: " + err.Error())
		case <-rest.C:
			flows = r.reload(w, flows)
		}
	}
}

// reload takes over the recordings as they are now, and returns those that are
// replayed from then on.
func (r *replayed) reload(w *fsnotify.Watcher, before []*recordings.Flow) []*recordings.Flow {
	flows, err := r.load()
	if err == nil {
		err = r.Replace(flows)
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			r.p.say("error: " + line)
		}
		r.p.say("hint: the recordings from before stay until this is mended")
		return before
	}
	if err := addFolders(w, r.dir); err != nil { // a new one may have come
		r.p.say("error: watch: " + err.Error())
	}
	r.p.say(tookOver(before, flows))
	return flows
}

// tookOver says which recordings are others than before.
func tookOver(before, now []*recordings.Flow) string {
	was := map[string]*recordings.Flow{}
	for _, f := range before {
		was[f.Name] = f
	}
	var changed []string
	for _, f := range now {
		if old := was[f.Name]; old == nil || !same(old, f) {
			changed = append(changed, f.Name)
		}
		delete(was, f.Name)
	}
	gone := slices.Sorted(maps.Keys(was))
	switch {
	case len(changed)+len(gone) == 0:
		return "the recordings were read again, and say the same as before"
	case len(changed) == 0:
		return "took over that there is no recording any more of " + strings.Join(gone, ", ")
	case len(gone) == 0:
		return "took over what changed in " + strings.Join(changed, ", ")
	default:
		return "took over what changed in " + strings.Join(changed, ", ") + ", and that there is none any more of " +
			strings.Join(gone, ", ")
	}
}

// same reports whether two recordings say the same.
func same(a, b *recordings.Flow) bool {
	x, errX := recordings.Files(a)
	y, errY := recordings.Files(b)
	return errX == nil && errY == nil && maps.EqualFunc(x, y, bytes.Equal)
}

// addFolders watches a folder and every folder below it.
func addFolders(w *fsnotify.Watcher, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return w.Add(path)
	})
}
