package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"flowtest/runner/report"
)

// A sticky writes, keeps the first error of its writer and then writes no more.
type sticky struct {
	w   io.Writer
	err error
}

// Err returns the first error of the writer.
func (s *sticky) Err() error { return s.err }

func (s *sticky) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}

// A printer writes text, in color if it was asked to.
type printer struct {
	sticky

	color bool
	plan  report.Plan
	signs marks // of those that were written
}

func newPrinter(w io.Writer, color bool) printer { return printer{sticky: sticky{w: w}, color: color} }

// Begin implements [Reporter].
func (p *printer) Begin(plan report.Plan) { p.plan = plan }

// begin is Begin for a reporter that says where flows and recordings are from.
func (p *printer) begin(plan report.Plan) {
	if p.plan = plan; plan.Where != "" {
		p.printf("%s\n", p.paint(faint, plan.Where))
	}
}

// The colors of a terminal.
const (
	red   = "31"
	green = "32"
	amber = "33"
	faint = "2"
	bold  = "1"
)

func (p *printer) paint(color, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// looks are the color and the sign of each status, and what the sign means; those of
// a pass and of a failure go without saying. 0 is for statuses that there are not.
var looks = [...]struct{ color, sign, means string }{
	0:                {red, "✗", ""},
	report.Passed:    {green, "✓", ""},
	report.Flaky:     {amber, "~", "passed after a retry"},
	report.Known:     {amber, "~", "a known failure"},
	report.Skipped:   {faint, "-", "skipped"},
	report.NotRun:    {faint, "-", "not run"},
	report.Undefined: {amber, "?", "undefined"},
	report.Ambiguous: {amber, "?", "ambiguous"},
	report.Failed:    {red, "✗", ""},
}

// mark is the sign before a scenario or step.
func (p *printer) mark(s report.Status) string {
	look := looks[s]
	p.signs.add(look.sign, look.means)
	return p.paint(look.color, look.sign)
}

// A marks says what the signs mean that a report wrote. The zero value knows
// of none.
type marks []markEntry

// A markEntry is a sign with what it meant where it was written.
type markEntry struct {
	sign  string
	means []string
}

// add notes that a sign was written. One that means nothing more needs no word.
func (l *marks) add(sign, means string) {
	if means == "" {
		return
	}
	at := slices.IndexFunc(*l, func(e markEntry) bool { return e.sign == sign })
	if at < 0 {
		*l = append(*l, markEntry{sign, []string{means}})
		return
	}
	if e := &(*l)[at]; !slices.Contains(e.means, means) {
		e.means = append(e.means, means)
	}
}

// String is the line for people, "" if no sign needs one.
func (l *marks) String() string {
	var list []string
	for _, e := range *l {
		list = append(list, e.sign+" "+strings.Join(e.means, " or "))
	}
	if len(list) == 0 {
		return ""
	}
	return "marks: " + strings.Join(list, ", ")
}
