//go:build unix

package record_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// times is how many times as large the larger input is.
const times = 8

// large asks for a HAR of 100 MB and a recording of 6,000 hops, which take some minutes.
// Without it they are a tenth of that and a third.
func large() bool { return os.Getenv("FLOWTEST_LARGE") != "" }

// linear measures work of a size and of eight times that size, in turns, and reports how
// much more a unit of the larger costs. The bound is 1.2, and it fails at 1.8: other work
// on the machine only ever adds, so that the fastest of up to three counts.
func linear(b *testing.B, size int, work func(size int) (took time.Duration, heap uint64)) {
	b.Helper()
	const bound, tries = 1.2, 3
	few, many, most := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64), uint64(0)
	ratio := func() float64 { return float64(many) / float64(few) / times }
	for b.Loop() {
		for try := 0; try == 0 || try < tries && ratio() > bound; try++ {
			took, _ := work(size / times)
			few = min(few, took)
			took, heap := work(size)
			many, most = min(many, took), max(most, heap)
		}
	}
	b.ReportMetric(ratio(), "times/unit")
	b.ReportMetric(many.Seconds(), "CPU-s")
	b.ReportMetric(float64(most)/(1<<20), "MiB")
	assert.Less(b, ratio(), bound*3/2)
}

// BenchmarkLongRecordingIsLinear learns, writes, verifies, loads and compares.
func BenchmarkLongRecordingIsLinear(b *testing.B) {
	hops := 2000
	if large() {
		hops = 6000
	}
	linear(b, hops, func(hops int) (time.Duration, uint64) { return recorded(b, hops) })
}

// journeys are those of a flow, again and again, while more wants more of them.
func journeys(f *recordings.Flow, more func(journey davinci.Exchanges) bool) {
	for n := 0; ; {
		all, _ := walk.Journeys(f, walk.Options{User: target.Demo()["alice"], First: n})
		for _, journey := range all {
			for i := range journey {
				journey[i].Began = journey[i].Began.Add(time.Duration(n) * time.Minute)
			}
			if !more(journey) {
				return
			}
		}
		n += len(all)
	}
}

// signOn is the shipped flow.
func signOn(tb testing.TB) *recordings.Flow {
	tb.Helper()
	all := shipped.Flows(tb)
	return all[slices.IndexFunc(all, func(f *recordings.Flow) bool { return f.Name == "sign-on" })]
}

// archive is a HAR of so many bytes, and a little more: journeys of one flow.
func archive(tb testing.TB, size int) []byte {
	tb.Helper()
	var all []davinci.Exchanges
	text := 0
	journeys(signOn(tb), func(journey davinci.Exchanges) bool {
		all = append(all, journey)
		for i := range journey {
			text += len(journey[i].Response) + 2000 //nolint:mnd // of headers, as they are written
		}
		return text < size
	})
	return written(tb, all)
}

func written(tb testing.TB, all []davinci.Exchanges) []byte {
	tb.Helper()
	var out bytes.Buffer
	require.NoError(tb, har.Write(&out, all, "0.1.0", har.Legend{}))
	return out.Bytes()
}

// imported reads a HAR, learns and writes the recording of it, and returns how long a processor
// worked and how much the system gave for that. The recording has to have more than that many hops.
func imported(b *testing.B, text []byte, hops int) (took time.Duration, memory uint64) {
	b.Helper()
	to := &target.Target{Users: map[string]target.User{"alice": target.NewUser(target.Demo()["alice"])}}
	r := &record.Recorder{Dir: b.TempDir(), Target: to, Tool: "flowtest test"}
	var at, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&at)
	began := worked(b)
	a, err := har.Read(bytes.NewReader(text))
	require.NoError(b, err)
	_, dir, err := save(r, "sign-on", a.Journeys)
	require.NoError(b, err)
	took = worked(b) - began
	runtime.ReadMemStats(&end)
	r.Close()
	f, err := recordings.Load(os.DirFS(filepath.Clean(dir)), ".")
	require.NoError(b, err)
	assert.Greater(b, len(f.Hops), hops)
	b.ReportMetric(float64(len(a.Journeys)), "journeys")
	return took, end.Sys - at.Sys
}

func BenchmarkImportIsLinear(b *testing.B) {
	size := 10_000_000
	if large() {
		size = 100_000_000
	}
	linear(b, size, func(size int) (time.Duration, uint64) { return imported(b, archive(b, size), 3) })
}

// Every journey in which a wrong password is typed adds a secret that no journey may show.
func BenchmarkManyWrongPasswordsAreLinear(b *testing.B) {
	most := 1600
	if large() {
		most = 12_800
	}
	flow := *signOn(b)
	flow.Hops = slices.DeleteFunc(slices.Clone(flow.Hops), func(h *recordings.Hop) bool {
		return h.Name != "sign-on-form" && h.Name != "wrong-password"
	})
	typed := regexp.MustCompile(`"password":"[^"]*"`)
	linear(b, most, func(size int) (time.Duration, uint64) {
		var all []davinci.Exchanges
		journeys(&flow, func(journey davinci.Exchanges) bool {
			x := &journey[len(journey)-1]
			x.Body = typed.ReplaceAll(x.Body, fmt.Appendf(nil, `"password":"Wrong-%06d-x"`, len(all)))
			all = append(all, journey)
			return len(all) < size
		})
		return imported(b, written(b, all), 1)
	})
}
