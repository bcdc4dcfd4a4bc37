package output_test

import (
	"bytes"
	"flag"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flowtest/runner/report"
)

// parsePage reads the page as a browser does that runs no scripts.
func parsePage(t *testing.T, text string) *goquery.Document {
	t.Helper()
	doc, err := html.ParseWithOptions(strings.NewReader(text), html.ParseOptionEnableScripting(false))
	require.NoError(t, err)
	return goquery.NewDocumentFromNode(doc)
}

// parseScripted reads it as a browser does that runs scripts.
func parseScripted(t *testing.T, text string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	require.NoError(t, err)
	return doc
}

// Without JavaScript the page shows what did not pass in full, and of the rest
// the steps and the journey.
func TestThePageWithoutJavaScript(t *testing.T) {
	t.Parallel()
	doc := parsePage(t, readAll(t, folderOf(t, sampleRun()), "report.html"))
	assert.Equal(t, "4 of 10 scenarios did not pass", doc.Find("h1").Text())
	assert.Equal(t, 4, doc.Find("#troubles + ol > li").Length())
	assert.Equal(t, 10, doc.Find("details.s").Length())
	assert.Equal(t, 4, doc.Find("details.s[open]").Length(), "those that did not pass are open")

	failed := doc.Find("#s1")
	assert.Contains(t, failed.Find(".why pre").Text(), `row 1: type is "TEXT", want "PASSWORD"`)
	assert.Equal(t, "flowtest run --target staging features/sign-on/sign-on.feature:15", failed.Find(".repeat code").Text())
	hop := failed.Find("details.h[open]")
	require.Equal(t, 1, hop.Length(), "the failing hop is open")
	assert.Contains(t, hop.Find("pre.body").Text(), `"interactionId": "00f4-2"`)
	assert.Contains(t, hop.Find(".findings").Text(), "A screen carries a form with a name.")
	assert.Equal(t, "user name, password, region", strings.ToLower(texts(hop.Find(".screen .field .label"), regexp.MustCompile(`\*.*`))))
	assert.Contains(t, hop.Find(".screen .options").Text(), "<Asia>")
	assert.Equal(t, 2, hop.Find(".screen .button").Length())

	passed := doc.Find("#s0")
	assert.Equal(t, 2, passed.Find(".journey li").Length())
	assert.Equal(t, 5, passed.Find(".steps li").Length())
	assert.Equal(t, 2, passed.Find("[data-pack]").Length())
	assert.Zero(t, passed.Find("pre.body").Length())
	assert.Contains(t, doc.Find("#s8 .why").Text(), "hop 1 breaks SAMPLE-FORM")

	matrix := doc.Find(".matrix")
	require.Equal(t, 1, matrix.Length())
	assert.Contains(t, matrix.Text(), "SAMPLE-NEVER")
	assert.Zero(t, doc.Find("#sdks").Length(), "it was not asked which SDK can carry it")
	assert.Contains(t, failed.Find(".met").Text(), "SAMPLE-LINK", "a requirement that was met leads to its sentence")
	assert.Equal(t, "✗ 1 failed", strings.TrimSpace(matrix.First().Find("tbody tr").First().Find("td.cell").Text()))
}

// A browser that runs scripts reads what is closed as a text: a page of many
// scenarios is soon there. What failed is markup to it too.
func TestWhatIsClosedCostsABrowserLittle(t *testing.T) {
	t.Parallel()
	text := readAll(t, folderOf(t, sampleRun()), "report.html")
	doc := parseScripted(t, text)
	closed := doc.Find("details.s:not([open])")
	require.Equal(t, 6, closed.Length())
	assert.Equal(t, 6, closed.Find(".name").Length())
	assert.Zero(t, closed.Find(".inside").Length())
	closed.Each(func(_ int, s *goquery.Selection) {
		aside := s.ChildrenFiltered("noscript")
		require.Equal(t, 1, aside.Length())
		assert.Zero(t, aside.Children().Length(), "it is one text")
		assert.NotContains(t, aside.Text(), "noscript", "none stands in another")
		inside := parseScripted(t, aside.Text()).Find("body").Children()
		assert.True(t, inside.Length() == 1 && inside.HasClass("inside"))
	})
	failed := doc.Find("#s1")
	assert.Contains(t, failed.Find(".why pre").Text(), `row 1: type is "TEXT", want "PASSWORD"`)
	assert.Contains(t, failed.Find("details.h[open] pre.body").Text(), `"interactionId": "00f4-2"`)
}

