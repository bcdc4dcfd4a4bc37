package record

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/walk"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// Touches runs a suite's scenarios against its recordings, without a report,
// and returns which of them reach which screen, by its name and by its node.
// The key "" holds those that start a flow.
func Touches(ctx context.Context, s *runner.Suite) (map[string][]diff.Place, error) {
	found := map[string]map[diff.Place]bool{}
	note := func(key string, at diff.Place) {
		if found[key] == nil {
			found[key] = map[diff.Place]bool{}
		}
		found[key][at] = true
	}
	quiet := *s
	quiet.Reporter, quiet.Conformance, quiet.Known = report.Discard{}, runner.OffBroken, nil
	quiet.Record = func(r runner.Recorded) {
		at := diff.Place{File: r.Scenario.File, Line: r.Scenario.Line, Scenario: r.Scenario.Name}
		note("", at)
		for _, h := range flow.Observe(r.Take, r.Detailed) {
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
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
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
		takes, _ := walk.Journeys(f, walk.Options{Detailed: detailed})
		for _, take := range takes {
			var judge conformance.Judge
			for i, h := range flow.Observe(take, detailed) {
				v := judge.Hop(h)
				hop := byName[take[i].Hop]
				for _, x := range v.Findings {
					out[hop] = append(out[hop], diff.Verdict{Requirement: x.Requirement.ID, Result: x.Result.String()})
				}
				for _, passed := range v.Passed.List() {
					verdict := diff.Verdict{Requirement: passed.ID, Result: conformance.Passed.String()}
					out[hop] = append(out[hop], verdict)
				}
			}
		}
	}
	return out
}

// shapesOf returns the shapes in which screens were recorded.
func shapesOf(f *recordings.Flow) []bool {
	var asJSON, detailed bool
	for _, h := range f.Hops {
		asJSON = asJSON || h.Response.JSON != nil
		detailed = detailed || h.Response.Detailed != nil
	}
	switch {
	case asJSON && detailed:
		return []bool{false, true}
	case detailed:
		return []bool{true}
	default:
		return []bool{false}
	}
}
