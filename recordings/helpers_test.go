package recordings_test

import (
	"maps"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// The parts that the tables put together: head has three lines, and after
// start the next hop is in line 8.
const (
	dir   = "flows/demo"
	head  = "format: 1\nsource: synthetic\nflow: demo\n"
	start = "hops:\n" +
		"  - name: start\n" +
		"    request: {path: /as/authorize}\n" +
		"    response: {status: 200, json: screen.json}\n"

	screenJSON = `{"id":"node","connectionId":"c1","capabilityName":"customHTMLTemplate",` +
		`"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}",` +
		`"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},` +
		`"form":{"components":{"fields":[]}}}`
	completedJSON = `{"capabilityName":"returnSuccessResponseRedirect","status":"COMPLETED","authorizeResponse":{"code":"{{code}}"},` +
		`"_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci"}}}`
	errorJSON = `{"capabilityName":"checkPassword","code":"invalid","message":"Invalid"}`
)

// folder is a recording in memory: yaml and screen.json, and what files adds
// or, with the text "-", takes away.
func folder(yaml string, files map[string]string) fstest.MapFS {
	all := map[string]string{recordings.FileName: yaml, "screen.json": screenJSON}
	maps.Copy(all, files)
	fsys := fstest.MapFS{}
	for name, text := range all {
		if text != "-" {
			fsys[path.Join(dir, name)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

// load loads a recording that has no mistakes.
func load(t *testing.T, yaml string, files map[string]string) *recordings.Flow {
	t.Helper()
	f, err := recordings.Load(folder(yaml, files), dir)
	require.NoError(t, err)
	return f
}

// request returns the request of a hop that leaves the first screen and is
// written as lines of YAML after "request: ".
func request(t *testing.T, inner string) *recordings.Request {
	t.Helper()
	f := load(t, head+start+"  - name: next\n    from: start\n    request: "+inner+"\n    to: start\n", social)
	return &f.Hops[1].Request
}

// startRequest returns the request of a hop that starts the flow.
func startRequest(t *testing.T, inner string) *recordings.Request {
	t.Helper()
	f := load(t, strings.Replace(head+start, "{path: /as/authorize}", inner, 1), nil)
	return &f.Hops[0].Request
}

// object reads the formData that a client sends.
func object(text string) gjson.Result { return gjson.Parse(text) }
