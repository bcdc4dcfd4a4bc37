package lint_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/lint"
)

// reports are of a flow with one error, one warning and one known failure.
func reports(t *testing.T) []lint.Report {
	t.Helper()
	const flow = `{"name": "pin", "flowId": "f1", "trigger": {"type": "AUTHENTICATION"}, "graphData": {"elements": {"nodes": [
{"data": {"id": "a", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "PIN"},
 "customHTML": {"value": "<button data-skcomponent='skbutton' data-skbuttonvalue='GO'>G%o</button>"}}}},
{"data": {"id": "b", "nodeType": "EVAL", "properties": {"c": {"value": "always"}}}}],
"edges": [{"data": {"source": "a", "target": "gone"}}]}}}`
	f, err := export.Parse([]byte(flow))
	require.NoError(t, err)
	r := lint.Report{Name: "flows/pin:1.json", File: f, Findings: lint.Check(f, nil)}
	require.Len(t, r.Findings, 3)
	r.Findings[2].Known = "later (me)"
	return []lint.Report{r}
}

func written(t *testing.T, write func(w io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, write(&b))
	return b.String()
}

func same(s string) string { return s }

func TestText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `flows/pin:1.json:2: error: EXPORT-BUTTON-DEAD: node "PIN" (a): the button "G%o" (GO) leads nowhere, in the flow "pin"
    add a branch for its value, or remove the button
flows/pin:1.json:2: warning: EXPORT-EDGE-LOST: 1 edge from or to a node that is not there, in the flow "pin"
    remove the edge from the export
flows/pin:1.json:4: known: EXPORT-CONDITION-STALE: node "Evaluator" (b): the evaluator has a condition for "c", to which it does not lead, in the flow "pin"
    known: later (me)
1 flow with 1 screen in 1 export: 1 to fix, 1 warning, 1 known
`, written(t, func(w io.Writer) error { return lint.Text(w, reports(t)) }))
}

func TestGitHub(t *testing.T) {
	t.Parallel()
	got := written(t, func(w io.Writer) error { return lint.GitHub(w, reports(t), same, strings.ToUpper) })
	assert.Equal(t, `::error file=flows/pin%3A1.json,line=2,title=EXPORT-BUTTON-DEAD::NODE "PIN" (A): THE BUTTON "G%25O" (GO) LEADS NOWHERE, IN THE FLOW "PIN". ADD A BRANCH FOR ITS VALUE, OR REMOVE THE BUTTON
::warning file=flows/pin%3A1.json,line=2,title=EXPORT-EDGE-LOST::1 EDGE FROM OR TO A NODE THAT IS NOT THERE, IN THE FLOW "PIN". REMOVE THE EDGE FROM THE EXPORT
::notice file=flows/pin%3A1.json,line=4,title=EXPORT-CONDITION-STALE::NODE "EVALUATOR" (B): THE EVALUATOR HAS A CONDITION FOR "C", TO WHICH IT DOES NOT LEAD, IN THE FLOW "PIN". LATER (ME)
`, got)
}

func TestMachineFormats(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		write func(w io.Writer) error
		want  string // a part, without white space
	}{
		"json": {
			func(w io.Writer) error { return lint.JSON(w, reports(t)) },
			`{"rule":"EXPORT-BUTTON-DEAD","level":"error","file":"flows/pin:1.json","line":2,"flow":"pin","flowId":"f1","node":"a","title":"PIN","found":`,
		},
		"sarif": {
			func(w io.Writer) error { return lint.SARIF(w, reports(t), "1.0", same) },
			`"physicalLocation":{"artifactLocation":{"uri":"flows/pin:1.json"},"region":{"startLine":2}}}],"message":{"text":"node\"PIN\"(a):`,
		},
		"sarif of what is known": {
			func(w io.Writer) error { return lint.SARIF(w, reports(t), "1.0", same) },
			`"suppressions":[{"justification":"later(me)","kind":"external"}]`,
		},
		"dvlint": {
			func(w io.Writer) error { return lint.DVLint(w, reports(t), "1.0") },
			`{"name":"flowtest","version":"1.0","pass":false,"errorCount":1,"rulePackResults":[{"name":"flowtest","version":"1.0","pass":false,"errorCount":1,` +
				`"lintResults":[{"flowId":"f1","flowName":"pin","pass":false,"errorCount":1,"errors":[{"code":"EXPORT-BUTTON-DEAD",`,
		},
		"dvlint, a warning": {
			func(w io.Writer) error { return lint.DVLint(w, reports(t), "1.0") },
			`"type":"best-practice","recommendation":"removetheedgefromtheexport","flowId":"f1"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := written(t, row.write)
			assert.True(t, json.Valid([]byte(got)))
			assert.Contains(t, strings.Join(strings.Fields(got), ""), row.want)
		})
	}
}
