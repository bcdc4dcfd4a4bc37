package page

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"flowtest/steps/words"
)

// What is closed stands in a noscript element. A browser that runs scripts reads
// that as one text, which costs it next to nothing, and the page's script makes
// markup of it when it is opened; one that runs none reads it as markup. No
// noscript may stand in another.
const (
	laidAside = "<noscript>"
	asideEnd  = "</noscript>"
)

// scenario writes a scenario with its journey; its hops are rendered.
func (p *Draft) scenario(t *htmlText, v *scenarioView) {
	s := v.S
	t.raw("\n<details class=\"s")
	if v.Bad {
		t.raw(" bad")
	}
	t.raw(`" id="s`)
	t.number(v.Index)
	t.raw(`" data-status="`, statusClass(s.Status), `"`)
	t.within(` data-flow="`, s.Flow, `"`)
	for i, tag := range s.Tags {
		t.raw([2]string{` data-tags="`, " "}[min(i, 1)])
		t.text(tag)
	}
	if len(s.Tags) > 0 {
		t.raw(`"`)
	}
	t.open(v.Open)
	t.scenarioHead(v)
	if v.Open {
		t.inside(v)
	} else {
		t.raw(laidAside)
		t.inside(v)
		t.raw(asideEnd)
	}
	t.raw("\n</details>")
}

// inside writes what a scenario shows when it is open.
func (t *htmlText) inside(v *scenarioView) {
	s := v.S
	if v.Brief {
		t.raw("\n<p class=\"inside quiet\">")
		t.text(s.File)
		t.raw(":", strconv.Itoa(s.Line), ": its steps and hops are in messages.ndjson; ",
			"the page would grow too large with them.</p>")
		return
	}
	t.raw("\n<div class=\"inside\">\n<p class=\"about\"><code>")
	t.text(s.File)
	t.raw(":", strconv.Itoa(s.Line), "</code>")
	t.within("<span>Flow <b>", s.Flow, "</b></span>")
	for _, tag := range s.Tags {
		t.within(`<span class="tag">`, tag, "</span>")
	}
	t.raw("</p>")
	for _, n := range v.Notes {
		t.within("\n<p class=\"caveat\">", n.Text, "</p>")
	}
	told := v.Bad || v.Why != ""
	if told {
		t.raw("\n<div class=\"why")
		if s.Environment || !v.Bad {
			t.raw(" mild")
		}
		t.raw(`">`)
		t.within("\n<p class=\"step\">", v.Step, "</p>")
		t.within(`<pre tabindex="0" aria-label="What was found and wanted">`, v.Why, "</pre>")
		t.repeat(v.Repeat)
		t.raw("\n</div>")
	}
	if !v.Bad {
		t.attempts(v)
	}
	t.journey(&v.journeyView, v.Open)
	if !told {
		t.repeat(v.Repeat)
	}
	if v.Bad {
		t.attempts(v)
	}
	t.raw("\n</div>")
}

// open ends the tag of a details element.
func (t *htmlText) open(is bool) {
	if is {
		t.raw(" open")
	}
	t.raw(">\n")
}

func (t *htmlText) scenarioHead(v *scenarioView) {
	s := v.S
	t.raw("<summary>", string(markOf(s.Status)), `<span class="name">`)
	t.text(s.Name)
	t.raw("</span>")
	switch {
	case s.Environment:
		t.raw(` <span class="tag t-environment">environment</span>`)
	case v.Say:
		t.raw(` <span class="tag t-`, statusClass(s.Status), `" aria-hidden="true">`, s.Status.String(), "</span>")
	}
	if v.Warned > 0 {
		t.raw(` <span class="tag t-warning">`)
		t.counted(v.Warned, "finding")
		t.raw("</span>")
	}
	t.raw(` <span class="meta">`)
	if len(s.Earlier) > 0 {
		t.counted(len(s.Earlier)+1, "attempt")
		t.raw(" · ")
	}
	if s.HopCount > 0 {
		t.counted(s.HopCount, "hop")
		t.raw(" · ")
	}
	t.text(millis(s.Duration))
	t.raw("</span></summary>")
}

func (t *htmlText) repeat(command string) {
	t.raw("\n<p class=\"repeat\"><span>Repeat it:</span> <code>")
	t.text(command)
	t.raw(`</code> <button type="button">Copy</button></p>`)
}

