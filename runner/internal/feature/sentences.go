package feature

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"
	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/steps"
	"flowtest/steps/words"
)

// Sentences are the sentences of a file, usually sentences.yaml, with their steps.
type Sentences struct {
	file string
	list []*Meaning
}

// A Meaning is a sentence of a file and its steps.
type Meaning struct {
	definition steps.Definition
	params     []string
	steps      []Step // with parameters in their texts
	inner      []*Definition
}

// sentenceLimits are the limits of a file of sentences.
var sentenceLimits = strictyaml.Limits{Bytes: 256 << 10, Brackets: 4000}

// sentenceArea is the area of the vocabulary for sentences of a file.
const sentenceArea = "Sentences of this project"

var (
	parameterName = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_-]*)\}`)
	parameterHere = regexp.MustCompile(`"?\{([A-Za-z_][A-Za-z0-9_-]*)\}"?`)
)

// given matches the value of a parameter: a text between quotes, or a number.
const given = `("(?:[^"\\]|\\.)*"|-?\d+)`

// ReadSentences reads the text of the file with that name. The error joins a line
// "FILE:LINE: …" for every mistake that is visible in the file itself.
func ReadSentences(file string, text []byte) (*Sentences, error) {
	r := &strictyaml.Reader{File: file}
	out := &Sentences{file: file}
	var mistakes []error
	switch root := r.Parse(text, sentenceLimits); {
	case root == nil:
	case root.Type() != ast.SequenceType:
		r.Add(strictyaml.PlaceOf(root), `the file is not a list, want entries that begin with "- sentence:"`)
	default:
		for i, node := range r.List("", root) {
			m, err := out.read(r, fmt.Sprintf("entry %d", i+1), node)
			if err != nil {
				mistakes = append(mistakes, err)
			}
			if m != nil {
				out.list = append(out.list, m)
			}
		}
	}
	if r.Len() > 0 {
		mistakes = slices.Insert(mistakes, 0, errors.New(strings.Join(r.Mistakes(), "\n")))
	}
	return out, errors.Join(mistakes...)
}

// read reads an entry. It returns nil if the entry has a mistake.
func (s *Sentences) read(r *strictyaml.Reader, name string, node ast.Node) (*Meaning, error) {
	before := r.Len()
	place := strictyaml.PlaceOf(node)
	entries, _ := r.Entries(name, node)
	m := &Meaning{definition: steps.Definition{Area: sentenceArea, File: s.file, Line: place.Line}}
	var sentence, text string
	var at strictyaml.Position
	block := false
	for _, e := range entries {
		switch e.Key {
		case "sentence":
			sentence, _, _ = r.Text(name+".sentence", e.Value)
		case "doc":
			m.definition.Doc, _, _ = r.Text(name+".doc", e.Value)
		case "steps":
			text, at, _ = r.Text(name+".steps", e.Value)
			block = e.Value.Type() == ast.LiteralType
		default:
			r.Unknown(name, e, []string{"sentence", "steps", "doc"})
		}
	}
	sentence = strings.TrimSpace(sentence)
	switch {
	case r.Len() > before:
		return nil, nil
	case sentence == "" || strings.TrimSpace(text) == "":
		r.Add(place, "%s needs a sentence and its steps", name)
		return nil, nil
	case strings.ContainsAny(sentence, "`\n"):
		r.Add(place, "%s.sentence has a backtick or a line break, want one line without", name)
		return nil, nil
	}
	line := at.Line
	if block {
		line++ // the text of a block begins below its mark
	}
	m.name(sentence)
	if err := m.parse(s.file, line, text); err != nil {
		return nil, err
	}
	return m, m.unknown()
}

// name splits the sentence into text and parameters.
func (m *Meaning) name(sentence string) {
	var expr, example strings.Builder
	last := 0
	for _, at := range parameterHere.FindAllStringSubmatchIndex(sentence, -1) {
		name := sentence[at[2]:at[3]]
		m.params = append(m.params, name)
		expr.WriteString(regexp.QuoteMeta(sentence[last:at[0]]) + given)
		example.WriteString(sentence[last:at[0]] + `"` + name + `"`)
		last = at[1]
	}
	expr.WriteString(regexp.QuoteMeta(sentence[last:]))
	example.WriteString(sentence[last:])
	d := &m.definition
	d.Pattern = "^" + expr.String() + "$"
	d.Expr = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(d.Pattern) })
	d.Example = "* " + example.String()
}

