package mockserver_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
)

func TestMain(m *testing.M) { websdk.Main(m) }

// TestWebSDKInBrowser drives the web SDK in headless Chromium, from a page on
// another port than the replay: CORS, preflights and cookies are the browser's
// own, and the cookies of one journey are still there in the next. It is skipped
// where Chromium, Node or the SDK is missing.
func TestWebSDKInBrowser(t *testing.T) {
	t.Parallel()
	websdk.NeedsChromium(t)
	site := newSite(t)
	var plans []*websdk.Plan
	journeys := allSDKJourneys(t, true)
	for _, name := range slices.Sorted(maps.Keys(journeys)) {
		plans = append(plans, &site.plan(name, journeys[name]).Plan)
	}
	page := websdk.NewPage(t, false, plans...)
	page.Browse(websdk.NewTab(t))
	asked := site.seen()

	for _, plan := range plans {
		t.Run(plan.Name, func(t *testing.T) {
			t.Parallel()
			journey := journeys[plan.Name]
			site.check(t, journey, site.plan(plan.Name, journey), readLines(t, page.Lines(plan.Name)))
		})
	}
	t.Run("every call is cross-origin and carries the handles as cookies too", func(t *testing.T) {
		t.Parallel()
		preflights := 0
		for _, seen := range asked {
			if strings.HasSuffix(seen.path, "/rp/authenticate") {
				continue // the browser goes there itself
			}
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
