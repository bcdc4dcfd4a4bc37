package mockserver_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWebSDKInBrowser drives the web SDK in headless Chromium, from a page on
// another port than the replay: CORS, preflights and cookies are the browser's
// own, and the cookies of one journey are still there in the next. It is skipped
// where Chromium, Node or the SDK is missing.
func TestWebSDKInBrowser(t *testing.T) {
	t.Parallel()
	findNode(t)
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	site := newSite(t)
	var plans []*sdkPlan
	for _, name := range slices.Sorted(maps.Keys(sdkJourneys)) {
		plans = append(plans, site.plan(name, sdkJourneys[name]))
	}
	page := newPage(t, plans)
	runChromium(t, chromium, page)
	asked := site.seen()

	for _, plan := range plans {
		t.Run(plan.Name, func(t *testing.T) {
			t.Parallel()
			site.check(t, sdkJourneys[plan.Name], plan, page.read(t, plan.Name))
		})
	}
	t.Run("every call is cross-origin and carries the handles as cookies too", func(t *testing.T) {
		t.Parallel()
		preflights := 0
		for _, seen := range asked {
			assert.Equal(t, page.URL, seen.origin, seen)
			assert.Equal(t, page.URL, seen.answer.Get("Access-Control-Allow-Origin"), seen)
			switch {
			case seen.method == http.MethodOptions:
				preflights++
				assert.Empty(t, seen.cookies, "a preflight has no cookies: %s", seen)
			case strings.Contains(seen.path, "/davinci/connections/"):
				assert.Subset(t, seen.cookies, []string{"interactionId", "interactionToken"}, seen)
			}
		}
		assert.Positive(t, preflights)
	})
}

// A page is the script, bundled, on a server of its own, and what it reported.
type page struct {
	*httptest.Server
	done chan struct{} // closed when the last plan is through

	mu    sync.Mutex
	lines map[string][]json.RawMessage // by journey
}

// newPage bundles the script and serves it with the plans.
func newPage(t *testing.T, plans []*sdkPlan) *page {
	t.Helper()
	script := filepath.Join(t.TempDir(), "page.js")
	bundle := exec.CommandContext(t.Context(), filepath.Join("node_modules", ".bin", "esbuild"),
		"page.mjs", "--bundle", "--format=esm", "--log-level=warning", "--outfile="+script)
	bundle.Dir = sdkFolder
	said, err := bundle.CombinedOutput()
	require.NoError(t, err, "esbuild: %s", said)

	p := &page{done: make(chan struct{}), lines: map[string][]json.RawMessage{}}
	closeOnce := sync.OnceFunc(func() { close(p.done) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>journeys</title><script type="module" src="/page.js"></script>`)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("GET /plans", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		assert.NoError(t, json.NewEncoder(w).Encode(plans))
	})
	mux.HandleFunc("POST /line", func(_ http.ResponseWriter, r *http.Request) {
		var said struct {
			Journey string
			Line    json.RawMessage
		}
		if assert.NoError(t, json.NewDecoder(r.Body).Decode(&said)) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.lines[said.Journey] = append(p.lines[said.Journey], said.Line)
		}
	})
	mux.HandleFunc("POST /done", func(http.ResponseWriter, *http.Request) { closeOnce() })
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// read returns the lines that the page sent about a journey.
func (p *page) read(t *testing.T, journey string) []sdkLine {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []sdkLine
	for _, text := range p.lines[journey] {
		lines = append(lines, readLine(t, text))
	}
	return lines
}

// runChromium opens the page, waits until it is through with its plans and ends
// the browser.
func runChromium(t *testing.T, chromium string, p *page) {
	t.Helper()
	profile, err := os.MkdirTemp("", "flowtest-chromium-") //nolint:usetesting // a helper process may still write into it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(profile) })

	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-dev-shm-usage", "--enable-logging=stderr", "--user-data-dir="+profile, p.URL)
	cmd.Stderr = &said
	cmd.WaitDelay = 10 * time.Second
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is ended with a signal, which is no success
	}()

	select {
	case <-p.done:
	case <-ended:
		require.Fail(t, "chromium ended before the page did", "%s\n%s", cmd.ProcessState, &said)
	case <-time.After(2 * time.Minute):
		assert.Fail(t, "the page did not come to its end in two minutes")
	}
	_ = cmd.Process.Signal(os.Interrupt)
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		<-ended
	}
	t.Cleanup(func() {
		if t.Failed() {
			for line := range strings.Lines(said.String()) {
				if strings.Contains(line, ":CONSOLE:") {
					t.Log(strings.TrimSpace(line))
				}
			}
		}
	})
}
