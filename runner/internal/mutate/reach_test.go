package mutate_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/mutate"
)

const (
	twoScreens = `format: 1
source: synthetic
flow: sign-on
hops:
  - name: first
    request: {method: GET, path: /as/authorize}
    response: {status: 200, json: first.json}
  - name: second
    from: first
    request: {method: POST, eventType: submit, action: GO}
    response: {status: 200, json: second.json, detailed: detailed.json}
  - name: refused
    from: first
    request: {method: POST, eventType: submit, action: NO}
    response: {status: 400, json: no.json}
  - name: end
    from: second
    request: {method: POST, eventType: submit, action: GO}
    response: {status: 200, json: end.json}
`
	aScreen = `{"id": "n1", "interactionId": "{{interactionId}}", "interactionToken": "{{interactionToken}}", "connectionId": "c1",
 "companyId": "{{envID}}", "capabilityName": "customForm", "_links": {"next": {"href":
 "{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}}, "form": {"name": "NAME",
 "components": {"fields": [{"type": "SUBMIT_BUTTON", "key": "GO"}, {"type": "SUBMIT_BUTTON", "key": "NO"}]}}}`
	detailedScreen = `{"id": "n1", "interactionId": "{{interactionId}}", "interactionToken": "{{interactionToken}}", "connectionId": "c1",
 "companyId": "{{envID}}", "capabilityName": "customHTMLTemplate", "screen": {"name": "s", "properties": {"nodeTitle": {"value": "S"},
 "customHTML": {"value": "<form><button data-skbuttonvalue=GO>Go</button></form>"}}}}`
	noAnswer  = `{"code": "invalidInput", "message": "No", "httpResponseCode": 400}`
	endAnswer = `{"interactionId": "{{interactionId}}", "interactionToken": "{{interactionToken}}", "success": true, "status": "COMPLETED", "id": "n3",
 "companyId": "{{envID}}", "authorizeResponse": {"code": "{{code}}", "state": "{{state}}"}}`
)

// small returns the recording of two screens.
func small(t *testing.T) []*recordings.Flow {
	t.Helper()
	file := func(text, name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, "NAME", name))}
	}
	flows, err := recordings.LoadAll(fstest.MapFS{
		"sign-on/recording.yaml": file(twoScreens, ""), "sign-on/first.json": file(aScreen, "First"), "sign-on/no.json": file(noAnswer, ""),
		"sign-on/second.json": file(strings.Replace(aScreen, "{{authPath}}", "https://auth.example.com", 1), "Second"), "sign-on/detailed.json": file(detailedScreen, ""), "sign-on/end.json": file(endAnswer, ""),
	}, ".")
	require.NoError(t, err)
	return flows
}

// What no client can tell from the original, or no journey can reach, lowers no score.
func TestWhatCannotBeNoticedIsNotCounted(t *testing.T) {
	t.Parallel()
	s := suite(t, start)
	s.Recordings = small(t)
	results, err := mutate.Run(t.Context(), s, mutate.Choice{}, 0, 0)
	require.NoError(t, err)
	why := map[string]string{}
	for _, m := range results {
		if m.Verdict == mutate.NotCounted {
			why[m.ID] = m.Why
		}
		if strings.Contains(m.ID, "/form-name/screen.") { // of the detailed response
			assert.Equal(t, mutate.NotCounted, m.Verdict, m.ID)
		}
	}
	assert.Equal(t, "no journey through the recording reaches it in this shape", why["sign-on/second/form-name/screen.properties.nodeTitle.value"])
	assert.Equal(t, "nothing is sent after an end, so no client uses its token", why["sign-on/end/token-not-refreshed/interactionToken"])
	assert.Equal(t, "the recording is so already", why["sign-on/second/next-host/_links.next.href"])
	r := mutate.NewReport(results, nil, true)
	assert.Equal(t, len(why), r.Total.NotCounted)
	assert.Equal(t, len(results)-len(why), r.Total.Mutants)
}

// Two ways lead to one screen, and a journey takes the one whose request it sends.
func TestAWayIsCoveredWhereItsRequestIsSent(t *testing.T) {
	t.Parallel()
	text := strings.ReplaceAll(start, "sign-on", "password-reset") +
		"    When I press \"TROUBLE\"\n    And I submit the form with:\n      | username | ${user.username} |\n"
	got := verdicts(t, text, mutate.Choice{Flow: "password-reset", Operators: []string{"way-lost"}})
	assert.Equal(t, mutate.ByMiss, got["password-reset/new-password-form/way-lost"])
	assert.Equal(t, mutate.NotCovered, got["password-reset/found-by-email/way-lost"])
}
