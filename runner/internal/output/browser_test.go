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
	"sync"
	"testing"
	"time"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// offline lets every name resolve to nothing, so that a page which asks for anything
// says so in the log.
const offline = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

// browse opens a page and returns what Chromium printed, and what the page
// wrote to the console.
func browse(tb testing.TB, url string, args ...string) (out, log string) {
	tb.Helper()
	out, log = websdk.Print(tb, true, url, append(args, offline)...)
	return out, websdk.Console(log)
}

// openPage opens a page and leaves it open until stop, which returns what the
// page wrote to the console.
func openPage(tb testing.TB, url string) (stop func() string) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("a page that lies there has nothing for the race detector")
	}
	ctx, cancel := context.WithCancel(tb.Context())
	tb.Cleanup(cancel)
	var stderr bytes.Buffer
	cmd := websdk.Chromium(ctx, tb, offline, "--enable-logging=stderr", "--remote-debugging-port=0", "--window-size=1280,1000", url)
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	require.NoError(tb, cmd.Start())
	return func() string {
		cancel()
		_ = cmd.Wait() // it was ended
		return websdk.Console(stderr.String())
	}
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
	s := newSite(tb, page, script)
	stop := openPage(tb, s.URL+"/")
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
