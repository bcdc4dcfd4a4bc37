//go:build unix

package lint_test

import (
	"encoding/json"
	"math"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/lint"
)

// BenchmarkCheck reads and checks an export of the size of the largest that is public, and
// one of an eighth of it. The bounds are 300 ms of a processor, 150 MiB that the system gave,
// and 1.2 as "times/node", which is what a node of the larger costs against one of the
// smaller. It fails at half as much again: the fastest of several counts, since other
// work on the machine only ever adds.
func BenchmarkCheck(b *testing.B) {
	const (
		size, times  = 3_900 << 10, 8
		bound, tries = 300 * time.Millisecond, 10
		mostMiB      = 150.0
		linear       = 1.2
	)
	large, small := shopOf(b, size), shopOf(b, size/times)
	took := func(data []byte) time.Duration {
		runtime.GC()
		began := worked(b)
		f, err := export.Parse(data)
		require.NoError(b, err)
		require.NotEmpty(b, lint.Check(f, nil))
		return worked(b) - began
	}
	many, few := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	ratio := func() float64 { return float64(many) / float64(len(large)) / (float64(few) / float64(len(small))) }
	for b.Loop() {
		for try := 0; try < 3 || try < tries && (many > bound || ratio() > linear); try++ {
			for range times {
				few = min(few, took(small))
			}
			many = min(many, took(large))
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(many.Seconds()*1000, "CPU-ms")
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB")
	b.ReportMetric(ratio(), "times/node")
	assert.Less(b, many, bound*3/2)
	assert.Less(b, float64(m.Sys)/(1<<20), mostMiB*3/2)
	assert.Less(b, ratio(), linear*3/2)
}

// shopOf is an export of so many bytes and a little more.
func shopOf(b *testing.B, size int) []byte {
	b.Helper()
	s := newShop(b)
	one, err := json.Marshal(s)
	require.NoError(b, err)
	flows := s.Flows
	for n := len(one); n < size; n += len(one) {
		s.Flows = append(s.Flows, flows...)
	}
	data, err := json.Marshal(s)
	require.NoError(b, err)
	return data
}

// worked returns the processor time that this process has used.
func worked(b *testing.B) time.Duration {
	b.Helper()
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
