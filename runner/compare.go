package runner

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"flowtest/recordings"
	"flowtest/runner/drift"
	"flowtest/runner/report"
)

// A Compared is a scenario whose journeys differ between two targets.
type Compared struct {
	Scenario    Place
	Differences []*drift.Difference
	Problem     string // why the two could not be compared, "" where they were
}

// Compare runs the suite, and its scenarios once more against other, and
// compares by shape what came of each: other is the replay of what was
// recorded, the suite itself the live environment. Every scenario runs twice on
// each side, so that what is minted anew each time is told from what changed.
func (s *Suite) Compare(ctx context.Context, other *Suite) (*report.Run, []Compared, error) {
	live, replay := *s, *other
	liveTakes, replayTakes := collect(&live), collect(&replay)
	run, err := live.Run(ctx)
	if err != nil {
		return nil, nil, err
	}
	replay.Reporter, replay.Conformance, replay.Known = report.Discard{}, OffBroken, nil
	if _, err := replay.Run(ctx); err != nil {
		return nil, nil, err
	}
	var out []Compared
	for _, at := range slices.SortedFunc(maps.Keys(liveTakes), func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	}) {
		c := Compared{Scenario: at}
		c.compare(&Recorder{Target: s.Target, Fresh: true}, replayTakes[at], liveTakes[at])
		if c.Problem != "" || len(c.Differences) > 0 {
			out = append(out, c)
		}
	}
	return run, out, nil
}

// collect lets the suite run everything twice, and returns where its journeys
// will be, by scenario and flow.
func collect(s *Suite) map[Place]map[string][]recordings.Take {
	takes := map[Place]map[string][]recordings.Take{}
	s.Repeat = 2
	s.Record = func(r Recorded) {
		if takes[r.Scenario] == nil {
			takes[r.Scenario] = map[string][]recordings.Take{}
		}
		takes[r.Scenario][r.Flow] = append(takes[r.Scenario][r.Flow], r.Take)
	}
	return takes
}

func (c *Compared) compare(r *Recorder, before, after map[string][]recordings.Take) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		was, err := r.Learn(name, before[name])
		if err == nil {
			is, err2 := r.Learn(name, after[name])
			if err = err2; err == nil {
				if d := drift.Compare(was.Flow, is.Flow, drift.Options{}); d.Worst() > drift.None {
					c.Differences = append(c.Differences, d)
				}
			}
		}
		if err != nil {
			c.Problem = err.Error()
		}
	}
}