// A closed hop of a scenario that is open is such a text too.
func TestAClosedHopOfAnOpenScenario(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	s.scenarios[0].Status, s.scenarios[0].Steps[4].Status = report.Failed, report.Failed
	text := readAll(t, folderOf(t, s), "report.html")
	require.Equal(t, 1, parseScripted(t, text).Find("#s0[open]").Length())
	first := parseScripted(t, text).Find("#s0h1")
	assert.Equal(t, 1, first.ChildrenFiltered("noscript").Length())
	assert.Contains(t, first.ChildrenFiltered("noscript").Text(), "interactionId")
	assert.Equal(t, 1, parsePage(t, text).Find("#s0h1 > noscript .hop").Length())
	assert.Equal(t, 1, parseScripted(t, text).Find("#s0h2[open] > .hop").Length(), "the hop at which it failed")
}

// Where more fail than the head names, the rest is closed with its hops unpacked.
func TestClosedScenariosThatFailed(t *testing.T) {
	t.Parallel()
	const n, named = 60, 50
	text := pageOfMany(t, n, 1)
	doc := parseScripted(t, text)
	require.Equal(t, named, doc.Find("details.s[open]").Length())
	asides := doc.Find("details.s:not([open]) > noscript")
	require.Equal(t, n-named, asides.Length())
	asides.Each(func(_ int, aside *goquery.Selection) {
		assert.NotContains(t, aside.Text(), "noscript", "none stands in another")
		assert.Equal(t, 3, parseScripted(t, aside.Text()).Find(".inside > details.h > .hop").Length())
	})
	assert.Equal(t, 3*n, parsePage(t, text).Find(".hop").Length(), "without scripts")
}

// Labels are HTML on the wire; the screen shows what a person reads.
func TestLabelsOfAScreen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ label, want string }{
		"a text":                         {"Sign on", "Sign on"},
		"spaces of a text stay":          {"a  b", "a  b"},
		"a paragraph":                    {"<p>Welcome</p>", "Welcome"},
		"formatted within a word":        {`<p class="x">Wel<b>co</b>me,<br/>Alice</p>` + "\n\n", "Welcome, Alice"},
		"blocks and items":               {"<h1>One</h1><ul><li>two</li><li>three</li></ul>", "One two three"},
		"references":                     {"Fish &amp; chips&nbsp;&lt;now&gt;", "Fish & chips <now>"},
		"an attribute holds a bracket":   {`<a href="https://example.com/?a>b">Terms</a>`, "Terms"},
		"what is no formatting":          {"Say <Your name>", "Say <Your name>"},
		"a sign":                         {"1 < 2 & 3 > 2", "1 < 2 & 3 > 2"},
		"a tag that never ends":          {"Fewer <b", "Fewer <b"},
		"what is not shown":              {"<style>p { color: red }</style><!-- no --><p>Yes</p><script>no()</script>", "Yes"},
		"nothing that a person can read": {`<p><img src="https://example.com/a.png"></p>`, "LABEL"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sampleRun()
			screen := s.scenarios[1].Hops[0].Evidence.Screen
			screen.Fields = []report.Field{{Type: "LABEL", Label: test.label}, {Key: "GO", Type: "SUBMIT_BUTTON", Label: "Go: " + test.label, Button: true}}
			doc := parsePage(t, readAll(t, folderOf(t, s), "report.html"))
			assert.Equal(t, test.want, doc.Find("#s1h1 .screen .label").Text())
			want := strings.TrimSpace("Go: " + strings.TrimSuffix(test.want, "LABEL"))
			assert.Equal(t, want, doc.Find("#s1h1 .screen .button span").Text())
			assert.Equal(t, test.label, screen.Fields[0].Label, "what is reported elsewhere stays as it was")
		})
	}
}

