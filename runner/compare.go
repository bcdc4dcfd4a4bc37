package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"flowtest/recordings"
	"flowtest/runner/drift"
	"flowtest/runner/report"
	"flowtest/runner/target"
)

// A Compared is a scenario whose journeys differ between two targets.
type Compared struct {
	Scenario    Place
	Differences []*drift.Difference
	Problem     string // why the two could not be compared, "" where they were
}

// CompareTimes is how often [Suite.Compare] runs each scenario on either side.
const CompareTimes = 2

// Compare runs the suite, and its scenarios once more against other, and
// compares by shape what came of each: other is the replay of what was
// recorded, the suite itself the live environment. Every scenario runs twice on
// each side, so that what is minted anew each time is told from what changed.
//
// What recordings may hold is what they are compared by: scrub says so.
func (s *Suite) Compare(ctx context.Context, other *Suite, scrub target.Scrub) (*report.Run, []Compared, error) {
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
		if liveTakes[at].cut {
			continue // the run says what failed of the environment
		}
		c.compare(&Recorder{Target: s.Target, Scrub: scrub, Fresh: true}, replayTakes[at], liveTakes[at])
		if c.Problem != "" || len(c.Differences) > 0 {
			out = append(out, c)
		}
	}
	return run, out, nil
}

// driven is the journeys of a scenario, by the flows that they went through.
type driven struct {
	takes map[string][]recordings.Take
	cut   bool // the environment failed
}

// collect lets the suite run everything twice, and returns where its journeys
// will be.
func collect(s *Suite) map[Place]*driven {
	all := map[Place]*driven{}
	s.Repeat = CompareTimes
	s.Record = func(r Recorded) {
		d := all[r.Scenario]
		if d == nil {
			d = &driven{takes: map[string][]recordings.Take{}}
			all[r.Scenario] = d
		}
		d.takes[r.Flow] = append(d.takes[r.Flow], r.Take)
		d.cut = d.cut || r.Cut
	}
	return all
}

func (c *Compared) compare(r *Recorder, before, after *driven) {
	for _, name := range slices.Sorted(maps.Keys(after.takes)) {
		if before == nil || len(before.takes[name]) == 0 {
			c.Problem = fmt.Sprintf("no journey through the flow %q was replayed: record it first", name)
			continue
		}
		was, err := r.Learn(name, before.takes[name])
		if err != nil {
			c.Problem = "replay: " + err.Error()
			continue
		}
		is, err := r.Learn(name, after.takes[name])
		if err != nil {
			c.Problem = "live: " + err.Error()
			continue
		}
		if d := drift.Compare(was.Flow, is.Flow, drift.Options{}); d.Worst() > drift.None {
			c.Differences = append(c.Differences, d)
		}
	}
}
