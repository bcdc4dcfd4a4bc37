package check_test

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/runner/target"
)

// replayTarget is the built-in replay target.
func replayTarget(tb testing.TB) *target.Target {
	tb.Helper()
	replay, err := target.Builtin().Choose("")
	require.NoError(tb, err)
	return replay
}

// loadShipped loads the shipped flows once for all tests, which only read them.
var loadShipped = sync.OnceValues(func() ([]*recordings.Flow, error) {
	return recordings.LoadAll(recordings.Shipped(), ".")
})

func shippedFlows(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	flows, err := loadShipped()
	require.NoError(tb, err)
	return slices.Clone(flows)
}

func shippedFeatures() []runner.Source {
	return []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}
}

// feature is a source of one file.
func feature(name, text string) runner.Source {
	return runner.Source{FS: fstest.MapFS{name: {Data: []byte(text)}}, Path: name}
}

const beforeScenario = "Feature: A\n  Scenario: one\n    When I start the flow\n"

// A collector keeps every scenario of a run.
type collector struct {
	report.Discard

	scenarios []*report.Scenario
}

// Scenario implements [report.Reporter].
func (c *collector) Scenario(s *report.Scenario) { c.scenarios = append(c.scenarios, s) }

// ran runs a suite against the shipped recordings.
func ran(tb testing.TB, s runner.Suite) (*report.Run, *collector) {
	tb.Helper()
	out := &collector{}
	s.Reporter, s.Target, s.Recordings = out, replayTarget(tb), shippedFlows(tb)
	run, err := s.Run(tb.Context())
	require.NoError(tb, err)
	return run, out
}

// edited is the shipped recording of the flow "sign-on" with a text of one of
// its files replaced.
func edited(tb testing.TB, file, old, by string) []*recordings.Flow {
	tb.Helper()
	fsys := fstest.MapFS{}
	const dir = "sign-on"
	list, err := fs.ReadDir(recordings.Shipped(), dir)
	require.NoError(tb, err)
	for _, f := range list {
		text, err := fs.ReadFile(recordings.Shipped(), dir+"/"+f.Name())
		require.NoError(tb, err)
		if f.Name() == file {
			require.Contains(tb, string(text), old)
			text = []byte(strings.ReplaceAll(string(text), old, by))
		}
		fsys[dir+"/"+f.Name()] = &fstest.MapFile{Data: text}
	}
	flows, err := recordings.LoadAll(fsys, ".")
	require.NoError(tb, err)
	return flows
}

// Edits of the shipped recording, each of which breaks one requirement.
const (
	formFile   = "sign-on-form.json"
	hasCompany = `  "companyId": "{{envID}}",` + "\n"
)

// withoutCompany breaks MODEL-companyId-PRESENCE at the first screen.
func withoutCompany(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	return edited(tb, formFile, hasCompany, "")
}
