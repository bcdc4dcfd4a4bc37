package runner

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/report"
	"flowtest/steps"
)

// A source is a feature file, or a folder of them, as package runner documents it.
type source struct {
	FS    fs.FS
	Path  string
	Show  string
	Lines []int
}

// shown is what reports call the path.
func (src source) shown() string { return cmp.Or(src.Show, src.Path) }

// A scenario is one pickle: a scenario, or one row of an outline, with its
// background, in the little memory that a run of many needs.
type scenario struct {
	feature string
	name    string
	file    string // as reports show it
	line    int    // of the scenario, or of the row of its examples
	tags    []string
	steps   []step
	spans   []span   // the lines that choose it
	outline *outline // whose row it is, nil elsewhere
	excerpt excerpt
}

// A step is one sentence of a scenario.
type step struct {
	keyword string // as the file has it: "Given ", "* "
	text    string
	kind    messages.PickleStepType
	line    int
	arg     *messages.PickleStepArgument

	template *messages.Step // as the outline has it, nil elsewhere

	def   *definition // nil where it is undefined or ambiguous
	fault string      // why there is none

	unfilled bool // an outline's step names a column that the examples do not have
}

// flows returns the names of the flows that the scenario's steps choose.
func (s *scenario) flows() []string {
	var out []string
	for i := range s.steps {
		out = append(out, s.steps[i].flows()...)
	}
	return out
}

// flows returns the names of the flows that the step chooses.
func (s *step) flows() []string {
	if s.def == nil || !s.def.Has(steps.FlowName) {
		return nil
	}
	var out []string
	for _, v := range s.def.Values(s.text, s.table()) {
		if v.Kind == steps.FlowName {
			out = append(out, v.Text)
		}
	}
	return out
}

// written returns a scenario as its file has it, which is an outline for every
// row.
func (s *scenario) written() (name string, line int) {
	if s.outline != nil {
		return s.outline.name, s.outline.line
	}
	return s.name, s.line
}

// undefined says what is wrong with a step that has no definition. A step of an
// outline is to blame itself where it has none without its values either, and
// else the row that has them.
func (s *scenario) undefined(st *step, m *matcher) string {
	line, text, fault := st.line, st.text, st.fault
	if t := st.template; st.unfilled {
		text = t.Text
	} else if t != nil && t.Text != st.text {
		plain := *st
		plain.text = t.Text
		if def, why := m.find(&plain); def == nil {
			text, fault = t.Text, why
		} else {
			line = s.line
		}
	}
	return fmt.Sprintf("%s:%d: step %q is %s", s.file, line, text, fault)
}

// mayDrive reports whether a journey of the scenario may be one of the flow. One
// that fails early names none, and which one a variable names nobody knows here.
func (s *scenario) mayDrive(flow string) bool {
	flows := s.flows()
	own := slices.ContainsFunc(s.steps, func(st step) bool { return st.def != nil && st.def.own })
	return flow == "" || own || slices.ContainsFunc(flows, func(name string) bool {
		return name == flow || strings.Contains(name, "${")
	})
}

// sentences returns the steps as a list of known failures has them.
func (s *scenario) sentences() []string {
	var out []string
	for i := range s.steps {
		out = append(out, strings.TrimSpace(s.steps[i].keyword+s.steps[i].text))
	}
	if len(out) == 0 {
		out = []string{noSteps}
	}
	return out
}

// noSteps stands in reports for the steps of a scenario that has none.
const noSteps = "(no steps)"

// asserts reports whether the step is a Then.
func (s *step) asserts() bool {
	return s.def != nil && (s.def.Keyword == "Then" || s.def.own && s.kind == messages.PickleStepType_OUTCOME)
}

// table returns what stands below the sentence, nil for none.
func (s *step) table() *messages.PickleTable {
	if s.arg == nil {
		return nil
	}
	return s.arg.DataTable
}

// writes reports whether the step itself has a text, and not a row of examples.
func (s *step) writes(text string) bool {
	t := s.template
	if t == nil || strings.Contains(t.Text, text) {
		return true
	}
	if t.DataTable != nil {
		for _, row := range t.DataTable.Rows {
			for _, cell := range row.Cells {
				if strings.Contains(cell.Value, text) {
					return true
				}
			}
		}
	}
	return false
}

// A span is a range of lines, both ends included.
type span struct{ from, to int }

// A loader reads feature files. Sentences recur, so their text is kept once.
type loader struct {
	words   map[string]string
	match   *matcher
	origins map[string]origin // where each file was read, by the name that reports show

	// look is handed each file, and nil where there is no feature in it; it is
	// nil itself where nobody looks.
	look func(show string, text []byte, f *messages.Feature)
}

func newLoader(defs []steps.Definition) *loader {
	return &loader{words: map[string]string{}, match: newMatcher(defs), origins: map[string]origin{}}
}

