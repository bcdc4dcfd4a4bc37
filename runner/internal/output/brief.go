package output

import (
	"bytes"
	"fmt"
	"io"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// Progress writes a sign for each scenario and, at the end, those that did not pass.
type Progress struct {
	row

	later bytes.Buffer // what the end shows: of the scenarios themselves nothing is kept
}

// NewProgress returns a reporter that writes to w, in color where color is true.
func NewProgress(w io.Writer, color bool) *Progress {
	return &Progress{row: row{printer: newPrinter(w, color)}}
}

// A row writes a sign for each scenario, eighty in a line.
type row struct {
	printer

	column int
}

const columns = 80

func (r *row) sign(sign string) {
	r.printf("%s", sign)
	if r.column++; r.column%columns == 0 {
		r.printf("\n")
	}
}

func (r *row) endSigns() {
	if r.column%columns != 0 {
		r.printf("\n")
	}
}

// Begin implements [Reporter].
func (r *Progress) Begin(p report.Plan) { r.begin(p) }

// Scenario implements [Reporter].
func (r *Progress) Scenario(s *report.Scenario) {
	sign := "."
	if s.Status != report.Passed {
		sign = r.mark(s.Status)
	}
	r.sign(sign)
	never := s.Began.IsZero() && (s.Status == report.NotRun || s.Status == report.Skipped)
	if s.Status != report.Passed && !never || len(s.Notes) > 0 && s.Status != report.Skipped {
		r.show(s)
	}
}

// show writes what the end shows of a scenario.
func (r *Progress) show(s *report.Scenario) {
	now := r.w
	r.w = &r.later
	defer func() { r.w = now }()
	r.printf("\n%s %s  %s\n", r.mark(s.Status), digest.Plain(digest.Title(s)), r.paint(faint, digest.Plain(s.Feature)))
	if s.Status.Bad() || s.Status == report.Skipped {
		r.trouble(s, "  ")
	} else {
		r.notes(s.Notes, "  ")
	}
}

// End implements [Reporter].
func (r *Progress) End(run *report.Run) {
	r.endSigns()
	r.printf("%s", r.later.Bytes())
	r.printer.End(run)
}

// Dots writes an ASCII letter for each scenario, and at the end a line
// for each that did not pass: for logs that are long and narrow.
type Dots struct {
	row

	bad []string
}

// NewDots returns a reporter that writes to w.
func NewDots(w io.Writer) *Dots { return &Dots{row: row{printer: newPrinter(w, false)}} }

// Scenario implements [Reporter].
func (r *Dots) Scenario(s *report.Scenario) {
	sign := letter(s)
	means := looks[s.Status].means
	if sign == "E" {
		means = "failed for network, rate limit or tenant set-up"
	}
	r.signs.add(sign, means)
	r.sign(sign)
	if !s.Status.Bad() {
		return
	}
	text := fmt.Sprintf("%s %s: %s", sign, digest.Place(s), digest.Plain(digest.Title(s)))
	if _, why := digest.Trouble(s); why != "" {
		text += ": " + digest.Plain(digest.FirstLine(why))
	}
	r.bad = append(r.bad, text)
}

// letters are those of the statuses.
const letters = "-.fKS-UAF"

func letter(s *report.Scenario) string {
	if s.Status == report.Failed && s.Environment {
		return "E"
	}
	return letters[s.Status : s.Status+1]
}

// End implements [Reporter].
func (r *Dots) End(run *report.Run) {
	r.endSigns()
	for _, text := range r.bad {
		r.printf("%s\n", text)
	}
	r.printer.End(run)
}

// Quiet writes what did not pass, as [Pretty] shows it, and the last lines.
type Quiet struct {
	printer

	shown bool // something did not pass
}

// NewQuiet returns a reporter that writes to w, in color where color is true.
func NewQuiet(w io.Writer, color bool) *Quiet { return &Quiet{printer: newPrinter(w, color)} }

// Scenario implements [Reporter].
func (r *Quiet) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		r.shown = true
		title := digest.Plain(digest.Title(s))
		r.printf("%s %s  %s\n", r.mark(s.Status), title, r.paint(faint, digest.Plain(s.Feature)))
		r.trouble(s, "  ")
	}
}

// End implements [Reporter].
func (r *Quiet) End(run *report.Run) {
	if r.shown {
		r.printf("\n")
	}
	r.last(run)
}
