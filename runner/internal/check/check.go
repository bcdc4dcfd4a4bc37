// Package check reads features and recordings, and finds steps that would fail in a run
// and scenarios that prove little. It sends nothing.
package check

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/mockserver"
	"flowtest/runner"
	"flowtest/runner/internal/feature"
	"flowtest/steps"
)

// Found is the result of a check. Each line has the form FILE:LINE: what is wrong and
// what to do.
type Found struct {
	Scenarios int
	Steps     int
	Faults    []string // steps that fail in a run, or never run
	Warnings  []string // steps that pass in a run and prove little
	NewUsers  bool     // whether a scenario creates users
	Codes     bool     // whether a scenario waits for codes in messages

	held    bool            // whether the scenario being checked is one that a run skips because of its tags
	later   []string        // the findings about such scenarios
	noted   map[string]bool // the lines already reported
	strayed map[string]bool // the files with steps that never run
}

// Features reads the features of a suite and finds steps that would fail in a run whatever the
// flow answers: steps without a definition, with several or in the wrong place; tables with wrong
// columns; fault tags that do not parse; flows, users and attributes that the target does not
// have; fields, buttons and screens that no recording has. Without a target it looks up no names.
// If the suite is complete, it also checks the known failures against the features. It sends
// nothing.
func Features(s *runner.Suite) *Found { return features(s, s.Definitions()) }

// Refused finds the faults of [Features] in the chosen scenarios. The suite must have a target;
// its environment variables are those of the run.
func Refused(ctx context.Context, s *runner.Suite, chosen []runner.Place) []string {
	only := *s
	only.Recordings, only.Whole = nil, false
	is := map[runner.Place]bool{}
	for _, at := range chosen {
		is[at] = true
	}
	known := lookupOf(ctx, &only)
	known.env = s.Env
	f := newFound()
	choose := func(sc *feature.Scenario) bool { return is[runner.Place{File: sc.File, Name: sc.Name, Line: sc.Line}] }
	f.read(&only, feature.NewLoader(s.Definitions()), known, choose) //nolint:contextcheck // it does not wait
	return f.Faults
}

func newFound() *Found { return &Found{noted: map[string]bool{}, strayed: map[string]bool{}} }

// features checks the suite's features against a vocabulary, usually that of the suite.
func features(s *runner.Suite, defs []steps.Definition) *Found {
	f := newFound()
	for _, text := range unanchored(defs[:len(steps.Definitions())]) {
		f.fault(text)
	}
	l := feature.NewLoader(defs)
	l.Look = func(show string, text []byte, feature *messages.Feature) { f.file(l.Match, show, text, feature) }
	f.brief(s.Target)
	f.read(s, l, lookupOf(context.Background(), s), func(*feature.Scenario) bool { return true })
	return f
}

// read checks the chosen scenarios of the suite, and looks up their names.
func (f *Found) read(s *runner.Suite, l *feature.Loader, known *lookup, chosen func(*feature.Scenario) bool) {
	if err := l.Use(s.Sentences); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			f.fault(line)
		}
		return
	}
	held := feature.HeldBack(s.Tags)
	var all []*feature.Scenario
	whole := s.Whole // false if a file could not be read
	for _, src := range s.Features {
		list, err := l.Load(src.FS, src.Path, src.Show)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				f.fault(line)
			}
		}
		f.Scenarios += len(list)
		for _, sc := range list {
			if !chosen(sc) {
				continue
			}
			l.Define(sc)
			f.held = held(sc.Tags) != ""
			f.scenario(sc.Expanded(), l)
			f.names(sc.Expanded(), known)
		}
		f.held = false
		all = append(all, list...)
		whole = whole && err == nil
	}
	for _, line := range f.later { // a line that is a fault of another scenario too stays a fault
		f.warning(line)
	}
	if whole {
		for _, line := range s.Known.Mistaken(all) {
			f.fault(line)
		}
	}
}

// file checks a file apart from its scenarios.
func (f *Found) file(m *feature.Matcher, show string, text []byte, doc *messages.Feature) {
	lines := strings.Split(string(text), "\n")
	words := feature.KeywordsOf(lines)
	f.empty(show, doc, words)
	if doc != nil {
		d := &descriptions{found: f, match: m, show: show, lines: lines, words: words}
		d.all(doc)
	}
}

// fault adds a line once: the step of a background occurs in every scenario, and the
// step of an outline in every row.
func (f *Found) fault(line string) {
	if f.held {
		f.later = append(f.later, line)
		return
	}
	f.note(&f.Faults, line)
}

func (f *Found) warning(line string) { f.note(&f.Warnings, line) }

func (f *Found) note(to *[]string, line string) {
	if !f.noted[line] {
		f.noted[line] = true
		*to = append(*to, line)
	}
}

func (f *Found) scenario(s *feature.Scenario, l *feature.Loader) {
	f.Steps += len(s.Steps)
	name, line := s.Written()
	if len(s.Steps) == 0 {
		f.fault(fmt.Sprintf("%s:%d: the scenario %q has no steps", s.File, line, name))
	}
	if _, _, err := mockserver.TaggedFaults(s.Tags); err != nil {
		f.fault(fmt.Sprintf("%s:%d: %v", s.File, line, err))
	}
	asserts, defined := false, len(s.Steps) > 0
	var order steps.Order
	lost := f.strayed[s.File] // whether earlier steps may be missing
	for i := range s.Steps {
		st := &s.Steps[i]
		asserts = asserts || st.Asserts()
		if st.Def == nil {
			defined = false
			f.fault(s.Undefined(st, l.Match))
		}
		if lost = lost || st.Def == nil || st.Def.Own; lost {
			continue
		}
		err := order.Next(st.Def.Definition, st.Text)
		lost = err != nil
		if err == nil && st.Arg != nil {
			err = st.Def.CheckTable(st.Arg.DataTable)
		}
		if err != nil {
			f.fault(fmt.Sprintf("%s:%d: %v", s.File, st.Line, err))
			continue
		}
		f.values(s, st, l)
	}
	if defined && !asserts {
		f.warning(fmt.Sprintf("%s:%d: the scenario %q has no Then, so a pass proves little: add a Then",
			s.File, line, name))
	}
}

// values finds values in a step that a run would refuse.
func (f *Found) values(s *feature.Scenario, st *feature.Step, l *feature.Loader) {
	near := func(name string) (fs.FS, string, string) { return l.Beside(s.File, name) }
	for _, v := range st.Def.Values(st.Text, st.Arg) {
		err := v.Check(near)
		switch {
		case err != nil && st.Writes(v.Written):
			f.fault(fmt.Sprintf("%s:%d: %v", s.File, st.Line, err))
		case err != nil: // the value comes from a row of examples
			f.fault(fmt.Sprintf("%s:%d: %v", s.File, s.Line, err))
		}
	}
}

// unanchored finds expressions that could match a part of a sentence.
func unanchored(defs []steps.Definition) []string {
	var out []string
	for i := range defs {
		expr := defs[i].Pattern
		if !strings.HasPrefix(expr, "^") || !strings.HasSuffix(expr, "$") {
			out = append(out, fmt.Sprintf("step definition %s is not anchored, want ^ and $ at its ends", expr))
		}
	}
	return out
}
