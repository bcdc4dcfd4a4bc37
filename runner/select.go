package runner

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// plan is what a run will do: the chosen scenarios in the order of their files.
type plan struct {
	scenarios []*scenario
	seen      int  // how many there were to choose from
	whole     bool // all of them were chosen
	gone      int  // of those that did not pass before, how many are not there any more
	origins   map[string]origin
}

// choose loads the sources and applies lines, tags and name.
func (s *Suite) choose() (*plan, error) {
	tags, err := parseTags(s.Tags)
	if err != nil {
		return nil, &UsageError{err}
	}
	var name *regexp.Regexp
	if s.Name != "" {
		if name, err = regexp.Compile(s.Name); err != nil {
			return nil, &UsageError{fmt.Errorf("name %q is no regular expression: %w", s.Name, err)}
		}
	}
	l := newLoader(s.definitions())
	p := &plan{origins: l.origins}
	taken := map[string]bool{}
	var faults []string
	for _, src := range s.Features {
		list, err := l.load(src)
		if err != nil {
			faults = append(faults, err.Error())
			continue
		}
		p.seen += len(list)
		if list, err = byLines(list, src); err != nil {
			return nil, err
		}
		for _, sc := range list {
			id := fmt.Sprintf("%s:%d", sc.file, sc.line)
			if !taken[id] && tags(sc.tags) && (name == nil || name.MatchString(sc.name)) {
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
		p.scenarios = slices.DeleteFunc(p.scenarios, func(sc *scenario) bool { return !s.Touched(sc.file, sc.flows()) })
		if len(p.scenarios) == 0 {
			return &NothingError{Seen: p.seen, Untouched: true}
		}
	}
	return nil
}

// byLines keeps the scenarios that a line of the source chooses: a line of a
// scenario chooses it, or all rows of its outline; a line of the examples
// chooses the row; a line before the first scenario chooses all.
func byLines(list []*scenario, src Source) ([]*scenario, error) {
	if len(src.Lines) == 0 {
		return list, nil
	}
	var out []*scenario
	for _, line := range src.Lines {
		n := len(out)
		for _, s := range list {
			if slices.ContainsFunc(s.spans, func(sp span) bool { return sp.from <= line && line <= sp.to }) {
				out = append(out, s)
			}
		}
		if len(out) > n {
			continue
		}
		if len(list) > 0 && line < list[0].spans[0].from && line > 0 {
			out = append(out, list...)
			continue
		}
		var have []string
		for _, s := range list {
			have = append(have, strconv.Itoa(s.line))
		}
		return nil, &NothingError{Seen: len(list), Line: fmt.Sprintf("%s:%d", showOf(src), line), Lines: have}
	}
	return out, nil
}

func showOf(src Source) string {
	if src.Show != "" {
		return src.Show
	}
	return src.Path
}