// load reads every feature file of a source, in the order of their paths.
func (l *loader) load(src source) ([]*scenario, error) {
	show := src.shown()
	info, err := fs.Stat(src.FS, src.Path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s does not exist, want a feature file or a folder of them", show)
		}
		return nil, fmt.Errorf("%s cannot be read: %w", show, err)
	}
	if !info.IsDir() {
		if path.Ext(src.Path) != ".feature" {
			return nil, fmt.Errorf("%s is no feature file, want a name that ends in .feature", show)
		}
		return l.file(src.FS, src.Path, show)
	}
	var all []*scenario
	var mistakes []error
	err = fs.WalkDir(src.FS, src.Path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(p) != ".feature" {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(p, src.Path), "/")
		if src.Path == "." {
			rel = p
		}
		list, err := l.file(src.FS, p, path.Join(show, rel))
		if err != nil {
			mistakes = append(mistakes, err)
		}
		all = append(all, list...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", show, err)
	}
	return all, errors.Join(mistakes...)
}

// file reads one feature file.
func (l *loader) file(fsys fs.FS, name, show string) ([]*scenario, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", show, err)
	}
	sum := sumOf(text)
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // which editors of Windows write
	if err := bearable(show, text); err != nil {
		return nil, err
	}
	newID := (&messages.Incrementing{}).NewId
	doc, err := gherkin.ParseGherkinDocument(bytes.NewReader(text), newID)
	if err != nil {
		return nil, parseError(show, text, err)
	}
	if l.look != nil {
		l.look(show, text, doc.Feature)
	}
	if doc.Feature == nil {
		return nil, nil
	}
	at, cut := locate(doc.Feature), excerpts(string(text), doc.Feature)
	var out []*scenario
	for _, p := range gherkin.Pickles(*doc, show, newID) {
		s := l.scenario(p, doc.Feature.Name, show, at)
		s.excerpt = cut[p.Location.Line]
		out = append(out, s)
	}
	l.origins[show] = origin{fsys, name, sum}
	return out, nil
}

// bearable says what of a text the parser could not bear, or would take for nothing.
func bearable(show string, text []byte) error {
	if line, n, most := report.LongLine(string(text)); line > 0 {
		return fmt.Errorf("%s:%d: the line has %d bytes, want at most %d: Gherkin reads no longer ones",
			show, line, n, most)
	}
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') >= 0 {
		return fmt.Errorf("%s:1: its lines end in only a carriage return, want a line feed: "+
			"save it with the line ends of Unix or Windows", show)
	}
	return nil
}

func (l *loader) scenario(p *messages.Pickle, feature, show string, at *places) *scenario {
	s := &scenario{feature: l.word(feature), name: p.Name, file: l.word(show)}
	for _, id := range p.AstNodeIds {
		s.line = at.line[id]
	}
	s.spans = append(s.spans, at.spans[p.AstNodeIds[0]])
	var columns []string
	if len(p.AstNodeIds) > 1 { // a row of an outline
		s.spans = append(s.spans, at.spans[p.AstNodeIds[1]])
		s.name = fmt.Sprintf("%s (row %d)", p.Name, at.row[p.AstNodeIds[1]])
		s.outline = at.outlines[p.AstNodeIds[0]]
		columns = at.columns[p.AstNodeIds[1]]
	}
	for _, t := range p.Tags {
		s.tags = append(s.tags, l.word(t.Name))
	}
	for _, ps := range p.Steps {
		st := step{
			keyword: at.keyword[ps.AstNodeIds[0]], text: l.word(ps.Text), kind: ps.Type,
			line: at.line[ps.AstNodeIds[0]], arg: ps.Argument,
		}
		if s.outline != nil {
			st.template = s.outline.steps[ps.AstNodeIds[0]]
		}
		st.def, st.fault = l.match.find(&st)
		if st.template != nil {
			st.fill(columns)
		}
		s.steps = append(s.steps, st)
	}
	return s
}

func (l *loader) word(s string) string {
	if w, ok := l.words[s]; ok {
		return w
	}
	s = strings.Clone(s)
	l.words[s] = s
	return s
}

// chosenBy keeps the scenarios that lines choose: a line of a scenario chooses it,
// or all rows of its outline; a line of the examples chooses the row; a line before
// the first scenario chooses all. It returns the first line that chooses nothing, 0
// if there is none.
func chosenBy(lines []int, list []*scenario) (out []*scenario, none int) {
	if len(lines) == 0 {
		return list, 0
	}
	for _, line := range lines {
		n := len(out)
		for _, s := range list {
			if slices.ContainsFunc(s.spans, func(sp span) bool { return sp.from <= line && line <= sp.to }) {
				out = append(out, s)
			}
		}
		switch {
		case len(out) > n:
		case len(list) > 0 && line < list[0].spans[0].from && line > 0:
			out = append(out, list...)
		default:
			return nil, line
		}
	}
	return out, 0
}
