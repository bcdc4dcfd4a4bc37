package mutate

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
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
}

// A visit is one hop of a scenario, and the place where a step can check its answer.
type visit struct {
	number  int
	flow    string
	crosses crossing // of this hop only
	after   int      // the line of the last step that checks its answer, 0 if there is none
	next    int      // the line of the step after that, 0 if it is the last
	then    bool     // a Then precedes it
}

// placed finds the places where steps can check the answers of visits.
func placed(visits []*visit, sc *report.Scenario) {
	for _, h := range sc.Hops {
		i := slices.IndexFunc(visits, func(v *visit) bool { return v.number == h.Number })
		if i < 0 || h.Step >= len(sc.Steps) {
			continue
		}
		last := h.Step
		for last+1 < len(sc.Steps) && slices.Contains(h.Asserted, last+1) {
			last++
		}
		visits[i].after, visits[i].then = sc.Steps[last].Line, last > h.Step
		if last+1 < len(sc.Steps) {
			visits[i].next = sc.Steps[last+1].Line
		}
	}
}

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
	if v.after == 0 || sentence == nil {
		return nil
	}
	lines := strings.Split(text, "\n")
	line, then := v.after, v.then
	if inBackground(lines, line) {
		if v.next == 0 || inBackground(lines, v.next) {
			return nil // it would change all scenarios of the file
		}
		line, then = v.next-1, false
	} else {
		line = below(lines, line)
	}
	indent := indentOf(lines[max(v.next, v.after)-1])
	s := &Suggestion{File: t.file, Line: line, before: text}
	for i, l := range sentence {
		switch {
		case i > 0:
		case then:
			l = "And " + l
		default:
			l = "Then " + l
		}
		s.Lines = append(s.Lines, indent+l)
	}
	return s
}

// exchangesAgain suggests to exchange the code a second time at the end of a scenario, and reports
// whether the scenario exchanges it once. It returns nil if the scenario has no step outside of a
// background.
func exchangesAgain(t *trace, text string) (s *Suggestion, once bool) {
	lines := strings.Split(text, "\n")
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

// patched returns a file's text with suggestions inserted.
func patched(before string, list []*Suggestion) string {
	lines := strings.Split(before, "\n")
	for _, s := range slices.Backward(list) {
		lines = slices.Insert(lines, s.Line, s.Lines...)
	}
	return strings.Join(lines, "\n")
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

// A suggesting looks for suggestions and tries them.
type suggesting struct {
	base  *runner.Suite
	files map[string]string // texts of features by their names in reports
}

// read returns the text of a feature.
func (g *suggesting) read(t *trace) (string, error) {
	if text, ok := g.files[t.file]; ok {
		return text, nil
	}
	src := sources(g.base.Features, []*trace{t})
	text, err := fs.ReadFile(src[0].FS, src[0].Path)
	g.files[t.file] = string(text)
	return string(text), err
}

// find returns the first suggestion with which the original passes and a survivor is
// noticed, or nil.
func (g *suggesting) find(ctx context.Context, m *Mutant, traces []*trace) (*Suggestion, error) {
	sentence := m.sentence()
	if m.Operator == reusable {
		return g.exchanged(ctx, m, traces)
	}
	for _, t := range traces {
		for _, v := range t.visits {
			if v.flow != m.Flow || !m.seen(v.crosses) {
				continue
			}
			text, err := g.read(t)
			if err != nil {
				return nil, err
			}
			if s := v.at(t, text, sentence); s != nil {
				if ok, err := g.works(ctx, m, s); ok || err != nil {
					return s, err
				}
				break // another visit of the scenario is the same
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
	suite := *g.base
	suite.Features = sources(g.base.Features, []*trace{{file: s.File, line: s.Line + 1}})
	src := &suite.Features[0]
	src.FS = &edited{src.FS, src.Path, []byte(patched(s.before, []*Suggestion{s}))}
	suite.Concurrency, suite.FailFast = 1, true
	if run, err := suite.Run(ctx); err != nil || run.Counts[report.Passed] != run.Total() {
		return false, err
	}
	changed, err := m.Recording()
	if err != nil {
		return false, err
	}
	suite.Recordings = slices.Clone(g.base.Recordings)
	suite.Recordings[slices.Index(suite.Recordings, m.of)] = changed
	run, err := suite.Run(ctx)
	return err == nil && run.Counts[report.Failed] > 0, err
}

// Patch writes the suggestions of a report as a patch for git apply.
func (r *Report) Patch(w io.Writer) error {
	byFile := map[string][]*Suggestion{}
	var files []string
	for _, m := range r.Mutants {
		s := m.Add
		if s == nil || slices.ContainsFunc(byFile[s.File], func(o *Suggestion) bool {
			return o.Line == s.Line && slices.Equal(o.Lines, s.Lines)
		}) {
			continue
		}
		if byFile[s.File] == nil {
			files = append(files, s.File)
		}
		byFile[s.File] = append(byFile[s.File], s)
	}
	slices.Sort(files)
	var b strings.Builder
	for _, file := range files {
		list := byFile[file]
		slices.SortStableFunc(list, func(x, y *Suggestion) int { return x.Line - y.Line })
		fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", file, file)
		hunks(&b, list)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// hunks writes what is added to a file, with a line of context before and after.
func hunks(b *strings.Builder, list []*Suggestion) {
	lines, added := strings.Split(strings.TrimSuffix(list[0].before, "\n"), "\n"), 0
	for len(list) > 0 {
		at := list[0].Line
		var insert []string
		for ; len(list) > 0 && list[0].Line == at; list = list[1:] {
			first := list[0].Lines[0]
			if len(insert) > 0 { // they are below the Then of another one
				first = strings.Replace(first, "Then ", "And ", 1)
			}
			insert = append(append(insert, first), list[0].Lines[1:]...)
		}
		around, after := 1, ""
		if at < len(lines) && (len(list) == 0 || list[0].Line > at+1) {
			around, after = 2, " "+lines[at]+"\n" //nolint:mnd // a line before and one after
		}
		fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n %s\n", at, around, at+added, around+len(insert), lines[at-1])
		for _, l := range insert {
			b.WriteString("+" + l + "\n")
		}
		b.WriteString(after)
		added += len(insert)
	}
}
