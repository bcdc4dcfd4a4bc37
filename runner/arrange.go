package runner

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/conformance"
)

// planned is a scenario of a run in its order.
type planned struct {
	*feature.Scenario

	number int // its place among all scenarios of all shards, from 1
	repeat int // which time it runs, from 1; 0 where it runs once
}

// arrange puts the chosen scenarios into the order of the run: shuffled, cut to
// the shard, repeated. Where there are fewer scenarios than shards, nothing falls to
// some of them, which is not an error. It returns the seed of the order, 0 where
// that is the files'.
func (s *Suite) arrange(p *plan) ([]planned, uint64, error) {
	if s.Shards < 0 || s.Shard < 0 || s.Shard > s.Shards || s.Shards > 0 && s.Shard == 0 {
		return nil, 0, &UsageError{
			fmt.Errorf("shard %d of %d, want one from 1 to the number of shards", s.Shard, s.Shards),
		}
	}
	var list []planned
	for i, sc := range p.scenarios {
		list = append(list, planned{Scenario: sc, number: i + 1})
	}
	p.scenarios = nil
	if s.Shards > 1 {
		list = s.shard(list)
	}
	if s.Repeat > 1 {
		list = repeated(list, s.Repeat)
	}
	seed := uint64(0)
	if s.Random {
		for seed = s.Seed; seed == 0; {
			seed = rand.Uint64N(1 << 32) //nolint:gosec // an order of tests, and short enough to be typed
		}
		order := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // as above
		order.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list, seed, nil
}

func repeated(list []planned, times int) []planned {
	var out []planned
	for _, sc := range list {
		for n := 1; n <= times; n++ {
			sc.repeat = n
			out = append(out, sc)
		}
	}
	return out
}

// shard keeps the scenarios of the suite's part: the longest first, each to the
// part that has least to do. Every machine that knows the same features and
// durations comes to the same parts.
func (s *Suite) shard(list []planned) []planned {
	took := s.durations()
	order := slices.Clone(list)
	slices.SortStableFunc(order, func(a, b planned) int { return cmp.Compare(took(b), took(a)) })
	load := make([]time.Duration, s.Shards)
	mine := map[int]bool{}
	for _, sc := range order {
		least := 0
		for i := range load {
			if load[i] < load[least] {
				least = i
			}
		}
		load[least] += took(sc)
		if least+1 == s.Shard {
			mine[sc.number] = true
		}
	}
	return slices.DeleteFunc(list, func(sc planned) bool { return !mine[sc.number] })
}

// durations returns how long a scenario is thought to take: as long as it did at
// its line, or else as one of its name in its file did, or as a usual one.
func (s *Suite) durations() func(planned) time.Duration {
	usual, byName := median(s.Durations), map[Place]time.Duration{}
	for at, d := range s.Durations {
		at.Line = 0
		byName[at] = max(byName[at], d)
	}
	return func(sc planned) time.Duration {
		if d, ok := s.Durations[Place{sc.File, sc.Name, sc.Line}]; ok {
			return d
		}
		if d, ok := byName[Place{File: sc.File, Name: sc.Name}]; ok {
			return d
		}
		return usual
	}
}

// median returns the duration of a usual scenario.
func median(m map[Place]time.Duration) time.Duration {
	list := make([]time.Duration, 0, len(m))
	for _, d := range m {
		list = append(list, d)
	}
	if len(list) == 0 {
		return time.Second
	}
	slices.Sort(list)
	return max(1, list[len(list)/2])
}

// plan says what the run is about to do. The seeds are those of its order and of
// its faults, 0 without any.
func (s *Suite) plan(p *plan, where string, seed, faults uint64, chosen int, begin time.Time,
	hide func(string) string,
) report.Plan {
	out := report.Plan{
		Target: s.Target.Name, Live: s.Target.Live != nil, Where: where, Scenarios: chosen, Began: begin,
		Shard: s.Shard, Shards: s.Shards, Version: s.Version, DryRun: s.DryRun, Run: s.RunID,
		Source: func(file string) string { return hide(p.source(file)) }, Definitions: definitionsOf(s.Definitions()),
	}
	if s.Conformance != OffBroken {
		out.Requirements = conformance.Catalogue()
	}
	if out.Repeat = slices.Clone(s.Again); faults != 0 {
		out.Repeat = append(out.Repeat, "--seed", strconv.FormatUint(faults, 10))
	}
	if seed != 0 {
		out.Where = joined(out.Where, fmt.Sprintf("order of seed %d", seed))
	}
	if p.gone > 0 {
		out.Where = joined(out.Where, fmt.Sprintf("%d of those that did not pass no longer exist", p.gone))
	}
	return out
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

func definitionsOf(list []steps.Definition) []report.Definition {
	out := make([]report.Definition, len(list))
	for i := range list {
		out[i] = report.Definition{Pattern: list[i].Expr.String()}
	}
	return out
}
