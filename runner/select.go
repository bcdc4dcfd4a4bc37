package runner

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flowtest/runner/internal/feature"
)

// plan is what a run will do: the chosen scenarios in the order of their files.
type plan struct {
	scenarios []*feature.Scenario
	seen      int                      // how many there were to choose from
	whole     bool                     // all of them were chosen
	gone      int                      // of those that did not pass before, how many no longer exist
	source    func(file string) string // the text of a feature file
}

// choose loads the sources and applies lines, tags and name.
func (s *Suite) choose() (*plan, error) {
	tags, err := feature.ParseTags(s.Tags)
	if err != nil {
		return nil, &UsageError{err}
	}
	var name *regexp.Regexp
	if s.Name != "" {
		if name, err = regexp.Compile(s.Name); err != nil {
			return nil, &UsageError{fmt.Errorf("name %q is no regular expression: %w", s.Name, err)}
		}
	}
	l := feature.NewLoader(s.Definitions())
	p := &plan{source: l.Text}
	taken := map[string]bool{}
	var faults []string
	for _, src := range s.Features {
		have, err := l.Load(feature.Source(src))
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		p.seen += len(have)
		list, none, ok := feature.Choose(src.Lines, have)
		if !ok {
			return nil, noLine(src, none, have)
		}
		for _, sc := range list {
			id := fmt.Sprintf("%s:%d", sc.File, sc.Line)
			if !taken[id] && tags(sc.Tags) && (name == nil || name.MatchString(sc.Name)) {
				taken[id] = true
				p.scenarios = append(p.scenarios, sc)
			}
		}
	}
	if len(faults) > 0 {
		return nil, &UsageError{fmt.Errorf("%s", strings.Join(faults, "\n"))}
	}
	if len(p.scenarios) == 0 {
		return nil, &NothingError{Seen: p.seen, Tags: s.Tags, Name: s.Name}
	}
	if err := s.narrow(p); err != nil {
		return nil, err
	}
	p.whole = s.Whole && len(p.scenarios) == p.seen
	return p, nil
}

// narrow keeps what did not pass before, and what a change touches.
func (s *Suite) narrow(p *plan) error {
	if s.Rerun != nil {
		if p.scenarios, p.gone = s.Rerun.only(p.scenarios); len(p.scenarios) == 0 {
			return &NothingError{Seen: p.seen, Rerun: true}
		}
	}
	if s.Touched != nil {
		p.scenarios = slices.DeleteFunc(p.scenarios, func(sc *feature.Scenario) bool {
			return !s.Touched(sc.File, sc.Flows())
		})
		if len(p.scenarios) == 0 {
			return &NothingError{Seen: p.seen, Untouched: true}
		}
	}
	return nil
}

// noLine says at which lines there are scenarios.
func noLine(src Source, line int, list []*feature.Scenario) *NothingError {
	out := &NothingError{Seen: len(list), Line: fmt.Sprintf("%s:%d", feature.Source(src).Shown(), line)}
	for _, s := range list {
		out.Lines = append(out.Lines, strconv.Itoa(s.Line))
	}
	return out
}

// A Place is where a scenario stands. Lines move when a file is edited, so a
// scenario is known by its file and name, and by its line where names recur.
type Place struct {
	File, Name string
	Line       int
}

// An Earlier is a run of which another one repeats what did not pass.
type Earlier struct {
	// Bad are the scenarios that did not pass, or did not run. Required.
	Bad []Place

	// Seen are all that are known of it, Bad among them. Required.
	Seen []Place

	// Torn says that there were more, whose names are unknown: a run
	// that was killed. What is not Seen runs then as well. Optional.
	Torn bool
}

// only keeps what did not pass, and says how many of them no longer exist.
func (e *Earlier) only(list []*feature.Scenario) (kept []*feature.Scenario, gone int) {
	here, seen, bad := map[group][]Place{}, grouped(e.Seen), grouped(e.Bad)
	for _, sc := range list {
		at := Place{sc.File, sc.Name, sc.Line}
		here[groupOf(at)] = append(here[groupOf(at)], at)
	}
	wanted := map[Place]bool{}
	for g, places := range bad {
		found := match(here[g], seen[g], places)
		if len(found) == 0 {
			gone += len(places)
		}
		for _, at := range found {
			wanted[at] = true
		}
	}
	for _, sc := range list {
		at := Place{sc.File, sc.Name, sc.Line}
		if wanted[at] || e.Torn && len(seen[groupOf(at)]) == 0 {
			kept = append(kept, sc)
		}
	}
	return kept, gone
}

// A group are the scenarios of a file that have one name: often one, or the
// rows of an outline.
type group struct{ file, name string }

var rowEnd = regexp.MustCompile(` \(row \d+\)$`)

func groupOf(p Place) group { return group{p.File, rowEnd.ReplaceAllString(p.Name, "")} }

// grouped returns the places by their groups, each once and in the order of their lines.
func grouped(list []Place) map[group][]Place {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Place) int { return cmp.Compare(a.Line, b.Line) })
	out := map[group][]Place{}
	for _, p := range list {
		if g := groupOf(p); !slices.Contains(out[g], p) {
			out[g] = append(out[g], p)
		}
	}
	return out
}

// match returns where the bad ones of a group stand now. Where the group as a
// whole moved by some lines they are known; where it was edited, all that may be
// meant are: a scenario too many runs sooner than one too few.
func match(here, seen, bad []Place) []Place {
	if len(here) == 1 && len(seen) == 1 {
		return here
	}
	by, ok := move(here, seen)
	if !ok {
		return here
	}
	out := slices.Clone(bad)
	for i := range out {
		out[i].Line += by
	}
	return out
}

// move returns by how many lines the group moved, if it did so as a whole.
func move(here, seen []Place) (by int, ok bool) {
	try := []int{0}
	for _, h := range here {
		try = append(try, h.Line-seen[0].Line)
	}
	for _, by := range try {
		if !slices.ContainsFunc(seen, func(p Place) bool {
			return !slices.Contains(here, Place{p.File, p.Name, p.Line + by})
		}) {
			return by, true
		}
	}
	return 0, false
}