func texts(s *goquery.Selection, drop *regexp.Regexp) string {
	var out []string
	s.Each(func(_ int, s *goquery.Selection) {
		out = append(out, strings.TrimSpace(drop.ReplaceAllString(s.Text(), "")))
	})
	return strings.Join(out, ", ")
}

// Everybody who uses a keyboard or a screen reader finds the way.
func TestThePageIsMarkedUp(t *testing.T) {
	t.Parallel()
	doc := parsePage(t, readAll(t, folderOf(t, sampleRun()), "report.html"))
	for _, one := range []string{"html[lang]", "title", "h1", "header", "main", "footer", "nav[aria-label]", "a.skip", "form[role=search]", "output[aria-live]"} {
		assert.Equal(t, 1, doc.Find(one).Length(), one)
	}
	ids := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		assert.False(t, ids[id], "%s is there twice", id)
		ids[id] = true
	})
	doc.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
		assert.True(t, ids[strings.TrimPrefix(s.AttrOr("href", ""), "#")], "%s leads nowhere", s.AttrOr("href", ""))
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) { assert.True(t, ids[s.AttrOr("aria-labelledby", "")]) })
	doc.Find("select, input").Each(func(_ int, s *goquery.Selection) {
		assert.Equal(t, 1, s.ParentsFiltered("label").Length(), "a field has no label")
	})
	doc.Find("[role=region], iframe").Each(func(_ int, s *goquery.Selection) {
		assert.NotEmpty(t, s.AttrOr("aria-label", s.AttrOr("title", s.AttrOr("aria-labelledby", ""))))
	})
	doc.Find(".mark").Each(func(_ int, s *goquery.Selection) {
		assert.Equal(t, "true", s.AttrOr("aria-hidden", ""), "a sign has its word beside it")
		assert.True(t, s.Next().HasClass("sr"))
	})
}

// Whatever is in names, errors, bodies and headers stays text.
func TestThePageEscapesMarkup(t *testing.T) {
	t.Parallel()
	const evil = `</noscript></script><script>alert(1)</script><img src=x onerror=alert(1)>"'` + "\x00\u2028"
	s := sampleRun()
	one := s.scenarios[1]
	one.Name, one.Feature, one.File, one.Flow, one.Tags = evil, evil, evil, evil, []string{evil}
	one.Steps[2].Text, one.Steps[2].Error = evil, evil
	h := &one.Hops[0]
	h.Request, h.Response, h.Where = evil, evil, evil
	e := h.Evidence
	e.URL, e.Body, e.RequestBody, e.Outcome, e.Message, e.Origin = evil, []byte(`{"`+evil+`":"`+evil), []byte(evil), evil, evil, evil
	e.Header = http.Header{evil: {evil}}
	e.Screen.Name, e.Screen.Fields[0].Label, e.Screen.Fields[2].Options = evil, evil, []string{evil}
	e.Findings[2].Found, e.Findings[2].Wanted, e.Findings[2].Path = evil, evil, evil
	passed := s.scenarios[0] // it is closed
	passed.Steps[2].Text, passed.Hops[0].Request = evil, evil
	s.scenarios = append(s.scenarios, one)
	s.plan.Target, s.plan.Run = evil, evil
	text := readAll(t, folderOf(t, s), "report.html")
	for reader, doc := range map[string]*goquery.Document{"without scripts": parsePage(t, text), "with scripts": parseScripted(t, text)} {
		assert.Zero(t, doc.Find("img").Length(), reader)
		assert.Zero(t, doc.Find("[onerror]").Length(), reader)
		doc.Find("script").Each(func(_ int, s *goquery.Selection) { assert.NotContains(t, s.Text(), "alert(1)", reader) })
		assert.Equal(t, 2, strings.Count(doc.Find("details.s .name").Text(), "alert(1)</script>"+"<img"), reader)
	}
}

