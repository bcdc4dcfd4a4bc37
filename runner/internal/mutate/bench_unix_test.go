//go:build unix

package mutate_test

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
)

// BenchmarkShipped runs a quarter of the mutants of the shipped recordings against the
// shipped suite, and a sixteenth. The figure "mutants/cpu-s" is how many a processor tries
// in a second of its own time: 75 or more is 150 a second on two. It fails below 50, and
// where the system gave 300 MiB, of which 200 is the bound. "times/mutant" is what one of the
// many costs against one of the few, which is 1 or less: the suite runs once for all of them.
func BenchmarkShipped(b *testing.B) {
	const bound, mostMiB, most = 75.0, 200.0, 1.2
	s := suite(b, start)
	s.Features = []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}
	s.Conformance = runner.FailBroken
	part := func(of int) (n int, took float64) {
		began := cpu(b)
		results, err := mutate.Run(b.Context(), s, mutate.Choice{}, 1, of)
		require.NoError(b, err)
		return len(results), cpu(b) - began
	}
	var n, few int
	var took, tookFew float64
	for b.Loop() {
		more, t := part(16) //nolint:mnd // as the comment says
		few, tookFew = few+more, tookFew+t
		more, t = part(4) //nolint:mnd // likewise
		n, took = n+more, took+t
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	rate, memory, times := float64(n)/took, float64(m.Sys)/(1<<20), took/float64(n)/(tookFew/float64(few))
	b.ReportMetric(rate, "mutants/cpu-s")
	b.ReportMetric(memory, "MiB")
	b.ReportMetric(times, "times/mutant")
	assert.Greater(b, rate, bound*2/3)
	assert.Less(b, memory, mostMiB*3/2)
	assert.Less(b, times, most*3/2)
}

// cpu returns the seconds of processor time that this process has used.
func cpu(b *testing.B) float64 {
	b.Helper()
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	const nanos = 1e9
	return float64(r.Utime.Nano()+r.Stime.Nano()) / nanos
}
