package websdk

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver/testdata/shipped"
)

// NeedsChromium skips a test where Chromium is not installed.
func NeedsChromium(tb testing.TB) {
	tb.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		tb.Skip("chromium is not installed")
	}
}

// A browser is a headless Chromium, and speaks the DevTools protocol over a pipe. It reaches
// nothing but this machine.
type browser struct {
	cmd     *exec.Cmd
	profile string
	said    bytes.Buffer
	ended   chan struct{}

	mu      sync.Mutex // guards what follows
	to      *os.File
	last    int64                        // id of the last command
	answers map[int64]func(gjson.Result) // to commands, by their ids
	tabs    map[string]*Tab              // by the ids of their sessions
}

// The browser of this process: to start one takes longer than most tests do in it.
var (
	theBrowser = sync.OnceValues(startBrowser)
	started    *browser
)

// Main runs the tests of a package that opens tabs, as [shipped.Main] does, and ends their browser.
func Main(m *testing.M) {
	shipped.Main(m)
	Close()
}

// Close ends the browser, where one was started. No test may be running.
func Close() {
	if started == nil {
		return
	}
	started.send("", "Browser.close", nil, nil)
	_ = started.cmd.Wait() // it ends as it was asked to, with whatever code
	_ = os.RemoveAll(started.profile)
}

func startBrowser() (*browser, error) {
	profile, err := os.MkdirTemp("", "flowtest-chromium-")
	if err != nil {
		return nil, err
	}
	theirs, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b := &browser{
		profile: profile, ended: make(chan struct{}), to: to,
		answers: map[int64]func(gjson.Result){}, tabs: map[string]*Tab{},
	}
	b.cmd = exec.CommandContext(context.Background(), "chromium",
		"--headless", "--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-default-apps",
		"--disable-breakpad", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
		"--disable-backgrounding-occluded-windows", "--ignore-certificate-errors",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
		"--user-data-dir="+profile, "--remote-debugging-pipe",
		// Each test opens a tab of its own: a first window, and a renderer in reserve, would be started for no test.
		"--no-startup-window", "--disable-features=SpareRendererForSitePerProcess")
	b.cmd.Stderr, b.cmd.ExtraFiles, b.cmd.WaitDelay = &b.said, []*os.File{theirs, ours}, 10*time.Second
	err = b.cmd.Start()
	if err := errors.Join(err, theirs.Close(), ours.Close()); err != nil {
		return nil, err
	}
	started = b
	go b.listen(from)
	return b, nil
}

// listen delivers the messages of the browser until it ends.
func (b *browser) listen(from *os.File) {
	defer close(b.ended)
	lines := bufio.NewReader(from)
	for {
		text, err := lines.ReadString(0)
		if err != nil {
			return
		}
		m := gjson.Parse(strings.TrimSuffix(text, "\x00"))
		id := m.Get("id").Int()
		b.mu.Lock()
		answer, tab := b.answers[id], b.tabs[m.Get("sessionId").String()]
		delete(b.answers, id)
		b.mu.Unlock()
		switch {
		case answer != nil:
			answer(m)
		case id == 0 && tab != nil:
			tab.take(m)
		}
	}
}

// send sends a command. The answer goes to a function that must not wait, or to none.
func (b *browser) send(session, method string, params map[string]any, answer func(gjson.Result)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	message := map[string]any{"id": b.last, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	if answer != nil {
		b.answers[b.last] = answer
	}
	text, err := json.Marshal(message)
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	_ = err // the browser has ended, and await fails the test
}

// call sends a command and waits for its result.
func (b *browser) call(tb testing.TB, session, method string, params map[string]any) gjson.Result {
	tb.Helper()
	answered := make(chan gjson.Result, 1)
	b.send(session, method, params, func(m gjson.Result) { answered <- m })
	m := await(tb, b, answered, method)
	require.False(tb, m.Get("error").Exists(), "%s: %s", method, m)
	return m.Get("result")
}

// await waits for what the browser does.
func await[T any](tb testing.TB, b *browser, done <-chan T, what string) T {
	tb.Helper()
	select {
	case got := <-done:
		return got
	case <-b.ended:
		require.Fail(tb, "chromium ended before "+what, "%s", &b.said)
	case <-time.After(limit):
		require.Fail(tb, what+" took more than "+limit.String())
	}
	panic("unreachable")
}

// A Tab is a page of its own, with cookies and a storage of its own, in the browser that
// the tests of a process share. It is closed when its test ends.
type Tab struct {
	// Listen, where it is set before Open, gets each event of the protocol. It must not wait.
	Listen func(event gjson.Result)

	tb      testing.TB
	browser *browser
	session string

	mu       sync.Mutex
	sessions []string // of its page and of the frames in it
	console  []string
	loaded   map[string]bool // by ids of documents
	loading  chan struct{}   // has a value when one was loaded
}

// NewTab opens an empty tab, or skips the test where Chromium is not installed.
func NewTab(tb testing.TB) *Tab {
	tb.Helper()
	NeedsChromium(tb)
	b, err := theBrowser()
	require.NoError(tb, err)
	own := b.call(tb, "", "Target.createBrowserContext", nil).Get("browserContextId").String()
	tb.Cleanup(func() { b.send("", "Target.disposeBrowserContext", map[string]any{"browserContextId": own}, nil) })
	target := b.call(tb, "", "Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": own})
	to := map[string]any{"targetId": target.Get("targetId").String(), "flatten": true}
	session := b.call(tb, "", "Target.attachToTarget", to).Get("sessionId").String()
	t := &Tab{tb: tb, browser: b, session: session, loaded: map[string]bool{}, loading: make(chan struct{}, 1)}
	t.attach(t.session)
	t.Call("Page.enable", nil)
	t.Call("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true})
	return t
}

// attach has a session say what its document, and the frames in it, write to the console.
func (t *Tab) attach(session string) {
	t.browser.mu.Lock()
	t.browser.tabs[session] = t
	t.browser.mu.Unlock()
	t.mu.Lock()
	t.sessions = append(t.sessions, session)
	t.mu.Unlock()
	auto := map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}
	t.browser.send(session, "Target.setAutoAttach", auto, nil)
	for _, method := range []string{"Runtime.enable", "Log.enable", "Runtime.runIfWaitingForDebugger"} {
		t.browser.send(session, method, nil, nil)
	}
}

