package synth_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/store"
)

var update = flag.Bool("update", false, "write the recording into testdata")

func shop(t *testing.T) *export.File {
	t.Helper()
	return exported(t, "shop")
}

// exported reads an export of testdata.
func exported(t *testing.T, name string) *export.File {
	t.Helper()
	b, err := os.ReadFile("../testdata/" + name + ".json")
	require.NoError(t, err)
	f, err := export.Parse(b)
	require.NoError(t, err)
	return f
}

func TestMake(t *testing.T) {
	t.Parallel()
	made, err := synth.Make(shop(t), "shop")
	require.NoError(t, err)
	files, err := made.Flow.Files()
	require.NoError(t, err)
	got := string(files[recordings.FileName])
	golden := "testdata/shop.yaml"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)

	var left []string
	for _, l := range made.Left {
		left = append(left, l.String())
	}
	assert.Equal(t, []string{
		`"Shop Sign On", "Sign On": screen "Change Password", decided by "Password status" (pwstatus)`,
	}, left, "what only the backend knows is listed")
	assert.Equal(t, []string{"code", "email", "password", "username"}, made.Attributes)
	assert.Equal(t, 6, made.Screens())
	place := made.Nodes["wrong-password"]
	assert.Equal(t, "wrong", place.Node.ID)
	assert.Equal(t, "SIGNON", place.Button.Key)
	assert.Equal(t, "Shop Sign On", place.Screen.Name)
}

// A recording that is made can be saved and loaded, whatever the flow's texts are.
func TestMakeOfHostileTexts(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../testdata/shop.json")
	require.NoError(t, err)
	text := strings.NewReplacer("Wrong code", `{{user.email}} ${x} {{`, "Enter Code", `…/../{{a}}`).Replace(string(b))
	f, err := export.Parse([]byte(text))
	require.NoError(t, err)
	made, err := synth.Make(f, "shop")
	require.NoError(t, err)
	dir := t.TempDir() + "/shop"
	require.NoError(t, store.Save(dir, made.Flow))
	loaded, err := recordings.Load(os.DirFS(dir), ".")
	require.NoError(t, err)
	assert.Len(t, loaded.Hops, len(made.Flow.Hops))
	assert.Equal(t, recordings.Synthetic, loaded.Source)
}

func TestMakeRefuses(t *testing.T) {
	t.Parallel()
	f, err := export.Parse([]byte(`{"name": "n", "graphData": {"elements": {"nodes": [{"data": {"id": "a",
		"nodeType": "CONNECTION", "capabilityName": "createSuccessResponse"}}]}}}`))
	require.NoError(t, err)
	_, err = synth.Make(f, "n")
	assert.EqualError(t, err, `the flow "n" comes to no screen that the export has, so there is nothing to record`)
}

// A subflow that calls itself, and one that the file does not have, end.
func TestMakeOfCycles(t *testing.T) {
	t.Parallel()
	var file struct {
		Flows []map[string]any `json:"flows"`
	}
	b, err := os.ReadFile("../testdata/shop.json")
	require.NoError(t, err)
	text := strings.Replace(string(b), `"capabilityName": "createSuccessResponse"`,
		`"capabilityName": "startUiSubFlow", "subFlowId": 1`, 1)
	text = strings.Replace(text, `"nodeTitle": {"value": "Done"}`,
		`"nodeTitle": {"value": "Done"}, "subFlowId": {"value": {"label": "Shop screens", "value": "x"}}`, 1)
	require.NoError(t, json.Unmarshal([]byte(text), &file))
	f, err := export.Parse([]byte(text))
	require.NoError(t, err)
	made, err := synth.Make(f, "shop")
	require.NoError(t, err)
	var left []string
	for _, l := range made.Left {
		left = append(left, l.String())
	}
	assert.Contains(t, left, `"Welcome", "Continue": subflow "Shop screens", the subflow is not in the file, or calls itself`)
}

// Where code reads which button was pressed, the export does not say where each leads: the node is
// named that reads it.
func TestMakeWhereCodeReadsTheButton(t *testing.T) {
	t.Parallel()
	f, err := export.Parse([]byte(`{"name": "n", "graphData": {"elements": {"nodes": [
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "customHTML": {"value": "<a data-skcomponent='skbutton' data-skbuttonvalue='A'>Yes</a><a data-skcomponent='skbutton' data-skbuttonvalue='B'>No</a>"}}}},
{"data": {"id": "code", "nodeType": "CONNECTION", "capabilityName": "customFunction", "properties": {"nodeTitle": {"value": "Which way"},
 "code": {"value": "return '{{local.form.payload.output.buttonValue}}'"}}}},
{"data": {"id": "no", "nodeType": "CONNECTION", "capabilityName": "customErrorMessage", "properties": {"errorMessage": {"value": "Not so"}}}},
{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect", "properties": {"nodeTitle": {"value": "Done"}}}}],
"edges": [{"data": {"source": "form", "target": "code"}}, {"data": {"source": "code", "target": "no"}}, {"data": {"source": "code", "target": "done"}}]}}}`))
	require.NoError(t, err)
	made, err := synth.Make(f, "n")
	require.NoError(t, err)
	assert.Len(t, made.Flow.Hops, 1)
	var left []string
	for _, l := range made.Left {
		left = append(left, l.String())
	}
	assert.ElementsMatch(t, []string{
		`"Form", "Yes, No": end returnSuccessResponseRedirect "Done", decided by "Which way" (code), which reads the button`,
		`"Form", "Yes, No": error "Not so", decided by "Which way" (code), which reads the button`,
	}, left)
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"username": "username", "user.username": "username", "user.name.given": "givenName",
		"text-input-key": "textInputKey", "1st": "st", "…": "value",
	} {
		assert.Equal(t, want, synth.Attribute(key), key)
	}
}

// A recording of more screens than a person reviews is refused, with a way on.
func TestMakeOfTooManyScreens(t *testing.T) {
	t.Parallel()
	type object = map[string]any
	var nodes, edges []object
	for i := range synth.MaxScreens + 1 {
		id, way := fmt.Sprint("s", i), fmt.Sprint("way ", i)
		nodes = append(nodes, object{"data": object{"id": id, "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": object{
			"customHTML": object{"value": "<button data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</button>"},
		}}}, object{"data": object{"id": way, "nodeType": "EVAL"}})
		edges = append(edges, object{"data": object{"source": id, "target": way}},
			object{"data": object{"source": way, "target": fmt.Sprint("s", i+1)}})
	}
	text, err := json.Marshal(object{"name": "n", "graphData": object{"elements": object{"nodes": nodes, "edges": edges}}})
	require.NoError(t, err)
	f, err := export.Parse(text)
	require.NoError(t, err)
	_, err = synth.Make(f, "n")
	assert.EqualError(t, err, "the recording would have more than 2000 screens, too many to review (a subflow has screens of "+
		"its own for each call): export a subflow without the flow that calls it, and import that")
}
