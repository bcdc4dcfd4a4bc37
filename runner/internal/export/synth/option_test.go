package synth_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
)

// Each option that a comparison names has a hop, also where two of them lead to the same screen.
func TestMakeOfOptionsThatLeadToOneScreen(t *testing.T) {
	t.Parallel()
	f, err := export.Parse([]byte(`{"name": "n", "forms": {"f1": {"id": "f1", "name": "Pick", "components": {"fields": [
 {"type": "RADIO", "key": "by", "label": "By", "options": [{"label": "Text", "value": "SMS"}, {"label": "Call", "value": "VOICE"},
  {"label": "Mail", "value": "EMAIL"}]}, {"type": "SUBMIT_BUTTON", "key": "submit", "label": "Go"}]}}},
"graphData": {"elements": {"nodes": [
{"data": {"id": "pick", "nodeType": "CONNECTION", "capabilityName": "customForm", "properties": {"form": {"value": "f1"}}}},
{"data": {"id": "which", "nodeType": "CONNECTION", "connectorId": "functionsConnector", "capabilityName": "AEqualsMultipleB", "properties": {
 "leftValueA": {"value": "{{local.pick.payload.output.by}}"}, "rightValueMultiple": {"value": [
 {"id": "1", "value": "SMS"}, {"id": "2", "value": "VOICE"}, {"id": "3", "value": "EMAIL"}, {"id": "4", "value": "NO OPTION"}]}}}},
{"data": {"id": "e1", "nodeType": "EVAL"}}, {"data": {"id": "e2", "nodeType": "EVAL"}}, {"data": {"id": "e3", "nodeType": "EVAL"}},
{"data": {"id": "call", "nodeType": "CONNECTION", "connectorId": "functionsConnector", "capabilityName": "customFunction"}},
{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}},
{"data": {"id": "phone", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Phone"},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}}],
"edges": [{"data": {"source": "pick", "target": "which"}},
{"data": {"source": "which", "target": "e1", "multiValueSourceId": "1"}}, {"data": {"source": "e1", "target": "phone"}},
{"data": {"source": "which", "target": "e2", "multiValueSourceId": "2"}}, {"data": {"source": "e2", "target": "call"}},
{"data": {"source": "call", "target": "phone"}}, {"data": {"source": "which", "target": "e2", "multiValueSourceId": "4"}},
{"data": {"source": "which", "target": "e3", "multiValueSourceId": "3"}}, {"data": {"source": "e3", "target": "done"}},
{"data": {"source": "phone", "target": "done"}}]}}}`))
	require.NoError(t, err)
	made, err := synth.Make(f, "n")
	require.NoError(t, err)
	got := map[string]string{}
	for _, h := range made.Flow.Hops {
		if by := h.Request.FormData()["by"]; by != nil {
			got[fmt.Sprint(by)] = made.Nodes[h.Name].Node.ID
		}
	}
	assert.Equal(t, map[string]string{"SMS": "phone", "VOICE": "phone", "EMAIL": "done"}, got)
	assert.Empty(t, made.Left)
}
