package output_test

import (
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// BenchmarkFolder writes every report of a run whose scenarios have three hops
// with evidence, each checked against 60 requirements, and eight assertions.
func BenchmarkFolder(b *testing.B) {
	for name, n := range map[string]int{"200": 200, "1000": 1000} {
		b.Run(name, func(b *testing.B) {
			plan, one := manyScenarios(n)
			scenarios := make([]*report.Scenario, n)
			for i := range scenarios {
				scenarios[i] = one(i)
			}
			s := &story{plan: plan, scenarios: scenarios}
			b.ReportAllocs()
			for b.Loop() {
				f, err := output.NewFolder(b.TempDir())
				require.NoError(b, err)
				s.tell(f)
				require.NoError(b, f.Err())
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/scenario")
		})
	}
}

func BenchmarkMessages(b *testing.B) {
	const n = 200
	plan, one := manyScenarios(n)
	scenarios := make([]*report.Scenario, n)
	for i := range scenarios {
		scenarios[i] = one(i)
	}
	s := &story{plan: plan, scenarios: scenarios}
	b.ReportAllocs()
	for b.Loop() {
		s.tell(stream.NewWriter(io.Discard))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/scenario")
}

// BenchmarkMemoryOfAFolder looks at what is kept while a folder is written: four times
// the scenarios may not keep more than 12 MiB more.
func BenchmarkMemoryOfAFolder(b *testing.B) {
	for b.Loop() {
		small, large := heapKept(b, 500), heapKept(b, 2000)
		b.ReportMetric(small/(1<<20), "MiB/500")
		b.ReportMetric(large/(1<<20), "MiB/2000")
		assert.Less(b, large, small+1.5*(12<<20))
	}
}

// heapKept is the largest heap, in bytes, that the collector leaves while a folder with
// n scenarios is written. It looks after each hundredth scenario, so that it does not
// depend on how fast the machine is.
func heapKept(b *testing.B, n int) float64 {
	b.Helper()
	f, err := output.NewFolder(b.TempDir())
	require.NoError(b, err)
	plan, one := manyScenarios(n)
	run := &report.Run{Plan: plan, Duration: time.Minute}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	f.Begin(plan)
	for i := range n {
		s := one(i)
		run.Add(s)
		f.Scenario(s)
		if i%100 == 99 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	f.End(run)
	require.NoError(b, f.Err())
	return float64(most) - float64(before.HeapAlloc)
}
