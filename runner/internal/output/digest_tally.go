package output

import (
	"maps"
	"slices"
	"time"

	"flowtest/runner/report"
)

// A tally is what of a run has to be known before its first scenario is
// rendered. It grows with files, flows, tags and requirements, not with scenarios.
type tally struct {
	plan   report.Plan
	run    *report.Run
	suites []suite
	flows  counter
	tags   counter
	matrix matrix
	seen   int   // scenarios
	bad    []bad // the first of those that did not pass
	more   int   // how many of those are not kept
}

// A bad is a scenario that did not pass, for a list of them.
type bad struct {
	Index                   int // from 0
	Name, File, Step, Error string
	Line                    int
	Status                  report.Status
	Environment             bool
}

// A suite is the scenarios of one file that follow one another.
type suite struct {
	file, feature                    string
	tests, failures, errors, skipped int
	duration                         time.Duration
	began                            time.Time
}

// A counter counts by name.
type counter map[string]int

func (c counter) names() []string { return slices.Sorted(maps.Keys(c)) }

func newTally() *tally {
	return &tally{flows: counter{}, tags: counter{}, matrix: matrix{rows: map[string]*row{}, met: map[metKey]int{}}}
}

// Begin implements [Reporter].
func (t *tally) Begin(p report.Plan) {
	t.plan = p
	for _, r := range p.Requirements {
		t.matrix.row(r)
	}
}

// Scenario implements [Reporter].
func (t *tally) Scenario(s *report.Scenario) {
	n := len(t.suites)
	if n == 0 || t.suites[n-1].file != s.File || t.suites[n-1].feature != s.Feature {
		t.suites = append(t.suites, suite{file: s.File, feature: s.Feature})
		n++
	}
	u := &t.suites[n-1]
	u.tests++
	u.duration += s.Duration
	if u.began.IsZero() || !s.Began.IsZero() && s.Began.Before(u.began) {
		u.began = s.Began
	}
	switch {
	case s.Status == report.Failed && s.Environment:
		u.errors++
	case s.Status.Bad():
		u.failures++
	case s.Status != report.Passed && s.Status != report.Flaky:
		u.skipped++
	}
	if s.Flow != "" {
		t.flows[s.Flow]++
	}
	for _, tag := range s.Tags {
		t.tags[tag]++
	}
	t.matrix.add(t.seen, s)
	if s.Status.Bad() {
		t.trouble(s)
	}
	t.seen++
}

func (t *tally) trouble(s *report.Scenario) {
	if len(t.bad) == mostTroubles {
		t.more++
		return
	}
	b := bad{Index: t.seen, Name: s.Name, Status: s.Status, Environment: s.Environment}
	b.File, b.Line = placeOf(s)
	b.Step, b.Error = trouble(s)
	b.Error = cutText(b.Error)
	t.bad = append(t.bad, b)
}

// End implements [Reporter].
func (t *tally) End(run *report.Run) {
	t.run = run
	t.matrix.settle()
}
