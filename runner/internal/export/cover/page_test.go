package cover_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
)

func pageOf(t *testing.T, c *cover.Coverage) (*goquery.Document, string) {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.HTML(&b))
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	return doc, b.String()
}

// The map has every screen with its buttons and every outcome, each in the color of its state,
// and leads to the scenarios that passed it.
func TestMap(t *testing.T) {
	t.Parallel()
	c := cover.New(shop(t))
	c.Index = func(s cover.Scenario) (int, bool) { return s.Line, s.Line == 7 }
	c.Add(steps("signform", "", "home", "SIGNON", "mend", ""), cover.Scenario{File: "a.feature", Line: 7, Name: "Alice <b>"})
	c.Add(steps("signform", ""), cover.Scenario{File: "a.feature", Line: 9, Name: "Bob"})
	c.Add(steps("signform", ""), cover.Scenario{File: "a.feature", Line: 7, Name: "Alice <b>"})
	doc, text := pageOf(t, c)
	screens := 0
	for _, p := range c.Parts {
		if p.Kind != "nodes" && p.Kind != "hops" {
			screens++
		}
	}
	assert.Equal(t, screens, doc.Find(".parts tbody tr").Length(), "the table has every screen, button and outcome")
	doc.Find("svg a[href]").Each(func(_ int, a *goquery.Selection) {
		assert.Equal(t, 1, doc.Find(a.AttrOr("href", "")).Length(), "a part of the map leads to its row")
	})
	assert.Equal(t, c.Totals()["screens"].All, doc.Find("svg rect.b-screen").Length())
	assert.Equal(t, 2, doc.Find("svg rect.b-screen.v-observed").Length())
	assert.Equal(t, c.Totals()["buttons"].All, doc.Find("svg rect.row").Length())
	assert.Equal(t, 2, doc.Find("svg rect.row.v-observed").Length(), "that of Welcome has no key")
	assert.Contains(t, text, `<title>Shop Sign On: observed, 2 scenarios</title>`)
	assert.Contains(t, text, `<title>Shop Sign On – Sign On → screen Welcome: observed, 1 scenario</title>`)
	row := doc.Find(".parts tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.HasPrefix(s.Find("th").Text(), "Shop Sign On ") && s.Find("td").First().Text() == "screen"
	})
	assert.Equal(t, "Alice <b>", row.Find(`a[href="#s7"]`).Text())
	assert.Equal(t, "Alice <b> a.feature:7Bob a.feature:9", row.Find("ul").Text(), "one that the report does not have is named only")
	assert.Equal(t, 0, doc.Find("svg .edge[d*='NaN']").Length())
}

// Texts of a flow are no markup, and a map that no person could read is left out.
func TestMapOfHostileFlows(t *testing.T) {
	t.Parallel()
	const evil = `</title></text></svg><script>alert(1)</script><img src=x onerror=alert(1)>`
	var nodes, edges []string
	node := func(id, capability, title, html string) {
		text := func(s string) string {
			b, err := json.Marshal(s)
			require.NoError(t, err)
			return string(b)
		}
		nodes = append(nodes, fmt.Sprintf(`{"data":{"id":%q,"nodeType":"CONNECTION","capabilityName":%q,"properties":{"nodeTitle":{"value":%s},"errorMessage":{"value":%s},"customHTML":{"value":%s}}}}`,
			id, capability, text(title), text(title), text(html)))
	}
	node("form", "customHTMLTemplate", evil, `<button data-skcomponent="skbutton" data-skbuttonvalue="&quot;>&lt;script>">&lt;/svg>&lt;script></button>`)
	node("wrong", "customErrorMessage", evil, "")
	edges = append(edges, `{"data":{"source":"form","target":"wrong"}}`)
	for i := range 700 {
		id := fmt.Sprintf("n%d", i)
		node(id, "customHTMLTemplate", id, "")
		_ = edges
	}
	for name, n := range map[string]int{"small": 2, "large": len(nodes)} {
		f, err := export.Parse([]byte(`{"name":"</h4><script>","graphData":{"elements":{"nodes":[` + strings.Join(nodes[:n], ",") + `],"edges":[` + strings.Join(edges, ",") + `]}}}`))
		require.NoError(t, err)
		doc, text := pageOf(t, cover.New(f))
		assert.Equal(t, 0, doc.Find("script, img").Length(), name)
		assert.NotContains(t, text, "<script", name)
		assert.Equal(t, n == 2, doc.Find("svg").Length() > 0, name)
		assert.Equal(t, n != 2, strings.Contains(text, "it would be too large to read"), name)
	}
}

