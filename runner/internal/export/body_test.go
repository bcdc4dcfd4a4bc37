package export_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// What is made of a node is what the protocol reads of an answer of that kind.
func TestBodies(t *testing.T) {
	t.Parallel()
	f := parse(t, json.RawMessage(shop(t))).Flows[1]
	body, err := export.Body(f, f.Node("prefs").Screen)
	require.NoError(t, err)
	a := davinci.Reader{}.Read(200, nil, body)
	require.Equal(t, davinci.Paused, a.Outcome)
	var got []string
	for _, field := range a.Screen().Fields {
		got = append(got, field.Type+" "+field.Key+" "+field.Label)
	}
	assert.Equal(t, []string{
		"LABEL rich-text Choose", "ERROR_DISPLAY  ", "RADIO color Color", "SINGLE_CHECKBOX terms I accept the terms",
		"SUBMIT_BUTTON submit Submit", "FLOW_LINK skip Skip",
	}, got)
	assert.Equal(t, "Choose", a.Get("form.components.fields.0.content").String())

	body, err = export.ErrorBody(f, f.Node("wrong"))
	require.NoError(t, err)
	a = davinci.Reader{Waits: true}.Read(400, nil, body)
	assert.Equal(t, davinci.Refused, a.Outcome)
	assert.Equal(t, "Wrong username or password", a.Message())

	body, err = export.EndBody(f, f.Node("done"))
	require.NoError(t, err)
	a = davinci.Reader{Waits: true}.Read(200, nil, body)
	assert.Equal(t, davinci.Completed, a.Outcome)
	assert.Equal(t, "returnSuccessResponseRedirect", a.Capability(), "a subflow answers its caller, which redirects")

	s := &sketch{}
	s.node("e", "customErrorMessage", "nodeTitle", "Not allowed")
	body, err = export.ErrorBody(s.read(t), s.read(t).Node("e"))
	require.NoError(t, err)
	assert.Contains(t, string(body), `"message": "Not allowed"`, "an error says something")
}

// Texts of a form arrive as a person reads them, wherever they stand in a field.
func TestBodyOfAFormWithSlate(t *testing.T) {
	t.Parallel()
	s := (&sketch{}).node("ask", "customForm", "form", "f1")
	v := s.json()
	v["forms"] = object{"f1": object{"id": "f1", "name": "Ask", "components": object{"fields": []any{
		object{
			"type": "TEXT", "key": "name", "validation": object{"type": "CUSTOM", "regex": "^[a-z]+$", "errorMessage": slate("Small letters")},
			"hints": []any{slate("one\ntwo"), "{{x}}", 3, true}, "plain": object{"b": 1, "a": "x"},
		},
	}}}}
	f := parse(t, v).Flows[0]
	body, err := export.Body(f, f.Node("ask").Screen)
	require.NoError(t, err)
	field := davinci.Reader{}.Read(200, nil, body).Get("form.components.fields.0")
	assert.JSONEq(t, `{"type": "TEXT", "key": "name", "validation": {"type": "CUSTOM", "regex": "^[a-z]+$", "errorMessage": "Small letters"},
		"hints": ["one two", "{{literal:braces}}x}}", 3, true], "plain": {"a": "x", "b": 1}}`, field.Raw)
}
