package page

import (
	"encoding/binary"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/words"
)

var pageFuncs = template.FuncMap{
	"exact": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"clock": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") },
	"short": digest.Short, "mark": markOf,
	"standing": standingClass, "anchor": anchorOf, "cell": cellOf,
	"plural":    words.Plural,
	"firstline": digest.FirstLine,
}

// millis writes a duration in milliseconds, and nothing for zero.
func millis(d time.Duration) string {
	if d == 0 {
		return ""
	}
	if d < time.Millisecond {
		return "<1 ms"
	}
	if d >= time.Second {
		return digest.Short(d)
	}
	return strconv.Itoa(int(d.Round(time.Millisecond)/time.Millisecond)) + " ms"
}

// statusClass is a status as a class of the page.
func statusClass(s report.Status) string { return strings.ReplaceAll(s.String(), " ", "-") }

// signs are those of the statuses.
var signs = [...]string{
	0: "–", report.Passed: "✓", report.Flaky: "!", report.Known: "!", report.Skipped: "–", report.NotRun: "–",
	report.Undefined: "?", report.Ambiguous: "?", report.Failed: "✗",
}

// A hopView is a hop as the page shows it.
type hopView struct {
	H      *report.Hop
	ID     string
	Bad    bool   // the attempt failed at it
	Pack   string // where its inside is packed, "" if it is not
	Item   int
	Inside string // markup

	Outcome, Answer, Said, At string

	Findings []conformance.Finding
	Met      int
	MetList  template.HTML // of Met
	Screen   template.HTML
}

func (p *Writer) hopView(h *report.Hop, within string, inlined bool) hopView {
	p.inlined = inlined
	v := hopView{H: h, ID: within + "h" + strconv.Itoa(h.Number), Answer: h.Response, At: h.Where}
	if first, rest, ok := strings.Cut(h.Response, ", "); ok {
		v.Answer, v.Said = first, rest
	}
	e := h.Evidence
	if e == nil {
		return v
	}
	v.Outcome = e.Outcome
	var others []*conformance.Requirement
	for j := range e.Findings {
		switch f := &e.Findings[j]; {
		case f.Requirement == nil:
		case f.Result == conformance.Passed:
			others = append(others, f.Requirement)
		case f.Result > conformance.Passed:
			v.Findings = append(v.Findings, *f)
		}
	}
	v.Met, v.MetList = e.Passed.Len()+len(others), p.metList(&e.Passed, others)
	slices.SortStableFunc(v.Findings, func(a, b conformance.Finding) int { return int(b.Result) - int(a.Result) })
	if e.Screen != nil {
		v.Screen = p.screen(e.Screen)
		if e.Screen.Name != "" {
			v.At = e.Screen.Name
		}
	}
	return v
}

// markOf returns the sign of a status, and its word for screen readers.
func markOf(s report.Status) template.HTML {
	return template.HTML(`<span class="mark ` + statusClass(s) + //nolint:gosec // words of ours
		`" aria-hidden="true">` + signs[s] + `</span><span class="sr">` + s.String() + `: </span>`)
}

// mostOnce bounds how many fragments are remembered.
const mostOnce = 2000

// A part of the page is used many times: a screen, requirements.
type part struct {
	markup template.HTML
	kept   string // the id of the template in the page that holds it, "" for none
}

// once renders a part of the page, or returns what it was for that key. For a
// hop that is packed it is a place that the script fills.
func (p *Writer) once(name string, key []byte, data func() any) template.HTML {
	x := p.parted[string(key)]
	if x == nil {
		x = &part{markup: template.HTML(p.render(name, data()))} //nolint:gosec // a template of ours escaped it
		if len(p.parted) >= mostOnce {
			return x.markup
		}
		p.parted[string(key)] = x
	}
	if p.inlined {
		return x.markup
	}
	if x.kept == "" {
		p.kept++
		x.kept = "part" + strconv.Itoa(p.kept)
		_, _ = p.w.WriteString("\n<template id=\"" + x.kept + "\">" + string(x.markup) + "</template>")
	}
	return template.HTML(`<i data-part="` + x.kept + `"></i>`) //nolint:gosec // an id of ours
}

// appendKey adds parts to a key so that two keys differ where their parts do.
func appendKey(key []byte, parts ...string) []byte {
	for _, part := range parts {
		key = append(strconv.AppendInt(key, int64(len(part)), 10), ':')
		key = append(key, part...)
	}
	return key
}

// metList renders the requirements that a hop met, each with a link to its
// sentence.
func (p *Writer) metList(met *conformance.Set, others []*conformance.Requirement) template.HTML {
	p.key = append(p.key[:0], "met "...)
	for _, word := range met {
		p.key = binary.LittleEndian.AppendUint64(p.key, word)
	}
	for _, r := range others {
		p.key = appendKey(p.key, r.ID)
	}
	return p.once("met", p.key, func() any { return append(met.List(), others...) })
}

// anchorOf is the id of a requirement's row in the page.
func anchorOf(r *conformance.Requirement) string { return "r-" + anchors.ReplaceAllString(r.ID, "-") }

var anchors = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// A matrixView is the conformance of the run.
type matrixView struct {
	*digest.Matrix

	Version string
	Columns []string // flows
	SDKs    []conformance.SDK
	Carried []conformance.SDKRow
}

func newMatrixView(t *digest.Tally) *matrixView {
	v := &matrixView{Matrix: &t.Matrix, Version: t.Plan.Version, Columns: t.Matrix.Flows()}
	if t.Run.Conformance != nil {
		v.SDKs, v.Carried = conformance.SDKs(), t.Run.Conformance.SDKs()
	}
	return v
}

// standingClass is whether an SDK carries a flow, as a class of the page.
func standingClass(r conformance.Result) string {
	switch r {
	case conformance.NotExercised:
		return "none"
	case conformance.Passed:
		return r.String()
	default:
		return (r + 1).String() // a limit is marked as a warning, and what is not carried as failed
	}
}

// cellOf is a cell of the matrix: its class, its text and the same in words.
func cellOf(x *digest.Row, flow string) (cell struct{ Class, Text, Result string }) {
	cell.Class = "none"
	r := x.Flows[flow]
	if r == nil || r.Worst() == conformance.NotExercised {
		return cell
	}
	worst := r.Worst()
	cell.Class, cell.Result = worst.String(), worst.String()
	sign := [...]string{
		conformance.Passed: "✓", conformance.Review: "?", conformance.Warning: "!", conformance.Violated: "✗",
	}[worst]
	cell.Text = fmt.Sprintf("%s %d", sign, r[worst])
	return cell
}

// An attemptView is an attempt that another followed, as the page shows it.
type attemptView struct {
	journeyView

	ID        string
	Open      bool
	Step, Why string
}

// attempts renders the attempts before the last. Of a scenario that passed in
// the end the first is open: it shows why the scenario is flaky.
// Of one that failed the last attempt shows that, and the others are closed.
func (p *Writer) attempts(v *scenarioView, within string) {
	for i := range v.S.Earlier[:min(len(v.S.Earlier), mostAttempts)] {
		a := &v.S.Earlier[i]
		x := attemptView{ID: within + "a" + strconv.Itoa(i+1), Open: !v.Bad && i == 0}
		x.journeyView = p.journey(a, x.ID, failingHop(a), &p.tried, mostEarlier)
		x.Attempt = i + 1
		if st := a.FailedStep(); st != nil {
			x.Step, x.Why = st.Text, st.Error
		} else {
			x.Why = a.Note
		}
		v.Attempts = append(v.Attempts, x)
	}
}