// parse reads the steps, which begin at the given line of the file.
func (m *Meaning) parse(file string, line int, text string) error {
	const head = "Feature: F\nScenario: S\n"
	const headLines = 2
	whole := head + strings.Repeat("\n", max(0, line-headLines-1)) + text
	newID := (&messages.Incrementing{}).NewId
	if err := bearable(file, []byte(whole)); err != nil {
		return err
	}
	doc, err := gherkin.ParseGherkinDocument(strings.NewReader(whole), newID)
	if err != nil {
		// Columns count within the text, which is indented in the file.
		said := parseError(file, []byte(whole), err).Error()
		return errors.New(regexp.MustCompile(`(?m)^(.*?:\d+):\d+: `).ReplaceAllString(said, "$1: "))
	}
	pickles := gherkin.Pickles(*doc, file, newID)
	if doc.Feature == nil || len(doc.Feature.Children) != 1 || len(pickles) != 1 || len(pickles[0].Steps) == 0 {
		return fmt.Errorf("%s:%d: want the steps of one scenario, and nothing else", file, line)
	}
	at := nodesOf(doc.Feature)
	for _, ps := range pickles[0].Steps {
		written := at.steps[ps.AstNodeIds[0]]
		m.steps = append(m.steps, Step{
			Keyword: written.Keyword, Text: ps.Text,
			kind: kindOf(ps.Type), Line: int(written.Location.Line), Arg: ps.Argument,
		})
	}
	var doing []string
	for i := range m.steps {
		doing = append(doing, strings.TrimSpace(m.steps[i].Keyword+m.steps[i].Text))
	}
	if m.definition.Doc == "" {
		m.definition.Doc = "Short for: " + strings.Join(doing, "; ") + "."
	}
	return nil
}

// unknown returns an error for parameters that the steps have and the sentence does
// not.
func (m *Meaning) unknown() error {
	var out []error
	for i := range m.steps {
		st := &m.steps[i]
		fillStep(st, func(name string, _ location) (string, bool) {
			if !slices.Contains(m.params, name) {
				want := "the sentence has none"
				if len(m.params) > 0 {
					want = "want " + words.Or(m.params)
				}
				out = append(out, fmt.Errorf("%s:%d: the sentence has no parameter {%s}, %s%s", m.definition.File,
					st.Line, name, want, words.DidYouMean(": ", name, m.params)))
			}
			return "", false
		})
	}
	return errors.Join(out...)
}

// A location says where in a step a parameter is.
type location uint8

const (
	inCell   location = iota // of a table, or in a text block; nothing is escaped there
	inQuotes                 // of the sentence
	unquoted                 // in the sentence
)

// fillStep returns a step with its parameters filled in. Value returns the value of a
// parameter by name.
func fillStep(st *Step, value func(name string, at location) (string, bool)) Step {
	out := *st
	out.Text = fillText(st.Text, true, value)
	if st.Arg == nil {
		return out
	}
	arg := *st.Arg
	if arg.DocString != nil {
		doc := *arg.DocString
		doc.Content = fillText(doc.Content, false, value)
		arg.DocString = &doc
	}
	if arg.DataTable != nil {
		table := &messages.PickleTable{}
		for _, row := range arg.DataTable.Rows {
			r := &messages.PickleTableRow{}
			for _, c := range row.Cells {
				r.Cells = append(r.Cells, &messages.PickleTableCell{Value: fillText(c.Value, false, value)})
			}
			table.Rows = append(table.Rows, r)
		}
		arg.DataTable = table
	}
	out.Arg = &arg
	return out
}

// fillText replaces parameters with their values. ${name} is not a parameter.
func fillText(text string, sentence bool, value func(name string, at location) (string, bool)) string {
	var b strings.Builder
	last := 0
	for _, at := range parameterName.FindAllStringSubmatchIndex(text, -1) {
		if at[0] > 0 && text[at[0]-1] == '$' {
			continue
		}
		where := inCell
		if sentence {
			where = unquoted
			if strings.Count(strings.ReplaceAll(text[:at[0]], `\"`, ""), `"`)%2 == 1 {
				where = inQuotes
			}
		}
		if v, ok := value(text[at[2]:at[3]], where); ok {
			b.WriteString(text[last:at[0]] + v)
			last = at[1]
		}
	}
	return b.String() + text[last:]
}

// Definitions returns the sentences as definitions. They have no handler.
func (s *Sentences) Definitions() []steps.Definition {
	if s == nil {
		return nil
	}
	out := make([]steps.Definition, len(s.list))
	for i, m := range s.list {
		out[i] = m.definition
	}
	return out
}
