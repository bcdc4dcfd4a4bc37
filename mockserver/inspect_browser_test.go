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
	websdk.Chromium(t.Context(), t) // skips where there is none
	r := afterAFewJourneys(t)
	site := httptest.NewServer(r.Inspect())
	t.Cleanup(site.Close)

	t.Run("a page that shows whether JavaScript runs", func(t *testing.T) {
		t.Parallel()
		probe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html;charset=utf-8")
			_, _ = io.WriteString(w, `<!doctype html><p>off</p><script>document.querySelector("p").textContent = "on"</script>`)
		}))
		t.Cleanup(probe.Close)
		dom, _ := websdk.Print(t, false, probe.URL, "--dump-dom")
		assert.Contains(t, dom, "<p>off</p>", "JavaScript ran, so that the tests beside this one prove nothing")
	})

	t.Run("the text", func(t *testing.T) {
		t.Parallel()
		dom, log := websdk.Print(t, false, site.URL+"/", "--dump-dom")
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(dom))
		require.NoError(t, err)
		assert.Equal(t, "What the replay was asked", doc.Find("h1").Text())
		assert.Equal(t, len(shipped.Flows(t)), doc.Find("#recordings + div tbody tr").Length())
		assert.Equal(t, 2, doc.Find("#misses + div tbody tr").Length())
		assert.Equal(t, 2, doc.Find("section[aria-labelledby=sign-ons] details").Length())
		assert.NotContains(t, log, "Content Security Policy", "the page keeps to its own policy")
	})

	for name, look := range map[string]struct {
		setting, size string
		want          [3]uint32 // the background
	}{
		"light, wide":  {"preferredColorScheme=1", "1280,1500", [3]uint32{0xf6, 0xf7, 0xf9}},
		"dark, narrow": {"preferredColorScheme=0", "500,1500", [3]uint32{0x12, 0x16, 0x1c}},
	} {
		t.Run("a picture, "+name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.ArtifactDir(), "inspect-"+strings.ReplaceAll(name, ", ", "-")+".png")
			_, log := websdk.Print(t, false, site.URL+"/", "--screenshot="+file, "--window-size="+look.size,
				"--hide-scrollbars", "--blink-settings="+look.setting)
			text, err := os.ReadFile(file)
			require.NoError(t, err, log)
			picture, err := png.Decode(bytes.NewReader(text))
			require.NoError(t, err)
			// The page's own background shows that its style was allowed.
			red, green, blue, _ := picture.At(2, picture.Bounds().Max.Y-2).RGBA()
			got := [3]uint32{red >> 8, green >> 8, blue >> 8}
			assert.Equal(t, look.want, got)
		})
	}
}
