package output

import (
	"flowtest/runner/report"
	"fmt"
	"io"
)

// Dots writes a letter for each scenario, in ASCII alone, and at the end a line
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
	file, line := placeOf(s)
	text := fmt.Sprintf("%s %s:%d: %s", letter(s), file, line, plain(s.Name))
	if _, why := trouble(s); why != "" {
		text += ": " + plain(firstLine(why))
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
		r.p.printf("%s %s  %s\n", r.p.mark(s.Status), plain(s.Name), r.p.paint(faint, plain(s.Feature)))
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
