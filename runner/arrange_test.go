package runner_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

const quick = "Given the flow \"sign-on\""

// namesOf lists the scenarios that ran.
func (c *collector) namesOf() []string {
	out := []string{}
	for _, s := range c.scenarios {
		out = append(out, s.Name)
	}
	return out
}

func TestShardsAreStableDisjointAndComplete(t *testing.T) {
	src := scenarios(many(quick, 23)...)
	_, whole := ran(t, runner.Suite{Features: src})
	for _, shards := range []int{1, 2, 3, 7, 23} {
		var got []string
		numbers := map[int]string{}
		for shard := 1; shard <= shards; shard++ {
			run, out := ran(t, runner.Suite{Features: src, Shard: shard, Shards: shards})
			_, again := ran(t, runner.Suite{Features: src, Shard: shard, Shards: shards, Concurrency: 5})
			assert.Equal(t, out.namesOf(), again.namesOf(), "shard %d of %d is the same again", shard, shards)
			assert.InDelta(t, 23.0/float64(shards), float64(run.Total()), 1)
			assert.Equal(t, [2]int{shard, shards}, [2]int{run.Plan.Shard, run.Plan.Shards})
			for _, s := range out.scenarios {
				numbers[s.Number] = s.Name
			}
			got = append(got, out.namesOf()...)
		}
		assert.ElementsMatch(t, whole.namesOf(), got, "%d shards", shards)
		for i, name := range whole.namesOf() {
			assert.Equal(t, name, numbers[i+1], "the number is its place among all")
		}
	}
}

func TestShardsAreBalancedByDurations(t *testing.T) {
	src := scenarios(many(quick, 8)...)
	took := map[string]time.Duration{"s0": 60 * time.Second, "s3": 30 * time.Second, "s5": 30 * time.Second}
	for name, line := range map[string]int{"at their lines": 0, "after the lines moved": 100} {
		t.Run(name, func(t *testing.T) {
			durations := map[runner.Place]time.Duration{}
			_, all := ran(t, runner.Suite{Features: src})
			for _, s := range all.scenarios {
				if s.Name == "s7" {
					continue // it is new, and taken for a usual one
				}
				durations[runner.Place{File: s.File, Name: s.Name, Line: s.Line + line}] = max(took[s.Name], time.Second)
			}
			_, first := ran(t, runner.Suite{Features: src, Shard: 1, Shards: 2, Durations: durations})
			_, second := ran(t, runner.Suite{Features: src, Shard: 2, Shards: 2, Durations: durations})
			long := first.namesOf()
			if !slices.Contains(long, "s0") {
				long = second.namesOf()
			}
			assert.NotContains(t, long, "s3")
			assert.NotContains(t, long, "s5", "a minute stands against twice half a minute")
			assert.Equal(t, 8, len(first.scenarios)+len(second.scenarios))
		})
	}
}

func TestAShardThatIsNone(t *testing.T) {
	for name, row := range map[string]struct {
		suite runner.Suite
		want  string
	}{
		"of no shards":      {runner.Suite{Shard: 1}, "shard 1 of 0, want one from 1 to the number of shards"},
		"the one before 1":  {runner.Suite{Shards: 2}, "shard 0 of 2, want one from 1 to the number of shards"},
		"one too many":      {runner.Suite{Shard: 3, Shards: 2}, "shard 3 of 2, want one from 1 to the number of shards"},
		"less than nothing": {runner.Suite{Shard: -1, Shards: 2}, "shard -1 of 2, want one from 1 to the number of shards"},
	} {
		t.Run(name, func(t *testing.T) {
			row.suite.Features = scenarios(quick, quick)
			err := refused(t, row.suite)
			require.EqualError(t, err, row.want)
		})
	}
}

