package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/report"
)

func parsePage(t *testing.T, text string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	require.NoError(t, err)
	return doc
}

// Without JavaScript the page shows what did not pass in full, and of the rest
// the steps and the journey.
func TestThePageWithoutJavaScript(t *testing.T) {
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
	assert.Contains(t, doc.Find("#s3 .why").Text(), "the first try failed: connection reset")
	assert.Contains(t, doc.Find("#s8 .why").Text(), "hop 1 breaks SAMPLE-FORM")

	matrix := doc.Find(".matrix")
	require.Equal(t, 1, matrix.Length())
	assert.Contains(t, matrix.Text(), "SAMPLE-NEVER")
	assert.Zero(t, doc.Find("#sdks").Length(), "nobody asked which SDK can carry it")
	assert.Contains(t, failed.Find(".met").Text(), "SAMPLE-LINK", "a requirement that was met leads to its sentence")
	assert.Equal(t, "✗ 1 failed", strings.TrimSpace(matrix.First().Find("tbody tr").First().Find("td.cell").Text()))
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

// Whatever stands in names, errors, bodies and headers stays text.
func TestThePageTakesNothingForMarkup(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'` + "\x00\u2028"
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
	s.scenarios = append(s.scenarios, one)
	s.plan.Target, s.plan.Run = evil, evil
	text := readAll(t, folderOf(t, s), "report.html")
	doc := parsePage(t, text)
	assert.Zero(t, doc.Find("img").Length())
	assert.Zero(t, doc.Find("[onerror]").Length())
	doc.Find("script").Each(func(_ int, s *goquery.Selection) { assert.NotContains(t, s.Text(), "alert(1)") })
	assert.Equal(t, 2, strings.Count(doc.Find("details.s .name").Text(), "alert(1)</script>"+"<img"))
}

// screen HTML is shown in a frame with no rights, and of it nothing that acts
// or fetches is left.
func TestScreensInFrames(t *testing.T) {
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

// A site serves the report, and a page that looks into it. It counts what is
// asked for.
type site struct {
	*httptest.Server
	out chan []byte // what the page around the report found

	mu    sync.Mutex
	asked []string
}

func newSite(t *testing.T, page, script string) *site {
	t.Helper()
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
	t.Cleanup(s.Close)
	return s
}

// lookIn is a page around the report: the report itself runs no script but its own.
const lookIn = `<!doctype html><link rel="icon" href="data:,"><iframe id="r" style="width:1200px;height:900px"></iframe>
<script>
const frame = document.getElementById("r"), began = performance.now();
const wait = async (ok) => { for (let i = 0; i < 500 && !ok(); i++) await new Promise((r) => setTimeout(r, 10)); };
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
func look(t *testing.T, page, script string, into any) (log string) {
	t.Helper()
	chromium := findChromium(t)
	s := newSite(t, page, script)
	stop := openPage(t, chromium, s.URL+"/")
	select {
	case text := <-s.out:
		require.NoError(t, json.Unmarshal(text, into), "%s", text)
	case <-time.After(time.Minute):
		require.Fail(t, "the page found nothing", "%s", stop())
	}
	console := stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	assert.ElementsMatch(t, []string{"/", "/report.html", "/out"}, s.asked, "the report asks for nothing")
	return console
}

func TestThePageInABrowser(t *testing.T) {
	t.Parallel()
	page := readAll(t, folderOf(t, sampleRun()), "report.html")
	var got struct {
		Error                              string
		All, Failed, Flow, Tag, Text, None string
		NoneShown                          bool
		Suites                             int
		Painted                            bool
		Met                                string
		Open, Packed, Filled, Body         string
		Frame                              string
		Linked                             bool
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
    out.open = [...d.querySelectorAll("details.h[open]")].map((h) => h.id).join(" ");
    const hop = d.getElementById("s0h2");
    out.packed = String(Boolean(hop.querySelector("[data-pack]")));
    d.querySelector('a[href="#s0h2"]').click();
    await wait(() => hop.querySelector("pre.body"));
    out.linked = hop.open && d.getElementById("s0").open;
    out.body = [...hop.querySelectorAll("pre.body")].pop().textContent;
    out.painted = [...hop.querySelectorAll("pre.body .k")].some((e) => e.textContent === '"capabilityName"');
    out.met = hop.querySelector(".met") && hop.querySelector(".met").textContent;
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
	assert.True(t, got.Linked, "a link of the journey opens its hop")
	assert.Contains(t, got.Body, `"capabilityName": "returnSuccessResponseRedirect"`)
	assert.True(t, got.Painted, "the script colors JSON")
	assert.Contains(t, got.Met, "SAMPLE-COOKIE", "what stands in the page once is put in its place")
	assert.Equal(t, "|flowtest: 4 of 10 scenarios did not pass", got.Frame, "the frame's script did not run")
	assert.Empty(t, log, "the page wrote to the console")
}

func TestThePageAsAPicture(t *testing.T) {
	t.Parallel()
	chromium := findChromium(t)
	page := filepath.Join(folderOf(t, sampleRun()), "report.html")
	for scheme, setting := range map[string]string{"light": "preferredColorScheme=1", "dark": "preferredColorScheme=0"} {
		for width, size := range map[string]string{"wide": "1280,4200", "narrow": "500,5200"} {
			t.Run(scheme+", "+width, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.ArtifactDir(), "report-"+scheme+"-"+width+".png")
				_, log := browse(t, chromium, "file://"+page, "--screenshot="+file, "--window-size="+size,
					"--hide-scrollbars", "--blink-settings="+setting)
				assert.Empty(t, log, "the page wrote to the console")
				text, err := os.ReadFile(file)
				require.NoError(t, err, log)
				picture, err := png.Decode(bytes.NewReader(text))
				require.NoError(t, err)
				red, green, blue, _ := picture.At(2, 2).RGBA()
				want := [3]uint32{0xf6, 0xf7, 0xf9}
				if scheme == "dark" {
					want = [3]uint32{0x12, 0x16, 0x1c}
				}
				assert.Equal(t, want, [3]uint32{red >> 8, green >> 8, blue >> 8}, "the page's own background shows that its style was allowed")
			})
		}
	}
}

// A thousand scenarios of three hops: small enough to send, and quick enough to use.
func TestAPageOfAThousandScenarios(t *testing.T) {
	if raced {
		t.Skip("what is measured is not the race detector")
	}
	dir := t.TempDir()
	f, err := report.NewFolder(dir)
	require.NoError(t, err)
	tellMany(f, 1000)
	require.NoError(t, f.Err())
	page := readAll(t, dir, "report.html")
	t.Logf("report.html of 1,000 scenarios: %.1f MiB", float64(len(page))/(1<<20))
	assert.Less(t, len(page), 10<<20)
	var got struct {
		Error         string
		Ready, Filter float64
		Shown, Body   string
	}
	log := look(t, page, `
    const before = performance.now();
    d.querySelector("input[value=failed]").click();
    d.body.offsetHeight;
    out.filter = performance.now() - before;
    out.shown = d.querySelector(".filter output").textContent;
    const hop = d.getElementById("s998h3");
    hop.open = true;
    await wait(() => hop.querySelector("pre.body"));
    out.body = hop.querySelector("pre.body").textContent;
  `, &got)
	t.Logf("ready after %s, filtered in %s", time.Duration(got.Ready*1e6), time.Duration(got.Filter*1e6))
	assert.Empty(t, got.Error)
	assert.Less(t, got.Ready, 6000.0, "milliseconds; on a machine of its own it is below 2000")
	assert.Equal(t, "20 of 1000 shown", got.Shown)
	assert.Contains(t, got.Body, `"interactionId": "00f4-2996"`)
	assert.Empty(t, log, "the page wrote to the console")
}
