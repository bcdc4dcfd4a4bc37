//go:build unix

package mutate_test

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
)

// BenchmarkShipped runs the mutants of the shipped recordings against the shipped
// suite. The figure "mutants/cpu-s" is how many a processor tries in a second of its own
// time: 75 or more is 150 a second on two.
func BenchmarkShipped(b *testing.B) {
	s := suite(b, start)
	s.Features = []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}
	s.Conformance = runner.FailBroken
	n, began := 0, cpu(b)
	for b.Loop() {
		results, err := mutate.Run(b.Context(), s, mutate.Choice{}, 0, 0)
		require.NoError(b, err)
		n += len(results)
	}
	b.ReportMetric(float64(n)/(cpu(b)-began), "mutants/cpu-s")
}

// cpu returns the seconds of processor time that this process has used.
func cpu(b *testing.B) float64 {
	b.Helper()
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	const nanos = 1e9
	return float64(r.Utime.Nano()+r.Stime.Nano()) / nanos
}
