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
	p      printer
	plan   report.Plan
	column int
	later  bytes.Buffer // what the end shows: of the scenarios themselves nothing is kept
}

// NewProgress returns a reporter that writes to w, in color where color is true.
func NewProgress(w io.Writer, color bool) *Progress { return &Progress{p: printer{w: w, color: color}} }

const columns = 80

// Begin implements [Reporter].
func (r *Progress) Begin(p report.Plan) {
	r.plan = p
	if p.Where != "" {
		r.p.printf("%s\n", r.p.paint(faint, p.Where))
	}
}

// Scenario implements [Reporter].
func (r *Progress) Scenario(s *report.Scenario) {
	sign := "."
	if s.Status != report.Passed {
		sign = r.p.mark(s.Status)
	}
	r.p.printf("%s", sign)
	if r.column++; r.column%columns == 0 {
		r.p.printf("\n")
	}
	if s.Status != report.Passed && s.Status != report.NotRun || len(s.Notes) > 0 {
		r.show(s)
	}
}

// show writes what the end shows of a scenario.
func (r *Progress) show(s *report.Scenario) {
	now := r.p.w
	r.p.w = &r.later
	defer func() { r.p.w = now }()
	r.p.printf("\n%s %s  %s\n", r.p.mark(s.Status), digest.Plain(s.Name), r.p.paint(faint, digest.Plain(s.Feature)))
	if s.Status.Bad() || s.Status == report.Skipped {
		r.p.trouble(r.plan, s, "  ")
	} else {
		r.p.notes(s.Notes, "  ")
	}
}

// End implements [Reporter].
func (r *Progress) End(run *report.Run) {
	if r.column%columns != 0 {
		r.p.printf("\n")
	}
	r.p.printf("%s", r.later.Bytes())
	r.p.end(run)
}

// Err returns the first error of the writer.
func (r *Progress) Err() error { return r.p.err }

// Dots writes an ASCII letter for each scenario, and at the end a line
// for each that did not pass: for logs that are long and narrow.
type Dots struct {
	p      printer
	plan   report.Plan
	column int
	bad    []string
}

// NewDots returns a reporter that writes to w.
func NewDots(w io.Writer) *Dots { return &Dots{p: printer{w: w}} }

// Begin implements [Reporter].
func (r *Dots) Begin(p report.Plan) { r.plan = p }

// Scenario implements [Reporter].
func (r *Dots) Scenario(s *report.Scenario) {
	sign := letter(s)
	if r.p.signs.of(sign, s.Status); sign == "E" {
		r.p.signs.add(sign, "failed for network, rate limit or tenant set-up")
	}
	r.p.printf("%s", sign)
	if r.column++; r.column%columns == 0 {
		r.p.printf("\n")
	}
	if !s.Status.Bad() {
		return
	}
	file, line := digest.Place(s)
	text := fmt.Sprintf("%s %s:%d: %s", letter(s), file, line, digest.Plain(s.Name))
	if _, why := digest.Trouble(s); why != "" {
		text += ": " + digest.Plain(digest.FirstLine(why))
	}
	r.bad = append(r.bad, text)
}

func letter(s *report.Scenario) string {
	switch s.Status {
	case report.Passed:
		return "."
	case report.Failed:
		if s.Environment {
			return "E"
		}
		return "F"
	case report.Undefined:
		return "U"
	case report.Ambiguous:
		return "A"
	case report.Flaky:
		return "f"
	case report.Known:
		return "K"
	case report.Skipped:
		return "S"
	default:
		return "-"
	}
}

// End implements [Reporter].
func (r *Dots) End(run *report.Run) {
	if r.column%columns != 0 {
		r.p.printf("\n")
	}
	for _, text := range r.bad {
		r.p.printf("%s\n", text)
	}
	r.p.end(run)
}

// Err returns the first error of the writer.
func (r *Dots) Err() error { return r.p.err }

// Quiet writes nothing of a run that passed, and else what did not pass, as
// [Pretty] shows it, and the last line.
type Quiet struct {
	p    printer
	plan report.Plan
}

// NewQuiet returns a reporter that writes to w, in color where color is true.
func NewQuiet(w io.Writer, color bool) *Quiet { return &Quiet{p: printer{w: w, color: color}} }

// Begin implements [Reporter].
func (r *Quiet) Begin(p report.Plan) { r.plan = p }

// Scenario implements [Reporter].
func (r *Quiet) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		r.p.printf("%s %s  %s\n", r.p.mark(s.Status), digest.Plain(s.Name), r.p.paint(faint, digest.Plain(s.Feature)))
		r.p.trouble(r.plan, s, "  ")
	}
}

// End implements [Reporter].
func (r *Quiet) End(run *report.Run) {
	if run.Counts[report.Passed] < run.Total() || run.Interrupted || run.Failed {
		r.p.end(run)
	}
}

// Err returns the first error of the writer.
func (r *Quiet) Err() error { return r.p.err }
