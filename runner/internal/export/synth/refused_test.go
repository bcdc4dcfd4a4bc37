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

// locked is a flow whose screen asks for a password. Where it is wrong, a comparison asks whether the
// account is locked: a screen says so, else an error says that the password is wrong.
const locked = `{"name": "n", "graphData": {"elements": {"nodes": [
{"data": {"id": "form", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Form"},
 "formFieldsList": {"value": [{"propertyName": "password", "displayName": "Password", "hashedVisibility": true}]},
 "customHTML": {"value": "<a type='submit' data-skcomponent='skbutton' data-skbuttonvalue='GO'>Go</a>"}}}},
{"data": {"id": "e1", "nodeType": "EVAL"}},
{"data": {"id": "check", "nodeType": "CONNECTION", "connectorId": "pingOneSSOConnector", "capabilityName": "checkPassword",
 "properties": {"password": {"value": "{{local.form.payload.output.password}}"}}}},
{"data": {"id": "e2", "nodeType": "EVAL", "properties": {"is": {"value": "anyTriggersFalse"}}}},
{"data": {"id": "done", "nodeType": "CONNECTION", "capabilityName": "returnSuccessResponseRedirect"}},
{"data": {"id": "is", "nodeType": "CONNECTION", "connectorId": "CONNECTOR", "capabilityName": "CAPABILITY",
 "properties": {"nodeTitle": {"value": "Is it locked?"}}}},
{"data": {"id": "e3", "nodeType": "EVAL", "properties": {"no": {"value": "anyTriggersFalse"}}}},
{"data": {"id": "locked", "nodeType": "CONNECTION", "capabilityName": "customHTMLTemplate", "properties": {"nodeTitle": {"value": "Locked"},
 "customHTML": {"value": "<a data-skcomponent='skbutton' data-skbuttonvalue='BACK'>Back</a>"}}}},
{"data": {"id": "no", "nodeType": "CONNECTION", "capabilityName": "customErrorMessage", "properties": {"errorMessage": {"value": "Wrong password"}}}}],
"edges": [{"data": {"source": "form", "target": "e1"}}, {"data": {"source": "e1", "target": "check"}},
{"data": {"source": "check", "target": "e2"}}, {"data": {"source": "e2", "target": "done"}}, {"data": {"source": "e2", "target": "is"}},
{"data": {"source": "is", "target": "e3"}}, {"data": {"source": "e3", "target": "locked"}}, {"data": {"source": "e3", "target": "no"}}]}}}`

// A wrong password is refused, and leads to where the state of the backend may lead when it is wrong again.
// Where more has to fail for the error, the flow goes on.
func TestMakeOfAWrongValue(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		connector, capability string
		want, left            []string
	}{
		"a comparison": {"functionsConnector", "AEqualsB", []string{"no", "locked"}, nil},
		"a node that fails": {
			"pingOneSSOConnector",
			"readUser",
			[]string{"locked"},
			[]string{`"Form", "Go": error "Wrong password", decided by "Is it locked?" (is)`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.NewReplacer("CONNECTOR", row.connector, "CAPABILITY", row.capability).Replace(locked)
			f, err := export.Parse([]byte(text))
			require.NoError(t, err)
			made, err := synth.Make(f, "n")
			require.NoError(t, err)
			var got, left []string
			for _, h := range made.Flow.Hops {
				if h.Request.FormData()["password"] == "${user.wrongPassword}" {
					got = append(got, made.Nodes[h.Name].Node.ID)
				}
			}
			for _, l := range made.Left {
				left = append(left, l.String())
			}
			assert.Equal(t, row.want, got)
			assert.Equal(t, row.left, left)
			_, missed := walk.Journeys(made.Flow, walk.Options{})
			assert.Empty(t, missed)
		})
	}
}
