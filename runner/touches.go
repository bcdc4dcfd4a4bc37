package runner

import (
	"context"
	"maps"
	"slices"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
)

// Touches runs the suite's scenarios against its recordings, without a report,
// and returns which of them come by which screen, by its name and by its node.
// The key "" holds those that start a flow.
func (s *Suite) Touches(ctx context.Context) (map[string][]diff.Place, error) {
	found := map[string]map[diff.Place]bool{}
	note := func(key string, at diff.Place) {
		if found[key] == nil {
			found[key] = map[diff.Place]bool{}
		}
		found[key][at] = true
	}
	quiet := *s
	quiet.Reporter, quiet.Conformance, quiet.Known = report.Discard{}, OffBroken, nil
	quiet.Record = func(r Recorded) {
		at := diff.Place{File: r.Scenario.File, Line: r.Scenario.Line, Scenario: r.Scenario.Name}
		note("", at)
		for _, h := range Observe(r.Take, r.Detailed) {
			if h.Outcome == davinci.Paused {
				note(h.Screen().Name, at)
				note(h.NodeID(), at)
			}
		}
	}
	if _, err := quiet.Run(ctx); err != nil {
		return nil, err
	}
	out := map[string][]diff.Place{}
	for key, places := range found {
		out[key] = slices.SortedFunc(maps.Keys(places), func(a, b diff.Place) int {
			if a.File != b.File {
				if a.File < b.File {
					return -1
				}
				return 1
			}
			return a.Line - b.Line
		})
	}
	return out, nil
}

// Judged says what the catalogue says of each hop of a recording, for a comparison.
func Judged(f *recordings.Flow) map[*recordings.Hop][]diff.Verdict {
	byName := map[string]*recordings.Hop{}
	for _, h := range f.Hops {
		byName[h.Name] = h
	}
	out := map[*recordings.Hop][]diff.Verdict{}
	for _, detailed := range shapesOf(f) {
		takes, _ := recordings.Journeys(f, recordings.Walk{Detailed: detailed})
		for _, take := range takes {
			var judge conformance.Judge
			for i, h := range Observe(take, detailed) {
				v := judge.Hop(h)
				hop := byName[take[i].Hop]
				for _, x := range findings(&v, h.Number) {
					out[hop] = append(out[hop], diff.Verdict{Requirement: x.Requirement.ID, Result: x.Result.String()})
				}
			}
		}
	}
	return out
}

// Flows returns the names of the flows that the chosen scenarios drive, sorted.
func (s *Suite) Flows() ([]string, error) {
	p, err := s.choose()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, sc := range p.scenarios {
		for _, name := range sc.flows() {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}
