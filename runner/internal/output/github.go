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
	sticky

	plan   report.Plan
	place  func(file string) string
	alone  bool
	warned map[string]bool
}

// NewGitHub returns a reporter that writes to w, which has to be what the
// runner of the job reads: its standard output. Place returns where a feature file is
// for GitHub, which begins at the root of the repository. Alone says that no other
// reporter writes to w, so that the last line of the run is this one's to write.
func NewGitHub(w io.Writer, place func(file string) string, alone bool) *GitHub {
	return &GitHub{sticky: sticky{w: w}, place: place, alone: alone, warned: map[string]bool{}}
}

// Begin implements [Reporter].
func (g *GitHub) Begin(p report.Plan) { g.plan = p }

// Scenario implements [Reporter].
func (g *GitHub) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		title := digest.Title(s)
		switch {
		case s.Environment:
			title += " (environment)"
		case s.Status != report.Failed:
			title += " (" + s.Status.String() + ")"
		}
		message := digest.TroubleLines(s)
		if n := len(s.Hops); n > 0 {
			h := &s.Hops[n-1]
			message += fmt.Sprintf("hop %d: %s → %s\n", h.Number, h.Request, h.Response)
		}
		g.annotate("error", s.File, digest.Line(s), title, message+"repeat it: "+digest.Repeat(g.plan, s))
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
	g.annotate("warning", s.File, line, title, message)
}

// End implements [Reporter]. What fails the run as a whole has no file.
func (g *GitHub) End(run *report.Run) {
	kind := "warning"
	if run.Failed {
		kind = "error"
	}
	for _, n := range run.Notes {
		g.annotate(kind, "", 0, string(n.Kind), n.Text)
	}
	if g.alone {
		g.printf("%s\n", digest.Plain((&printer{}).summary(run)))
	}
}

// What a runner reads as the end of a message or of a property.
var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// An Annotation is a message at a line of a file. GitHub shows it there.
type Annotation struct {
	Kind           string // error, warning or notice
	File           string // from the root of the repository; "" for none
	Line           int    // from 1
	Title, Message string
}

// String returns the workflow command, on one line.
func (a *Annotation) String() string {
	at := ""
	if a.File != "" {
		at = fmt.Sprintf("file=%s,line=%d,", propertyEscapes.Replace(digest.Plain(a.File)), max(a.Line, 1))
	}
	return fmt.Sprintf("::%s %stitle=%s::%s\n", a.Kind, at, propertyEscapes.Replace(digest.Plain(a.Title)),
		messageEscapes.Replace(digest.Plain(a.Message)))
}

// annotate writes a command at a line of a feature file, which is "" for none.
func (g *GitHub) annotate(kind, file string, line int, title, message string) {
	if file != "" {
		file = g.place(file)
	}
	g.printf("%s", &Annotation{kind, file, line, title, message})
}
