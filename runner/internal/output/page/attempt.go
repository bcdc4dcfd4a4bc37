package page

import (
	"strconv"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// An attemptView is an attempt that another followed, as the page shows it.
type attemptView struct {
	journeyView

	A         *report.Attempt
	ID        string
	Open      bool
	Step, Why string
}

// attempts renders the attempts before the last. Of a scenario that passed in
// the end the first is open: what failed there is what it is called flaky for.
// Of one that failed the last attempt tells that, and the others are closed.
func (p *Draft) attempts(v *scenarioView, within string) {
	for i := range v.S.Earlier[:min(len(v.S.Earlier), mostAttempts)] {
		a := &v.S.Earlier[i]
		x := attemptView{A: a, ID: within + "a" + strconv.Itoa(i+1), Open: !v.Bad && i == 0}
		x.journeyView = p.journey(a.Steps, a.Hops, x.ID, failingHop(a.FailedStep(), a.Steps, a.Hops), &p.tried, mostEarlier)
		x.Attempt, x.Left = i+1, a.HopCount-len(a.Hops)
		x.Step, x.Why = digest.AttemptTrouble(a)
		v.Attempts = append(v.Attempts, x)
	}
}

// attempts writes the attempts before the last: below that where it failed and
// is what matters, and above it where it passed.
func (t *htmlText) attempts(v *scenarioView) {
	if len(v.Attempts) == 0 {
		return
	}
	if v.Bad {
		t.raw("\n<h4 class=\"attempts\">Earlier attempts</h4>")
	} else {
		t.raw("\n<h4 class=\"attempts\">What failed before</h4>")
	}
	for i := range v.Attempts {
		t.attempt(&v.Attempts[i], v.Open)
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

// attempt writes one of them. It is closed where it may be laid aside.
func (t *htmlText) attempt(a *attemptView, aside bool) {
	t.raw("\n<details class=\"a\" id=\"", a.ID, `"`)
	t.open(a.Open)
	t.raw("<summary>", string(markOf(report.Failed)), "<b>Attempt ", strconv.Itoa(a.Attempt), "</b>")
	t.within(` <span class="tag t-environment">`, a.A.Origin, "</span>")
	t.within(` <span class="said">`, digest.FirstLine(a.Why), "</span>")
	t.raw(` <span class="meta">`)
	if a.A.HopCount > 0 {
		t.counted(a.A.HopCount, "hop")
		t.raw(" · ")
	}
	t.text(millis(a.A.Duration))
	t.raw("</span></summary>")
	aside = aside && !a.Open
	if aside {
		t.raw(laidAside)
	}
	t.raw("\n<div class=\"inside\">\n<div class=\"why mild\">")
	t.within("\n<p class=\"step\">", a.Step, "</p>")
	label := "What was found and wanted in attempt " + strconv.Itoa(a.Attempt)
	t.within(`<pre tabindex="0" aria-label="`+label+`">`, a.Why, "</pre>")
	t.raw("\n</div>")
	t.journey(&a.journeyView, false)
	t.raw("\n</div>")
	if aside {
		t.raw(asideEnd)
	}
	t.raw("\n</details>")
}
