package cli_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
)

// TestChromiumsAuthenticatorAtServe has the web SDK's own fido module make and use passkeys
// with the virtual authenticator of Chromium: what serve asks is what a browser takes, and
// serve verifies what a browser signs. A page of this machine has passkeys as localhost.
func TestChromiumsAuthenticatorAtServe(t *testing.T) {
	t.Parallel()
	websdk.Node(t)
	websdk.NeedsChromium(t)
	dir := t.TempDir()
	passkey := sub(t, recordings.Shipped(), "passkey")
	require.NoError(t, fs.WalkDir(passkey, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(passkey, name)
		require.NoError(t, err)
		file := filepath.Join(dir, "passkey", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		return os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "example.com", "localhost")), 0o600)
	}))
	s := serve(t, dir)
	alice := target.Demo()["alice"]
	plan := &websdk.Plan{
		Name: "passkey", WellKnown: strings.Replace(s.url(t, "discovery"), "127.0.0.1", "localhost", 1),
		ClientID: "app", RedirectURI: "https://app.example.com/callback", Scope: "openid",
		Query: map[string]string{"acr_values": policies(t)["passkey"]},
		Steps: []websdk.Step{
			{Do: "start"},
			{Do: "submit", Fill: map[string]any{"user.username": alice["username"], "user.password": alice["password"]}},
			{Do: "passkey"},
			{Do: "start"},
			{Do: "press", Key: "PASSKEY"},
			{Do: "passkey"},
		},
	}
	page := websdk.NewPage(t, false, plan)
	page.URL = strings.Replace(page.URL, "127.0.0.1", "localhost", 1)
	tab := websdk.NewTab(t)
	tab.Call("WebAuthn.enable", nil)
	tab.Call("WebAuthn.addVirtualAuthenticator", map[string]any{"options": map[string]any{
		"protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
		"isUserVerified": true, "automaticPresenceSimulation": true,
	}})
	page.Browse(tab)
	lines := readSDK(t, page.Lines("passkey"))
	require.Len(t, lines, len(plan.Steps), "%s", page.Lines("passkey"))
	for i, want := range []string{"continue", "continue", "success", "continue", "continue", "success"} {
		assert.Equal(t, want, lines[i].Seen.Status, "step %d: %s", i, page.Lines("passkey")[i])
	}
	assert.Equal(t, cli.ExitPassed, s.stop())
	for _, secret := range []string{"attestationObject", "clientDataJSON", "signature"} {
		assert.NotContains(t, strings.Join(s.out, "\n")+s.talk.String(), secret)
	}
}
