package page

import (
	"strconv"
	"strings"
	"time"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// closed writes what is closed into a noscript element. A browser that runs scripts
// reads that as one text, which costs it next to nothing, and the page's script makes
// markup of it when it is opened; one that runs none reads it as markup. No
// noscript may be in another.
func (t *markup) closed(is bool, write func()) {
	if is {
		t.raw("<noscript>")
	}
	write()
	if is {
		t.raw("</noscript>")
	}
}

// writeScenario writes a scenario with its journey; its hops are rendered.
func writeScenario(t *markup, v *scenarioView) {
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
	writeScenarioHead(t, v)
	t.closed(!v.Open, func() { writeInside(t, v) })
	t.raw("\n</details>")
}

// writeInside writes the content of an open scenario.
func writeInside(t *markup, v *scenarioView) {
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
	explained := v.Bad || v.Why != ""
	if explained {
		t.raw("\n<div class=\"why")
		if s.Environment || !v.Bad {
			t.raw(" mild")
		}
		t.raw(`">`)
		t.within("\n<p class=\"step\">", v.Step, "</p>")
		t.within(`<pre tabindex="0" aria-label="What was found and wanted">`, v.Why, "</pre>")
		writeRepeat(t, v.Repeat)
		t.raw("\n</div>")
	}
	if !v.Bad {
		writeAttempts(t, v)
	}
	writeJourney(t, &v.journeyView, v.Open)
	if !explained {
		writeRepeat(t, v.Repeat)
	}
	if v.Bad {
		writeAttempts(t, v)
	}
	t.raw("\n</div>")
}

func writeScenarioHead(t *markup, v *scenarioView) {
	s := v.S
	t.raw("<summary>", string(markOf(s.Status)), `<span class="name">`)
	t.text(digest.Title(s))
	t.raw("</span>")
	switch {
	case s.Environment:
		t.raw(` <span class="tag t-environment">environment</span>`)
	case s.Status != report.Passed && s.Status != report.Failed:
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
	writeSize(t, &s.Attempt)
}

// writeSize ends a summary with how many hops an attempt has and how long it took.
func writeSize(t *markup, a *report.Attempt) {
	if a.HopCount > 0 {
		t.counted(a.HopCount, "hop")
		t.raw(" · ")
	}
	t.text(millis(a.Duration))
	t.raw("</span></summary>")
}

func writeRepeat(t *markup, command string) {
	t.raw("\n<p class=\"repeat\"><span>Repeat it:</span> <code>")
	t.text(command)
	t.raw(`</code> <button type="button">Copy</button></p>`)
}

// writeJourney writes the line of hops, the steps, and the hops. A hop is closed
// where that is allowed.
func writeJourney(t *markup, v *journeyView, closed bool) {
	of := ""
	if v.Attempt > 0 {
		of = " of attempt " + strconv.Itoa(v.Attempt)
	}
	if len(v.Hops) > 0 {
		t.raw("\n<ol class=\"journey\" aria-label=\"The journey", of, ", hop by hop\">")
		for i := range v.Hops {
			writeHopLink(t, &v.Hops[i])
		}
		t.raw("\n</ol>")
	}
	writeSteps(t, v, of)
	for i := range v.Hops {
		writeHopFrame(t, &v.Hops[i], closed)
	}
	if left := v.A.HopCount - len(v.A.Hops); left > 0 {
		t.raw("\n<p class=\"quiet\">The journey had ")
		t.counted(left, "more hop")
		t.raw("; the report has the last ones only.</p>")
	}
}

func writeHopLink(t *markup, h *hopView) {
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

func writeSteps(t *markup, v *journeyView, of string) {
	t.raw("\n<ol class=\"steps\" aria-label=\"Steps", of, "\">")
	for i := range v.A.Steps {
		st := &v.A.Steps[i]
		t.raw("\n<li class=\"", statusClass(st.Status), `">`, string(markOf(st.Status)), `<span class="text">`)
		t.text(st.Text)
		t.within(`<code class="argument">`, strings.Join(digest.Argument(st), "\n"), "</code>")
		t.raw("</span>")
		if st.Duration >= time.Millisecond {
			t.within(`<span class="meta">`, millis(st.Duration), "</span>")
		}
		t.raw("</li>")
	}
	t.raw("\n</ol>")
}

// writeHopFrame writes a hop with its inside, or with where that is packed. A closed
// hop goes into a noscript element unless it is within one already.
func writeHopFrame(t *markup, h *hopView, closed bool) {
	t.raw("\n<details class=\"h")
	if h.Bad {
		t.raw(" bad")
	}
	t.raw(`" id="`, h.ID, `"`)
	t.open(h.Bad)
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
	if h.Pack == "" {
		t.closed(closed && !h.Bad, func() { t.raw(h.Inside) })
	} else {
		t.raw(`<div data-pack="`, h.Pack, `" data-item="`, strconv.Itoa(h.Item), `"><p class="hop quiet">`)
		t.within("At ", h.H.Where, ". ")
		t.raw("Without JavaScript, the request and response are not shown here; messages.ndjson has them.</p></div>")
	}
	t.raw("\n</details>")
}

// writeAttempts writes the attempts before the last: below the last if that failed, and above it
// if it passed.
func writeAttempts(t *markup, v *scenarioView) {
	if len(v.Attempts) == 0 {
		return
	}
	if v.Bad {
		t.raw("\n<h4 class=\"attempts\">Earlier attempts</h4>")
	} else {
		t.raw("\n<h4 class=\"attempts\">What failed before</h4>")
	}
	for i := range v.Attempts {
		writeAttempt(t, &v.Attempts[i], v.Open)
	}
	if more := len(v.S.Earlier) - len(v.Attempts); more > 0 {
		t.raw("\n<p class=\"quiet\">… and ")
		t.counted(more, "more attempt")
		t.raw(" in messages.ndjson.</p>")
	}
	if !v.Bad {
		t.raw("\n<h4 class=\"attempts\">", digest.UpperFirst(digest.LastAttempt(v.S)), "</h4>")
	}
}

// writeAttempt writes one of them, within a noscript element where closed allows it.
func writeAttempt(t *markup, a *attemptView, closed bool) {
	t.raw("\n<details class=\"a\" id=\"", a.ID, `"`)
	t.open(a.Open)
	t.raw("<summary>", string(markOf(report.Failed)), "<b>Attempt ", strconv.Itoa(a.Attempt), "</b>")
	t.within(` <span class="tag t-environment">`, a.A.Origin, "</span>")
	t.within(` <span class="said">`, digest.FirstLine(a.Why), "</span>")
	t.raw(` <span class="meta">`)
	writeSize(t, a.A)
	t.closed(closed && !a.Open, func() {
		t.raw("\n<div class=\"inside\">\n<div class=\"why mild\">")
		t.within("\n<p class=\"step\">", a.Step, "</p>")
		label := "What was found and wanted in attempt " + strconv.Itoa(a.Attempt)
		t.within(`<pre tabindex="0" aria-label="`+label+`">`, a.Why, "</pre>")
		t.raw("\n</div>")
		writeJourney(t, &a.journeyView, false)
		t.raw("\n</div>")
	})
	t.raw("\n</details>")
}
