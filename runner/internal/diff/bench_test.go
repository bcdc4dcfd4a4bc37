package diff_test

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
)

// large is a recording of that many hops: screens in a chain, at each of which
// a wrong value is refused, and a way back to the first. Every body is edited by change.
func large(tb testing.TB, hops int, change func(i int, body string) string) *recordings.Flow {
	tb.Helper()
	screen := string(shipped(tb, "sign-on").files[path.Join("sign-on", form)].Data)
	refusal := string(shipped(tb, "sign-on").files[path.Join("sign-on", wrong)].Data)
	files := fstest.MapFS{}
	var y strings.Builder
	y.WriteString("format: 1\nsource: synthetic\nflow: large\nhops:\n")
	for i := range hops / 2 {
		name := fmt.Sprintf("s%d", i)
		body := strings.Replace(screen, "vd6qrg8bkx", fmt.Sprintf("node%06d", i), 1)
		body = strings.Replace(body, "Sign On Form", fmt.Sprintf("Form %d", i), 1)
		files["large/"+name+".json"] = &fstest.MapFile{Data: []byte(change(i, body))}
		files["large/w"+name+".json"] = &fstest.MapFile{Data: []byte(refusal)}
		if i == 0 {
			fmt.Fprintf(&y, "  - {name: s0, request: {path: /as/authorize}, response: {status: 200, json: s0.json}}\n")
		} else {
			fmt.Fprintf(&y, "  - {name: %s, from: s%d, request: {action: SIGNON, formData: {username: \"*\"}}, response: {status: 200, json: %s.json}}\n", name, i-1, name)
		}
		fmt.Fprintf(&y, "  - {name: w%s, from: %s, request: {action: SIGNON}, response: {status: 400, json: w%s.json}}\n", name, name, name)
	}
	files["large/recording.yaml"] = &fstest.MapFile{Data: []byte(y.String())}
	f, err := recordings.Load(files, "large")
	require.NoError(tb, err)
	return f
}

// rebuilt gives every node another id and every first field another key.
func rebuilt(_ int, body string) string {
	body = strings.Replace(body, `"id": "node`, `"id": "other`, 1)
	return strings.ReplaceAll(body, `"username"`, `"login"`)
}

func same(_ int, body string) string { return body }

// Comparing every hop with every other would take far more than these bytes.
func TestAThousandHopsAreCompared(t *testing.T) {
	before, after := large(t, 1000, same), large(t, 1000, rebuilt)
	var at, end runtime.MemStats
	runtime.ReadMemStats(&at)
	d := diff.Compare(before, after, diff.Options{})
	var out bytes.Buffer
	require.NoError(t, diff.Text(&out, d))
	runtime.ReadMemStats(&end)
	assert.Less(t, end.TotalAlloc-at.TotalAlloc, uint64(200<<20), "bytes, those that were freed again included")
	assert.Len(t, d.Changes(), 1000, "one node and one field a screen")
}

func BenchmarkCompare(b *testing.B) {
	for name, change := range map[string]func(int, string) string{"unchanged": same, "rebuilt": rebuilt} {
		before, after := large(b, 1000, same), large(b, 1000, change)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				diff.Compare(before, after, diff.Options{})
			}
		})
	}
}
