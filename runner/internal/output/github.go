package output

import (
	"fmt"
	"io"
	"strings"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// GitHub writes workflow commands: an error at the step of each scenario that
// did not pass, and a warning for each requirement that was broken though its
// scenario passed, once. GitHub itself shows ten of each for a step of a job.
//
// Source: GitHub's documentation, "Workflow commands for GitHub Actions".
type GitHub struct {
	w      io.Writer
	plan   report.Plan
	warned map[string]bool
	err    error
}

// NewGitHub returns a reporter that writes to w, which has to be what the
// runner of the job reads: its standard output.
func NewGitHub(w io.Writer) *GitHub { return &GitHub{w: w, warned: map[string]bool{}} }

// Err returns the first error of the writer.
func (g *GitHub) Err() error { return g.err }

// Begin implements [Reporter].
func (g *GitHub) Begin(p report.Plan) { g.plan = p }

// Scenario implements [Reporter].
func (g *GitHub) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		title := s.Name
		switch {
		case s.Environment:
			title += " (environment)"
		case s.Status != report.Failed:
			title += " (" + s.Status.String() + ")"
		}
		var message strings.Builder
		step, text := digest.Trouble(s)
		for _, part := range []string{step, text} {
			if part != "" {
				message.WriteString(part + "\n")
			}
		}
		for i := max(0, len(s.Hops)-1); i < len(s.Hops); i++ {
			fmt.Fprintf(&message, "hop %d: %s → %s\n", s.Hops[i].Number, s.Hops[i].Request, s.Hops[i].Response)
		}
		message.WriteString("repeat it: " + digest.Repeat(g.plan, s))
		file, line := digest.Place(s)
		g.command("error", file, line, title, message.String())
	}
	for i := range s.Hops {
		if e := s.Hops[i].Evidence; e != nil {
			for j := range e.Findings {
				g.finding(s, &s.Hops[i], &e.Findings[j])
			}
		}
	}
}

func (g *GitHub) finding(s *report.Scenario, h *report.Hop, f *conformance.Finding) {
	if f.Requirement == nil || f.Result < conformance.Warning || g.warned[f.Requirement.ID] {
		return
	}
	g.warned[f.Requirement.ID] = true
	line := s.Line
	if h.Step >= 0 && h.Step < len(s.Steps) && s.Steps[h.Step].Line > 0 {
		line = s.Steps[h.Step].Line
	}
	message := f.Requirement.Sentence
	if f.Found != "" || f.Wanted != "" {
		message += fmt.Sprintf("\nfound %s, want %s", f.Found, f.Wanted)
	}
	if f.Path != "" {
		message += " at " + f.Path
	}
	title := fmt.Sprintf("%s (%s) at hop %d", f.Requirement.ID, f.Requirement.Level, h.Number)
	g.command("warning", s.File, line, title, message)
}

// End implements [Reporter]. What fails the run as a whole has no file.
func (g *GitHub) End(run *report.Run) {
	for _, n := range run.Notes {
		kind := "warning"
		if run.Failed {
			kind = "error"
		}
		if g.err == nil {
			_, g.err = fmt.Fprintf(g.w, "::%s title=%s::%s\n", kind, propertyEscapes.Replace(string(n.Kind)),
				messageEscapes.Replace(digest.Plain(n.Text)))
		}
	}
}

// What a runner reads as the end of a message or of a property.
var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func (g *GitHub) command(kind, file string, line int, title, message string) {
	if g.err == nil {
		_, g.err = fmt.Fprintf(g.w, "::%s file=%s,line=%d,title=%s::%s\n", kind,
			propertyEscapes.Replace(digest.Plain(file)), max(line, 1), propertyEscapes.Replace(digest.Plain(title)),
			messageEscapes.Replace(digest.Plain(message)))
	}
}
