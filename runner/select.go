package runner

import (
	"flowtest/runner/internal/feature"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		p.scenarios = slices.DeleteFunc(p.scenarios, func(sc *feature.Scenario) bool { return !s.Touched(sc.File, sc.Flows()) })
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
