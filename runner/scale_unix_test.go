//go:build unix

package runner_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program builds the program into a folder of the benchmark.
func program(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "flowtest")
	build := exec.CommandContext(b.Context(), "go", "build", "-o", name, "./cmd/flowtest")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	return name
}

// A cost is what a process took.
type cost struct {
	wall, cpu time.Duration
	peak      float64 // the most memory that it held, in MiB
}

// runOf runs the program in a folder, wants it to print so, and returns its cost.
func runOf(b *testing.B, name, dir, want string, args ...string) cost {
	b.Helper()
	c := exec.CommandContext(b.Context(), name, append([]string{"run", "--format", "progress"}, args...)...)
	c.Dir = dir
	var text bytes.Buffer
	c.Stdout, c.Stderr = &text, &text
	begin := time.Now()
	err := c.Run()
	took := time.Since(begin)
	require.NoError(b, err, text.String())
	require.Contains(b, text.String(), want)
	usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage)
	require.True(b, ok)
	peak := float64(usage.Maxrss) / 1024 // Linux counts KiB
	if runtime.GOOS == "darwin" {
		peak /= 1024
	}
	return cost{took, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), peak}
}

// manyFiles writes 100 feature files of so many scenarios each.
func manyFiles(b *testing.B, each int) (dir string) {
	b.Helper()
	dir = b.TempDir()
	text := threeHops(each)
	for i := range 100 {
		require.NoError(b, os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%03d.feature", i)), text, 0o600))
	}
	return dir
}

// least is the least of each cost, and the most memory.
func (c cost) least(d cost) cost {
	return cost{min(c.wall, d.wall), min(c.cpu, d.cpu), max(c.peak, d.peak)}
}

// BenchmarkTwentyThousandScenarios runs 2,000 and 20,000 scenarios of 3 hops
// and 8 assertions with the program itself. The figure "linear" is the
// processor time of a scenario among 20,000 over that of one among 2,000; about
// 1 is linear. "peak-MiB" is the most memory of any run; the bound is 125,
// see patience.
func BenchmarkTwentyThousandScenarios(b *testing.B) {
	const bound = 125 // MiB
	name := program(b)
	small, large := manyFiles(b, 20), manyFiles(b, 200)
	best := [2]cost{{wall: time.Hour, cpu: time.Hour}, {wall: time.Hour, cpu: time.Hour}}
	for b.Loop() {
		best[1] = best[1].least(runOf(b, name, large, "20000 scenarios: 20000 passed · 60000 hops · replay", "."))
		for range 3 {
			best[0] = best[0].least(runOf(b, name, small, "2000 scenarios: 2000 passed · 6000 hops · replay", "."))
		}
	}
	most := max(best[0].peak, best[1].peak)
	b.ReportMetric(best[1].wall.Seconds(), "s/20k")
	b.ReportMetric(best[1].cpu.Seconds(), "cpu-s/20k")
	b.ReportMetric(best[1].cpu.Seconds()/best[0].cpu.Seconds()/10, "linear")
	b.ReportMetric(most, "peak-MiB")
	if most > patience*bound {
		b.Errorf("20,000 scenarios take %.0f MiB at their peak, the bound is %d", most, bound)
	}
}

// BenchmarkColdStart runs one shipped scenario with the program itself. The
// figure "ms/start" is the whole life of the fastest of several processes, and
// so more than the time to the first scenario; the bound is 50.
func BenchmarkColdStart(b *testing.B) {
	const several = 20
	name, dir := program(b), b.TempDir()
	best := cost{wall: time.Hour, cpu: time.Hour}
	for b.Loop() {
		for range several {
			best = best.least(runOf(b, name, dir, "1 scenario: 1 passed", "--name", "^Alice signs on$"))
		}
	}
	b.ReportMetric(float64(best.wall.Microseconds())/1000, "ms/start")
	b.ReportMetric(float64(best.cpu.Microseconds())/1000, "cpu-ms/start")
	b.ReportMetric(best.peak, "peak-MiB")
}
