package mutate

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing/fstest"

	"flowtest/runner"
	"flowtest/runner/report"
)

// A Suggestion is a sentence with which a scenario notices a survivor.
type Suggestion struct {
	File  string   `json:"file"`
	Line  int      `json:"line"`  // the line after which to insert it
	Lines []string `json:"lines"` // as they are in the file

	before string // the text of the file
	head   int    // how many of the lines begin a scenario of its own
	all    bool   // whether it changes all scenarios of the file
}

// A visit is one hop of a scenario, and the place where a step can check its answer.
type visit struct {
	number  int
	flow    string
	crosses crossing // of this hop only
	step    int      // the index of the step that sends the request
	after   int      // the line of the last step that checks its answer, 0 if there is none
	next    int      // the line of the step after that, 0 if it is the last
	then    bool     // a Then precedes it
	polls   int      // how often the step has polled by then, if that is not its last hop
}

// placed finds the places where steps can check the answers of visits.
func placed(visits []*visit, sc *report.Scenario) {
	for n, h := range sc.Hops {
		i := slices.IndexFunc(visits, func(v *visit) bool { return v.number == h.Number })
		if i < 0 || h.Step >= len(sc.Steps) {
			continue
		}
		v := visits[i]
		v.step = h.Step
		if n+1 < len(sc.Hops) && sc.Hops[n+1].Step == h.Step { // sentences see the last one only
			if strings.Contains(sc.Steps[h.Step].Text, pollsUntil) {
				v.polls = 1
				for n-v.polls >= 0 && sc.Hops[n-v.polls].Step == h.Step {
					v.polls++
				}
			}
			continue
		}
		last := h.Step
		for last+1 < len(sc.Steps) && slices.Contains(h.Asserted, last+1) {
			last++
		}
		v.after, v.then = sc.Steps[last].Line, last > h.Step
		if last+1 < len(sc.Steps) {
			v.next = sc.Steps[last+1].Line
		}
	}
}

// A step that polls until something, and one that polls once.
const (
	pollsUntil = "the screen polls until "
	pollsOnce  = "When the screen polls"
)

var (
	header     = regexp.MustCompile(`^\s*(Background|Scenario|Example|Scenario (Outline|Template)|Rule|Feature):`)
	background = regexp.MustCompile(`^\s*Background:`)
)

// inBackground reports whether a line, from 1, belongs to a background.
func inBackground(lines []string, n int) bool {
	for i := min(n, len(lines)) - 1; i >= 0; i-- {
		if header.MatchString(lines[i]) {
			return background.MatchString(lines[i])
		}
	}
	return false
}

// at returns a suggestion to check a visit with a sentence, nil if there is no place
// for it.
func (v *visit) at(t *trace, text string, sentence []string) *Suggestion {
	if v.after == 0 {
		return nil
	}
	lines := linesOf(text)
	line, then := v.after, v.then
	if inBackground(lines, line) {
		if v.next == 0 || inBackground(lines, v.next) {
			return nil // it would change all scenarios of the file
		}
		line, then = v.next-1, false
	} else {
		line = below(lines, line)
	}
	s := &Suggestion{File: t.file, Line: line, before: text}
	s.say(indentOf(lines[max(v.next, v.after)-1]), sentence, then)
	return s
}

// shared puts a sentence into the background that shows a visit and goes on from there: all
// scenarios below it look at it. It is nil for any other visit.
func (v *visit) shared(t *trace, text string, sentence []string) *Suggestion {
	lines := linesOf(text)
	if v.after == 0 || v.next == 0 || !inBackground(lines, v.after) || !inBackground(lines, v.next) {
		return nil
	}
	s := &Suggestion{File: t.file, Line: below(lines, v.after), before: text, all: true}
	s.say(indentOf(lines[v.after-1]), sentence, v.then)
	return s
}

// say adds the lines of a sentence, which has a keyword where it is more than an assertion.
//
//	then  says that it is below a Then
func (s *Suggestion) say(indent string, sentence []string, then bool) {
	for i, l := range sentence {
		switch {
		case i > 0 || strings.HasPrefix(l, "When "):
		case then:
			l = "And " + l
		default:
			l = "Then " + l
		}
		s.Lines = append(s.Lines, indent+l)
	}
}

