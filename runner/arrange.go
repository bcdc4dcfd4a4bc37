package runner

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/recordings"
	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/flow"
)

// planned is a scenario of a run in its order.
type planned struct {
	*feature.Scenario

	number int // its place among all scenarios of all shards, from 1
	repeat int // which time it runs, from 1; 0 if it runs once

	platform string // "" for that of the target
}

// arrange puts the chosen scenarios into the order of the run: shuffled, cut to the shard,
// repeated. If there are fewer scenarios than shards, some of them have none, which is not
// an error.
func (s *Suite) arrange(p *plan) ([]planned, error) {
	if s.Shards < 0 || s.Shard < 0 || s.Shard > s.Shards || s.Shards > 0 && s.Shard == 0 {
		return nil, fmt.Errorf("shard %d of %d, want one from 1 to the number of shards", s.Shard, s.Shards)
	}
	var list []planned
	for i, sc := range p.scenarios {
		list = append(list, planned{Scenario: sc, number: i + 1})
	}
	p.scenarios = nil
	if s.Shards > 1 {
		list = s.shard(list)
	}
	list, err := s.multiply(list)
	if err != nil {
		return nil, err
	}
	if s.Seed != 0 {
		order := rand.New(rand.NewPCG(s.Seed, s.Seed)) //nolint:gosec // an order of tests
		order.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list, nil
}

// multiply returns every scenario once for each platform and each repetition.
func (s *Suite) multiply(once []planned) ([]planned, error) {
	for _, name := range s.Platforms {
		if err := flow.CheckPlatform(name); err != nil {
			return nil, err
		}
	}
	platforms := s.Platforms
	if len(platforms) == 0 {
		platforms = []string{""}
	}
	list := make([]planned, 0, len(once)*len(platforms)*max(1, s.Repeat))
	for _, sc := range once {
		for _, sc.platform = range platforms {
			if s.Repeat <= 1 {
				list = append(list, sc)
			}
			for sc.repeat = 1; s.Repeat > 1 && sc.repeat <= s.Repeat; sc.repeat++ {
				list = append(list, sc)
			}
			sc.repeat = 0
		}
	}
	return list, nil
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
		least := slices.Index(load, slices.Min(load))
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
		at := placeOf(sc.Scenario)
		if d, ok := s.Durations[at]; ok {
			return d
		}
		at.Line = 0
		if d, ok := byName[at]; ok {
			return d
		}
		return usual
	}
}

// median returns the duration of a usual scenario.
func median(m map[Place]time.Duration) time.Duration {
	list := slices.Sorted(maps.Values(m))
	if len(list) == 0 {
		return time.Second
	}
	return max(1, list[len(list)/2])
}

// plan says what the run is about to do. The seed is that of its faults, 0 without any.
func (s *Suite) plan(p *plan, where string, faults uint64, chosen int, begin time.Time, hide func(string) string,
) report.Plan {
	out := s.Plan
	out.Target, out.Live, out.Scenarios, out.Began = s.Target.Name, s.Target.Live != nil, chosen, begin
	out.Shard, out.Shards, out.DryRun = s.Shard, s.Shards, s.DryRun
	out.Source = func(file string) string { return hide(p.source(file)) }
	for _, d := range s.Definitions() {
		out.Definitions = append(out.Definitions, report.Definition{
			Pattern: d.Pattern, File: d.File, Line: d.Line,
		})
	}
	if s.Conformance != OffBroken {
		out.Requirements = conformance.Catalogue()
	}
	if out.Repeat = slices.Clone(out.Repeat); faults != 0 {
		out.Repeat = append(out.Repeat, "--seed", strconv.FormatUint(faults, 10))
	}
	for _, f := range p.flows {
		if !out.Live && f.Source == recordings.Synthetic {
			out.Synthetic = append(out.Synthetic, f.Name)
		}
	}
	out.Where = where
	if len(s.Platforms) == 1 {
		out.Where = joined(out.Where, "as "+s.Platforms[0])
	}
	if s.Seed != 0 {
		out.Where = joined(out.Where, fmt.Sprintf("order of seed %d", s.Seed))
	}
	if p.gone > 0 {
		out.Where = joined(out.Where, fmt.Sprintf("%d of those that did not pass no longer exist", p.gone))
	}
	return out
}

func joined(a, b string) string { return strings.TrimPrefix(a+" · "+b, " · ") }
