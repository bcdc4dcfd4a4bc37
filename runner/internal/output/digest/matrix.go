package digest

import (
	"slices"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A matrix holds what came of every requirement in every flow.
type matrix struct {
	rows  map[string]*Row
	Order []*Row
	met   map[metKey]int // hops, until [matrix.settle] gives them to the rows
}

// A metKey is what the hops of a flow met: nearly always the same.
type metKey struct {
	flow string
	met  conformance.Set
}

// A Row is one requirement.
type Row struct {
	Requirement *conformance.Requirement
	Counts      Results
	Flows       map[string]*Results
	Hits        []Hit // the first of those that were not simply met
	More        int   // how many hits are not kept
}

// Results counts hops by what came of a requirement there.
type Results [conformance.Violated + 1]int

// Worst returns the gravest result that was counted.
func (r *Results) Worst() conformance.Result {
	for result := conformance.Violated; result > conformance.NotExercised; result-- {
		if r[result] > 0 {
			return result
		}
	}
	return conformance.NotExercised
}

// A Hit is a hop at which a requirement was not simply met.
type Hit struct {
	Index               int // of the scenario, from 0
	Name, File          string
	Line, Hop           int
	Result              conformance.Result
	Path, Found, Wanted string
}

// mostHits bounds how many places a report names for one requirement.
const mostHits = 5

func (m *matrix) row(r *conformance.Requirement) *Row {
	x := m.rows[r.ID]
	if x == nil {
		x = &Row{Requirement: r, Flows: map[string]*Results{}}
		m.rows[r.ID] = x
		m.Order = append(m.Order, x)
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
	found := Hit{index, s.Name, s.File, s.Line, h.Number, f.Result, f.Path, f.Found, f.Wanted}
	if len(x.Hits) < mostHits {
		x.Hits = append(x.Hits, found)
		return
	}
	x.More++
	for i := range x.Hits { // the graver ones are worth the place
		if x.Hits[i].Result < found.Result {
			x.Hits[i] = found
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

// Troubled returns the rows that were not simply met, the gravest first.
func (m *matrix) Troubled() []*Row {
	var out []*Row
	for _, x := range m.Order {
		if x.Counts.Worst() > conformance.Passed {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *Row) int { return int(b.Counts.Worst()) - int(a.Counts.Worst()) })
	return out
}

// Exercised returns how many requirements applied to some hop.
func (m *matrix) Exercised() int {
	n := 0
	for _, x := range m.Order {
		if x.Counts.Worst() != conformance.NotExercised {
			n++
		}
	}
	return n
}

func (x *Row) count(flow string, result conformance.Result, hops int) {
	x.Counts[result] += hops
	if x.Flows[flow] == nil {
		x.Flows[flow] = &Results{}
	}
	x.Flows[flow][result] += hops
}
