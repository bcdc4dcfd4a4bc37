package output

import (
	"fmt"
	"io"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

// Pretty writes a line for each scenario below the name of its feature, and for
// one that did not pass its steps, what was found and wanted, and the last hops.
type Pretty struct {
	printer

	feature string
}

// NewPretty returns a reporter that writes to w, in color where color is true.
func NewPretty(w io.Writer, color bool) *Pretty { return &Pretty{printer: newPrinter(w, color)} }

// Begin implements [Reporter].
func (r *Pretty) Begin(p report.Plan) { r.begin(p) }

// Scenario implements [Reporter].
func (r *Pretty) Scenario(s *report.Scenario) {
	if head := s.Feature + s.File; head != r.feature {
		r.feature = head
		r.printf("\n%s  %s\n", r.paint(bold, digest.Plain(s.Feature)), r.paint(faint, s.File))
	}
	note := ""
	switch {
	case s.Status != report.Passed:
		note = s.Status.String()
		if s.Environment {
			note += ", environment"
		}
	case s.HopCount > 0:
		note = words.Count(s.HopCount, "hop")
	}
	if note != "" {
		note = "  " + r.paint(faint, note)
	}
	r.printf("  %s %s%s\n", r.mark(s.Status), digest.Plain(digest.Title(s)), note)
	if s.Status.Bad() || s.Status == report.Skipped && !s.Began.IsZero() {
		r.trouble(s, "    ")
	} else {
		r.notes(s.Notes, "    ")
	}
}

// trouble writes what a person needs to fix a scenario.
func (p *printer) trouble(s *report.Scenario, indent string) {
	for i := range s.Steps {
		st := &s.Steps[i]
		p.printf("%s%s %s\n", indent, p.mark(st.Status), digest.Plain(st.Text))
		for _, line := range digest.Argument(st) {
			p.printf("%s    %s\n", indent, p.paint(faint, digest.Plain(line)))
		}
		if st.Error != "" {
			text := strings.ReplaceAll(strings.TrimSpace(digest.Plain(st.Error)), "\n", "\n"+indent+"    ")
			p.printf("%s    %s\n", indent, p.paint(red, text))
		}
	}
	p.notes(s.Notes, indent)
	for i := range s.Hops {
		h := &s.Hops[i]
		p.printf("%s%s\n", indent, p.paint(faint, fmt.Sprintf("hop %d  %s", h.Number, digest.Plain(h.Request))))
		p.printf("%s%s\n", indent, p.paint(faint, "       → "+digest.Plain(h.Response)))
		if h.Where != "" {
			p.printf("%s%s\n", indent, p.paint(faint, "       at "+digest.Plain(h.Where)))
		}
	}
	p.printf("%s%s\n", indent, p.paint(faint, digest.Plain(digest.Place(s))))
	p.printf("%s%s\n", indent, p.paint(faint, "repeat it: "+digest.Plain(digest.Repeat(p.plan, s))))
}

// notes writes sentences on a scenario or a run.
func (p *printer) notes(list []report.Note, indent string) {
	for _, n := range list {
		color := amber
		if n.Kind == report.Breaks {
			color = red
		}
		text := strings.ReplaceAll(strings.TrimSpace(digest.Plain(n.Text)), "\n", "\n"+indent+"    ")
		p.signs.add("!", "a remark on the whole scenario or run")
		p.printf("%s%s %s\n", indent, p.paint(color, "!"), p.paint(color, text))
	}
}

// End implements [Reporter]. It writes the notes about the whole run, and the last
// line.
func (p *printer) End(run *report.Run) {
	p.printf("\n")
	p.last(run)
}

// last writes the last lines.
func (p *printer) last(run *report.Run) {
	p.notes(run.Notes, "")
	if text := p.signs.String(); text != "" {
		p.printf("%s\n", p.paint(faint, text))
	}
	if run.Conformance != nil {
		p.printf("%s\n", p.paint(faint, ConformanceSummary(run)))
	}
	p.printf("%s\n", p.summary(run))
}

// summary writes the last line.
func (p *printer) summary(run *report.Run) string {
	var counts []string
	for _, s := range []report.Status{
		report.Passed, report.Flaky, report.Known, report.Failed, report.Undefined, report.Ambiguous, report.Skipped,
		report.NotRun,
	} {
		if n := run.Counts[s]; n > 0 || s == report.Passed && !run.Plan.DryRun {
			text := fmt.Sprintf("%d %s", n, s)
			if s == report.NotRun && run.Plan.DryRun {
				text = fmt.Sprintf("%d would run", n)
			}
			if color := looks[s].color; color != faint {
				text = p.paint(color, text)
			}
			if s == report.Failed && run.Environment > 0 {
				text += fmt.Sprintf(" (%d of them for network, rate limit or tenant set-up)", run.Environment)
			}
			counts = append(counts, text)
		}
	}
	if run.Interrupted {
		counts = append(counts, p.paint(amber, "stopped before its end"))
	}
	where := run.Plan.Target
	if run.Plan.Live {
		where += " (live)"
	}
	return fmt.Sprintf("%s: %s · %s · %s · %s", words.Count(run.Total(), "scenario"), strings.Join(counts, ", "),
		words.Count(run.Hops, "hop"), where, digest.Short(run.Duration))
}
