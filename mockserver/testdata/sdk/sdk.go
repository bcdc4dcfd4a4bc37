// Package websdk drives Ping's web SDK, as it was published, in Node and in a page of
// headless Chromium, and Chromium on its own. The tests of several packages use it;
// below testdata it is no part of what others can rely on.
//
// A plan is what drive.mjs reads. Everything skips the test where Node, Chromium or
// the SDK is not installed: npm ci in this folder installs the SDK.
package websdk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limit bounds each process.
const limit = 2 * time.Minute

// A Plan is a journey for the SDK.
type Plan struct {
	Name        string            `json:"name"`
	WellKnown   string            `json:"wellknown"`
	ClientID    string            `json:"clientId"`
	RedirectURI string            `json:"redirectUri"`
	Scope       string            `json:"scope"`
	Query       map[string]string `json:"query,omitempty"`
	Steps       []Step            `json:"steps"`
}

// A Step is what the SDK does next.
type Step struct {
	Do   string         `json:"do"`            // start, submit, press, return, passkey, poll, exchange or userinfo
	Key  string         `json:"key,omitempty"` // of a button or a provider; a submit without one is by the first
	Fill map[string]any `json:"fill,omitempty"`
}

// Lines are what the SDK said after each step, by the names of the plans.
type Lines map[string][]json.RawMessage

// folder returns the folder of this package.
var folder = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "mockserver", "testdata", "sdk"), nil
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("no go.mod above the test")
		}
	}
	return "", err
})

// The scripts with the SDK in them: to load the SDK's hundreds of modules takes Node longer
// than most plans.
var (
	ofNode = sync.OnceValues(func() ([]byte, error) { return bundle("node.mjs", "--platform=node") })
	ofPage = sync.OnceValues(func() ([]byte, error) { return bundle("page.mjs") })
)

// bundle returns a script of this folder together with everything that it imports. It is
// kept in node_modules/.cache, by the text of what it is made from, for the next process.
func bundle(script string, args ...string) ([]byte, error) {
	dir, err := folder()
	if err != nil {
		return nil, err
	}
	// As an app ships it: otherwise the SDK's store compares its whole state at each action.
	const production = `--define:process.env.NODE_ENV="production"`
	args = append([]string{script, "--bundle", "--format=esm", production, "--log-level=warning"}, args...)
	modules := filepath.Join(dir, "node_modules")
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%q", args)
	for _, file := range []string{script, "drive.mjs", "node_modules/.package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(sum, "%q", text)
	}
	kept := filepath.Join(modules, ".cache", "flowtest", fmt.Sprintf("%x-%s", sum.Sum(nil), script))
	if text, err := os.ReadFile(kept); err == nil {
		return text, nil
	}
	// The command of npm's package starts Node to start this one.
	esbuild := filepath.Join(modules, ".bin", "esbuild")
	programs, err := filepath.Glob(filepath.Join(modules, "@esbuild", "*", "bin", "esbuild"))
	if err == nil && len(programs) == 1 {
		esbuild = programs[0]
	}
	var said bytes.Buffer
	// What it returns is for every test of the process.
	cmd := exec.CommandContext(context.Background(), esbuild, args...)
	cmd.Dir, cmd.Stderr = dir, &said
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("esbuild %s: %w\n%s", script, err, &said)
	}
	keep(kept, text)
	return text, nil
}

// keep writes a file at once, so that no other process reads a part of it. Where that
// cannot be, the file is made again next time.
func keep(file string, text []byte) {
	if os.MkdirAll(filepath.Dir(file), 0o750) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if errors.Join(err, f.Close()) != nil || os.Rename(f.Name(), file) != nil {
		_ = os.Remove(f.Name())
	}
}

// Node returns Node where it can run the SDK.
func Node(tb testing.TB) string {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		tb.Skip("node is not installed")
	}
	dir, err := folder()
	require.NoError(tb, err)
	for _, name := range []string{"@forgerock/davinci-client", "@forgerock/oidc-client", "esbuild"} {
		if _, err := os.Stat(filepath.Join(dir, "node_modules", filepath.FromSlash(name))); err != nil {
			tb.Skip("mockserver/testdata/sdk: run npm ci there")
		}
	}
	return node
}

// Drive runs plans in one process of Node, one after the other.
func Drive(tb testing.TB, plans ...*Plan) Lines {
	tb.Helper()
	node := Node(tb)
	input, err := json.Marshal(plans)
	require.NoError(tb, err)
	script, err := ofNode()
	require.NoError(tb, err)
	file := filepath.Join(tb.TempDir(), "node.mjs")
	require.NoError(tb, os.WriteFile(file, script, 0o600))
	ctx, cancel := context.WithTimeout(tb.Context(), limit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	// A run is over before code that is optimized, or memory that is saved, would pay.
	cmd := exec.CommandContext(ctx, node, "--no-opt", "--max-semi-space-size=64", file)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &stdout, &stderr
	cmd.WaitDelay = 5 * time.Second
	require.NoError(tb, cmd.Run(), "%s", &stderr)
	lines := Lines{}
	for text := range bytes.Lines(stdout.Bytes()) {
		lines.add(tb, text)
	}
	return lines
}

// add keeps a line that a script wrote.
func (l Lines) add(tb testing.TB, text []byte) {
	tb.Helper()
	var said struct {
		Journey string          `json:"journey"`
		Line    json.RawMessage `json:"line"`
	}
	if assert.NoError(tb, json.Unmarshal(text, &said), "%s", text) {
		l[said.Journey] = append(l[said.Journey], said.Line)
	}
}

// A Page is a page with the SDK, on a server of its own, that runs plans.
type Page struct {
	*httptest.Server

	// Done is closed when the last plan has been run.
	Done chan struct{}

	mu    sync.Mutex
	lines Lines
}

// NewPage bundles the page and serves it with the plans, over TLS where that is asked
// for: a page without TLS is on another site than a service with it.
func NewPage(tb testing.TB, overTLS bool, plans ...*Plan) *Page {
	tb.Helper()
	Node(tb)
	script, err := ofPage()
	require.NoError(tb, err)
	p := &Page{Done: make(chan struct{}), lines: Lines{}}
	done := sync.OnceFunc(func() { close(p.Done) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>app</title><script type="module" src="/page.js"></script>`)
	})
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = w.Write(script)
	})
	mux.HandleFunc("GET /plans", func(w http.ResponseWriter, _ *http.Request) { assert.NoError(tb, json.NewEncoder(w).Encode(plans)) })
	mux.HandleFunc("POST /line", func(_ http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if assert.NoError(tb, err) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.lines.add(tb, text)
		}
	})
	mux.HandleFunc("POST /done", func(http.ResponseWriter, *http.Request) { done() })
	p.Server = httptest.NewUnstartedServer(mux)
	if overTLS {
		p.StartTLS()
	} else {
		p.Start()
	}
	tb.Cleanup(p.Close)
	return p
}

// Lines returns what the SDK said in the page so far about a journey.
func (p *Page) Lines(journey string) []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines[journey]
}

// Browse opens the page in a tab, and waits until it is done.
func (p *Page) Browse(tab *Tab) {
	tab.tb.Helper()
	tab.tb.Cleanup(func() {
		if tab.tb.Failed() {
			tab.tb.Log(tab.said())
		}
	})
	tab.Go(p.URL)
	await(tab.tb, tab.browser, p.Done, "the page was done")
}