// Where there are fewer scenarios than shards, some have nothing to do, and they
// ask a live target for nothing either.
func TestAShardToWhichNothingFallsIsARunWithoutScenarios(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.NotFound(w, r)
	}))
	defer s.Close()
	discovering := liveAt(t, s.URL)
	discovering.Live.Issuer = s.URL + "/as"
	for name, to := range map[string]*target.Target{"a replay": nil, "a live target": discovering} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(quick, quick), Target: to, Shard: 3, Shards: 3})
			assert.Empty(t, out.scenarios)
			assert.Equal(t, 0, run.Plan.Scenarios)
			assert.Equal(t, [2]int{3, 3}, [2]int{run.Plan.Shard, run.Plan.Shards})
			assert.False(t, run.Interrupted || run.Failed)
			assert.Zero(t, asked, "nothing was sent")
		})
	}
	err := refused(t, runner.Suite{Features: scenarios(quick, quick), Tags: "@nothing", Shard: 3, Shards: 3})
	_, nothing := errors.AsType[*runner.NothingError](err)
	assert.True(t, nothing, "a choice that leaves nothing for any of them is no such thing: %T", err)
}

func TestARandomOrderIsRepeatedByItsSeed(t *testing.T) {
	src := scenarios(many(quick, 30)...)
	_, files := ran(t, runner.Suite{Features: src})
	run, first := ran(t, runner.Suite{Features: src, Seed: 42})
	_, second := ran(t, runner.Suite{Features: src, Seed: 42, Concurrency: 1})
	_, other := ran(t, runner.Suite{Features: src, Seed: 43})
	assert.Equal(t, first.namesOf(), second.namesOf())
	assert.NotEqual(t, files.namesOf(), first.namesOf())
	assert.NotEqual(t, first.namesOf(), other.namesOf())
	assert.ElementsMatch(t, files.namesOf(), first.namesOf())
	assert.Equal(t, "order of seed 42", run.Plan.Where)
}

func TestScenariosRepeat(t *testing.T) {
	run, out := ran(t, runner.Suite{Features: scenarios(passes, fails), Repeat: 3})
	assert.Equal(t, []string{"s0", "s0", "s0", "s1", "s1", "s1"}, out.namesOf())
	var repeats []int
	for _, s := range out.scenarios {
		repeats = append(repeats, s.Repeat)
	}
	assert.Equal(t, []int{1, 2, 3, 1, 2, 3}, repeats)
	assert.Equal(t, 6, run.Plan.Scenarios)
	assert.Equal(t, 3, run.Counts[report.Passed])
	assert.Equal(t, 3, run.Counts[report.Failed])
	_, once := ran(t, runner.Suite{Features: scenarios(passes), Repeat: 1})
	assert.Zero(t, once.scenarios[0].Repeat, "what runs once is no repetition")
}

// places lists where scenarios are, from NAME:LINE.
func places(t *testing.T, list ...string) []runner.Place {
	t.Helper()
	var out []runner.Place
	for _, text := range list {
		name, line, ok := strings.Cut(text, ":")
		require.True(t, ok)
		p := runner.Place{File: "f.feature", Name: name}
		_, err := fmt.Sscan(line, &p.Line)
		require.NoError(t, err)
		out = append(out, p)
	}
	return out
}

// earlier is a run that saw scenarios, some of which did not pass.
func earlier(seen, bad []runner.Place, torn bool) *runner.Earlier {
	e := &runner.Earlier{Passed: map[runner.Place]bool{}, Torn: torn}
	for _, at := range seen {
		e.Add(at, true)
	}
	for _, at := range bad {
		e.Add(at, false)
	}
	return e
}

