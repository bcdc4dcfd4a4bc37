package output_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

var files = []string{"junit.xml", "messages.ndjson", "report.html", "report.json", "summary.md"}

// listed returns the names of what lies in a folder.
func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != ".flowtest.lock" { // which is there while a run writes
			names = append(names, e.Name())
		}
	}
	return names
}

func readAll(tb testing.TB, parts ...string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(tb, err)
	return string(text)
}

// folderOf writes the report of a story.
func folderOf(tb testing.TB, s *story) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "deep", "report")
	f, err := output.NewFolder(dir)
	require.NoError(tb, err)
	s.tell(f)
	require.NoError(tb, f.Err())
	return dir
}

// rendered writes the report of what lies in other folders.
func rendered(t *testing.T, dir string, from ...string) (*report.Run, []stream.Lost, error) {
	t.Helper()
	var inputs []stream.Input
	for _, name := range from {
		f, err := os.Open(filepath.Join(name, "messages.ndjson"))
		require.NoError(t, err)
		defer func() { assert.NoError(t, f.Close()) }()
		inputs = append(inputs, stream.Input{Name: name, R: f})
	}
	to, err := output.NewFolder(dir)
	require.NoError(t, err)
	defer func() { assert.NoError(t, to.Err()) }()
	return stream.Merge(to, inputs...)
}

func TestAFolderHasEveryFile(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, sampleRun())
	assert.Equal(t, files, listed(t, dir))
	for _, name := range files {
		assert.Contains(t, readAll(t, dir, name), "The form has its fields", name)
	}
	assert.Equal(t, string(streamOf(t, sampleRun())), readAll(t, dir, "messages.ndjson"))
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := output.NewFolder(filepath.Join(file, "report"))
	require.ErrorContains(t, err, "report: the folder "+filepath.Join(file, "report")+" cannot be made: ")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "messages.ndjson"), 0o700))
	_, err = output.NewFolder(dir)
	require.ErrorContains(t, err, "report: the folder "+dir+" cannot be written: ")

	dir = t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "junit.xml", "x"), 0o700))
	_, err = output.NewFolder(dir)
	assert.ErrorContains(t, err, "cannot be written")
}

// A report that is rendered again leaves the one that is there until it is whole.
func TestAWholeFolderChangesNothingBeforeItsEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("of an earlier run"), 0o600))
	}
	for _, ends := range []bool{false, true} {
		f, err := output.NewFolder(dir)
		require.NoError(t, err)
		f.Whole = true
		s := sampleRun()
		if ends {
			s.tell(f)
		} else {
			f.Begin(s.plan)
			f.Scenario(s.scenarios[0])
		}
		f.Close()
		require.NoError(t, f.Err())
		assert.Equal(t, files, listed(t, dir), "no draft is left")
		for _, name := range files {
			assert.Equal(t, ends, readAll(t, dir, name) != "of an earlier run", name)
		}
	}
}

// What is there after a kill is a report of the scenarios that finished.
func TestARunThatIsKilledStillReports(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("of an earlier run"), 0o600))
	}
	f, err := output.NewFolder(dir)
	require.NoError(t, err)
	s := sampleRun()
	f.Begin(s.plan)
	for _, sc := range s.scenarios[:4] {
		f.Scenario(sc)
	}
	assert.Equal(t, []string{"messages.ndjson"}, listed(t, dir), "nothing of an earlier run stays beside it")

	killed := dir
	dir = t.TempDir()
	run, lost, err := rendered(t, dir, killed)
	require.NoError(t, err)
	assert.Equal(t, 4, run.Total())
	assert.Equal(t, "6 scenarios of the plan did not finish or cannot be read, the end of the run is missing", lost[0].String())
	assert.Equal(t, files, listed(t, dir))
	assert.Contains(t, readAll(t, dir, "summary.md"), "The run was stopped before its end.")
	assert.Contains(t, readAll(t, dir, "report.html"), "The run was stopped before its end.")
}

func TestAFolderIsRenderedAgain(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, sampleRun())
	want := map[string]string{}
	for _, name := range files {
		want[name] = readAll(t, dir, name)
	}
	other := filepath.Join(t.TempDir(), "other")
	_, lost, err := rendered(t, other, dir)
	require.NoError(t, err)
	assert.False(t, lost[0].Any())
	assert.Equal(t, files, listed(t, other))
	for _, name := range files {
		assert.Equal(t, want[name], readAll(t, other, name), name)
	}
}

