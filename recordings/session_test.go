package recordings_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

const withSession = `format: 1
source: synthetic
flow: f
hops:
  - name: form
    request: {method: GET, path: /as/authorize}
    response: {status: 200, json: form.json}

  - name: signed-on
    request: {method: GET, path: /as/authorize, session: true}
    response: {status: 200, json: end.json}
`

func TestAStartForABrowserWithASession(t *testing.T) {
	load := func(text string) ([]*recordings.Flow, error) {
		return recordings.LoadAll(fstest.MapFS{
			"f/recording.yaml": {Data: []byte(text)},
			"f/end.json":       {Data: []byte(`{"authorizeResponse":{"code":"{{code}}"}}`)},
			"f/form.json": {Data: []byte(`{"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}","id":"a",` +
				`"capabilityName":"customForm","_links":{"next":{"href":"{{authPath}}/{{envID}}/davinci/connections/` +
				`{{connectionInstanceID}}/capabilities/{{capabilityName}}"}},"connectionId":"c","form":{"components":{"fields":[]}}}`)},
		}, ".")
	}
	flows, err := load(withSession)
	require.NoError(t, err)
	starts := flows[0].Choices()[nil]
	require.Len(t, starts, 2)
	assert.Equal(t, "signed-on", starts[0][0].Name, "what says more comes first")
	none := func(string) (string, bool) { return "", false }
	request := &starts[0][0].Request
	assert.True(t, request.Matches(&davinci.Sent{Session: true}, none))
	assert.False(t, request.Matches(&davinci.Sent{}, none))
	assert.Equal(t, []string{"recorded is a browser whose session lives, and this one has none"}, request.Differs(&davinci.Sent{}, none))
	assert.True(t, starts[1][0].Request.Matches(&davinci.Sent{Session: true}, none), "without session: any browser")

	_, err = load(withSession + "  - name: later\n    from: form\n    request: {session: true}\n    response: {status: 200, json: end.json}\n")
	require.EqualError(t, err, `f/recording.yaml:12: hop "later" leaves a screen and has a query or a session: `+
		`only a hop that starts the flow has them`)
}
