package synth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/walk"
)

// session is a flow that looks for a session first. With one it goes on to KNOWN, and without one to a form,
// whose only button leads to END. MORE are the nodes that it needs for that.
const session = `{"name": "n", "graphData": {"elements": {"nodes": [
{"data": {"id": "session", "nodeType": "CONNECTION", "connectorId": "pingOneAuthenticationConnector", "capabilityName": "checkSession"}},
{"data": {"id": "e1", "nodeType": "EVAL", "properties": {"form": {"value": "anyTriggersFalse"}, "KNOWN": {"value": "allTriggersTrue"}}}},
{"data": {"id": "e2", "nodeType": "EVAL"}}, {"data": {"id": "e3", "nodeType": "EVAL"}},
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}}MORE],
"edges": [{"data": {"source": "session", "target": "e1"}}, {"data": {"source": "e1", "target": "form"}}, {"data": {"source": "e1", "target": "KNOWN"}},
{"data": {"source": "form", "target": "e2"}}, {"data": {"source": "e2", "target": "END"}},
{"data": {"source": "welcome", "target": "e3"}}, {"data": {"source": "e3", "target": "END"}}]}}}`

var nodes = map[string]string{
	"done":   `{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}}`,
	"failed": `{"data": {"id": "failed", "nodeType": "CONNECTION", "capabilityName": "returnErrorResponseRedirect"}}`,
	"welcome": `{"data": {"id": "welcome", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {
"nodeTitle": {"value": "Welcome"}, "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='ON'>On</a>"}}}}`,
}

// A flow that looks for a session has a start for a browser without one, and, where a journey ends with
// a session, another for a browser with one.
func TestMakeOfAFlowThatLooksForASession(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		known, end string
		hops, left []string
	}{
		"it completes": {"done", "done", []string{"form", "signed-on with a session", "completed"}, nil},
		"it shows":     {"welcome", "done", []string{"form", "welcome with a session", "completed", "completed-2"}, nil},
		"it does not end": {
			"welcome", "welcome",
			[]string{"form", "welcome", "welcome-on"},
			[]string{`the start of the flow: screen "Welcome", decided by "checkSession" (session)`},
		},
		"no end": {
			"done", "failed",
			[]string{"form"},
			[]string{
				`"Form", "Go": end returnErrorResponseRedirect "returnErrorResponseRedirect", what an end with an error answers is not in the export`,
				`the start of the flow: end returnSuccessResponseRedirect "returnSuccessResponseRedirect", decided by "checkSession" (session)`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			more := ", " + nodes[row.known]
			if row.end != row.known {
				more += ", " + nodes[row.end]
			}
			f, err := export.Parse([]byte(strings.NewReplacer("KNOWN", row.known, "END", row.end, "MORE", more).Replace(session)))
			require.NoError(t, err)
			made, err := synth.Make(f, "n")
			require.NoError(t, err)
			var hops, left []string
			for _, h := range made.Flow.Hops {
				name := h.Name
				if h.Request.Session {
					name += " with a session"
				}
				hops = append(hops, name)
			}
			for _, l := range made.Left {
				left = append(left, l.String())
			}
			assert.Equal(t, row.hops, hops)
			assert.Equal(t, row.left, left)
			_, missed := walk.Journeys(made.Flow, walk.Options{})
			assert.Empty(t, missed)
		})
	}
}