func TestFoldersOfShardsAreMerged(t *testing.T) {
	t.Parallel()
	var from []string
	for _, s := range shards(3) {
		from = append(from, folderOf(t, s))
	}
	dir := filepath.Join(t.TempDir(), "whole")
	run, _, err := rendered(t, dir, from...)
	require.NoError(t, err)
	assert.Equal(t, 10, run.Total())
	assert.Equal(t, files, listed(t, dir))
	var whole struct {
		Totals    map[string]int
		Scenarios []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(readAll(t, dir, "report.json")), &whole))
	assert.Len(t, whole.Scenarios, 10)
	assert.Equal(t, 3, whole.Totals["failed"])

	run, _, err = rendered(t, dir, from[0], from[2])
	require.NoError(t, err)
	assert.Equal(t, []int{2}, run.Missing)
	assert.Contains(t, readAll(t, dir, "summary.md"), "Shard 2 is missing: its scenarios are not in this report.")

	before := readAll(t, dir, "report.json")
	_, _, err = rendered(t, dir, from[0], from[0])
	require.ErrorContains(t, err, "shard 1 of 3 is there twice")
	assert.Equal(t, files, listed(t, dir), "nothing half-written stays")
	assert.Equal(t, before, readAll(t, dir, "report.json"))
}

// A run that is too large for memory is read again from its own stream, and
// what is made of it is the same.
func TestALargeRunIsReadAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
	dir := t.TempDir()
	f, err := output.NewFolder(dir)
	require.NoError(t, err)
	s := sampleRun()
	large := bytes.Repeat([]byte("x"), stream.MostBody)
	for range 70 {
		extra := *s.scenarios[0]
		hop := startHop(9)
		hop.Evidence.Body = large
		extra.Hops, extra.HopCount, extra.Number = []report.Hop{hop}, 1, 0
		s.scenarios = append(s.scenarios, &extra)
	}
	s.plan.Scenarios = len(s.scenarios)
	s.tell(f)
	require.NoError(t, f.Err())
	assert.Equal(t, files, listed(t, dir))
	once := map[string]string{}
	for _, name := range files {
		once[name] = readAll(t, dir, name)
	}
	other := t.TempDir()
	_, _, err = rendered(t, other, dir)
	require.NoError(t, err)
	for _, name := range files {
		assert.True(t, once[name] == readAll(t, other, name), name) //nolint:testifylint // they are long
	}
}

// A service, a header and the name of a file may hold any bytes.
func TestThePageIsUTF8(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	const bad = "\xff\xfe<\x80>\x1b[2J\x07\x7f"
	control := regexp.MustCompile(`[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]`)
	for _, sc := range s.scenarios {
		sc.File, sc.Name, sc.Flow, sc.Tags = sc.File+bad, sc.Name+bad, bad, []string{bad}
		for i := range sc.Hops {
			h := &sc.Hops[i]
			h.Request, h.Response, h.Where = bad, bad, bad
			e := h.Evidence
			e.URL, e.Outcome, e.Header, e.Body = bad, bad, http.Header{bad: {bad}}, []byte(bad)
			if e.Screen != nil {
				e.Screen = &report.Screen{Name: bad, HTML: "<p>" + bad, Fields: []report.Field{{Key: bad, Label: bad, Options: []string{bad}}}}
			}
		}
	}
	text := readAll(t, folderOf(t, s), "report.html")
	assert.True(t, utf8.ValidString(text))
	assert.Empty(t, control.FindString(text), "no control character: it may be printed")
	packed := regexp.MustCompile(`(?s)<script type="text/plain" id="pack\d+">(.*?)</script>`).FindAllStringSubmatch(text, -1)
	require.NotEmpty(t, packed)
	for _, m := range packed {
		zip, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(m[1])))
		require.NoError(t, err)
		hops, err := io.ReadAll(zip)
		require.NoError(t, err)
		assert.True(t, utf8.Valid(hops))
		assert.Empty(t, control.Find(hops))
	}
}

func TestReportJSONKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t, "report.schema.json")
	for name, s := range map[string]*story{"sample": sampleRun(), "all": stories()["all"], "nothing": stories()["nothing"]} {
		t.Run(name, func(t *testing.T) {
			if s.plan.Began.IsZero() {
				s.plan.Began = sampleBegan
			}
			text := readAll(t, folderOf(t, s), "report.json")
			golden(t, name+".report.json", text)
			var doc any
			require.NoError(t, json.Unmarshal([]byte(text), &doc))
			require.NoError(t, schema.Validate(doc))
			m, ok := doc.(map[string]any)
			require.True(t, ok)
			for _, key := range []string{"format", "totals", "scenarios", "conformance"} {
				kept := m[key]
				delete(m, key)
				require.Error(t, schema.Validate(doc), "%s has to be there", key)
				m[key] = kept
			}
			m["extra"] = 1
			assert.Error(t, schema.Validate(doc), "what is not described is a mistake of ours")
		})
	}
}
