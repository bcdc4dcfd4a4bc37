//go:build unix

package record_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
)

// chain is a recording of so many screens, one after the other.
func chain(tb testing.TB, screens int) *recordings.Flow {
	tb.Helper()
	form, err := os.ReadFile("../../../recordings/sign-on/sign-on-form.json")
	require.NoError(tb, err)
	files := fstest.MapFS{}
	yaml := []byte("format: 1\nsource: synthetic\nflow: chain\npolicy: 00112233445566778899aabbccddeeff\nhops:\n")
	for i := range screens {
		way := "request: {path: /as/authorize}"
		if i > 0 {
			way = fmt.Sprintf("from: s%d, request: {action: SIGNON, formData: {username: \"${user.username}\"}}", i-1)
		}
		yaml = fmt.Appendf(yaml, "  - {name: s%d, %s, response: {status: 200, json: s%d.json}}\n", i, way, i)
		body := strings.Replace(string(form), "vd6qrg8bkx", fmt.Sprintf("node%06d", i), 1)
		files[fmt.Sprintf("s%d.json", i)] = &fstest.MapFile{Data: []byte(body)}
	}
	files[recordings.FileName] = &fstest.MapFile{Data: yaml}
	f, err := recordings.Load(files, ".")
	require.NoError(tb, err)
	return f
}

// worked is how long a processor has worked for this process.
func worked(tb testing.TB) time.Duration {
	tb.Helper()
	var r syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano())
}

// recorded learns, writes, verifies, loads and compares a journey of so many hops,
// and returns how long a processor worked and how much the system gave for that.
func recorded(tb testing.TB, hops int) (took time.Duration, memory uint64) {
	tb.Helper()
	before := chain(tb, hops)
	other := *before
	other.Name = "another run" // whose stand-ins are others
	user := walk.Options{User: target.Demo()["alice"]}
	journeys, _ := walk.Journeys(before, user)
	more, _ := walk.Journeys(&other, user)
	require.Len(tb, journeys, 1)
	require.Len(tb, journeys[0], hops)
	to := &target.Target{Users: map[string]target.User{"alice": target.NewUser(target.Demo()["alice"])}}
	r := &record.Recorder{Dir: tb.TempDir(), Target: to, Tool: "flowtest test"}

	var at, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&at)
	began := worked(tb)
	_, dir, err := save(r, "chain", append(journeys, more...))
	require.NoError(tb, err)
	after, err := recordings.Load(os.DirFS(filepath.Clean(dir)), ".")
	require.NoError(tb, err)
	d := diff.Compare(before, after, diff.Options{})
	took = worked(tb) - began
	runtime.ReadMemStats(&end)
	r.Close()
	assert.Equal(tb, diff.None, d.Worst(), "%v", d.Changes())
	return took, end.Sys - at.Sys
}

// The recording that comes of many hops differs in nothing.
func TestManyHopsAreRecordedAndCompared(t *testing.T) {
	recorded(t, 100)
}

// The bounds are two seconds of a processor and 200 MiB, and it fails at half as much
// again. The fastest of up to three counts, and the first one's memory: other work on
// the machine only ever adds.
func BenchmarkAThousandHopsRecordedAndCompared(b *testing.B) {
	const bound, boundMiB, times = 2 * time.Second, 200.0, 3
	fastest, memory := time.Duration(math.MaxInt64), uint64(0)
	for b.Loop() {
		for try := 0; try < times && (try == 0 || fastest > bound); try++ {
			took, more := recorded(b, 1000)
			fastest, memory = min(fastest, took), max(memory, more)
		}
	}
	b.ReportMetric(fastest.Seconds(), "CPU-s/1000-hops")
	b.ReportMetric(float64(memory)/(1<<20), "MiB")
	assert.Less(b, float64(memory)/(1<<20), boundMiB*3/2)
	if fastest > bound+bound/2 {
		b.Errorf("%s of a processor for 1,000 hops, want at most %s", fastest, bound)
	}
}
