package cli_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/features"
	"flowtest/runner/internal/cli"
	"flowtest/runner/target"
)

// A pageOfSDK is a page with the web SDK on a server of its own.
type pageOfSDK struct {
	*httptest.Server
	done chan struct{} // closed when the last plan is through

	mu    sync.Mutex
	lines map[string][]lineOfSDK // by journey
}

// newPageOfSDK bundles the script of the page and serves it with the plans.
func newPageOfSDK(t *testing.T, plans []planOfSDK) *pageOfSDK {
	t.Helper()
	script := filepath.Join(t.TempDir(), "page.js")
	bundle := exec.CommandContext(t.Context(), filepath.Join("node_modules", ".bin", "esbuild"),
		"page.mjs", "--bundle", "--format=esm", "--log-level=warning", "--outfile="+script)
	bundle.Dir = sdkFolder
	said, err := bundle.CombinedOutput()
	require.NoError(t, err, "esbuild: %s", said)
	p := &pageOfSDK{done: make(chan struct{}), lines: map[string][]lineOfSDK{}}
	closeOnce := sync.OnceFunc(func() { close(p.done) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>app</title><script type="module" src="/page.js"></script>`)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("GET /plans", func(w http.ResponseWriter, _ *http.Request) { assert.NoError(t, json.NewEncoder(w).Encode(plans)) })
	mux.HandleFunc("POST /line", func(_ http.ResponseWriter, r *http.Request) {
		var said struct {
			Journey string
			Line    json.RawMessage
		}
		if assert.NoError(t, json.NewDecoder(r.Body).Decode(&said)) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.lines[said.Journey] = append(p.lines[said.Journey], readSDK(t, said.Line))
		}
	})
	mux.HandleFunc("POST /done", func(http.ResponseWriter, *http.Request) { closeOnce() })
	p.Server = httptest.NewTLSServer(mux) // a page without TLS is on another site than a service that has it
	t.Cleanup(p.Close)
	return p
}

// TestImportOfWhatChromiumSaved has a page in headless Chromium sign on with the web
// SDK, saves the network panel as HAR, imports that, and signs on to the replay.
func TestImportOfWhatChromiumSaved(t *testing.T) {
	t.Parallel()
	node := findSDK(t)
	l := newLive(t, "")
	var plans []planOfSDK
	for _, plan := range plansOfSDK(t, l.url(t, "discovery"), ann) {
		if policies(t)["sign-on"] == plan.Query["acr_values"] {
			plans = append(plans, plan)
		}
	}
	require.Greater(t, len(plans), 5)
	twice := append([]planOfSDK(nil), plans...)
	for _, plan := range plans {
		plan.Name += " again"
		twice = append(twice, plan)
	}
	page := newPageOfSDK(t, twice)
	panel := browseWith(t, page.URL, page.done)
	minted := maps.Clone(ann)
	for name, lines := range page.lines {
		for what, value := range mintedIn(lines) {
			minted[name+": "+what] = value
		}
	}
	whole := inHAR(t, panel, true)
	require.Contains(t, string(whole), `"name": "Cookie"`)
	for name, text := range map[string][]byte{
		"with sensitive data": whole, "without sensitive data": inHAR(t, panel, false), "with every body in Base64": inBase64(t, whole),
	} {
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
			all["stdout"], all["stderr"] = got.out, got.errors
			assert.Empty(t, secretsIn(all, minted))

			replay := serve(t, out)
			var again []planOfSDK
			for _, plan := range plansOfSDK(t, replay.url(t, "discovery"), target.Demo()["alice"]) {
				if policies(t)["sign-on"] == plan.Query["acr_values"] {
					again = append(again, plan)
				}
			}
			lines := driveSDK(t, node, again)
			for _, plan := range again {
				require.Len(t, lines[plan.Name], len(plan.Steps))
				for i, line := range lines[plan.Name] {
					assert.Equal(t, page.lines[plan.Name][i].Seen, line.Seen, "%s, step %d", plan.Name, i)
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
			require.NoError(t, os.CopyFS(filepath.Join(dir, "features"), features.Shipped()))
			write(t, dir, map[string]string{"flowtest.yaml": "recordings: " + inJSONString(t, out) + "\ntargets: {replay: {type: replay}}\n"})
			run := command(t.Context(), dir, nil, "run", "features/sign-on/sign-on.feature")
			assert.Equal(t, cli.ExitPassed, run.code, "%s%s", run.out, run.errors)
		})
	}
}