// exchangesAgain suggests to exchange the code a second time at the end of a scenario, and reports
// whether the scenario exchanges it once. It returns nil if the scenario has no step outside of a
// background.
func exchangesAgain(t *trace, text string) (s *Suggestion, once bool) {
	lines := linesOf(text)
	last := t.lines[len(t.lines)-1]
	if inBackground(lines, last) {
		return nil, false
	}
	add := []string{
		"When I exchange the code for tokens", "And I exchange the code a second time",
		`Then the code is refused with "invalid_grant"`,
	}
	once = slices.ContainsFunc(t.lines, func(n int) bool {
		return strings.HasSuffix(strings.TrimSpace(lines[n-1]), " I exchange the code for tokens")
	})
	if once {
		add = []string{"When I exchange the code a second time", add[2]}
	}
	s = &Suggestion{File: t.file, Line: below(lines, last), before: text}
	for _, l := range add {
		s.Lines = append(s.Lines, indentOf(lines[last-1])+l)
	}
	return s, once
}

// indentOf returns the white space before a line.
func indentOf(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }

// below returns the last line of the table or text below a step, or the step's line.
func below(lines []string, line int) int {
	quote := ""
	for ; line < len(lines); line++ {
		in := strings.TrimSpace(lines[line])
		mark := in[:min(len(in), len(`"""`))]
		opens := mark == `"""` || mark == "```"
		switch {
		case quote != "" && mark == quote:
			quote = ""
		case quote == "" && opens:
			quote = mark
		case quote == "" && !strings.HasPrefix(in, "|"):
			return line
		}
	}
	return line
}

// String returns the suggestion for a person.
func (s *Suggestion) String() string {
	return fmt.Sprintf("add after line %d of %s: %s", s.Line, s.File,
		strings.TrimSpace(strings.Join(s.Lines, "\n    ")))
}

// edited is a file system in which one file has another text.
type edited struct {
	fs.FS

	name string
	text []byte
}

// Open implements [fs.FS].
func (e *edited) Open(name string) (fs.File, error) {
	if name == e.name {
		return fstest.MapFS{name: {Data: e.text}}.Open(name)
	}
	return e.FS.Open(name)
}

// Why nothing is suggested for a survivor, and what to do.
const (
	NoSentence = "no sentence can quote what is changed: accept it in mutants.yaml"
	NoPlace    = "no sentence can follow this answer at once: write a scenario that ends with it"
	NotTrue    = "each sentence about it fails on the recording as it is: " +
		"mend the recording, or accept it in mutants.yaml"
	ReadsSame = "each sentence about it holds with the change too: write a scenario that goes on from there"
)

// A shelf keeps what is the same for all survivors of a run. It is safe for concurrent use.
type shelf struct {
	mu     sync.Mutex
	files  map[string]string // texts of features by their names in reports
	steady map[string]bool   // whether the original passes with a suggestion
}

// A suggesting looks for a suggestion for one survivor and tries what it finds.
type suggesting struct {
	base  *runner.Suite
	shelf *shelf

	placed bool // a sentence has a place
	steady bool // the original passes with a sentence
}

// why returns the reason why nothing that was tried lets a scenario notice the mutant.
func (g *suggesting) why(m *Mutant) string {
	switch {
	case m.Operator != reusable && len(m.sentences()) == 0:
		return NoSentence
	case !g.placed:
		return NoPlace
	case !g.steady:
		return NotTrue
	default:
		return ReadsSame
	}
}

// read returns the text of a feature.
func (g *suggesting) read(t *trace) (string, error) {
	g.shelf.mu.Lock()
	defer g.shelf.mu.Unlock()
	if text, ok := g.shelf.files[t.file]; ok {
		return text, nil
	}
	src := sources(g.base.Features, []*trace{t})
	text, err := fs.ReadFile(src[0].FS, src[0].Path)
	g.shelf.files[t.file] = string(text)
	return string(text), err
}

