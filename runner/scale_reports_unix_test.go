//go:build unix

package runner_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkTwentyThousandReports runs 2,000 and 20,000 scenarios of 3 hops and 8
// assertions with the program itself and --report. The figure "linear" is the
// processor time of a scenario among 20,000 over that of one among 2,000; the
// bound is 1.15. "peak-MiB" is the most memory of any run; the bound is 200.
// "disk-MiB" is what the reports of 20,000 take.
func BenchmarkTwentyThousandReports(b *testing.B) {
	const mostMemory, mostGrowth = 200, 1.15
	name := program(b)
	small, large := manyFiles(b, 20), manyFiles(b, 200)
	best := [2]cost{{wall: time.Hour, cpu: time.Hour}, {wall: time.Hour, cpu: time.Hour}}
	dir := b.TempDir()
	for b.Loop() {
		for range 2 {
			best[0] = best[0].least(runOf(b, name, small, "2000 scenarios: 2000 passed · 6000 hops", "--report", dir, "."))
		}
		best[1] = best[1].least(runOf(b, name, large, "20000 scenarios: 20000 passed · 60000 hops", "--report", dir, "."))
	}
	var disk int64
	files, err := os.ReadDir(dir)
	require.NoError(b, err)
	for _, f := range files {
		info, err := os.Stat(filepath.Join(dir, f.Name()))
		require.NoError(b, err)
		disk += info.Size()
	}
	most := max(best[0].peak, best[1].peak)
	linear := best[1].cpu.Seconds() / best[0].cpu.Seconds() / 10
	b.ReportMetric(best[1].cpu.Seconds(), "cpu-s/20k")
	b.ReportMetric(linear, "linear")
	b.ReportMetric(most, "peak-MiB")
	b.ReportMetric(float64(disk)/(1<<20), "disk-MiB")
	if most > patience*mostMemory {
		b.Errorf("20,000 scenarios with reports take %.0f MiB at their peak, the bound is %d", most, mostMemory)
	}
	if linear > patience*mostGrowth {
		b.Errorf("a scenario among 20,000 takes %.2f times that of one among 2,000, the bound is %.2f", linear, mostGrowth)
	}
}