// journey writes the line of hops, the steps, and the hops. A hop is laid aside
// where that is allowed.
func (t *htmlText) journey(v *journeyView, aside bool) {
	of := ""
	if v.Attempt > 0 {
		of = " of attempt " + strconv.Itoa(v.Attempt)
	}
	if len(v.Hops) > 0 {
		t.raw("\n<ol class=\"journey\" aria-label=\"The journey", of, ", hop by hop\">")
		for i := range v.Hops {
			t.hopLink(&v.Hops[i])
		}
		t.raw("\n</ol>")
	}
	t.steps(v, of)
	for i := range v.Hops {
		t.hopFrame(&v.Hops[i], aside)
	}
	if v.Left > 0 {
		t.raw("\n<p class=\"quiet\">The journey had ", strconv.Itoa(v.Left), " more ")
		t.raw(words.Plural(v.Left, "hop"), "; the report was given the last ones only.</p>")
	}
}

func (t *htmlText) hopLink(h *hopView) {
	t.raw("\n<li class=\"o-")
	t.text(h.Outcome)
	if h.Bad {
		t.raw(" bad")
	}
	t.raw(`"><a href="#`, h.ID, `" title="`)
	t.text(h.H.Request)
	t.raw(" → ")
	t.text(h.H.Response)
	t.raw(`"><b>`, strconv.Itoa(h.H.Number), " · ")
	t.text(h.Answer)
	t.raw("</b><span>")
	t.text(h.H.Request)
	t.raw("</span>")
	t.within(`<span class="quiet">`, h.At, "</span>")
	t.raw("</a></li>")
}

func (t *htmlText) steps(v *journeyView, of string) {
	t.raw("\n<ol class=\"steps\" aria-label=\"Steps", of, "\">")
	for i := range v.Steps {
		st := &v.Steps[i]
		t.raw("\n<li class=\"", st.Class, `">`, string(st.Mark), `<span class="text">`)
		t.text(st.Text)
		t.within(`<code class="argument">`, st.Argument, "</code>")
		t.raw("</span>")
		t.within(`<span class="meta">`, st.Took, "</span>")
		t.raw("</li>")
	}
	t.raw("\n</ol>")
}

// hopFrame writes a hop with its inside, or with where that is packed. A closed
// hop is laid aside where it does not stand in what is laid aside already.
func (t *htmlText) hopFrame(h *hopView, aside bool) {
	t.raw("\n<details class=\"h")
	if h.Bad {
		t.raw(" bad")
	}
	t.raw(`" id="`, h.ID, `"`)
	t.open(h.Open)
	t.raw("<summary><b>Hop ", strconv.Itoa(h.H.Number), "</b> <span>")
	t.text(h.H.Request)
	t.raw(`</span> <span class="tag t-`)
	t.text(h.Outcome)
	t.raw(`">`)
	t.text(h.Answer)
	t.raw("</span>")
	t.within(" <span>", h.Said, "</span>")
	t.raw(` <span class="meta">`)
	t.text(millis(h.H.Duration))
	t.raw("</span></summary>")
	switch {
	case h.Pack == "" && aside && !h.Open:
		t.raw(laidAside, h.Inside, asideEnd)
	case h.Pack == "":
		t.raw(h.Inside)
	default:
		t.raw(`<div data-pack="`, h.Pack, `" data-item="`, strconv.Itoa(h.Item), `"><p class="hop quiet">`)
		t.within("At ", h.H.Where, ". ")
		t.raw("Request and response are packed: JavaScript shows them, and messages.ndjson has them.</p></div>")
	}
	t.raw("\n</details>")
}

// hop writes the inside of a hop.
func (t *htmlText) hop(h *hopView) {
	t.raw(`<div class="hop">`)
	if len(h.Asserted) > 0 {
		t.raw(`<section class="all"><h4>What was asserted on it</h4><ul class="asserted">`)
		for i := range h.Asserted {
			st := &h.Asserted[i]
			t.raw("<li>", string(st.Mark))
			t.text(st.Text)
			t.within("<pre>", st.Error, "</pre>")
			t.raw("</li>")
		}
		t.raw("</ul></section>")
	}
	if h.Message != "" {
		t.raw(`<section class="all"><h4>What failed`)
		t.within(": ", h.Origin, "")
		t.within(`</h4><p class="first">`, h.Message, "</p></section>")
	}
	if len(h.Findings) > 0 || h.Met > 0 {
		t.findings(h)
	}
	if h.HasWire {
		t.wire(h)
	} else {
		t.raw(`<p class="all quiet">`)
		t.text(h.H.Request)
		t.raw(" → ")
		t.text(h.H.Response)
		t.within(", at ", h.H.Where, "")
		t.raw(". The run kept no request and response.</p>")
	}
	t.raw(string(h.Screen), "\n</div>")
}

