package record

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"flowtest/runner"
	"flowtest/runner/internal/diff"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A Compared is a scenario whose journeys differ between two targets.
type Compared struct {
	Scenario    runner.Place
	Differences []*diff.Difference
	Problem     string // why the two could not be compared, "" if they were

	// Verdict says where the scenario failed on one side only, "" if the result is the same on
	// both. Then hops that only one side reached are not compared.
	Verdict string
}

// Times is how often [Compare] runs each scenario on either side, and [Rewalk.Drive]
// each journey: twice, so that generated values can be distinguished from constant ones.
const Times = 2

// Compare runs a suite against its own target, the live environment, and against other, a replay
// of the recordings, and compares the results by shape. Every scenario runs twice on each side,
// so that generated values are distinguished from changes.
//
// Only what a recording may hold is compared: see scrub in flowtest.yaml.
func Compare(ctx context.Context, s, other *runner.Suite, allow map[string]*regexp.Regexp,
) (*report.Run, []Compared, error) {
	live, replay := *s, *other
	replay.Reporter, replay.Conformance, replay.Known, replay.Watcher = report.Discard{}, runner.OffBroken, nil, nil
	liveTakes, replayTakes := collect(&live), collect(&replay)
	liveWorst, replayWorst := judged(&live), judged(&replay)
	run, err := live.Run(ctx)
	if err != nil {
		return nil, nil, err
	}
	if _, err := replay.Run(ctx); err != nil {
		return nil, nil, err
	}
	var out []Compared
	for _, at := range slices.SortedFunc(maps.Keys(liveTakes), byPlace) {
		c := Compared{Scenario: at}
		if liveTakes[at].cut {
			continue // the run reports how the environment failed
		}
		before, after := replayTakes[at], liveTakes[at]
		if c.Verdict = verdicts(liveWorst[at], replayWorst[at]); c.Verdict != "" && before != nil {
			before.shorten(after)
		}
		c.compare(&Recorder{Target: s.Target, Allow: allow, Fresh: true}, before, after)
		if c.Problem != "" || c.Verdict != "" || len(c.Differences) > 0 {
			out = append(out, c)
		}
	}
	return run, out, nil
}

// verdicts says where one of two runs of a scenario failed and the other did not.
func verdicts(live, replay *report.Scenario) string {
	if live == nil || replay == nil || live.Status.Bad() == replay.Status.Bad() {
		return ""
	}
	if live.Status.Bad() {
		return "passed in the replay, failed live at " + failedAt(live)
	}
	return "passed live, failed in the replay at " + failedAt(replay)
}

// failedAt says at which step a scenario failed, and why.
func failedAt(s *report.Scenario) string {
	if st := s.FailedStep(); st != nil {
		return fmt.Sprintf("%s (line %d): %s", st.Text, st.Line, st.Error)
	}
	return "its end"
}

// judged adds a reporter to the suite, and returns the map in which the worst result of each
// scenario will be.
func judged(s *runner.Suite) map[runner.Place]*report.Scenario {
	worst := map[runner.Place]*report.Scenario{}
	s.Reporter = &seeing{cmp.Or[report.Reporter](s.Reporter, report.Discard{}), func(s *report.Scenario) {
		at := placeOf(s)
		if have := worst[at]; have == nil || have.Status < s.Status {
			worst[at] = &report.Scenario{Status: s.Status, Attempt: report.Attempt{Steps: s.Steps}}
		}
	}}
	return worst
}

// An nth is the n-th journey of a run through a flow.
type nth struct {
	flow string
	n    int
}

// shorten cuts the journeys of two sides to what every run of both reached.
func (d *driven) shorten(o *driven) {
	runs, reached := map[nth]int{}, map[nth]int{}
	for _, side := range []*driven{d, o} {
		side.each(func(at nth, journey davinci.Exchanges) {
			if runs[at] == 0 || len(journey) < reached[at] {
				reached[at] = len(journey)
			}
			runs[at]++
		})
	}
	for _, side := range []*driven{d, o} {
		both := map[string][]davinci.Exchanges{}
		side.each(func(at nth, journey davinci.Exchanges) {
			if runs[at] == 2*Times && reached[at] > 0 {
				both[at.flow] = append(both[at.flow], journey[:reached[at]])
			}
		})
		side.journeys = both
	}
}

func (d *driven) each(do func(at nth, journey davinci.Exchanges)) {
	for name, journeys := range d.journeys {
		for i, journey := range journeys {
			do(nth{name, d.nth[name][i]}, journey)
		}
	}
}

// driven is the journeys of a scenario, by the flows that they went through.
type driven struct {
	journeys map[string][]davinci.Exchanges
	nth      map[string][]int // which journey of its run each is
	cut      bool             // the environment failed

	generated map[string]string // the unique values that were typed: their names by value
}

// collect makes the suite run everything twice, and returns the map in which its journeys will
// be.
func collect(s *runner.Suite) map[runner.Place]*driven {
	type run struct {
		runner.Place

		times int
		flow  string
	}
	all, so := map[runner.Place]*driven{}, map[run]int{}
	s.Repeat = Times
	s.Record = func(r runner.Recorded) {
		d := all[r.Scenario]
		if d == nil {
			d = &driven{
				journeys: map[string][]davinci.Exchanges{}, nth: map[string][]int{}, generated: map[string]string{},
			}
			all[r.Scenario] = d
		}
		n := run{r.Scenario, r.Repeat, r.Flow}
		d.nth[r.Flow] = append(d.nth[r.Flow], so[n])
		so[n]++
		d.journeys[r.Flow] = append(d.journeys[r.Flow], flow.Exchanges(r.Hops))
		d.cut = d.cut || r.Cut
		maps.Copy(d.generated, r.Generated)
	}
	return all
}

func (c *Compared) compare(r *Recorder, before, after *driven) {
	for _, name := range slices.Sorted(maps.Keys(after.journeys)) {
		if before == nil || len(before.journeys[name]) == 0 {
			c.Problem = fmt.Sprintf("no journey through the flow %q was replayed: record it first", name)
			continue
		}
		r.Generated = before.generated
		was, err := r.Learn(name, before.journeys[name])
		if err != nil {
			c.Problem = "replay: " + err.Error()
			continue
		}
		r.Generated = after.generated
		is, err := r.Learn(name, after.journeys[name])
		if err != nil {
			c.Problem = "live: " + err.Error()
			continue
		}
		if d := diff.Compare(was.Flow, is.Flow, diff.Options{}); d.Worst() > diff.None {
			c.Differences = append(c.Differences, d)
		}
	}
}
