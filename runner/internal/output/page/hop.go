package page

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowtest/runner/report"
	"flowtest/steps/words"
)

// writeHop writes the content of a hop of an attempt.
func writeHop(t *markup, h *hopView, steps []report.Step) {
	t.raw(`<div class="hop">`)
	asserted := false
	for _, step := range h.H.Asserted {
		if step < 0 || step >= len(steps) {
			continue
		}
		if !asserted {
			asserted = true
			t.raw(`<section class="all"><h4>What was asserted on it</h4><ul class="asserted">`)
		}
		t.raw("<li>", string(markOf(steps[step].Status)))
		t.text(steps[step].Text)
		t.within("<pre>", steps[step].Error, "</pre>")
		t.raw("</li>")
	}
	if asserted {
		t.raw("</ul></section>")
	}
	e := h.H.Evidence
	if e != nil && e.Message != "" {
		t.raw(`<section class="all"><h4>What failed`)
		t.within(": ", e.Origin, "")
		t.within(`</h4><p class="first">`, e.Message, "</p></section>")
	}
	if len(h.Findings) > 0 || h.Met > 0 {
		writeFindings(t, h)
	}
	if e != nil {
		writeWire(t, e)
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

func writeFindings(t *markup, h *hopView) {
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

// writeWire writes the request and the response.
func writeWire(t *markup, e *report.Evidence) {
	t.raw("<section")
	if e.Screen == nil {
		t.raw(` class="alone"`)
	}
	t.raw("><div class=\"request\"><h4>Sent</h4><p class=\"first\"><b>")
	t.text(e.Method)
	t.raw("</b> <code>")
	t.text(e.URL)
	t.raw("</code></p>\n")
	writeMessage(t, e.RequestHeader, show(e.RequestBody, e.RequestCut), "Body of the request")
	shape := "JSON"
	if e.Detailed {
		shape = "detailed"
	}
	t.raw("<div class=\"request\"><h4>Answered</h4><p class=\"first\"><b>", strconv.Itoa(e.Status), "</b> ",
		http.StatusText(e.Status), ` <span class="quiet">· `, shape, " asked for</span></p>\n")
	writeMessage(t, e.Header, show(e.Body, e.Cut), "Body of the response")
	t.raw("</section>")
}

func writeMessage(t *markup, header http.Header, b *shown, label string) {
	writeHeaders(t, header)
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

func writeHeaders(t *markup, h http.Header) {
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

// mostShown is how many bytes of a body the page shows.
const mostShown = 64 << 10

// A shown is a body as the page shows it.
type shown struct {
	Kind string // "JSON", "HTML", "text" or "binary"
	Size int    // as it was sent
	Note string // what is not as it was sent
	Text string
}

// show renders a body. It returns nil if there was none.
func show(body []byte, cut int) *shown {
	if len(body)+cut == 0 {
		return nil
	}
	s := &shown{Size: len(body) + cut}
	var notes []string
	if len(body) == 0 {
		notes = append(notes, "it was not kept")
	} else if cut > 0 {
		notes = append(notes, "the report keeps the first "+size(len(body)))
	}
	if !utf8.Valid(body) {
		s.Kind = "binary"
		notes = append(notes, "it is not UTF-8: invalid bytes are shown as \uFFFD")
	}
	if len(body) > mostShown {
		body = body[:mostShown]
		notes = append(notes, "the first "+size(mostShown)+" are shown; messages.ndjson has more")
	}
	s.Note = strings.Join(notes, "; ")
	text := strings.ToValidUTF8(string(body), "\uFFFD")
	if s.Kind == "" {
		s.Kind = kindOf(text)
	}
	if s.Kind == "JSON" && !strings.Contains(text, "\n") { // else it is readable already
		var pretty bytes.Buffer
		if json.Indent(&pretty, []byte(text), "", "  ") == nil {
			text = pretty.String()
		}
	}
	s.Text = text
	return s
}

func kindOf(text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "text"
	case text[0] == '{' || text[0] == '[':
		return "JSON"
	case text[0] == '<':
		return "HTML"
	default:
		return "text"
	}
}

// size writes a number of bytes for people.
func size(n int) string {
	if n < 1024 {
		return words.Count(n, "byte")
	}
	return strconv.Itoa((n+512)/1024) + " KiB"
}
