package synth_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
)

// Sixteen times as many nodes in a row that read a field and may fail take about sixteen times as much: memory is
// counted, since time depends on the machine.
func TestManyNodesThatReadAField(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	cost := func(n int) float64 {
		var nodes, edges strings.Builder
		for i := range n {
			fmt.Fprintf(&nodes, `{"data": {"id": "n%d", "nodeType": "CONNECTION", "connectorId": "pingOneSSOConnector", "capabilityName": "readUser",
 "properties": {"a": {"value": "{{local.form.payload.output.name}}"}}}}, {"data": {"id": "e%d", "nodeType": "EVAL", "properties": {"bad": {"value": "anyTriggersFalse"}}}},`, i, i)
			fmt.Fprintf(&edges, `{"data": {"source": "n%d", "target": "e%d"}}, {"data": {"source": "e%d", "target": "bad"}}, {"data": {"source": "e%d", "target": "n%d"}},`,
				i, i, i, i, i+1)
		}
		f, err := export.Parse([]byte(`{"name": "n", "graphData": {"elements": {"nodes": [` + nodes.String() + `
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "formFieldsList": {"value": [{"propertyName": "name", "displayName": "Name"}]},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}},
{"data": {"id": "bad", "nodeType": "CONNECTION", "capabilityName": "customErrorMessage", "properties": {"errorMessage": {"value": "Bad"}}}},
{"data": {"id": "n` + strconv.Itoa(n) + `", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}}],
"edges": [` + edges.String() + `{"data": {"source": "form", "target": "n0"}}]}}}`))
		require.NoError(t, err)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		made, err := synth.Make(f, "n")
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		require.Len(t, made.Flow.Hops, 3)
		require.Empty(t, made.Left)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	assert.Less(t, cost(1600)/cost(100), 32.0)
}
