package output_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { websdk.Main(m) }

// newTab is a tab of a common size. With -short the test is skipped.
func newTab(tb testing.TB) *websdk.Tab {
	tb.Helper()
	if testing.Short() {
		tb.Skip("a page that lies there has nothing for the race detector")
	}
	tab := websdk.NewTab(tb)
	tab.Size(1280, 1000)
	return tab
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
	tab := newTab(tb)
	tab.Go(s.URL + "/")
	select {
	case text := <-s.out:
		require.NoError(tb, json.Unmarshal(text, into), "%s", text)
	case <-time.After(time.Minute):
		require.Fail(tb, "the page found nothing", "%s", tab.Console())
	}
	console := tab.Console()
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.ElementsMatch(tb, []string{"/", "/report.html", "/out"}, s.asked, "the report asks for nothing")
	return console
}

// What a page says, and what a frame in it without rights says, is heard: that a console is
// empty proves something.
func TestTheConsoleIsHeard(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><link rel="icon" href="data:,"><script>console.log("by the page")</script>`+
			`<iframe sandbox srcdoc="<script>x()</script><img src='https://e.example/asked-for.png'>"></iframe>`)
	}))
	t.Cleanup(s.Close)
	tab := newTab(t)
	tab.Open(s.URL)
	got := tab.Console()
	for _, want := range []string{"by the page", "Blocked script execution", "https://e.example/asked-for.png"} {
		assert.Contains(t, got, want)
	}
}
