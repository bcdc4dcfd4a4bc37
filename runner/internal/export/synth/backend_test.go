package synth_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
)

// What the backend answers is listed with the node that decides: each text that the author wrote for one of its
// errors, and an error whose text is not in the export.
func TestMakeListsTheTextsOfTheBackend(t *testing.T) {
	t.Parallel()
	f, err := export.Parse([]byte(`{"name": "n", "graphData": {"elements": {"nodes": [
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "formFieldsList": {"value": [{"propertyName": "email", "displayName": "Email"}]},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}},
{"data": {"id": "e1", "nodeType": "EVAL"}},
{"data": {"id": "create", "nodeType": "CONNECTION", "connectorId": "pingOneSSOConnector", "capabilityName": "createUser", "properties": {
 "nodeTitle": {"value": "Create"}, "email": {"value": "{{local.form.payload.output.email}}"},
 "createUser_localizedErrors": {"properties": {"en": {"value": [{"key": "notFound", "value": ""},
  {"key": "uniquenessViolation", "value": "[{\"children\": [{\"text\": \"This email is taken\"}]}]"}]},
  "fr": {"value": [{"key": "uniquenessViolation", "value": "Cet email est pris"}]}}}}}},
{"data": {"id": "e2", "nodeType": "EVAL", "properties": {"failed": {"value": "anyTriggersFalse"}}}},
{"data": {"id": "failed", "nodeType": "CONNECTION", "capabilityName": "customErrorMessage", "properties": {
 "errorMessage": {"value": "{{local.create.payload.error.message}}"}}}},
{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}}],
"edges": [{"data": {"source": "form", "target": "e1"}}, {"data": {"source": "e1", "target": "create"}},
{"data": {"source": "create", "target": "e2"}}, {"data": {"source": "e2", "target": "failed"}}, {"data": {"source": "e2", "target": "done"}}]}}}`))
	require.NoError(t, err)
	made, err := synth.Make(f, "n")
	require.NoError(t, err)
	assert.Len(t, made.Flow.Hops, 3)
	var left []string
	for _, l := range made.Left {
		left = append(left, l.String())
	}
	assert.Equal(t, []string{
		`"Form", "Go": error "This email is taken", decided by "Create" (create), which answers uniquenessViolation`,
		`"Form", "Go": error "{{local.create.payload.error.message}}", the text of which is decided by "Create" (create)`,
	}, left)
}

// A form that lists the devices of a user is an error of the service where the user has none.
func TestMakeListsAUserWithoutDevices(t *testing.T) {
	t.Parallel()
	made, err := synth.Make(exported(t, "devices"), "devices")
	require.NoError(t, err)
	var left []string
	for _, l := range made.Left {
		left = append(left, l.String())
	}
	assert.Equal(t, []string{`the start of the flow: error, decided by "Pick" (pick), which needs devices of the user`}, left)
}
