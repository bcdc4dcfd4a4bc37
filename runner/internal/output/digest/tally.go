// Package digest says what several reports say alike of a run: where a scenario
// failed and why, the command that repeats it, the totals of a run, and what
// the run found about each requirement. It writes nothing and knows no format.
package digest

import (
	"maps"
	"slices"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/words"
)

// A Tally is what of a run has to be known before its first scenario is
// rendered. It grows with files, flows, tags and requirements, not with scenarios.
type Tally struct {
	Plan   report.Plan
	Run    *report.Run
	Suites []Suite
	Flows  counter
	Tags   counter
	Matrix Matrix
	seen   int   // scenarios
	Bad    []Bad // the first of those that did not pass
	More   int   // how many of those are not kept
}

// A Bad is a scenario that did not pass, for a list of them.
type Bad struct {
	Index                    int // from 0
	Name, Place, Step, Error string
	Status                   report.Status
	Environment              bool
}

// A Suite is the scenarios of one file that follow one another.
type Suite struct {
	File, Feature                    string
	Tests, Failures, Errors, Skipped int
	Duration                         time.Duration
	Began                            time.Time
}

// A counter counts by name.
type counter map[string]int

// Names returns the names, sorted.
func (c counter) Names() []string { return slices.Sorted(maps.Keys(c)) }

// NewTally returns a tally of nothing yet.
func NewTally() *Tally {
	return &Tally{Flows: counter{}, Tags: counter{}, Matrix: newMatrix()}
}

// Begin implements [Reporter].
func (t *Tally) Begin(p report.Plan) {
	t.Plan = p
	for _, r := range p.Requirements {
		t.Matrix.row(r)
	}
}

// Scenario implements [Reporter].
func (t *Tally) Scenario(s *report.Scenario) {
	n := len(t.Suites)
	if n == 0 || t.Suites[n-1].File != s.File || t.Suites[n-1].Feature != s.Feature {
		t.Suites = append(t.Suites, Suite{File: s.File, Feature: s.Feature})
		n++
	}
	u := &t.Suites[n-1]
	u.Tests++
	u.Duration += s.Duration
	if u.Began.IsZero() || !s.Began.IsZero() && s.Began.Before(u.Began) {
		u.Began = s.Began
	}
	switch {
	case s.Status == report.Failed && s.Environment:
		u.Errors++
	case s.Status.Bad():
		u.Failures++
	case s.Status != report.Passed && s.Status != report.Flaky:
		u.Skipped++
	}
	if s.Flow != "" {
		t.Flows[s.Flow]++
	}
	for _, tag := range s.Tags {
		t.Tags[tag]++
	}
	t.Matrix.add(t.seen, s)
	if s.Status.Bad() {
		t.trouble(s)
	}
	t.seen++
}

func (t *Tally) trouble(s *report.Scenario) {
	if len(t.Bad) == MostTroubles {
		t.More++
		return
	}
	b := Bad{Index: t.seen, Name: Title(s), Place: Place(s), Status: s.Status, Environment: s.Environment}
	b.Step, b.Error = Trouble(s)
	b.Error = words.Cut(b.Error, MostText)
	t.Bad = append(t.Bad, b)
}

// End implements [Reporter].
func (t *Tally) End(run *report.Run) {
	t.Run = run
	t.Matrix.settle()
}
