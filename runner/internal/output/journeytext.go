package output

import (
	"flowtest/runner/report"
	"fmt"
	"strings"
)

// journeyText is a scenario for a terminal: its notes, and then attempt by
// attempt the steps, each with the hops that it sent below it.
func journeyText(s *report.Scenario) string {
	var b strings.Builder
	for _, n := range ownNotes(s) {
		fmt.Fprintf(&b, "%s: %s\n", n.Kind, n.Text)
	}
	for i := range s.Earlier {
		a := &s.Earlier[i]
		b.WriteString("attempt " + itoa(i+1) + " failed")
		st := a.FailedStep()
		if st != nil {
			b.WriteString(" at line " + itoa(st.Line))
		}
		if a.Origin != "" {
			b.WriteString(" (" + a.Origin + ")")
		}
		b.WriteString("  (" + short(a.Duration) + ")\n")
		if st == nil && a.Note != "" {
			b.WriteString(a.Note + "\n")
		}
		attemptText(&b, a.Steps, a.Hops, true)
	}
	if len(s.Earlier) > 0 {
		fmt.Fprintf(&b, "%s  (%s)\n", lastAttempt(s), short(s.Duration))
	}
	attemptText(&b, s.Steps, s.Hops, false)
	return b.String()
}

// attemptText writes the steps and the hops of one attempt. The error of the
// last one stands elsewhere in the file already.
func attemptText(b *strings.Builder, steps []report.Step, hops []report.Hop, errors bool) {
	below := func(step int) {
		for i := range hops {
			h := &hops[i]
			if h.Step == step || step == len(steps) && (h.Step < 0 || h.Step >= step) {
				b.WriteString("    hop " + itoa(h.Number) + "  " + h.Request + "\n           → " + h.Response + "\n")
				if h.Where != "" {
					fmt.Fprintf(b, "           at %s\n", h.Where)
				}
			}
		}
	}
	for i := range steps {
		st := &steps[i]
		word := st.Status.String()
		b.WriteString(word + strings.Repeat(" ", max(0, 10-len(word))) + st.Text + "  (" + short(st.Duration) + ")\n")
		for _, line := range argument(st) {
			b.WriteString("            " + line + "\n")
		}
		if text := strings.TrimSpace(st.Error); errors && text != "" {
			b.WriteString("            " + strings.ReplaceAll(text, "\n", "\n            ") + "\n")
		}
		below(i)
	}
	below(len(steps))
}