// screen HTML is shown in a frame with no rights, and of it nothing that acts
// or fetches is left.
func TestScreensInFrames(t *testing.T) {
	t.Parallel()
	s := sampleRun()
	detailed := s.scenarios[2]
	detailed.Status = report.Failed // so that it is not packed
	detailed.Hops[0].Evidence.Screen.HTML = `<style>@import url("https://e.example/a.css"); p{background:url(https://e.example/b.png);color:red}</style>` +
		`<base href="https://e.example/"><link rel=stylesheet href="https://e.example/c.css"><meta http-equiv=refresh content="0;url=https://e.example">` +
		`<p style="background:url('https://e.example/d.png')" onclick="x()">Hello <a href="https://e.example/e">you</a></p>` +
		`<img src="https://e.example/f.png" srcset="https://e.example/g.png 2x"><img alt=ok src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">` +
		`<svg><image href="https://e.example/h.png"/><use href="https://e.example/i.svg#x"/></svg><video src="https://e.example/j.mp4"></video>` +
		`<form action="https://e.example/k"><input autofocus name=username></form><script>x()</script><iframe src="https://e.example/l"></iframe>`
	doc := parsePage(t, readAll(t, folderOf(t, s), "report.html"))
	frame := doc.Find("#s2h1 iframe")
	require.Equal(t, 1, frame.Length())
	rights, has := frame.Attr("sandbox")
	assert.True(t, has)
	assert.Empty(t, rights)
	inside := frame.AttrOr("srcdoc", "")
	assert.NotContains(t, inside, "e.example")
	assert.NotContains(t, inside, "x()")
	assert.Contains(t, inside, "color:red")
	assert.Contains(t, inside, "Hello <a>you</a>")
	assert.Contains(t, inside, `name="username"`)
	assert.Contains(t, inside, "data:image/gif")
}

func TestThePageInABrowser(t *testing.T) {
	t.Parallel()
	page := readAll(t, folderOf(t, sampleRun()), "report.html")
	var got struct {
		Error                              string
		All, Failed, Flow, Tag, Text, None string
		NoneShown                          bool
		Suites                             int
		Painted, Colored                   bool
		Met                                string
		Open, Packed, Body, Steps          string
		Frame                              string
		Linked, Laid                       bool
	}
	log := look(t, page, `
    const form = d.querySelector(".filter"), shown = () => d.querySelector(".filter output").textContent;
    const set = (name, value) => { form.elements[name].value = value; form.dispatchEvent(new Event("input", { bubbles: true })); };
    out.all = shown();
    d.querySelector("input[value=failed]").click();
    out.failed = shown();
    out.suites = [...d.querySelectorAll(".suite")].filter((s) => !s.hidden).length;
    form.reset(); await wait(() => shown() === out.all);
    set("flow", "sign-on"); out.flow = shown(); set("flow", "");
    set("tag", "@smoke"); out.tag = shown(); set("tag", "");
    set("text", "offered"); out.text = shown();
    set("text", "no such name"); out.none = shown(); out.noneShown = !d.getElementById("none").hidden;
    form.reset(); await wait(() => shown() === out.all);
    out.open = [...d.querySelectorAll("details.h[open]")].filter((h) => h.checkVisibility()).map((h) => h.id).join(" ");
    d.querySelector("#s0 > summary").click();
    out.steps = String(d.querySelectorAll("#s0 .steps li").length);
    const hop = d.getElementById("s0h2");
    out.packed = String(Boolean(hop.querySelector("[data-pack]")));
    d.querySelector('a[href="#s0h2"]').click();
    await wait(() => hop.querySelector("pre.body"));
    out.body = [...hop.querySelectorAll("pre.body")].pop().textContent;
    out.painted = [...hop.querySelectorAll("pre.body .k")].some((e) => e.textContent === '"capabilityName"');
    out.met = hop.querySelector(".met") && hop.querySelector(".met").textContent;
    d.getElementById("s1h1").scrollIntoView();
    await wait(() => d.querySelector("#s1h1 pre.body .k"));
    out.colored = Boolean(d.querySelector("#s1h1 pre.body .k"));
    frame.contentWindow.location.hash = "#s3h1";
    await wait(() => d.querySelector("#s3h1 pre.body"));
    out.linked = hop.open && d.getElementById("s3").open && d.getElementById("s3h1").open;
    await wait(() => !d.querySelector("details > noscript"));
    out.laid = Boolean(d.querySelector("#s6:not([open]) .inside .steps"));
    const screen = d.getElementById("s2h1");
    screen.open = true;
    await wait(() => screen.querySelector("iframe"));
    out.frame = screen.querySelector("iframe").getAttribute("sandbox") + "|" + d.title;
  `, &got)
	assert.Empty(t, got.Error)
	assert.Equal(t, "10 of 10 shown", got.All)
	assert.Equal(t, "3 of 10 shown", got.Failed)
	assert.Equal(t, 1, got.Suites, "a feature with nothing to show is hidden")
	assert.Equal(t, "7 of 10 shown", got.Flow)
	assert.Equal(t, "1 of 10 shown", got.Tag)
	assert.Equal(t, "2 of 10 shown", got.Text)
	assert.Equal(t, "0 of 10 shown", got.None)
	assert.True(t, got.NoneShown)
	assert.Equal(t, "s1h1 s8h1", got.Open)
	assert.Equal(t, "true", got.Packed)
	assert.Equal(t, "5", got.Steps, "what is opened is there at once")
	assert.True(t, got.Linked, "a link opens its hop, wherever it is")
	assert.True(t, got.Laid, "what was not opened is there too when the browser has time, so that a search finds it")
	assert.True(t, got.Colored, "what is open from the start is colored when it is seen")
	assert.Contains(t, got.Body, `"capabilityName": "returnSuccessResponseRedirect"`)
	assert.True(t, got.Painted, "the script colors JSON")
	assert.Contains(t, got.Met, "SAMPLE-COOKIE", "what stands in the page once is put in its place")
	assert.Equal(t, "|flowtest: 4 of 10 scenarios did not pass", got.Frame, "the frame's script did not run")
	assert.Empty(t, log, "the page wrote to the console")
}

