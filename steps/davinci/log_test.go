package davinci_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// entry reads an entry of a log.
func entry(text string) davinci.LoggedEvent { return davinci.ReadEvent(gjson.Parse(text), 0) }

// An entry of the log is read as the management API writes it.
func TestAnEntryOfTheLog(t *testing.T) {
	t.Parallel()
	e := entry(`{"message":"Send Response","timestamp":"2026-01-15T09:30:00.250Z","nodeTitle":{"value":"Check Password"},
		"connector":{"id":"pingOneSSOConnector"},"capabilityName":"checkPassword","success":"true","executionTime":31,
		"node":{"id":"rifbtf4ly4"},"properties":{"a":1}}`)
	took := int64(31)
	assert.Equal(t, davinci.LoggedEvent{
		Time: time.Date(2026, 1, 15, 9, 30, 0, 250e6, time.UTC), Message: "Send Response", Node: "Check Password", NodeID: "rifbtf4ly4",
		Connector: "pingOneSSOConnector", Capability: "checkPassword", Success: "true", Took: &took, Properties: []byte(`{"a":1}`),
	}, e)
	assert.Equal(t, davinci.LoggedEvent{Message: "Start Interaction"}, entry(`{"message":"Start Interaction","success":"perhaps"}`))

	for text, want := range map[string]string{
		`{"message":"Starting subflow","properties":{"subFlowId":{"value":{"value":"abc"}}}}`: "abc",
		`{"message":"Starting subflow","properties":{"subFlowId":"abc"}}`:                     "abc",
		`{"message":"Starting subflow"}`:                                                      "",
	} {
		e := entry(text)
		id, starts := e.Starts()
		assert.True(t, starts, text)
		assert.Equal(t, want, id, text)
	}
	other := entry(`{"message":"Send Response","properties":{"subFlowId":"abc"}}`)
	_, starts := other.Starts()
	assert.False(t, starts)
}

// What a node answered, and whether it failed: a comparison that is false has not.
func TestNodesOfALog(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		last    string
		success string
		failed  bool
	}{
		"success":            {`{"message":"Send Response","nodeTitle":"A","success":"true"}`, "true", false},
		"no success":         {`{"message":"Send Response","nodeTitle":"A","success":"false","capabilityName":"checkPassword"}`, "false", true},
		"an error":           {`{"message":"Send Error Response","nodeTitle":"A","success":"true"}`, "false", true},
		"a false comparison": {`{"message":"Send Response","nodeTitle":"A","success":"false","capabilityName":"AEqualsB"}`, "false", false},
		"a comparison by its connector": {
			`{"message":"Send Response","nodeTitle":"A","success":"false","connector":{"id":"functionsConnector"},"capabilityName":"x"}`,
			"false", false,
		},
		"own code is no comparison": {
			`{"message":"Send Response","nodeTitle":"A","success":"false","connector":{"id":"functionsConnector"},` +
				`"capabilityName":"customFunction"}`,
			"false", true,
		},
		"nothing is said": {`{"message":"Send Response","nodeTitle":"A"}`, "", false},
	} {
		log := davinci.Log{Events: []davinci.LoggedEvent{entry(`{"message":"Receive Request","nodeTitle":"A"}`), entry(row.last)}}
		nodes := log.Nodes()
		require.Len(t, nodes, 1, name)
		assert.Equal(t, row.success, nodes[0].Success, name)
		assert.Equal(t, row.failed, nodes[0].Failed, name)
		assert.True(t, nodes[0].Answered, name)
	}
}

// What a node returned is found at a path, whether or not the log describes values by objects.
func TestWhatANodeReturned(t *testing.T) {
	t.Parallel()
	log := davinci.Log{Events: []davinci.LoggedEvent{
		entry(`{"message":"Receive Request","nodeTitle":"A","properties":{"identifier":{"value":"alice"},"shared":"in"}}`),
		entry(`{"message":"Send Response","nodeTitle":"A","properties":{"outputs":{"matchedUser":{"value":{"email":"a@example.com"}},` +
			`"shared":"out","list":[{"value":1},{"value":2}]}}}`),
	}}
	n := log.Nodes()[0]
	for path, want := range map[string]string{
		"identifier": `"alice"`, "matchedUser.email": `"a@example.com"`, "shared": `"out"`, "list.1": "2", "outputs.shared": `"out"`,
	} {
		assert.Equal(t, want, n.Get(path).Raw, path)
	}
	assert.False(t, n.Get("none").Exists())
	assert.JSONEq(t, `{"identifier":{"value":"alice"},"shared":"in","outputs":{"matchedUser":{"value":{"email":"a@example.com"}},`+
		`"shared":"out","list":[{"value":1},{"value":2}]}}`, n.Properties(), "inputs and outputs")
}

// Events belong to the answer before which they happened: a form that answers once more when
// it is left does not end the part of the next form.
func TestEventsBelongToAnswers(t *testing.T) {
	t.Parallel()
	answer := func(id, capability string) *davinci.Answer {
		return davinci.Reader{}.Read(200, nil, []byte(`{"id":"`+id+`","capabilityName":"`+capability+`"}`))
	}
	event := func(message, node, capability string) davinci.LoggedEvent {
		return davinci.LoggedEvent{Message: message, Node: node, Capability: capability}
	}
	hops := func(l *davinci.Log) (all []int) {
		for _, e := range l.Events {
			all = append(all, e.Hop)
		}
		return all
	}
	log := &davinci.Log{Events: []davinci.LoggedEvent{
		event("Start Interaction", "", ""), event("Receive Request", "A", "form"), event("Send Response", "A", "form"),
		event("Send Response", "A", "form"), event("Send Response", "Look", "look"), event("Send Response", "B", "form"),
		event("Send Response", "B", "form"), event("Send Error Response", "Check", "check"),
		event("Send Response", "B", "form"), event("Send Response", "Done", "end"), event("Send Response", "", ""),
	}}
	log.Assign([]*davinci.Answer{answer("a", "form"), answer("b", "form"), answer("c", "check"), answer("d", "end")})
	assert.Equal(t, []int{1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4}, hops(log))

	again := &davinci.Log{Events: []davinci.LoggedEvent{event("Send Response", "A", "form"), event("Send Response", "A", "form"), event("x", "", "")}}
	again.Assign([]*davinci.Answer{answer("a", "form"), answer("a", "form"), answer("z", "none")})
	assert.Equal(t, []int{1, 2, 3}, hops(again))

	byID := &davinci.Log{Events: []davinci.LoggedEvent{
		{Message: "Send Response", NodeID: "x", Node: "X", Capability: "form"},
		{Message: "Send Response", NodeID: "a", Node: "A", Capability: "form"},
		event("Send Response", "Done", "end"),
	}}
	byID.Assign([]*davinci.Answer{answer("a", "form"), answer("d", "end")})
	assert.Equal(t, []int{1, 1, 2}, hops(byID))
}
