package output

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

// A summary describes a run in Markdown when it has ended: the totals, what did not pass
// and why, and the requirements that were not met.
type summary struct {
	tally *digest.Tally
	bad   []*report.Scenario // without evidence
	more  int
	flaky []*report.Scenario // without hops

	coverage Coverage // nil if the run asks for none
}

// NewJobSummary returns a reporter that appends its Markdown to the file at
// path when the run ends, as GITHUB_STEP_SUMMARY wants it. The coverage may be nil.
func NewJobSummary(path string, c Coverage) report.Reporter {
	return summarize(c, func(text string) error { return AppendJobSummary(path, text) })
}

// AppendJobSummary appends Markdown to the file at path, as GITHUB_STEP_SUMMARY wants it.
func AppendJobSummary(path, text string) error {
	if err := safefile.Writable(path); err != nil {
		return fmt.Errorf("report: the job summary cannot be written: %w", err)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, filePerm) //nolint:gosec // CI names it
	if err == nil {
		_, err = f.WriteString(text)
		err = cmp.Or(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("report: the job summary cannot be written: %w", err)
	}
	return nil
}

func summarize(c Coverage, write func(text string) error) report.Reporter {
	t := digest.NewTally()
	return report.Many(t, &atEnd{summary: &summary{tally: t, coverage: c}, write: write})
}

// atEnd writes a summary of a run; its tally receives the run before it.
type atEnd struct {
	*summary

	write func(text string) error
	err   error
}

// Err returns why the summary was not written.
func (a *atEnd) Err() error { return a.err }

// Begin implements [Reporter].
func (a *atEnd) Begin(report.Plan) {}

// End implements [Reporter].
func (a *atEnd) End(*report.Run) { a.err = a.write(a.text()) }

// Scenario notes what the summary says about a scenario. The tally has counted it already.
func (m *summary) Scenario(s *report.Scenario) {
	light := *s // the journeys of what is kept are not needed
	light.Hops, light.Earlier = nil, nil
	if s.Status == report.Flaky && len(m.flaky) < digest.MostTroubles {
		m.flaky = append(m.flaky, &light)
	}
	if !s.Status.Bad() {
		return
	}
	if len(m.bad) == digest.MostTroubles {
		m.more++
		return
	}
	for _, h := range s.Hops[max(0, len(s.Hops)-2):] {
		h.Evidence = nil
		light.Hops = append(light.Hops, h)
	}
	m.bad = append(m.bad, &light)
}

// text is the summary of the run that the tally counted.
func (m *summary) text() string {
	run := m.tally.Run
	var b strings.Builder
	m.totals(&b, run)
	m.troubles(&b)
	m.retried(&b, run)
	if m.coverage != nil {
		b.WriteString("\n## Coverage\n\n")
		_ = m.coverage.Markdown(&b) // a string takes everything
	}
	m.requirements(&b)
	if run.Conformance != nil {
		sdksMarkdown(&b, run.Conformance.SDKs())
	}
	return b.String()
}

func (m *summary) totals(b *strings.Builder, run *report.Run) {
	head := digest.Headline(run)
	fmt.Fprintf(b, "# flowtest: %s\n\n", head)
	for _, text := range digest.Caveats(run) {
		fmt.Fprintf(b, "> %s\n\n", text)
	}
	where := "replay"
	if run.Plan.Live {
		where = "live"
	}
	fmt.Fprintf(b, "Target **%s** (%s) · %s · %s", Mark(run.Plan.Target), where, words.Count(run.Hops, "hop"),
		digest.Short(run.Duration))
	if s := digest.Shard(run.Plan); s != "" {
		fmt.Fprintf(b, " · shard %s", s)
	}
	names, line, counts := "| scenarios |", "| ---: |", fmt.Sprintf("| %d |", run.Total())
	for _, status := range digest.Statuses() {
		if n := run.Counts[status]; n > 0 || status == report.Passed || status == report.Failed {
			names, line, counts = names+" "+status.String()+" |", line+" ---: |", counts+fmt.Sprintf(" %d |", n)
		}
	}
	fmt.Fprintf(b, "\n\n%s\n%s\n%s\n", names, line, counts)
}

func (m *summary) troubles(b *strings.Builder) {
	if len(m.bad) == 0 {
		return
	}
	b.WriteString("\n## What did not pass\n")
	for _, s := range m.bad {
		fmt.Fprintf(b, "\n### %s %s\n\n", sign(s), Mark(digest.Title(s)))
		fmt.Fprintf(b, "%s · %s\n", Mark(s.Feature), code(digest.Place(s)))
		step, text := digest.Trouble(s)
		if step != "" {
			fmt.Fprintf(b, "\n%s\n", code(step))
		}
		if text != "" {
			fmt.Fprintf(b, "\n%s", fenced(text))
		}
		for i := range s.Hops {
			h := &s.Hops[i]
			fmt.Fprintf(b, "\n- hop %d: %s → %s", h.Number, code(h.Request), Mark(h.Response))
		}
		if len(s.Hops) > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(b, "\nRepeat it: %s\n", code(digest.Repeat(m.tally.Plan, s)))
	}
	if m.more > 0 {
		fmt.Fprintf(b, "\n… and %d more.\n", m.more)
	}
}

// retried lists what passed only after a retry, and what failed before.
func (m *summary) retried(b *strings.Builder, run *report.Run) {
	if len(m.flaky) == 0 {
		return
	}
	b.WriteString("\n## What passed only after a retry\n")
	for _, s := range m.flaky {
		fmt.Fprintf(b, "\n- %s · %s\n", Mark(digest.Title(s)), code(fmt.Sprintf("%s:%d", s.File, s.Line)))
		for _, n := range s.Notes {
			if n.Kind == report.Retried {
				fmt.Fprintf(b, "  - %s\n", Mark(digest.FirstLine(n.Text)))
			}
		}
	}
	if more := run.Counts[report.Flaky] - len(m.flaky); more > 0 {
		fmt.Fprintf(b, "\n… and %d more.\n", more)
	}
}

func sign(s *report.Scenario) string {
	switch {
	case s.Environment:
		return "⚠️ environment:"
	case s.Status == report.Failed:
		return "❌"
	default:
		return "❓ " + s.Status.String() + ":"
	}
}

func (m *summary) requirements(b *strings.Builder) {
	x := &m.tally.Matrix
	if x.Exercised() == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Conformance\n\n%d of %s exercised.\n", x.Exercised(), words.Count(len(x.Order), "requirement"))
	troubled := x.Troubled()
	if len(troubled) == 0 {
		b.WriteString("\nEvery one of those was met at every hop.\n")
		return
	}
	b.WriteString("\n| requirement | level | result | hops | what it demands | first seen |\n" +
		"| --- | --- | --- | ---: | --- | --- |\n")
	for i, t := range troubled {
		if i == digest.MostTroubles {
			fmt.Fprintf(b, "\n… and %d more.\n", len(troubled)-i)
			break
		}
		r, worst := t.Requirement, t.Counts.Worst()
		seen := ""
		if len(t.Hits) > 0 {
			seen = fmt.Sprintf("%s hop %d", code(fmt.Sprintf("%s:%d", t.Hits[0].File, t.Hits[0].Line)), t.Hits[0].Hop)
		}
		tableRow(b, code(r.ID), r.Level, worst, t.Counts[worst], Mark(r.Sentence), seen)
	}
}
