//go:build unix

package learn_test

import (
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A thousand hops are learned, saved, verified and loaded in 200 MiB. How long a
// processor works for that is said here, and bounded by the benchmark of recording
// in the runner, which does more.
func TestThousandHops(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes everything slower")
	}
	const hops = 1000
	takes := runs(t, longFlow(t, hops))
	dir := filepath.Join(t.TempDir(), "long")
	runtime.GC()
	begin := processor(t)
	f := learnSaveLoad(t, takes, dir)
	took := processor(t) - begin
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	assert.Len(t, f.Hops, hops)
	t.Logf("%s, %d MiB from the system", took, m.Sys>>20)
	assert.Less(t, m.Sys, uint64(200<<20))
}

// processor is how long a processor has worked for this process.
func processor(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano())
}
