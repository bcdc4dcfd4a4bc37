package mockserver_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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

// challengeEnds adds a journey to each end of a challenge, at a site of its own: the server says how
// one ends, for a client that cannot. The web SDK asks for its state, and tells the flow that end.
func challengeEnds(t *testing.T, sites map[string]*site, journeys map[string]sdkJourney) {
	t.Helper()
	for end, last := range map[string]sdkStep{
		"":         polled("approved", "link-followed", "success"),
		"rejected": polled("rejected", "link-rejected", "error"),
		"expired":  polled("expired", "link-expired", "continue"),
	} {
		name := "the end " + end
		sites[name] = newSiteOf(t, endsOfALink(t), end)
		journeys[name] = sdkJourney{flow: "mfa", steps: []sdkStep{
			started("sign-on-form", "continue"),
			submitted(map[string]any{"username": alice["username"], "password": alice["password"]}, "device-form", "continue"),
			submitted(nil, "passcode-form", "continue"),
			pressed("LINK", "link-form", "continue"),
			last,
		}}
	}
}
