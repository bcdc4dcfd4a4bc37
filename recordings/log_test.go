package recordings_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// logs are the logs of two journeys that begin alike.
func logs() []recordings.Log {
	event := func(hop int, title, success string) davinci.LoggedEvent {
		return davinci.LoggedEvent{
			Message: "Send Response", Node: title, Success: success, Hop: hop, Properties: json.RawMessage(`{"a":"<b>"}`),
		}
	}
	flows := []davinci.LoggedFlow{{Name: "Sign On"}}
	return []recordings.Log{
		{Way: []string{"paused", "SIGNON: completed"}, Log: davinci.Log{
			Flows: flows, Events: []davinci.LoggedEvent{event(1, "Form", "true"), event(2, "Check Password", "true")},
		}},
		{Way: []string{"paused", "SIGNON: refused 400"}, Log: davinci.Log{
			Flows: flows, Events: []davinci.LoggedEvent{event(1, "Form", "true"), event(2, "Check Password", "false")},
			Gaps: []string{"a subflow is missing"},
		}},
	}
}

// withLogs returns the files of a recording with another text in one of them.
func withLogs(t *testing.T, change func(files map[string][]byte)) fstest.MapFS {
	t.Helper()
	f, err := recordings.Load(recordings.Shipped(), "sign-on")
	require.NoError(t, err)
	f.Logs = logs()
	files, err := f.Files()
	require.NoError(t, err)
	if change != nil {
		change(files)
	}
	out := fstest.MapFS{}
	for name, text := range files {
		out["x/"+name] = &fstest.MapFile{Data: text}
	}
	return out
}

// A log is written, an event a line, and read again as it was.
func TestLogsOfARecording(t *testing.T) {
	t.Parallel()
	fsys := withLogs(t, nil)
	got, err := recordings.Load(fsys, "x")
	require.NoError(t, err)
	assert.Equal(t, logs(), got.Logs)
	assert.Contains(t, string(fsys["x/"+"execution-log.json"].Data),
		"\n      {\"flow\":0,\"message\":\"Send Response\",\"node\":\"Form\",\"success\":\"true\",\"properties\":{\"a\":\"<b>\"},\"hop\":1},\n")

	for text, want := range map[string]string{
		`{}`:            "x/execution-log.json:1: cannot be read: json: cannot unmarshal object",
		`[{"ways":[]}]`: `x/execution-log.json:1: cannot be read: json: unknown field "ways"; flowtest record writes it`,
		`[{"events":[{"flow":1,"message":"a"}],"flows":[{"name":"A"}],"way":["b"]}]`:         "log 1: an event of flow 1 and hop 0, want a flow of the list from 0",
		`[{"events":[{"flow":0,"message":"a","hop":2}],"flows":[{"name":"A"}],"way":["b"]}]`: "log 1: an event of flow 0 and hop 2",
	} {
		_, err := recordings.Load(withLogs(t, func(files map[string][]byte) { files["execution-log.json"] = []byte(text) }), "x")
		require.ErrorContains(t, err, want)
	}
}

// A log answers for the way that it is of, and for the beginning of it; two that differ answer for none.
func TestTheLogOfAWay(t *testing.T) {
	t.Parallel()
	f := &recordings.Flow{Name: "sign-on", Logs: logs()}
	whole, err := f.LogOf([]string{"paused", "SIGNON: refused 400"})
	require.NoError(t, err)
	assert.Len(t, whole.Events, 2)
	assert.Equal(t, []string{"a subflow is missing"}, whole.Gaps)
	begun, err := f.LogOf([]string{"paused"})
	require.NoError(t, err, "both begin alike")
	assert.Len(t, begun.Events, 1)
	_, err = f.LogOf([]string{"paused", "CANCEL: paused"})
	require.EqualError(t, err, `the recording of "sign-on" has no execution log of this way: paused → CANCEL: paused`)

	f.Logs[1].Way = f.Logs[0].Way
	_, err = f.LogOf(f.Logs[0].Way)
	require.ErrorContains(t, err, `the recording of "sign-on" has two execution logs of this way that differ (paused → SIGNON: completed)`)
}

func TestHowAnAnswerIsDescribed(t *testing.T) {
	t.Parallel()
	read := func(status int, body string) *davinci.Answer {
		return davinci.Reader{Waits: true}.Read(status, nil, []byte(body))
	}
	assert.Equal(t, "SIGNON: refused 400 at node abc", recordings.Passed("SIGNON", read(400, `{"id":"abc","interactionId":"1","code":"x"}`)))
	assert.Equal(t, "failed 500", recordings.Passed("", read(500, `{"id":"34784f0e-5afc-4f94-85ac-025c5ea75254","code":"UNEXPECTED_ERROR"}`)),
		"the id of an error of PingOne is that of the error")
	assert.Equal(t, "paused at node n", recordings.Passed("", read(200, `{"id":"n","form":{"name":"A"},"_links":{"next":{"href":"x"}}}`)))
}
