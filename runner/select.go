package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"flowtest/recordings"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/known"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// plan is what a run will do: the chosen scenarios in the order of their files.
type plan struct {
	scenarios []*feature.Scenario
	seen      int                      // how many there were to choose from
	whole     bool                     // all of them were chosen
	gone      int                      // of those that did not pass before, how many no longer exist
	source    func(file string) string // the text of a feature file

	flows []*recordings.Flow // what a replay answers from

	// beside finds what a feature file names.
	beside func(file, name string) (files fs.FS, at, show string)
}

// choose loads the sources and applies lines, tags and name.
func (s *Suite) choose(ctx context.Context) (*plan, error) {
	tags, err := feature.ParseTags(s.Tags)
	if err != nil {
		return nil, err
	}
	name, err := s.named()
	if err != nil {
		return nil, err
	}
	l := feature.NewLoader(s.Definitions())
	l.Share(ctx)
	if err := l.Use(s.Sentences); err != nil {
		return nil, err
	}
	p := &plan{source: l.Text, beside: l.Beside}
	taken := map[string]bool{}
	var mistakes []error
	for _, src := range s.Features {
		have, err := l.Load(src.FS, src.Path, src.Show)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		p.seen += len(have)
		list, none, ok := feature.Choose(src.Lines, have)
		if !ok {
			return nil, noLine(cmp.Or(src.Show, src.Path), none, have)
		}
		for _, sc := range list {
			if tags(sc.Tags) && isNamed(sc, name) && !taken[sc.Place()] {
				taken[sc.Place()] = true
				l.Define(sc)
				p.scenarios = append(p.scenarios, sc)
			}
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	if len(p.scenarios) == 0 {
		return nil, s.nothing(p.seen)
	}
	if err := s.narrow(p); err != nil {
		return nil, err
	}
	p.whole = s.Whole && len(p.scenarios) == p.seen
	p.flows, err = s.flows(ctx, p.scenarios)
	return p, err
}

// flows returns what the scenarios are replayed from. The shipped recordings are loaded only now, for
// a flow that no scenario names is not started.
func (s *Suite) flows(ctx context.Context, scenarios []*feature.Scenario) ([]*recordings.Flow, error) {
	if s.Recordings != nil || s.Target.Live != nil || !backend.IsShipped(ctx) {
		return s.Recordings, nil
	}
	var names []string
	for _, sc := range scenarios {
		if sc.MayDriveAny() {
			return backend.ShippedFlows(nil)
		}
		names = append(names, sc.Flows()...)
	}
	return backend.ShippedFlows(names)
}

// named returns the expression that names have to match, nil if every name does.
func (s *Suite) named() (*regexp.Regexp, error) {
	if s.Name == "" {
		return nil, nil //nolint:nilnil // nil matches every name
	}
	name, err := regexp.Compile(s.Name)
	if err != nil {
		return nil, fmt.Errorf("name %q is not a regular expression: %w", s.Name, err)
	}
	return name, nil
}

// isNamed reports whether a scenario has a name that matches, its own or the one in reports.
func isNamed(sc *feature.Scenario, name *regexp.Regexp) bool {
	return name == nil || name.MatchString(sc.OwnName()) || name.MatchString(sc.Name)
}

// narrow keeps what did not pass before, and what a change touches.
func (s *Suite) narrow(p *plan) error {
	if s.Rerun != nil {
		if p.scenarios, p.gone = s.Rerun.only(p.scenarios); len(p.scenarios) == 0 {
			const text = "none of the scenarios that did not pass there is among the %d here"
			return &NothingError{Rerun: true, message: fmt.Sprintf(text, p.seen)}
		}
	}
	if s.Touched != nil {
		p.scenarios = slices.DeleteFunc(p.scenarios, func(sc *feature.Scenario) bool {
			return !s.Touched(sc.File, sc.Flows())
		})
		if len(p.scenarios) == 0 {
			return &NothingError{message: "the change touches no scenario"}
		}
	}
	return nil
}

// nothing says that no scenario has the tags and the name.
func (s *Suite) nothing(seen int) *NothingError {
	var asked []string
	if s.Tags != "" {
		asked = append(asked, fmt.Sprintf("the tags %q", s.Tags))
	}
	if s.Name != "" {
		asked = append(asked, fmt.Sprintf("the name %q", s.Name))
	}
	if len(asked) == 0 {
		return &NothingError{message: "no scenario found: the features have none"}
	}
	return &NothingError{
		message: fmt.Sprintf("no scenario has %s; there are %d to choose from", words.And(asked), seen),
	}
}

// noLine says at which lines there are scenarios.
func noLine(file string, line int, list []*feature.Scenario) *NothingError {
	var lines []string
	for _, s := range list {
		lines = append(lines, strconv.Itoa(s.Line))
	}
	return &NothingError{message: fmt.Sprintf("no scenario at %s:%d, there are scenarios at the lines %s",
		file, line, strings.Join(lines, ", "))}
}

// A Place is the place of a scenario. Lines move when a file is edited, so a scenario
// is identified by its file and name, and by its line only if several have the same
// name.
type Place struct {
	File, Name string
	Line       int
}

func placeOf(s *feature.Scenario) Place { return Place{s.File, s.Name, s.Line} }

// An Earlier is an earlier run, whose scenarios that did not pass are run again.
type Earlier struct {
	// Passed says for each scenario whether it passed, every time that it ran. Required.
	Passed map[Place]bool

	// Torn says that there were more scenarios, with unknown names, because the run was
	// killed. Then scenarios that are not in Passed run too. Optional.
	Torn bool
}

// Add adds a scenario to the run.
func (e *Earlier) Add(at Place, passed bool) {
	before, again := e.Passed[at]
	e.Passed[at] = passed && (before || !again)
}

// only keeps what did not pass, and says how many of them no longer exist.
func (e *Earlier) only(list []*feature.Scenario) (kept []*feature.Scenario, gone int) {
	here, seen, bad := map[group][]Place{}, map[group][]Place{}, map[group][]Place{}
	add := func(to map[group][]Place, p Place) { to[groupOf(p)] = append(to[groupOf(p)], p) }
	for _, sc := range list {
		add(here, placeOf(sc))
	}
	byLine := func(a, b Place) int { return cmp.Compare(a.Line, b.Line) }
	for _, p := range slices.SortedFunc(maps.Keys(e.Passed), byLine) {
		add(seen, p)
		if !e.Passed[p] {
			add(bad, p)
		}
	}
	wanted := map[Place]bool{}
	for g, places := range bad {
		found := match(here[g], seen[g], places)
		if len(found) == 0 {
			found = unnamed(list, seen, places)
		}
		if len(found) == 0 {
			found = hidden(list, places)
		}
		if len(found) == 0 {
			gone += len(places)
		}
		for _, at := range found {
			wanted[at] = true
		}
	}
	for _, sc := range list {
		if at := placeOf(sc); wanted[at] || e.Torn && len(seen[groupOf(at)]) == 0 {
			kept = append(kept, sc)
		}
	}
	return kept, gone
}

// unnamed returns those of the places at which there is a scenario now that the
// earlier run did not have by its name: it was renamed, or its name holds what that
// run had to hide.
func unnamed(list []*feature.Scenario, seen map[group][]Place, places []Place) (found []Place) {
	for _, sc := range list {
		at := placeOf(sc)
		is := func(p Place) bool { return p.File == at.File && p.Line == at.Line }
		if len(seen[groupOf(at)]) == 0 && slices.ContainsFunc(places, is) {
			found = append(found, at)
		}
	}
	return found
}

// hidden returns those that may be the places by what that run showed of their names: lines
// moved, and the names hold what it had to hide.
func hidden(list []*feature.Scenario, places []Place) (found []Place) {
	for _, sc := range list {
		at := placeOf(sc)
		is := func(p Place) bool {
			return p.File == at.File && strings.Contains(p.Name, secret.Redacted) && known.HiddenMatch(p.Name, at.Name)
		}
		if slices.ContainsFunc(places, is) {
			found = append(found, at)
		}
	}
	return found
}

// A group are the scenarios of a file that have one name: often one, or the
// rows of an outline.
type group struct{ file, name string }

var rowEnd = regexp.MustCompile(` \(row \d+\)$`)

func groupOf(p Place) group { return group{p.File, rowEnd.ReplaceAllString(p.Name, "")} }

// match returns where the bad ones of a group are now. If the group as a whole moved by some
// lines they are known; if it was edited, all that may be meant are: a scenario too many runs
// sooner than one too few.
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