func TestWhatDidNotPassRunsAgain(t *testing.T) {
	const text = "Feature: F\n" + // 1
		"Scenario: a\n* detailed responses\n" + // 2
		"Scenario: twin\n* detailed responses\n" + // 4
		"Scenario: twin\n* detailed responses\n" + // 6
		"Scenario Outline: rows\n* detailed responses\nExamples:\n|n|\n|1|\n|2|\n|3|\n" // 12 13 14
	before := []string{"a:2", "twin:4", "twin:6", "rows (row 1):12", "rows (row 2):13", "rows (row 3):14"}
	moved := func(by int) []string {
		var out []string
		for _, p := range places(t, before...) {
			out = append(out, fmt.Sprintf("%s:%d", p.Name, p.Line-by))
		}
		return out
	}
	for name, row := range map[string]struct {
		bad, seen []string
		torn      bool
		want      []string
		where     string
	}{
		"a scenario":                          {bad: []string{"a:2"}, want: []string{"a:2"}},
		"one that stood elsewhere":            {bad: []string{"a:99"}, seen: []string{"a:99"}, want: []string{"a:2"}},
		"one of two of a name":                {bad: []string{"twin:6"}, want: []string{"twin:6"}},
		"the other one":                       {bad: []string{"twin:4"}, want: []string{"twin:4"}},
		"one of two that moved":               {bad: []string{"twin:4"}, seen: moved(2), want: []string{"twin:6"}},
		"the twin that the lines hide":        {bad: []string{"twin:2"}, seen: moved(2), want: []string{"twin:4"}},
		"a row":                               {bad: []string{"rows (row 2):13"}, want: []string{"rows (row 2):13"}},
		"a row that moved":                    {bad: []string{"rows (row 2):10"}, seen: moved(3), want: []string{"rows (row 2):13"}},
		"a row of a table that was edited":    {bad: []string{"rows (row 1):12"}, seen: []string{"rows (row 1):12", "rows (row 2):17"}, want: []string{"rows (row 1):12", "rows (row 2):13", "rows (row 3):14"}},
		"what is there twice, as in a repeat": {bad: []string{"twin:4", "twin:4"}, want: []string{"twin:4"}},
		"one of two that no longer exists":    {bad: []string{"a:2", "gone:50"}, seen: []string{"a:2", "gone:50"}, want: []string{"a:2"}, where: "1 of those that did not pass no longer exist"},
		"one that moved, and whose name was hidden": {
			bad: []string{"r[redacted]s (row 1):42", "a:2"}, seen: []string{"r[redacted]s (row 1):42", "a:2"},
			want: []string{"a:2", "rows (row 1):12"},
		},
		"a killed run, with what it did not see": {
			bad: []string{"twin:4"}, seen: []string{"a:2", "twin:4", "twin:6"}, torn: true,
			want: []string{"twin:4", "rows (row 1):12", "rows (row 2):13", "rows (row 3):14"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if row.seen == nil {
				row.seen = before
			}
			run, out := ran(t, runner.Suite{
				Features: []runner.Source{feature("f.feature", text)},
				Rerun:    earlier(places(t, row.seen...), places(t, row.bad...), row.torn),
			})
			assert.Equal(t, row.want, out.chose())
			assert.Equal(t, row.where, run.Plan.Where)
		})
	}
	err := refused(t, runner.Suite{
		Features: []runner.Source{feature("f.feature", text)},
		Rerun:    earlier(places(t, "gone:5"), places(t, "gone:5"), false),
	})
	assert.EqualError(t, err, "none of the scenarios that did not pass there is among the 6 here")
}

func TestADryRunSendsNothingAndSaysWhatHasNoDefinition(t *testing.T) {
	run, out := ran(t, runner.Suite{
		Features: scenarios(passes, undefined, fails, undefined), Target: liveAt(t, "http://127.0.0.1:1"), DryRun: true, FailFast: true,
	})
	assert.Equal(t, []report.Status{report.NotRun, report.Undefined, report.NotRun, report.Undefined}, out.statuses())
	assert.True(t, run.Plan.DryRun)
	assert.Zero(t, run.Hops)
	assert.False(t, run.Failed)

	live := liveAt(t, "http://127.0.0.1:1")
	live.Live.Issuer = "http://127.0.0.1:1/as"
	_, out = ran(t, runner.Suite{Features: scenarios(passes), Target: live, DryRun: true})
	assert.Equal(t, []report.Status{report.NotRun}, out.statuses(), "not even the issuer is asked")
}

func TestTheCommandThatRepeatsAScenarioHasTheSeedOfTheFaults(t *testing.T) {
	run, _ := ran(t, runner.Suite{Features: scenarios(quick), Plan: report.Plan{Repeat: []string{"--config", "x.yaml"}}})
	assert.Equal(t, []string{"--config", "x.yaml"}, run.Plan.Repeat)
	run, _ = ran(t, runner.Suite{
		Features: []runner.Source{feature("f.feature", "Feature: F\n@fault:500\nScenario: a\n"+quick+"\n")}, Plan: report.Plan{Repeat: []string{"--strict"}},
	})
	require.Len(t, run.Plan.Repeat, 3)
	assert.Equal(t, []string{"--strict", "--seed"}, run.Plan.Repeat[:2], "a tag's faults have a seed too")
	assert.Contains(t, run.Plan.Where, "(seed "+run.Plan.Repeat[2]+")")
}
