package record

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
)

// A log that says the same as the one of the recording leaves that as it is, and what a client
// answered for a passkey is in none: it is another one each time, whatever it looks like.
func TestALogThatSaysTheSameStays(t *testing.T) {
	t.Parallel()
	logged := func(took int64, node, id string) recordings.Log {
		return recordings.Log{Way: []string{"paused"}, Log: davinci.Log{
			Flows: []davinci.LoggedFlow{{Name: "A", ID: id}},
			Events: []davinci.LoggedEvent{{Message: "Send Response", Node: node, Took: &took, Properties: json.RawMessage(
				`{"fido2":{"assertionValue":{"id":"` + id + `","response":{"signature":"abc"}}},"plain":"abcd"}`)}},
		}}
	}
	r := &Recorder{Target: &target.Target{}}
	result := &learn.Result{Flow: &recordings.Flow{}}
	r.keepLogs(result, []recordings.Log{logged(1, "A", "passkey of the first run")})
	first := result.Flow.Logs
	assert.JSONEq(t, `{"fido2":{"assertionValue":{"id":"[redacted]","response":{"signature":"[redacted]"}}},"plain":"abcd"}`,
		string(first[0].Events[0].Properties))
	r.keepLogs(result, []recordings.Log{logged(2, "A", "passkey of another run")})
	assert.Equal(t, first, result.Flow.Logs)

	// Of two scenarios of one way, the same is kept in whatever order they ran.
	other := logged(3, "A", "a passkey")
	other.Events[0].Properties = json.RawMessage(`{"plain":"other"}`)
	r.keepLogs(result, []recordings.Log{logged(2, "A", "a passkey"), other})
	r.keepLogs(result, []recordings.Log{other, logged(2, "A", "a passkey")})
	assert.Equal(t, first, result.Flow.Logs)

	r.keepLogs(result, []recordings.Log{logged(2, "B", "passkey of another run")})
	assert.Equal(t, "B", result.Flow.Logs[0].Events[0].Node)
	assert.Equal(t, int64(2), *result.Flow.Logs[0].Events[0].Took)
}