func TestThePageAsAPicture(t *testing.T) {
	t.Parallel()
	tab := newTab(t)
	tab.Open("file://" + filepath.Join(folderOf(t, sampleRun()), "report.html"))
	whole := flag.Lookup("test.artifacts").Value.String() == "true" // they are kept to be looked at
	for name, look := range map[string]struct {
		dark          bool
		width, height int
		want          [3]uint32 // the background
	}{
		"light, wide":  {false, 1280, 4200, [3]uint32{0xf6, 0xf7, 0xf9}},
		"dark, narrow": {true, 500, 5200, [3]uint32{0x12, 0x16, 0x1c}},
	} {
		if !whole {
			look.height = 600
		}
		tab.Size(look.width, look.height)
		text := tab.Picture(look.dark)
		file := filepath.Join(t.ArtifactDir(), "report-"+strings.ReplaceAll(name, ", ", "-")+".png")
		require.NoError(t, os.WriteFile(file, text, 0o600))
		picture, err := png.Decode(bytes.NewReader(text))
		require.NoError(t, err)
		red, green, blue, _ := picture.At(2, 2).RGBA()
		got := [3]uint32{red >> 8, green >> 8, blue >> 8}
		assert.Equal(t, look.want, got, "%s: the page's own background shows that its style was allowed", name)
	}
	assert.Empty(t, tab.Console(), "the page wrote to the console")
}

// A thousand scenarios of three hops: small enough to send, and all of it works.
func TestAPageOfAThousandScenarios(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("what is measured is not the race detector")
	}
	page := pageOfMany(t, 1000, 50)
	t.Logf("report.html of 1,000 scenarios: %.1f MiB", float64(len(page))/(1<<20))
	assert.Less(t, len(page), mostPage)
	assert.Less(t, parseScripted(t, page).Find("*").Length(), 20_000, "elements that a browser makes before the page is ready")
	var got struct{ Error, Shown, Body string }
	log := look(t, page, `
    d.querySelector("input[value=failed]").click();
    out.shown = d.querySelector(".filter output").textContent;
    d.querySelector("#s998 > summary").click();
    const hop = d.getElementById("s998h3");
    hop.open = true;
    await wait(() => hop.querySelector("pre.body"));
    out.body = hop.querySelector("pre.body").textContent;
  `, &got)
	assert.Empty(t, got.Error)
	assert.Equal(t, "20 of 1000 shown", got.Shown)
	assert.Contains(t, got.Body, `"interactionId": "00f4-2996"`)
	assert.Empty(t, log, "the page wrote to the console")
}