const pin = `format: 1
source: synthetic
flow: pin
hops:
  - name: form
    request: {path: /as/authorize}
    response: {status: 200, json: form.json}
  - name: wrong
    from: form
    request: {action: GO, formData: {pin: "0000"}}
    response: {status: 400, json: wrong.json}
  - name: done
    from: form
    request: {action: GO}
    response: {status: 200, json: done.json}
  - name: help
    from: form
    request: {action: HELP}
    response: {status: 200, json: help.json}
  - name: back
    from: help
    to: form
    request: {action: BACK}
`

func screenOf(id, name string, buttons ...string) *fstest.MapFile {
	var list []string
	for _, b := range buttons {
		list = append(list, fmt.Sprintf(`{"type":"FLOW_BUTTON","key":%q,"label":"%s it"}`, b, b))
	}
	return &fstest.MapFile{Data: fmt.Appendf(nil, `{"id":%q,"interactionId":"{{interactionId}}","eventName":"continue","form":{"name":%q,"category":"CUSTOM_HTML",`+
		`"components":{"fields":[{"type":"TEXT","key":"pin","label":"PIN"},%s]}},"_links":{"next":{"href":"https://auth.example.com/davinci/connections/c/capabilities/customHTMLTemplate"}}}`,
		id, name, strings.Join(list, ","))}
}

// Without an export, coverage is of what a recording offers.
func TestCoverageOfARecording(t *testing.T) {
	t.Parallel()
	f, err := recordings.Load(fstest.MapFS{
		"recording.yaml": {Data: []byte(pin)},
		"form.json":      screenOf("f1", "PIN Form", "GO", "HELP", "LOST"), "help.json": screenOf("h1", "Help", "BACK"),
		"wrong.json": {Data: []byte(`{"id":"w1","code":"Wrong PIN","message":"Wrong PIN","capabilityName":"customErrorMessage","connectorId":"errorConnector"}`)},
		"done.json":  {Data: []byte(`{"id":"d1","status":"COMPLETED","success":true,"dvResponse":{},"interactionId":"{{interactionId}}","capabilityName":"returnSuccessResponseRedirect"}`)},
	}, ".")
	require.NoError(t, err)
	c := cover.NewRecorded([]*recordings.Flow{f})
	c.Add([]export.Step{
		{Flow: "pin", Node: "f1", Screen: "PIN Form"},
		{Flow: "pin", Node: "other", Action: "GO", Stays: true},
		{Flow: "pin", Node: "strange", Screen: "Help", Action: "HELP"},
	}, cover.Scenario{File: "pin.feature", Line: 3, Name: "Help"})
	c.Finish()
	assert.Equal(t, []string{"f1: observed", "h1: observed"}, states(c, "screens"))
	assert.Equal(t, []string{"f1 GO: observed", "f1 HELP: observed"}, states(c, "buttons"))
	assert.Equal(t, []string{"f1 GO w1: observed", "f1 HELP h1: observed"}, states(c, "outcomes"), "an error whose node has another id is the only one there")
	assert.Equal(t, cover.Total{All: 4, Observed: 2, Never: 2}, c.Totals()["buttons"], "LOST is offered, and no hop was recorded for it")
	assert.Equal(t, []int{1, 1, 0}, []int{c.ByID, c.ByName, c.Unknown})
	assert.NotContains(t, c.Totals(), "nodes")
	doc, _ := pageOf(t, c)
	assert.Equal(t, 2, doc.Find("svg rect.b-screen").Length())
	assert.Equal(t, 1, doc.Find("svg rect.b-error.v-observed").Length())

	c = cover.NewRecorded([]*recordings.Flow{f})
	c.AddRecordings([]*recordings.Flow{f})
	assert.Empty(t, c.Lacks(cover.Demand{"outcomes": 100, "screens": 100}))
}
