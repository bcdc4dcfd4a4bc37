package cli_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
)

// TestImportOfWhatChromiumSaved has a page in headless Chromium sign on with the web
// SDK, saves the network panel as HAR, imports that, and signs on to the replay.
func TestImportOfWhatChromiumSaved(t *testing.T) {
	withoutRace(t, "what a browser asks at once is looked at in mockserver; an import is one thing after the other")
	t.Parallel()
	websdk.Node(t)
	websdk.NeedsChromium(t)
	l := newLive(t, "")
	var plans []*websdk.Plan
	for _, plan := range plansOfSDK(t, l.url(t, "discovery"), ann) {
		if policies(t)["sign-on"] == plan.Query["acr_values"] {
			plans = append(plans, plan)
		}
	}
	require.Greater(t, len(plans), 5)
	twice := append(slices.Clone(plans), again(plans)...)
	page := websdk.NewPage(t, true, twice...)
	panel := browseIn(t, websdk.NewTab(t), page)
	inPage := map[string][]lineOfSDK{}
	for _, plan := range twice {
		inPage[plan.Name] = readSDK(t, page.Lines(plan.Name))
	}
	minted := maps.Clone(ann)
	for name, lines := range inPage {
		for what, value := range mintedIn(lines) {
			minted[name+": "+what] = value
		}
	}
	whole := inHAR(t, panel, true)
	require.Contains(t, string(whole), `"name": "Cookie"`)
	var first map[string]string // the recording of the first
	for _, row := range []struct {
		name string
		text []byte
	}{
		{"with sensitive data", whole}, {"without sensitive data", inHAR(t, panel, false)}, {"with every body in Base64", inBase64(t, whole)},
	} {
		name, text := row.name, row.text
		t.Run(name, func(t *testing.T) {
			file, out := filepath.Join(t.TempDir(), "sign-on.har"), filepath.Join(t.TempDir(), "recordings")
			require.NoError(t, os.WriteFile(file, text, 0o600))
			got := command(t.Context(), l.dir, l.env, "import", file, "--out", out)
			require.Equal(t, cli.ExitPassed, got.code, got.errors)
			t.Log(got.out, got.errors)
			assert.Contains(t, got.errors, "(CORS preflight)\n")
			assert.Contains(t, got.errors, "(OAuth endpoint)\n")
			all := files(t, out)
			require.Contains(t, all, "sign-on/recording.yaml")
			recording := maps.Clone(all)
			all["stdout"], all["stderr"] = got.out, got.errors
			assert.Empty(t, secretsIn(all, minted))
			switch name {
			case "with sensitive data":
				first = recording
			case "with every body in Base64":
				assert.Equal(t, first, recording, "it is the recording that is replayed above")
				return
			}

			replay := serve(t, out)
			var replayed []*websdk.Plan
			for _, plan := range plansOfSDK(t, replay.url(t, "discovery"), target.Demo()["alice"]) {
				if policies(t)["sign-on"] == plan.Query["acr_values"] {
					replayed = append(replayed, plan)
				}
			}
			lines := driveSDK(t, replayed)
			for _, plan := range replayed {
				require.Len(t, lines[plan.Name], len(plan.Steps))
				for i, line := range lines[plan.Name] {
					assert.Equal(t, inPage[plan.Name][i].Seen, line.Seen, "%s, step %d", plan.Name, i)
				}
			}
			assert.Equal(t, cli.ExitPassed, replay.stop())

			warning := "flowtest: warning: " + file + " has no cookies, so none are in the recordings"
			if name == "without sensitive data" {
				assert.Contains(t, got.errors, warning)
				return // the features ask for the session's cookies
			}
			assert.NotContains(t, got.errors, warning)
			dir := t.TempDir()
			linked(t, filepath.Join(dir, "features"), shippedFolder(t, "features"))
			write(t, dir, map[string]string{"flowtest.yaml": "recordings: " + inJSONString(t, out) + "\ntargets: {replay: {type: replay}}\n"})
			run := command(t.Context(), dir, nil, "run", "features/sign-on/sign-on.feature")
			assert.Equal(t, cli.ExitPassed, run.code, "%s%s", run.out, run.errors)
		})
	}
}
