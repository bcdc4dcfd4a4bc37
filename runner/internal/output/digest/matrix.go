package digest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A Matrix is what a run found about each requirement: the one of a [Tally]
// counts hops and keeps a few hits of each requirement, the one that [Judged]
// returns counts journeys and keeps all.
type Matrix struct {
	Order []*Row // the rows in the order in which they were first seen
	rows  map[string]*Row
	met   map[metKey]int // hops, until [Matrix.settle] gives them to the rows
}

func newMatrix() Matrix { return Matrix{rows: map[string]*Row{}, met: map[metKey]int{}} }

// Judged returns the matrix of the journeys that the catalogue judged, with a row
// for each of its requirements, and the hits in the order of the journeys. m may
// be nil: then nothing was exercised.
func Judged(m *conformance.Matrix) (Matrix, []Hit) {
	out := newMatrix()
	for _, r := range conformance.Catalogue() {
		out.row(r)
	}
	if m == nil {
		return out, nil
	}
	var hits []Hit
	for i, j := range m.Journeys {
		for _, x := range out.Order {
			x.Counts[j.Result(x.Requirement)]++
		}
		for k := range j.Findings {
			h := Hit{i, j.Name, j.File, j.Line, j.Findings[k]}
			x := out.row(h.Requirement)
			x.Hits, hits = append(x.Hits, h), append(hits, h)
		}
	}
	return out, hits
}

// A metKey is what the hops of a flow met: nearly always the same.
type metKey struct {
	flow string
	met  conformance.Set
}

// A Row is what was found about one requirement.
type Row struct {
	Requirement *conformance.Requirement
	Counts      Results
	Flows       map[string]*Results
	Hits        []Hit // if it was not simply met
	More        int   // how many hits are not kept
}

// Results counts hops or journeys by the result of a requirement.
type Results [conformance.Violated + 1]int

// Worst returns the most severe result that was counted.
func (r *Results) Worst() conformance.Result {
	for result := conformance.Violated; result > conformance.NotExercised; result-- {
		if r[result] > 0 {
			return result
		}
	}
	return conformance.NotExercised
}

// String lists the results that were counted, the most severe first, as in "1 failed, 2 passed";
// "" if the requirement applied to nothing.
func (r *Results) String() string {
	var parts []string
	for result := conformance.Violated; result > conformance.NotExercised; result-- {
		if r[result] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", r[result], result))
		}
	}
	return strings.Join(parts, ", ")
}

// A Hit is a hop at which a requirement was not simply met.
type Hit struct {
	Index      int // of the scenario or journey, from 0
	Name, File string
	Line       int
	conformance.Finding
}

// mostHits bounds how many places a report names for one requirement.
const mostHits = 5

func (m *Matrix) row(r *conformance.Requirement) *Row {
	x := m.rows[r.ID]
	if x == nil {
		x = &Row{Requirement: r, Flows: map[string]*Results{}}
		m.rows[r.ID] = x
		m.Order = append(m.Order, x)
	}
	return x
}

func (m *Matrix) add(index int, s *report.Scenario) {
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

func (m *Matrix) finding(index int, s *report.Scenario, h *report.Hop, f *conformance.Finding) {
	x := m.row(f.Requirement)
	x.count(s.Flow, f.Result, 1)
	if f.Result <= conformance.Passed {
		return
	}
	found := Hit{index, s.Name, s.File, s.Line, *f}
	found.Hop = h.Number
	if len(x.Hits) < mostHits {
		x.Hits = append(x.Hits, found)
		return
	}
	x.More++
	for i := range x.Hits { // the more severe ones are worth the place
		if x.Hits[i].Result < found.Result {
			x.Hits[i] = found
			return
		}
	}
}

// settle counts what was met.
func (m *Matrix) settle() {
	for k, hops := range m.met {
		for _, r := range k.met.List() {
			m.row(r).count(k.flow, conformance.Passed, hops)
		}
	}
	clear(m.met)
}

// Troubled returns the rows that were not simply met, the most severe first.
func (m *Matrix) Troubled() []*Row {
	var out []*Row
	for _, x := range m.Order {
		if x.Counts.Worst() > conformance.Passed {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *Row) int { return int(b.Counts.Worst()) - int(a.Counts.Worst()) })
	return out
}

// Worst returns the most severe result of all requirements.
func (m *Matrix) Worst() conformance.Result {
	worst := conformance.NotExercised
	for _, x := range m.Order {
		worst = max(worst, x.Counts.Worst())
	}
	return worst
}

// Flows returns the names of all flows that were counted, sorted.
func (m *Matrix) Flows() []string {
	names := map[string]bool{}
	for _, x := range m.Order {
		for flow := range x.Flows {
			names[flow] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Exercised returns how many requirements applied to some hop.
func (m *Matrix) Exercised() int {
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
