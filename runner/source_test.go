package runner_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/report"
)

// A sourceReader asks for the text of a feature file, as a report does, before and
// after another one is saved.
type sourceReader struct {
	report.Discard
	source func(string) string
}

func (s *sourceReader) Begin(p report.Plan) { s.source = p.Source }

func TestReportsShowAFeatureFileAsItWasRead(t *testing.T) {
	const text = `Feature: F
  Scenario: A
    Given the flow "sign-on"
    When I start the flow
    And I fill in "password" with "typed-in-the-file"
    Then the flow pauses at "Sign On Form"
`
	files := fstest.MapFS{"a.feature": {Data: []byte(text)}}
	var got sourceReader
	_, err := (&runner.Suite{
		Features: []runner.Source{{FS: files, Path: "a.feature"}}, Target: replayTarget(t), Recordings: shipped.Flows(t),
		Reporter: &got,
	}).Run(t.Context())
	require.NoError(t, err)
	assert.Equal(t, text, got.source("a.feature"))

	// A file that has changed since is not shown: its lines are others.
	files["a.feature"] = &fstest.MapFile{Data: []byte(text + "\n    # hunter2\n")}
	assert.Empty(t, got.source("a.feature"))
	delete(files, "a.feature")
	assert.Empty(t, got.source("a.feature"))
	assert.Empty(t, got.source("other.feature"))
}
