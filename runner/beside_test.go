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

// A schema is read where its feature was read: features that a program embeds need no disk.
func TestASchemaIsReadWhereItsFeatureWas(t *testing.T) {
	files := fstest.MapFS{
		"deep/a.feature": {Data: []byte(`Feature: A
  Background:
    Given the flow "sign-on"
    When I start the flow
  Scenario: Its parts are there
    Then the response matches the schema "../parts/screen.json"
  Scenario: Another
    Then the response matches the schema "../parts/other.json"
  Scenario: None
    Then the response matches the schema "../parts/none.json"
`)},
		"parts/screen.json": {Data: []byte(`{"properties": {"form": {"$ref": "form.json"}}}`)},
		"parts/form.json":   {Data: []byte(`{"required": ["name"]}`)},
		"parts/other.json":  {Data: []byte(`{"required": ["elsewhere"]}`)},
	}
	out := &collector{}
	_, err := (&runner.Suite{
		Features: []runner.Source{{FS: files, Path: ".", Show: "features"}}, Target: runner.Replay(),
		Recordings: shipped.Flows(t), Reporter: out,
	}).Run(t.Context())
	require.NoError(t, err)
	require.Len(t, out.scenarios, 3)
	assert.Equal(t, report.Passed, out.scenarios[0].Status, out.scenarios[0].FailedStep())
	assert.Contains(t, out.scenarios[1].FailedStep().Error, `required: missing properties: ["elsewhere"]`)
	assert.Contains(t, out.scenarios[2].FailedStep().Error,
		`the schema "../parts/none.json": features/parts/none.json does not exist`)
}
