//go:build unix

package runner_test

import (
	"fmt"
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
	"flowtest/runner"
	"flowtest/runner/drift"
	"flowtest/runner/target"
)

// chain is a recording of so many screens, one behind the other.
func chain(t *testing.T, screens int) *recordings.Flow {
	t.Helper()
	form, err := os.ReadFile("../recordings/sign-on/sign-on-form.json")
	require.NoError(t, err)
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
	require.NoError(t, err)
	return f
}

// worked is how long a processor has worked for this process.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var r syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano())
}

// A journey of a thousand hops is learned, written, verified, loaded and compared
// in less than two seconds of a processor and 200 MiB; the recording that comes of
// it differs in nothing. It does not run in parallel, so that others do not count.
func TestAThousandHopsAreRecordedAndCompared(t *testing.T) {
	const hops = 1000
	before := chain(t, hops)
	other := *before
	other.Name = "another run" // whose stand-ins are others
	user := recordings.Walk{User: target.Demo()["alice"]}
	takes, _ := recordings.Takes(before, user)
	more, _ := recordings.Takes(&other, user)
	require.Len(t, takes, 1)
	require.Len(t, takes[0], hops)
	to := &target.Target{Users: map[string]target.User{"alice": target.NewUser(target.Demo()["alice"])}}
	r := &runner.Recorder{Dir: t.TempDir(), Target: to, Tool: "flowtest test"}

	var at, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&at)
	began := worked(t)
	_, dir, err := r.Save("chain", append(takes, more...))
	require.NoError(t, err)
	after, err := recordings.Load(os.DirFS(filepath.Clean(dir)), ".")
	require.NoError(t, err)
	d := drift.Compare(before, after, drift.Options{})
	took := worked(t) - began
	runtime.ReadMemStats(&end)
	t.Logf("%s of a processor, %d MiB more from the system", took, (end.Sys-at.Sys)>>20)
	require.NoError(t, r.Close())
	assert.Equal(t, drift.None, d.Worst(), "%v", d.Changes())
	assert.Less(t, end.Sys-at.Sys, uint64(200<<20))
	if !slow {
		assert.Less(t, took, 2*time.Second)
	}
}
