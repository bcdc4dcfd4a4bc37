package output

import (
	"maps"
	"slices"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
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

func (c counter) names() []string { return sortedKeys(c) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

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

// A matrix holds what came of every requirement in every flow.
type matrix struct {
	rows  map[string]*row
	order []*row
	met   map[metKey]int // hops, until [matrix.settle] gives them to the rows
}

// A metKey is what the hops of a flow met: nearly always the same.
type metKey struct {
	flow string
	met  conformance.Set
}

// A row is one requirement.
type row struct {
	requirement *conformance.Requirement
	counts      results
	flows       map[string]*results
	hits        []hit // the first of those that were not simply met
	more        int   // how many hits are not kept
}

// results counts hops by what came of a requirement there.
type results [conformance.Violated + 1]int

// worst returns the gravest result that was counted.
func (r *results) worst() conformance.Result {
	for result := conformance.Violated; result > conformance.NotExercised; result-- {
		if r[result] > 0 {
			return result
		}
	}
	return conformance.NotExercised
}

// A hit is a hop at which a requirement was not simply met.
type hit struct {
	Index               int // of the scenario, from 0
	Name, File          string
	Line, Hop           int
	Result              conformance.Result
	Path, Found, Wanted string
}

// mostHits bounds how many places a report names for one requirement.
const mostHits = 5

func (m *matrix) row(r *conformance.Requirement) *row {
	x := m.rows[r.ID]
	if x == nil {
		x = &row{requirement: r, flows: map[string]*results{}}
		m.rows[r.ID] = x
		m.order = append(m.order, x)
	}
	return x
}

func (m *matrix) add(index int, s *report.Scenario) {
	for i := range s.Hops {
		h := &s.Hops[i]
		if h.Evidence == nil {
			continue
		}
		if e := h.Evidence; e.Passed != (conformance.Set{}) {
			k := metKey{s.Flow, e.Passed}
			if m.met[k] == 0 {
				for _, r := range e.Passed.List() {
					m.row(r)
				}
			}
			m.met[k]++
		}
		for j := range h.Evidence.Findings {
			if f := &h.Evidence.Findings[j]; f.Requirement != nil && f.Result <= conformance.Violated {
				m.finding(index, s, h, f)
			}
		}
	}
}

func (m *matrix) finding(index int, s *report.Scenario, h *report.Hop, f *conformance.Finding) {
	x := m.row(f.Requirement)
	x.count(s.Flow, f.Result, 1)
	if f.Result <= conformance.Passed {
		return
	}
	found := hit{index, s.Name, s.File, s.Line, h.Number, f.Result, f.Path, f.Found, f.Wanted}
	if len(x.hits) < mostHits {
		x.hits = append(x.hits, found)
		return
	}
	x.more++
	for i := range x.hits { // the graver ones are worth the place
		if x.hits[i].Result < found.Result {
			x.hits[i] = found
			return
		}
	}
}

// settle counts what was met.
func (m *matrix) settle() {
	for k, hops := range m.met {
		for _, r := range k.met.List() {
			m.row(r).count(k.flow, conformance.Passed, hops)
		}
	}
	clear(m.met)
}

func (x *row) count(flow string, result conformance.Result, hops int) {
	x.counts[result] += hops
	if x.flows[flow] == nil {
		x.flows[flow] = &results{}
	}
	x.flows[flow][result] += hops
}

// troubled returns the rows that were not simply met, the gravest first.
func (m *matrix) troubled() []*row {
	var out []*row
	for _, x := range m.order {
		if x.counts.worst() > conformance.Passed {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *row) int { return int(b.counts.worst()) - int(a.counts.worst()) })
	return out
}

// exercised returns how many requirements applied to some hop.
func (m *matrix) exercised() int {
	n := 0
	for _, x := range m.order {
		if x.counts.worst() != conformance.NotExercised {
			n++
		}
	}
	return n
}
