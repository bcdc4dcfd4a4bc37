package runner

import (
	"fmt"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/mockserver"
	"flowtest/steps"
)

// Found is what a check found without running anything. Its lines are
// FILE:LINE: what is wrong and what to do.
type Found struct {
	Scenarios int
	Steps     int
	Faults    []string // what fails in a run, or never runs
	Warnings  []string // what passes in a run and shows little

	noted   map[string]bool // the lines that are there
	misread map[string]bool // the files that have steps which never run
}

// Features reads the features of a suite and finds what would fail in a run for their
// text alone: steps without a definition or with several or at the wrong place,
// tables with other columns, tags of faults that do not parse, names of flows,
// users and attributes that the target does not know, and of fields, buttons and
// screens that no recording has. Without a target no name is looked up. Where
// Features are the whole, the known failures are held against them. It sends
// nothing.
func Features(s *Suite) *Found {
	f := &Found{noted: map[string]bool{}, misread: map[string]bool{}}
	for _, text := range unanchored(steps.Definitions()) {
		f.fault(text)
	}
	l := newLoader(s.Definitions())
	l.look = func(show string, text []byte, feature *messages.Feature) { f.file(l.match, show, text, feature) }
	known := lookupOf(s)
	var all []*scenario
	whole := s.Whole // and every file could be read
	for _, src := range s.Features {
		list, err := l.load(source(src))
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				f.fault(line)
			}
		}
		f.Scenarios += len(list)
		for _, sc := range list {
			f.scenario(sc, l.match)
			f.names(sc, known)
		}
		all = append(all, list...)
		whole = whole && err == nil
	}
	if whole {
		for _, line := range s.Known.mistaken(all) {
			f.fault(line)
		}
	}
	return f
}

// file looks at what a file has beside its scenarios.
func (f *Found) file(m *matcher, show string, text []byte, feature *messages.Feature) {
	lines := strings.Split(string(text), "\n")
	words := keywordsOf(lines)
	f.empty(show, feature, words)
	if feature != nil {
		d := &descriptions{found: f, match: m, show: show, lines: lines, words: words}
		d.feature(feature)
	}
}

// fault notes a line once: a background's step stands in every scenario, and an
// outline's in every row.
func (f *Found) fault(line string) { f.note(&f.Faults, line) }

func (f *Found) warning(line string) { f.note(&f.Warnings, line) }

func (f *Found) note(to *[]string, line string) {
	if !f.noted[line] {
		f.noted[line] = true
		*to = append(*to, line)
	}
}

func (f *Found) scenario(s *scenario, m *matcher) {
	f.Steps += len(s.steps)
	name, line := s.written()
	if len(s.steps) == 0 {
		f.fault(fmt.Sprintf("%s:%d: the scenario %q has no steps", s.file, line, name))
	}
	if _, _, err := mockserver.TaggedFaults(s.tags); err != nil {
		f.fault(fmt.Sprintf("%s:%d: %v", s.file, line, err))
	}
	asserts, defined := false, len(s.steps) > 0
	var order steps.Order
	lost := f.misread[s.file] // whether what came before is not known
	for i := range s.steps {
		st := &s.steps[i]
		asserts = asserts || st.asserts()
		if st.def == nil {
			defined = false
			f.fault(s.undefined(st, m))
		}
		if lost = lost || st.def == nil || st.def.own; lost {
			continue
		}
		err := order.Next(st.def.Definition)
		lost = err != nil
		if err == nil && st.arg != nil {
			err = st.def.CheckTable(st.arg.DataTable)
		}
		if err != nil {
			f.fault(fmt.Sprintf("%s:%d: %v", s.file, st.line, err))
		}
	}
	if defined && !asserts {
		f.warning(fmt.Sprintf("%s:%d: the scenario %q has no Then, so its pass shows little: say what has to hold",
			s.file, line, name))
	}
}

// unanchored finds expressions that would match a part of a sentence.
func unanchored(defs []steps.Definition) []string {
	var out []string
	for i := range defs {
		expr := defs[i].Expr.String()
		if !strings.HasPrefix(expr, "^") || !strings.HasSuffix(expr, "$") {
			out = append(out, fmt.Sprintf("step definition %s is not anchored, want ^ and $ at its ends", expr))
		}
	}
	return out
}
