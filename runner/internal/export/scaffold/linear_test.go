package scaffold_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
)

// menu is the export of a flow with one screen of n buttons, each with an error of its own.
func menu(t *testing.T, n int) *export.File {
	t.Helper()
	type object = map[string]any
	data := func(o object) object { return object{"data": o} }
	connection := func(id, capability string, properties object) object {
		return data(object{"id": id, "nodeType": "CONNECTION", "capabilityName": capability, "properties": properties})
	}
	var html strings.Builder
	values, edges := []object{}, []object{data(object{"source": "menu", "target": "which"})}
	nodes := []object{}
	for i := range n {
		fmt.Fprintf(&html, "<button data-skcomponent='skbutton' data-skbuttonvalue='B%d'>Button %d</button>", i, i)
		values = append(values, object{"id": fmt.Sprintf("b%d", i), "value": fmt.Sprintf("B%d", i)})
		to := fmt.Sprintf("e%d", i)
		nodes = append(nodes, connection(to, "customErrorMessage", object{"errorMessage": object{"value": to}}))
		edges = append(edges, data(object{"source": "which", "target": to, "multiValueSourceId": fmt.Sprintf("b%d", i)}))
	}
	nodes = append(nodes,
		connection("menu", "customHTMLTemplate", object{"nodeTitle": object{"value": "Menu"}, "customHTML": object{"value": html.String()}}),
		connection("which", "AEqualsMultipleB", object{
			"leftValueA": object{"value": "{{local.menu.payload.output.buttonValue}}"}, "rightValueMultiple": object{"value": values},
		}))
	b, err := json.Marshal(object{"name": "M", "graphData": object{"elements": object{"nodes": nodes, "edges": edges}}})
	require.NoError(t, err)
	f, err := export.Parse(b)
	require.NoError(t, err)
	return f
}

// A screen with twenty times as many buttons takes about twenty times as much, and not four
// hundred times: memory is counted, since time depends on the machine.
func TestManyButtonsOnOneScreen(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	const few, more = 50, 20
	allocated := func(do func()) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	var small, large [3]float64
	for n, took := range map[int]*[3]float64{few: &small, few * more: &large} {
		file := menu(t, n)
		var made *synth.Result
		var err error
		took[0] = allocated(func() { made, err = synth.Make(file, "menu") })
		require.NoError(t, err)
		require.Len(t, made.Flow.Hops, n+1)
		took[1] = allocated(func() { assert.Equal(t, n+1, scaffold.Write(made.Flow, nil).Scenarios) })
		c := cover.New(file)
		took[2] = allocated(func() { c.AddRecordings([]*recordings.Flow{made.Flow}) })
		c.Finish()
		assert.Equal(t, n, c.Totals()["buttons"].Observed)
	}
	for i, what := range []string{"import", "scaffold", "coverage"} {
		assert.Less(t, large[i]/small[i], 2.0*more, "%s", what)
	}
}
