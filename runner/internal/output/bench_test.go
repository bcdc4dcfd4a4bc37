package output_test

import (
	"io"
	"os"
	"path/filepath"
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
// with evidence, each held against 60 requirements, and eight assertions.
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

// Memory does not grow with the run: four times the scenarios need no more.
func TestMemoryDoesNotGrowWithTheRun(t *testing.T) {
	if raced {
		t.Skip("the race detector keeps memory of its own")
	}
	peak := func(n int) uint64 {
		dir := t.TempDir()
		f, err := output.NewFolder(dir)
		require.NoError(t, err)
		var most uint64
		sample := func() {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		done := make(chan struct{})
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			tick := time.NewTicker(200 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					sample()
				}
			}
		}()
		tellMany(f, n)
		close(done)
		<-stopped
		require.NoError(t, f.Err())
		for _, name := range files {
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			t.Logf("%d scenarios: %s %.1f MiB", n, name, float64(info.Size())/(1<<20))
		}
		return most
	}
	small, large := peak(500), peak(2000)
	t.Logf("heap at most: %.1f MiB for 500, %.1f MiB for 2,000 scenarios", float64(small)/(1<<20), float64(large)/(1<<20))
	assert.Less(t, large, small+(12<<20))
}
