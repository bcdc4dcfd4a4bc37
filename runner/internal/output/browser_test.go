package output_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func findChromium(tb testing.TB) string {
	tb.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		tb.Skip("chromium is not installed")
	}
	return chromium
}

// chromiumCommand returns Chromium with a profile of its own. Every name
// resolves to nothing, so that a page which asks for anything says so in the log.
func chromiumCommand(ctx context.Context, tb testing.TB, chromium string, args ...string) *exec.Cmd {
	tb.Helper()
	profile, err := os.MkdirTemp("", "flowtest-chromium-")
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(profile) })
	flags := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr", "--user-data-dir=" + profile,
	}
	cmd := exec.CommandContext(ctx, chromium, append(flags, args...)...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// browse opens a page and returns what Chromium printed, and what the page
// wrote to the console.
func browse(tb testing.TB, chromium, url string, args ...string) (out, log string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := chromiumCommand(ctx, tb, chromium, append(args, url)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(tb, cmd.Run(), "%s", &stderr)
	return stdout.String(), console(stderr.String())
}

// openPage opens a page and leaves it open until stop, which returns what the
// page wrote to the console.
func openPage(tb testing.TB, chromium, url string) (stop func() string) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	var stderr bytes.Buffer
	cmd := chromiumCommand(ctx, tb, chromium, "--remote-debugging-port=0", "--window-size=1280,1000", url)
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	require.NoError(tb, cmd.Start())
	return func() string {
		cancel()
		_ = cmd.Wait() // it was ended
		return console(stderr.String())
	}
}

// console keeps what pages wrote: the rest is Chromium looking for services
// that a bare machine has not.
func console(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, "CONSOLE") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// A site serves the report, and a page that looks into it. It counts what is
// asked for.
type site struct {
	*httptest.Server
	out chan []byte // what the page around the report found

	mu    sync.Mutex
	asked []string
}

func newSite(tb testing.TB, page, script string) *site {
	tb.Helper()
	s := &site{out: make(chan []byte, 1)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		switch r.URL.Path {
		case "/report.html":
			_, _ = io.WriteString(w, page)
		case "/":
			_, _ = fmt.Fprintf(w, lookIn, script)
		case "/out":
			text, _ := io.ReadAll(r.Body)
			s.out <- text
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	tb.Cleanup(s.Close)
	return s
}

// lookIn is a page around the report: the report itself runs no script but its own.
const lookIn = `<!doctype html><link rel="icon" href="data:,"><iframe id="r" style="width:1200px;height:900px"></iframe>
<script>
const frame = document.getElementById("r"), began = performance.now();
const wait = async (ok) => { for (let i = 0; i < 3000 && !ok(); i++) await new Promise((r) => setTimeout(r, 10)); };
frame.onload = async () => {
  const d = frame.contentDocument, out = {};
  try {
    await wait(() => d.documentElement.dataset.ready);
    d.body.offsetHeight;
    out.ready = performance.now() - began;
    await (async () => { %s })();
  } catch (e) { out.error = String(e); }
  await fetch("/out", { method: "POST", body: JSON.stringify(out) });
};
frame.src = "/report.html";
</script>`

// look opens the report in Chromium, runs a script beside it and returns what
// it put into out, and what Chromium logged.
func look(tb testing.TB, page, script string, into any) (log string) {
	tb.Helper()
	chromium := findChromium(tb)
	s := newSite(tb, page, script)
	stop := openPage(tb, chromium, s.URL+"/")
	select {
	case text := <-s.out:
		require.NoError(tb, json.Unmarshal(text, into), "%s", text)
	case <-time.After(time.Minute):
		require.Fail(tb, "the page found nothing", "%s", stop())
	}
	console := stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.ElementsMatch(tb, []string{"/", "/report.html", "/out"}, s.asked, "the report asks for nothing")
	return console
}
