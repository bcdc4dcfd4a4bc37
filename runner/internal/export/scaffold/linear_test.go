package scaffold_test

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/export/edit"
	"flowtest/runner/internal/export/lint"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
)

// How a hostile flow finds out which button was pressed.
const (
	compared = "one comparison with all of them"
	coded    = "code, so that each button may lead to each error"
	chained  = "a chain of comparisons, each with one of them"
)

// hostile is the export of a flow with one screen of n buttons and fields, each button with an error of
// its own and each field read by one node.
func hostile(t *testing.T, n int, kind, message string) []byte {
	t.Helper()
	type object = map[string]any
	data := func(o object) object { return object{"data": o} }
	connection := func(id, capability string, properties object) object {
		return data(object{"id": id, "nodeType": "CONNECTION", "capabilityName": capability, "properties": properties})
	}
	var html strings.Builder
	reads := object{}
	values, fields, edges := []object{}, []object{}, []object{data(object{"source": "menu", "target": "reads"})}
	nodes := []object{}
	for i := range n {
		key, branch, to := fmt.Sprintf("f%d", i), fmt.Sprintf("b%d", i), fmt.Sprintf("e%d", i)
		fmt.Fprintf(&html, "<button data-skcomponent='skbutton' data-skbuttonvalue='B%d'>Button %d</button>", i, i)
		fields = append(fields, object{"propertyName": key, "displayName": key})
		reads[key] = object{"value": "{{local.menu.payload.output." + key + "}}"}
		values = append(values, object{"id": branch, "value": fmt.Sprintf("B%d", i)})
		nodes = append(nodes, connection(to, "customErrorMessage", object{"errorMessage": object{"value": message + to}}))
		if kind != chained {
			edges = append(edges, data(object{"source": "which", "target": to, "multiValueSourceId": branch}))
			continue
		}
		is, yes, no := fmt.Sprint("is ", i), fmt.Sprint("yes ", i), fmt.Sprint("no ", i)
		next := fmt.Sprint("is ", (i+1)%n)
		fails := object{next: object{"value": "anyTriggersFalse"}}
		nodes = append(nodes, data(object{"id": yes, "nodeType": "EVAL"}),
			data(object{"id": no, "nodeType": "EVAL", "properties": fails}),
			connection(is, "AEqualsB", object{
				"leftValueA":  object{"value": "{{local.menu.payload.output.buttonValue}}"},
				"rightValueB": object{"value": fmt.Sprintf("B%d", i)},
			}))
		for _, edge := range [][2]string{{is, yes}, {yes, to}, {is, no}, {no, next}} {
			edges = append(edges, data(object{"source": edge[0], "target": edge[1]}))
		}
	}
	pressed := "{{local.menu.payload.output.buttonValue}}"
	if kind == coded {
		reads["pressed"] = object{"value": pressed}
		pressed = "{{local.reads.payload.output.result}}"
	}
	first := map[bool]string{true: "is 0", false: "which"}[kind == chained]
	edges = append(edges, data(object{"source": "reads", "target": first}))
	nodes = append(nodes,
		connection("menu", "customHTMLTemplate", object{
			"nodeTitle": object{"value": "Menu"}, "customHTML": object{"value": html.String()}, "formFieldsList": object{"value": fields},
		}),
		connection("reads", "customFunction", reads),
		connection("which", "AEqualsMultipleB", object{
			"leftValueA": object{"value": pressed}, "rightValueMultiple": object{"value": values},
		}))
	b, err := json.Marshal(object{"name": "M", "graphData": object{"elements": object{"nodes": nodes, "edges": edges}}})
	require.NoError(t, err)
	return b
}

// costs are the bytes that each command allocates for a hostile export, by what it does.
func costs(t *testing.T, n int, kind string) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	count := func(what string, do func()) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		do()
		runtime.ReadMemStats(&after)
		out[what] = float64(after.TotalAlloc - before.TotalAlloc)
	}
	was, is := hostile(t, n, kind, "was "), hostile(t, n, kind, "is ")
	var file, other *export.File
	var err error
	count("read", func() { file, err = export.Parse(was) })
	require.NoError(t, err)
	other, err = export.Parse(is)
	require.NoError(t, err)
	count("describe", func() { require.NoError(t, file.Text(io.Discard)) })
	count("describe as JSON", func() { require.NoError(t, file.JSON(io.Discard)) })
	count("describe for Mermaid", func() { require.NoError(t, file.Mermaid(io.Discard)) })
	count("check", func() { lint.Check(file, nil) })
	var changes *edit.Edit
	count("diff", func() { changes = edit.Compare(file, other) })
	require.Len(t, changes.Differences, 1)
	require.Len(t, changes.Differences[0].Locations, n)
	var made *synth.Result
	count("import", func() { made, err = synth.Make(file, "menu") })
	require.NoError(t, err)
	count("scaffold", func() { scaffold.Write(made.Flow, nil) })
	if kind != coded {
		require.Len(t, made.Flow.Hops, n+1)
	}
	c := cover.New(file)
	count("coverage", func() {
		for i := range n {
			c.Add([]export.Step{
				{Node: "menu", Screen: "Menu"}, {Node: fmt.Sprintf("e%d", i), Action: fmt.Sprintf("B%d", i)},
			}, cover.Scenario{File: "a.feature", Line: 1 + i})
		}
		c.Finish()
	})
	count("coverage as JSON", func() { require.NoError(t, c.JSON(io.Discard)) })
	count("the map", func() { require.NoError(t, c.HTML(io.Discard)) })
	assert.Equal(t, n, c.Totals()["buttons"].Observed)
	return out
}

// A screen with eight times as many buttons and fields takes about eight times as much, and not 64
// times: memory is counted, since time depends on the machine.
func TestManyButtonsOnOneScreen(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	const few, more = 50, 8
	for _, kind := range []string{compared, coded, chained} {
		small, large := costs(t, few, kind), costs(t, few*more, kind)
		for what := range small {
			assert.Less(t, large[what]/small[what], 2.0*more, "%s, %s", what, kind)
		}
	}
}
