package mockserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// sdkFolder holds the web SDK, as npm ci puts it there, and the script that drives it.
const sdkFolder = "testdata/sdk"

// appRedirect is where the apps of these tests would be sent. Nothing is there.
const appRedirect = "https://app.example.com/callback"

// An sdkLine is what the script prints after a step: the SDK's own node.
type sdkLine struct {
	Do            string
	Handled       bool // whether the last response changed the node
	Status        string
	HTTPStatus    int
	ID            string
	InteractionID string
	Form          string
	Action        string
	Collectors    []struct {
		Type, Name, Error string
		RetriesRemaining  *int
	}
	Error  *struct{ Message string }
	Code   string
	Poll   string
	Tokens *struct{ AccessToken, IDToken string }
	User   map[string]any
	Thrown string // in the place of the rest: the plan could not be followed
}

// TestWebSDK drives the web SDK in Node. Its tests are skipped where Node or the
// SDK is missing.
func TestWebSDK(t *testing.T) {
	t.Parallel()
	node := findNode(t)
	for name, journey := range sdkJourneys {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := newSite(t)
			plan := site.plan(name, journey)
			lines := runNode(t, node, plan)
			site.explain(t)
			site.check(t, journey, plan, lines)
			for _, seen := range site.seen() {
				assert.Empty(t, seen.cookies, "Node's fetch keeps no cookies, so the sign-on hangs on the headers: %s", seen)
			}
		})
	}
}

// findNode returns the Node that runs the script, and skips the test where the
// script cannot run.
func findNode(t *testing.T) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	for _, name := range []string{"@forgerock/davinci-client", "@forgerock/oidc-client", "esbuild"} {
		if _, err := os.Stat(filepath.Join(sdkFolder, "node_modules", filepath.FromSlash(name))); err != nil {
			t.Skip("mockserver/" + sdkFolder + ": run npm ci there")
		}
	}
	return node
}

// runNode runs a plan in Node and returns the lines that it printed.
func runNode(t *testing.T, node string, plan *sdkPlan) []sdkLine {
	t.Helper()
	input, err := json.Marshal(plan)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, node, "node.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = sdkFolder, bytes.NewReader(input), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	require.NoError(t, cmd.Run(), "%s", &stderr)
	var lines []sdkLine
	for text := range strings.Lines(stdout.String()) {
		lines = append(lines, readLine(t, []byte(text)))
	}
	return lines
}

func readLine(t *testing.T, text []byte) sdkLine {
	t.Helper()
	var line sdkLine
	require.NoError(t, json.Unmarshal(text, &line), "%s", text)
	return line
}

// TestWebSDKJourneysCoverEveryField keeps the journeys complete where the
// recordings grow.
func TestWebSDKJourneysCoverEveryField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	reached := map[string]bool{}
	for _, journey := range sdkJourneys {
		for _, step := range journey.steps {
			if step.hop == "" {
				continue
			}
			if body := s.hop(t, journey.flow, step.hop).Answer().JSON; body != nil {
				for _, field := range gjson.GetBytes(body.Text, "form.components.fields").Array() {
					reached[field.Get("type").String()] = true
				}
			}
		}
	}
	for kind := range sdkCollectors {
		assert.True(t, reached[kind], "no journey of the web SDK shows a field of type %s", kind)
	}
}
