package output

import (
	"slices"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

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

func (x *row) count(flow string, result conformance.Result, hops int) {
	x.counts[result] += hops
	if x.flows[flow] == nil {
		x.flows[flow] = &results{}
	}
	x.flows[flow][result] += hops
}
