//go:build unix

package runner_test

import (
	"maps"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/target"
	"flowtest/runner/report"
)

// BenchmarkCoverageOfARun runs the scenarios that are written for an export with coverage
// and without, in turns. The figure "ratio" is the processor time of the one over that of
// the other; the bound is 1.05, and it fails at half as much again after twelve rounds: less may come from
// a busy machine.
func BenchmarkCoverageOfARun(b *testing.B) {
	const bound, fails, least, rounds, each = 1.05, 1.5 * 1.05, 3, 12, 10
	text, err := os.ReadFile("internal/export/testdata/shop.json")
	require.NoError(b, err)
	file, err := export.Parse(text)
	require.NoError(b, err)
	made, err := synth.Make(file, "shop")
	require.NoError(b, err)
	replay := runner.Replay()
	user := maps.Clone(target.Demo()["alice"])
	for _, name := range made.Attributes {
		user[name] = "some-" + name + "-1"
	}
	user["email"] = "alice@example.com"
	replay.Users = map[string]target.User{"alice": target.NewUser(user)}
	s := &runner.Suite{
		Features: []runner.Source{{
			FS: fstest.MapFS{"a.feature": {Data: []byte(scaffold.Write(made.Flow, nil).Text)}}, Path: "a.feature",
		}},
		Target: replay, Recordings: []*recordings.Flow{made.Flow}, Concurrency: 1,
	}
	var mu sync.Mutex
	run := func(c *cover.Coverage) {
		s.Record = nil
		if c != nil {
			s.Record = func(r runner.Recorded) {
				mu.Lock()
				defer mu.Unlock()
				steps := make([]export.Step, 0, len(r.Hops))
				for _, h := range r.Hops {
					steps = append(steps, cover.StepOf(r.Flow, h.Answer, h.Action, h.Exchange.ContinueToken() != ""))
				}
				c.Add(steps, cover.Scenario{File: r.Scenario.File, Line: r.Scenario.Line, Name: r.Scenario.Name})
			}
		}
		out, err := s.Run(b.Context())
		require.NoError(b, err)
		require.Positive(b, out.Counts[report.Passed])
	}
	run(nil) // what is compiled once
	plain, covered := time.Duration(0), time.Duration(0)
	ratio := func() float64 { return float64(covered) / float64(plain) }
	for b.Loop() {
		for round := 0; round < least || round < rounds && ratio() > bound; round++ {
			began := cpu(b)
			for range each {
				run(nil)
			}
			plain += cpu(b) - began
			c := cover.New(file)
			began = cpu(b)
			for range each {
				run(c)
			}
			c.Finish()
			covered += cpu(b) - began
			require.Positive(b, c.Totals()["buttons"].Observed)
		}
	}
	b.ReportMetric(ratio(), "ratio")
	assert.Less(b, ratio(), fails)
}