// find returns the first suggestion with which the original passes and a survivor is
// noticed, or nil. A sentence in a scenario that is there comes before one in a scenario of its own.
func (g *suggesting) find(ctx context.Context, m *Mutant, traces []*trace) (*Suggestion, error) {
	if m.Operator == reusable {
		return g.exchanged(ctx, m, traces)
	}
	for _, sentence := range m.sentences() {
		for _, place := range []place{(*visit).ofRow, (*visit).at, (*visit).shared, (*visit).own} {
			if s, err := g.in(ctx, m, traces, sentence, place); s != nil || err != nil {
				return s, err
			}
		}
	}
	return nil, nil
}

// A place puts a sentence where a scenario looks at a visit. It returns nil if it has no place there.
type place func(v *visit, t *trace, text string, sentence []string) *Suggestion

// in tries a sentence in each scenario that crosses a mutant.
func (g *suggesting) in(ctx context.Context, m *Mutant, traces []*trace, sentence []string, place place,
) (*Suggestion, error) {
	tried := map[string]bool{}
	for _, t := range traces {
		for _, v := range t.visits {
			if v.flow != m.Flow || !m.seen(v.crosses) {
				continue
			}
			text, err := g.read(t)
			if err != nil {
				return nil, err
			}
			s := place(v, t, text, sentence)
			if s == nil || tried[s.String()] { // rows of an outline have one place
				continue
			}
			tried[s.String()] = true
			if ok, err := g.works(ctx, m, s); ok || err != nil {
				return s, err
			}
		}
	}
	return nil, nil
}

// exchanged returns the first suggestion that exchanges a code a second time with which the original
// passes and a survivor is noticed, or nil. Scenarios that exchange it once come first.
func (g *suggesting) exchanged(ctx context.Context, m *Mutant, traces []*trace) (*Suggestion, error) {
	for _, once := range []bool{true, false} {
		for _, t := range traces {
			if !m.seen(t.crosses[m.Flow]) {
				continue
			}
			text, err := g.read(t)
			if err != nil {
				return nil, err
			}
			s, has := exchangesAgain(t, text)
			if s == nil || has != once {
				continue
			}
			if ok, err := g.works(ctx, m, s); ok || err != nil {
				return s, err
			}
		}
	}
	return nil, nil
}

// works reports whether the original passes with a suggestion and a mutant does not.
func (g *suggesting) works(ctx context.Context, m *Mutant, s *Suggestion) (bool, error) {
	g.placed = true
	suite := *g.base
	line := s.Line + max(s.head, 1) // a step of the scenario
	suite.Features = sources(g.base.Features, []*trace{{file: s.File, line: line}})
	src := &suite.Features[0]
	if s.all {
		src.Lines = nil
	}
	src.FS = &edited{src.FS, src.Path, []byte(patched(s.before, []*Suggestion{s}))}
	suite.Concurrency, suite.FailFast = 1, true
	if ok, err := g.passes(ctx, &suite, s); !ok || err != nil {
		return false, err
	}
	g.steady = true
	changed, err := m.Recording()
	if err != nil {
		return false, err
	}
	suite.Recordings = slices.Clone(g.base.Recordings)
	suite.Recordings[slices.Index(suite.Recordings, m.of)] = changed
	run, err := suite.Run(ctx)
	return err == nil && run.Counts[report.Failed] > 0, err
}

// passes reports whether the original passes with a suggestion, which other survivors may have had.
func (g *suggesting) passes(ctx context.Context, suite *runner.Suite, s *Suggestion) (bool, error) {
	name := s.String()
	g.shelf.mu.Lock()
	ok, known := g.shelf.steady[name]
	g.shelf.mu.Unlock()
	if known {
		return ok, nil
	}
	run, err := suite.Run(ctx)
	if err != nil || ctx.Err() != nil {
		return false, err
	}
	ok = run.Counts[report.Passed] == run.Total()
	g.shelf.mu.Lock()
	g.shelf.steady[name] = ok
	g.shelf.mu.Unlock()
	return ok, nil
}
