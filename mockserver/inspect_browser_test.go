package mockserver_test

import (
	"bytes"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
)

// TestInspectPageInBrowser reads the page in headless Chromium with JavaScript
// switched off, in light and in dark. The screenshots lie among the test's
// artifacts (go test -artifacts). It is skipped where Chromium is missing.
func TestInspectPageInBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a page that lies there has nothing for the race detector")
	}
	websdk.NeedsChromium(t)
	r := afterAFewJourneys(t)
	site := httptest.NewServer(r.Inspect())
	t.Cleanup(site.Close)
	tab := websdk.NewTab(t)
	tab.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true})

	probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><p>off</p><script>document.querySelector("p").textContent = "on"</script>`)
	}))
	t.Cleanup(probe.Close)
	tab.Open(probe.URL)
	assert.Contains(t, tab.HTML(), "<p>off</p>", "JavaScript ran, so that what follows proves nothing")

	tab.Open(site.URL + "/")
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(tab.HTML()))
	require.NoError(t, err)
	assert.Equal(t, "What the replay was asked", doc.Find("h1").Text())
	assert.Equal(t, len(shipped.Flows(t)), doc.Find("#recordings + div tbody tr").Length())
	assert.Equal(t, 2, doc.Find("#misses + div tbody tr").Length())
	assert.Equal(t, 2, doc.Find("section[aria-labelledby=sign-ons] details").Length())

	for name, look := range map[string]struct {
		dark  bool
		width int
		want  [3]uint32 // the background
	}{
		"light, wide":  {false, 1280, [3]uint32{0xf6, 0xf7, 0xf9}},
		"dark, narrow": {true, 500, [3]uint32{0x12, 0x16, 0x1c}},
	} {
		tab.Size(look.width, 1500)
		text := tab.Picture(look.dark)
		file := filepath.Join(t.ArtifactDir(), "inspect-"+strings.ReplaceAll(name, ", ", "-")+".png")
		require.NoError(t, os.WriteFile(file, text, 0o600))
		picture, err := png.Decode(bytes.NewReader(text))
		require.NoError(t, err)
		// The page's own background shows that its style was allowed.
		red, green, blue, _ := picture.At(2, picture.Bounds().Max.Y-2).RGBA()
		got := [3]uint32{red >> 8, green >> 8, blue >> 8}
		assert.Equal(t, look.want, got, name)
	}
	assert.NotContains(t, tab.Console(), "Content Security Policy", "the page keeps to its own policy")
}
