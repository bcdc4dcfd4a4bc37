package mockserver_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	websdk "flowtest/mockserver/testdata/sdk"
	"flowtest/recordings"
)

// moreEnds are the ends of the challenge of the link that the shipped MFA does not have.
const moreEnds = `
  - name: link-rejected
    from: link-form
    request: {eventType: polling, formData: {poll: rejected}}
    response: {status: 400, json: rejected.json}

  - name: link-expired
    from: link-form
    request: {eventType: polling, formData: {poll: expired}}
    to: device-form
`

// endsOfALink is a recording of MFA in which the challenge of one screen ends in three ways.
func endsOfALink(t *testing.T) []*recordings.Flow {
	t.Helper()
	dir := t.TempDir()
	mfa, err := fs.Sub(recordings.Shipped(), "mfa")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(path.Join(dir, "mfa"), mfa))
	file := filepath.Join(dir, "mfa", recordings.FileName)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.TrimRight(string(text), "\n")+"\n"+moreEnds), 0o600))
	flows, err := recordings.LoadAll(os.DirFS(dir), ".")
	require.NoError(t, err)
	return flows
}

// The server says how a challenge ends, for a client that cannot: the web SDK asks for its state,
// and tells the flow that end. It is skipped where Node or the SDK is missing.
func TestWebSDKIsToldHowAChallengeEnds(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	ends := map[string]sdkStep{
		"":         polled("approved", "link-followed", "success"),
		"rejected": polled("rejected", "link-rejected", "error"),
		"expired":  polled("expired", "link-expired", "continue"),
	}
	sites, plans, journeys := map[string]*site{}, map[string]*sdkPlan{}, map[string]sdkJourney{}
	var all []*websdk.Plan
	for end, last := range ends {
		sites[end] = newSiteOf(t, endsOfALink(t), end)
		journeys[end] = sdkJourney{flow: "mfa", steps: []sdkStep{
			started("sign-on-form", "continue"),
			submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "device-form", "continue"),
			submitted(nil, "passcode-form", "continue"),
			pressed("LINK", "link-form", "continue"),
			last,
		}}
		plans[end] = sites[end].plan("the end "+end, journeys[end])
		all = append(all, &plans[end].Plan)
	}
	said := websdk.Drive(t, all...)
	for end := range ends {
		sites[end].explain(t)
		sites[end].check(t, journeys[end], plans[end], readLines(t, said["the end "+end]))
	}
}
