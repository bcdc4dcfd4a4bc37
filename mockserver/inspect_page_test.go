package mockserver_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
)

func TestInspectPage(t *testing.T) {
	t.Parallel()
	r := afterAFewJourneys(t)
	doc := inspectedPage(t, r.Server)
	text := func(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

	assert.Equal(t, "flowtest: 13 recordings, 2 sign-ons, 2 unmatched requests", doc.Find("title").Text())
	cells := func(row *goquery.Selection) string {
		return strings.Join(row.Children().Map(func(_ int, cell *goquery.Selection) string { return text(cell) }), " | ")
	}
	counts := map[string]string{}
	doc.Find("dl div").Each(func(_ int, e *goquery.Selection) { counts[text(e.Find("dt"))] = text(e.Find("dd")) })
	assert.Equal(t, map[string]string{"sign-ons running": "1", "finished": "1", "expired": "0", "unmatched": "2"}, counts)

	rows := map[string]string{}
	doc.Find("#recordings + div tbody tr").Each(func(_ int, row *goquery.Selection) { rows[text(row.Find("th"))] = cells(row) })
	assert.Equal(t, "sign-on | documented | 2 of 4 | 3 of 7 | 5 of 8", rows["sign-on"])
	assert.Len(t, rows, len(shipped.Flows(t)))

	signOns := doc.Find("section[aria-labelledby=sign-ons] details")
	require.Equal(t, 2, signOns.Length())
	assert.Contains(t, text(signOns.First().Find("summary")), "running 1 unmatched 3 hops, at registration-form")
	_, isOpen := signOns.First().Attr("open")
	assert.True(t, isOpen, "what missed is shown at once")
	assert.Contains(t, text(signOns.Last().Find("summary")), "finished 5 hops")
	assert.Contains(t, cells(signOns.Last().Find("tbody tr").Last()),
		` | sign-on-form | action "SIGNON", eventType "submit", fields password username | completed | 200 | ended`)
	assert.Equal(t, 2, doc.Find("#misses + div tbody tr").Length())
}

// What a screen reader, a keyboard and a strict browser need.
func TestInspectPageIsPlain(t *testing.T) {
	t.Parallel()
	r := afterAFewJourneys(t)
	doc := inspectedPage(t, r.Server)
	lang, _ := doc.Find("html").Attr("lang")
	assert.Equal(t, "en", lang)
	assert.Equal(t, 1, doc.Find("h1").Length())
	assert.Equal(t, 1, doc.Find("main").Length())
	assert.Zero(t, doc.Find("script, link, img, iframe, form, object, embed, [style], [onclick], [src]").Length())
	ids := map[string]int{}
	doc.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id, _ := e.Attr("id")
		ids[id]++
		assert.Equal(t, 1, ids[id], id)
	})
	doc.Find("a").Each(func(_ int, e *goquery.Selection) {
		to, _ := e.Attr("href")
		if id, ok := strings.CutPrefix(to, "#"); ok {
			assert.Contains(t, ids, id)
			return
		}
		assert.Contains(t, []string{"./", "inspect.json"}, to, "nothing leads away from here")
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, e *goquery.Selection) {
		id, _ := e.Attr("aria-labelledby")
		assert.Contains(t, ids, id)
	})
	captions := map[string]int{}
	doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		caption := strings.TrimSpace(table.Find("caption").Text())
		captions[caption]++
		assert.NotEmpty(t, caption)
		assert.Equal(t, 1, captions[caption], "%q names two tables", caption)
		columns := table.Find("thead th")
		assert.Equal(t, columns.Length(), table.Find("thead th[scope=col]").Length(), caption)
		table.Find("tbody tr").Each(func(_ int, row *goquery.Selection) {
			assert.Equal(t, columns.Length(), row.Children().Length(), caption)
		})
		assert.Equal(t, 1, table.ParentFiltered(`.wide[role=region][tabindex="0"]`).Length(), "%s can be scrolled by keyboard", caption)
	})
	assert.Len(t, captions, 2+2*len(shipped.Flows(t))+2-flowsWithoutScreens(t))
}

func flowsWithoutScreens(tb testing.TB) int {
	tb.Helper()
	n := 0
	for _, f := range shipped.Flows(tb) {
		n++
		for _, h := range f.Hops {
			if h.Screen() != nil {
				n--
				break
			}
		}
	}
	return n
}

// What a client writes is text, whatever it looks like, and there is an end to it.
func TestInspectPageEscapesAndIsBounded(t *testing.T) {
	t.Parallel()
	r := replaying(t, mockserver.Config{Inspect: true})
	s := r.start(t, "sign-on")
	s.press(t, "<script>alert(1)</script>", map[string]any{"</td><b>x": 1, strings.Repeat("k", 1<<19): 1})
	for range 150 {
		r.start(t, "sign-on")
	}
	w := inspected(t, r.Server, "/")
	assert.Less(t, w.Body.Len(), 1<<18)
	doc, err := goquery.NewDocumentFromReader(w.Body)
	require.NoError(t, err)
	assert.Zero(t, doc.Find("script, b").Length())
	assert.Contains(t, doc.Find("#misses + div").Text(), `action "<script>alert(1)</script>"`)
	assert.Equal(t, 100, doc.Find("section[aria-labelledby=sign-ons] details").Length())
	assert.Contains(t, doc.Find("section[aria-labelledby=sign-ons]").Text(), "The last 100 of 151; the JSON has all.")
	assert.Len(t, inspectedJSON(t, r.Server).Get("signOns").Array(), 151)
}
