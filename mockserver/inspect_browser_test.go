package mockserver_test

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestInspectPageInBrowser reads the page in headless Chromium with JavaScript
// switched off, in light and in dark. The screenshots lie among the test's
// artifacts (go test -artifacts). It is skipped where Chromium is missing.
func TestInspectPageInBrowser(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
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
		dom, _ := browse(t, chromium, probe.URL, "--dump-dom")
		assert.Contains(t, dom, "<p>off</p>", "JavaScript ran, so that the tests beside this one prove nothing")
	})

	t.Run("the text", func(t *testing.T) {
		t.Parallel()
		dom, log := browse(t, chromium, site.URL+"/", "--dump-dom")
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(dom))
		require.NoError(t, err)
		assert.Equal(t, "What the replay was asked", doc.Find("h1").Text())
		assert.Equal(t, len(shippedFlows(t)), doc.Find("#recordings + div tbody tr").Length())
		assert.Equal(t, 2, doc.Find("#misses + div tbody tr").Length())
		assert.Equal(t, 2, doc.Find("section[aria-labelledby=sign-ons] details").Length())
		assert.NotContains(t, log, "Content Security Policy", "the page keeps to its own policy")
	})

	for scheme, setting := range map[string]string{"light": "preferredColorScheme=1", "dark": "preferredColorScheme=0"} {
		for width, size := range map[string]string{"wide": "1280,1500", "narrow": "500,1500"} {
			t.Run("a picture in "+scheme+", "+width, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.ArtifactDir(), "inspect-"+scheme+"-"+width+".png")
				_, log := browse(t, chromium, site.URL+"/", "--screenshot="+file, "--window-size="+size,
					"--hide-scrollbars", "--blink-settings="+setting)
				text, err := os.ReadFile(file)
				require.NoError(t, err, log)
				picture, err := png.Decode(bytes.NewReader(text))
				require.NoError(t, err)
				// The page's own background shows that its style was allowed.
				red, green, blue, _ := picture.At(2, picture.Bounds().Max.Y-2).RGBA()
				want := [3]uint32{0xf6, 0xf7, 0xf9}
				if scheme == "dark" {
					want = [3]uint32{0x12, 0x16, 0x1c}
				}
				assert.Equal(t, want, [3]uint32{red >> 8, green >> 8, blue >> 8})
			})
		}
	}
}

// browse opens a page without JavaScript and returns what Chromium printed.
func browse(t *testing.T, chromium, url string, args ...string) (out, log string) {
	t.Helper()
	profile, err := os.MkdirTemp("", "flowtest-chromium-") //nolint:usetesting // a helper process may still write into it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	// The flag --blink-settings=scriptEnabled=false would switch off headless
	// Chromium's own pages too, which take the picture. This is the user's setting.
	settings := filepath.Join(profile, "Default", "Preferences")
	require.NoError(t, os.Mkdir(filepath.Dir(settings), 0o700))
	require.NoError(t, os.WriteFile(settings,
		[]byte(`{"profile":{"default_content_setting_values":{"javascript":2}}}`), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	flags := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--enable-logging=stderr", "--user-data-dir=" + profile,
	}
	cmd := exec.CommandContext(ctx, chromium, append(append(flags, args...), url)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	require.NoError(t, cmd.Run(), "%s", &stderr)
	return stdout.String(), stderr.String()
}
