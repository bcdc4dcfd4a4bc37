package synth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/walk"
)

// A request that takes any value would answer one in which the value is wrong: every hop can
// be reached.
func TestMakeWhereOnlyAFailureReadsTheField(t *testing.T) {
	t.Parallel()
	f, err := export.Parse([]byte(`{"name": "n", "graphData": {"elements": {"nodes": [
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "formFieldsList": {"value": [{"propertyName": "name", "displayName": "Name"}]},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}},
{"data": {"id": "risk", "nodeType": "CONNECTION", "capabilityName": "customFunction"}},
{"data": {"id": "e1", "nodeType": "EVAL", "properties": {"look": {"value": "anyTriggersFalse"}}}},
{"data": {"id": "look", "nodeType": "CONNECTION", "capabilityName": "customFunction", "properties": {"code": {"value": "{{local.form.payload.output.name}}"}}}},
{"data": {"id": "e2", "nodeType": "EVAL", "properties": {"no": {"value": "anyTriggersFalse"}}}},
{"data": {"id": "no", "nodeType": "CONNECTION", "capabilityName": "customErrorMessage", "properties": {"errorMessage": {"value": "Not so"}}}},
{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}}],
"edges": [{"data": {"source": "form", "target": "risk"}}, {"data": {"source": "risk", "target": "e1"}}, {"data": {"source": "e1", "target": "done"}},
{"data": {"source": "e1", "target": "look"}}, {"data": {"source": "look", "target": "e2"}}, {"data": {"source": "e2", "target": "no"}}]}}}`))
	require.NoError(t, err)
	made, err := synth.Make(f, "n")
	require.NoError(t, err)
	assert.Len(t, made.Flow.Hops, 3)
	_, missed := walk.Journeys(made.Flow, walk.Options{})
	assert.Empty(t, missed)
}
