package record

import (
	"cmp"
	"context"
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
// and returns which of them reach which screen of a flow, by its name and by its node,
// and which start it.
func Touches(ctx context.Context, s *runner.Suite) (map[diff.Touch][]diff.Place, error) {
	found := map[diff.Touch][]diff.Place{}
	quiet := *s
	quiet.Reporter, quiet.Conformance, quiet.Known = report.Discard{}, runner.OffBroken, nil
	quiet.Record = func(r runner.Recorded) {
		at := diff.Place{File: r.Scenario.File, Line: r.Scenario.Line, Scenario: r.Scenario.Name}
		add := func(screen string) {
			touch := diff.Touch{Flow: r.Flow, Screen: screen}
			found[touch] = append(found[touch], at)
		}
		add("")
		for _, h := range r.Hops {
			if h.Outcome == davinci.Paused {
				add(h.Screen().Name)
				add(h.NodeID())
			}
		}
	}
	if _, err := quiet.Run(ctx); err != nil {
		return nil, err
	}
	for key, places := range found {
		slices.SortFunc(places, func(a, b diff.Place) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Scenario, b.Scenario))
		})
		found[key] = slices.Compact(places)
	}
	return found, nil
}

// Judged returns the results of the catalogue for each hop of a recording, for a comparison.
func Judged(f *recordings.Flow) map[*recordings.Hop][]diff.Verdict {
	byName := map[string]*recordings.Hop{}
	for _, h := range f.Hops {
		byName[h.Name] = h
	}
	out := map[*recordings.Hop][]diff.Verdict{}
	for _, detailed := range shapesOf(f) {
		journeys, _ := walk.Journeys(f, walk.Options{Detailed: detailed})
		for _, journey := range journeys {
			var judge conformance.Judge
			for i, h := range flow.Observe(journey, detailed) {
				v := judge.Hop(h)
				hop := byName[journey[i].Hop]
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
	var shapes []bool
	if slices.ContainsFunc(f.Hops, func(h *recordings.Hop) bool { return h.Response.JSON != nil }) {
		shapes = append(shapes, false)
	}
	if slices.ContainsFunc(f.Hops, func(h *recordings.Hop) bool { return h.Response.Detailed != nil }) {
		return append(shapes, true)
	}
	return []bool{false}
}
