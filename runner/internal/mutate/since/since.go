// Package since finds what a change touched: the hops of recordings, and the scenarios,
// that differ from a revision of git. It does not try mutants.
package since

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/git"
	"flowtest/runner/internal/mutate"
)

// A Workspace has the files that a change may touch. Paths are absolute.
type Workspace struct {
	// Dir is a folder in the repository. Required.
	Dir string

	// Recordings is the folder of the recordings. Empty means that they cannot change. Optional.
	Recordings string

	// Flows are the current recordings. Required.
	Flows []*recordings.Flow

	// Features are the files and folders of features. Required.
	Features []string

	// All are files that touch everything if they change. Optional.
	All []string

	// Path returns the path of a feature file from its name in reports. Required.
	Path func(shown string) string
}

// Read returns what a change touched since a revision. It returns nil if everything must be
// tried. The error is that of [git.Read].
func Read(ctx context.Context, w *Workspace, revision string) (*mutate.Touched, error) {
	paths := slices.DeleteFunc(slices.Concat([]string{w.Recordings}, w.Features, w.All), func(path string) bool {
		return path == ""
	})
	g, err := git.Read(ctx, w.Dir, revision, paths...)
	if err != nil {
		return nil, err
	}
	t := &mutate.Touched{Hops: map[string]map[string]bool{}}
	recorded := false
	var beside []string // folders of features in which another file changed
	for file, c := range g.Files() {
		switch {
		case slices.Contains(w.All, file):
			return nil, nil //nolint:nilnil // nil means everything
		case below(file, w.Recordings):
			recorded = true
		case filepath.Ext(file) == ".feature":
			for _, f := range removed(w.Flows, c) {
				t.Hops[f.Name] = nil
			}
		default:
			beside = append(beside, filepath.Dir(file))
		}
	}
	t.Scenario = func(shown string) (lines []int, whole bool) {
		file := w.Path(shown)
		if slices.ContainsFunc(beside, func(dir string) bool { return below(file, dir) }) {
			return nil, true
		}
		c := g.Files()[file]
		if c == nil {
			return nil, false
		}
		return matter(c.Hunks), c.Whole
	}
	if !recorded {
		return t, nil
	}
	old, err := g.Folder(ctx, w.Recordings)
	if err != nil {
		return nil, err
	}
	before, err := recordings.LoadAll(old, ".")
	if err != nil {
		before = nil // recordings that could not be read count as new
	}
	for _, f := range w.Flows {
		i := slices.IndexFunc(before, func(o *recordings.Flow) bool { return o.Name == f.Name })
		if _, all := t.Hops[f.Name]; all {
			continue
		}
		if i < 0 {
			t.Hops[f.Name] = nil
			continue
		}
		t.Hops[f.Name] = differ(before[i], f)
	}
	return t, nil
}

func below(file, dir string) bool {
	separator := string(filepath.Separator)
	return dir != "" && strings.HasPrefix(file, strings.TrimSuffix(dir, separator)+separator)
}

// removed returns the flows in lines that were removed from a feature: a removed scenario may
// have noticed any change of them.
func removed(flows []*recordings.Flow, c *git.Change) (out []*recordings.Flow) {
	for _, f := range flows {
		names := func(line string) bool { return strings.Contains(line, `"`+f.Name+`"`) }
		if slices.ContainsFunc(c.Hunks, func(h git.Hunk) bool { return slices.ContainsFunc(h.Old, names) }) {
			out = append(out, f)
		}
	}
	return out
}

// matter returns the numbers of the changed lines that are not just layout. A tag counts as the
// line below it.
func matter(list []git.Hunk) (out []int) {
	for _, h := range list {
		if slices.ContainsFunc(h.Old, func(line string) bool { return !layout(line) }) {
			out = append(out, h.Line)
		}
		for i, line := range h.New {
			switch at := h.Line + i; {
			case layout(line):
			case strings.HasPrefix(strings.TrimSpace(line), "@"):
				out = append(out, at+1)
			default:
				out = append(out, at)
			}
		}
	}
	return out
}

// layout reports whether a line of a feature is empty or a comment.
func layout(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || strings.HasPrefix(line, "#")
}

// differ returns the names of the hops that changed.
func differ(before, now *recordings.Flow) map[string]bool {
	old := map[string]*recordings.Hop{}
	for _, h := range before.Hops {
		old[h.Name] = h
	}
	out := map[string]bool{}
	for _, h := range now.Hops {
		if o := old[h.Name]; o == nil || !same(o, h) {
			out[h.Name] = true
		}
	}
	return out
}

func same(a, b *recordings.Hop) bool {
	return a.Request.Key() == b.Request.Key() && names(a) == names(b) && reflect.DeepEqual(a.Response, b.Response)
}

// names returns the names of the hops before and after a hop.
func names(h *recordings.Hop) string {
	var out []string
	for _, from := range h.From {
		out = append(out, from.Name)
	}
	if h.To != nil {
		out = append(out, "to", h.To.Name)
	}
	return strings.Join(out, " ")
}
