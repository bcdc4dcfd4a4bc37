package output_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// testdata/before holds a report that flowtest wrote before its packages were
// rearranged: a pass, a failure, a fault, an undefined step and a request that is not
// recorded. It is never edited, for reports of users are like it and have to be read.
func TestAReportFromBeforeIsRead(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/before/messages.ndjson")
	require.NoError(t, err)
	defer func() { assert.NoError(t, f.Close()) }()
	var got memory
	run, lost, err := stream.Read(f, &got)
	require.NoError(t, err)
	assert.False(t, lost.Any(), "%v", lost)
	assert.Equal(t, 7, run.Hops)
	status := map[string]report.Status{}
	for _, s := range got.scenarios {
		status[s.Name] = s.Status
	}
	assert.Equal(t, map[string]report.Status{
		"a sign-on passes": report.Passed, "a refusal says an error (row 1)": report.Failed, "a fault ends it": report.Passed,
		"a step is undefined": report.Undefined, "nothing is recorded": report.Failed,
	}, status)

	dir := t.TempDir()
	_, _, err = rendered(t, dir, "testdata/before")
	require.NoError(t, err)
	assert.Equal(t, files, listed(t, dir))
	assert.Contains(t, readAll(t, dir, "report.html"), "a sign-on passes")
	assert.Contains(t, readAll(t, dir, "summary.md"), "a step is undefined")
}
