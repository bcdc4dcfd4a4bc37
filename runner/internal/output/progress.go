package output

import (
	"bytes"
	"flowtest/runner/report"
	"io"
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
	r.p.printf("\n%s %s  %s\n", r.p.mark(s.Status), plain(s.Name), r.p.paint(faint, plain(s.Feature)))
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