// take takes an event.
func (t *Tab) take(m gjson.Result) {
	params := m.Get("params")
	switch m.Get("method").String() {
	case "Target.attachedToTarget": // a frame with a process of its own
		t.attach(params.Get("sessionId").String())
	case "Target.detachedFromTarget":
		t.mu.Lock()
		t.sessions = slices.DeleteFunc(t.sessions, func(s string) bool { return s == params.Get("sessionId").String() })
		t.mu.Unlock()
	case "Page.lifecycleEvent":
		if params.Get("name").String() == "load" {
			t.mu.Lock()
			t.loaded[params.Get("loaderId").String()] = true
			t.mu.Unlock()
			select {
			case t.loading <- struct{}{}:
			default:
			}
		}
	case "Runtime.consoleAPICalled":
		t.say(params.Get("type").String() + ": " + params.Get("args").Raw)
	case "Runtime.exceptionThrown":
		t.say("Uncaught: " + params.Get("exceptionDetails").Raw)
	case "Log.entryAdded":
		entry := params.Get("entry")
		t.say(entry.Get("source").String() + ": " + entry.Get("text").String() + " " + entry.Get("url").String())
	}
	if t.Listen != nil {
		t.Listen(m)
	}
}

func (t *Tab) say(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.console = append(t.console, line)
}

// Console returns what the pages wrote to the console so far, and the browser about them, a
// line each.
func (t *Tab) Console() string {
	t.tb.Helper()
	t.mu.Lock()
	sessions := slices.Clone(t.sessions)
	t.mu.Unlock()
	for _, session := range sessions {
		// What was said before is here when this is answered, with an error where the frame is gone.
		answered := make(chan gjson.Result, 1)
		nothing := map[string]any{"expression": "0"}
		t.browser.send(session, "Runtime.evaluate", nothing, func(m gjson.Result) { answered <- m })
		await(t.tb, t.browser, answered, "the console of a frame")
	}
	return t.said()
}

func (t *Tab) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.console, "\n")
}

// Call sends a command of the DevTools protocol and waits for its result.
func (t *Tab) Call(method string, params map[string]any) gjson.Result {
	t.tb.Helper()
	return t.browser.call(t.tb, t.session, method, params)
}

// Send sends a command. The answer goes to a function that must not wait.
func (t *Tab) Send(method string, params map[string]any, answer func(gjson.Result)) {
	t.browser.send(t.session, method, params, answer)
}

// Eval returns the value of an expression in JavaScript, or of its promise.
func (t *Tab) Eval(expression string) gjson.Result {
	t.tb.Helper()
	script := map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}
	got := t.Call("Runtime.evaluate", script)
	require.False(t.tb, got.Get("exceptionDetails").Exists(), "%s: %s", expression, got)
	return got.Get("result.value")
}

// Go opens a page and does not wait for it.
func (t *Tab) Go(url string) (document string) {
	t.tb.Helper()
	got := t.Call("Page.navigate", map[string]any{"url": url})
	require.False(t.tb, got.Get("errorText").Exists(), "%s: %s", url, got)
	return got.Get("loaderId").String()
}

// Open opens a page and waits until it is loaded.
func (t *Tab) Open(url string) {
	t.tb.Helper()
	for document := t.Go(url); ; {
		t.mu.Lock()
		loaded := t.loaded[document]
		t.mu.Unlock()
		if loaded {
			return
		}
		await(t.tb, t.browser, t.loading, fmt.Sprintf("%s was loaded", url))
	}
}

// HTML returns the document as it is now.
func (t *Tab) HTML() string {
	t.tb.Helper()
	root := t.Call("DOM.getDocument", map[string]any{"depth": 0}).Get("root.nodeId").Int()
	return t.Call("DOM.getOuterHTML", map[string]any{"nodeId": root}).Get("outerHTML").String()
}

// Size gives the page a width and a height.
func (t *Tab) Size(width, height int) {
	t.tb.Helper()
	t.Call("Emulation.setDeviceMetricsOverride",
		map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false})
}

// Picture returns the page as PNG, as a user sees it who prefers dark or light pages.
func (t *Tab) Picture(dark bool) []byte {
	t.tb.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	t.Call("Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}},
	})
	t.Call("Emulation.setScrollbarsHidden", map[string]any{"hidden": true})
	picture, err := base64.StdEncoding.DecodeString(t.Call("Page.captureScreenshot", nil).Get("data").String())
	require.NoError(t.tb, err)
	return picture
}