func (t *htmlText) findings(h *hopView) {
	t.raw(`<section class="all"><h4>Findings</h4>`)
	if len(h.Findings) > 0 {
		t.raw(`<ul class="findings">`)
		for i := range h.Findings {
			f := &h.Findings[i]
			r := f.Requirement
			t.raw(`<li><span class="tag t-`, f.Result.String(), `">`, f.Result.String(),
				"</span> <b>", r.Level.String(), "</b> <code>")
			t.text(r.ID)
			t.raw("</code><p>")
			t.text(r.Sentence)
			t.raw("</p>\n<dl class=\"pair\">")
			t.within("<dt>at</dt><dd><code>", f.Path, "</code></dd>")
			t.within("<dt>found</dt><dd><code>", f.Found, "</code></dd>")
			t.within("<dt>wanted</dt><dd>", f.Wanted, "</dd>")
			t.within("<dt>doubt</dt><dd>", r.Doubt, "</dd>")
			if r.Page != "" {
				t.within("<dt>source</dt><dd>", r.Page, "")
				t.within(", ", r.Section, "")
				t.raw("</dd>")
			}
			t.raw("</dl></li>")
		}
		t.raw("</ul>")
	}
	if h.Met > 0 {
		t.raw("<details><summary>")
		t.counted(h.Met, "requirement")
		t.raw(` met</summary><ul class="met">`, string(h.MetList), "</ul></details>")
	}
	t.raw("</section>")
}

// wire writes the request and the response.
func (t *htmlText) wire(h *hopView) {
	t.raw("<section")
	if h.Screen == "" {
		t.raw(` class="alone"`)
	}
	t.raw("><div class=\"request\"><h4>Sent</h4><p class=\"first\"><b>")
	t.text(h.Method)
	t.raw("</b> <code>")
	t.text(h.URL)
	t.raw("</code></p>\n")
	t.message(h.RequestHeader, h.Request, "Body of the request")
	t.raw("<div class=\"request\"><h4>Answered</h4><p class=\"first\"><b>", strconv.Itoa(h.Status), "</b> ", h.StatusText,
		` <span class="quiet">· `, h.Shape, "</span></p>\n")
	t.message(h.Header, h.Response, "Body of the response")
	t.raw("</section>")
}

func (t *htmlText) message(header http.Header, b *shown, label string) {
	t.headers(header)
	if b != nil {
		t.raw("<details open><summary>", b.Kind, ", ", size(b.Size))
		t.within(" · ", b.Note, "")
		t.raw(`</summary><pre class="body" data-kind="`, b.Kind, `" tabindex="0" role="region" aria-label="`,
			label, `">`)
		if b.Text != "" && b.Text[0] == '\n' {
			t.raw("\n") // a parser takes the first away
		}
		t.text(b.Text)
		t.raw("</pre></details>")
	}
	t.raw("</div>\n")
}

func (t *htmlText) headers(h http.Header) {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	if n == 0 {
		return
	}
	t.raw("<details><summary>")
	t.counted(n, "header")
	t.raw(`</summary><dl class="headers">`)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			t.raw("<dt>")
			t.text(name)
			t.raw("</dt><dd>")
			t.text(value)
			t.raw("</dd>")
		}
	}
	t.raw("</dl></details>")
}

// An htmlText is a part of the page that is written by hand: what comes again
// for every scenario and hop, where templates would take most of the time.
type htmlText []byte

// raw adds markup of ours.
func (t *htmlText) raw(markup ...string) {
	for _, m := range markup {
		*t = append(*t, m...)
	}
}

func (t *htmlText) number(n int) { *t = strconv.AppendInt(*t, int64(n), 10) }

// escapes is how a character stands in a text and between quotes, "" as it is.
var escapes = [256]string{
	0: "\uFFFD", '&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;",
}

// text adds what is no markup.
func (t *htmlText) text(s string) {
	from := 0
	for i := range len(s) {
		if escape := escapes[s[i]]; escape != "" {
			*t = append(append(*t, s[from:i]...), escape...)
			from = i + 1
		}
	}
	*t = append(*t, s[from:]...)
}

// within adds a text between markup, and nothing where it is empty.
func (t *htmlText) within(open, s, end string) {
	if s != "" {
		t.raw(open)
		t.text(s)
		t.raw(end)
	}
}

// counted adds a number with its noun.
func (t *htmlText) counted(n int, noun string) {
	t.number(n)
	t.raw(" ", noun)
	if n != 1 {
		t.raw("s")
	}
}
