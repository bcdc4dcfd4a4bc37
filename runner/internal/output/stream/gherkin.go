package stream

import (
	"strconv"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v42"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// A document is a parsed feature file, with the places of its scenarios.
type document struct {
	tree  *messages.GherkinDocument
	text  string
	first int // the first of its ids
	at    map[int]place
}

// A place is where a scenario is: within a rule or not, and as a row of
// examples or not.
type place struct {
	rule     *messages.Rule
	scenario *messages.Scenario
	examples *messages.Examples
	row      *messages.TableRow
}

// ids counts.
type ids int

func (n *ids) next() string {
	*n++
	return strconv.Itoa(int(*n))
}

// documents parses a feature file when its first scenario arrives, and later drops it: of a large
// run it keeps the ids only.
type documents struct {
	source func(string) string
	ids    ids
	first  map[string]int // by file: before its first id; -1 if it cannot be used
	cached []*document
	size   int
}

// mostCached bounds the text of the files that are kept parsed.
const mostCached = 512 << 10

// find returns the file's document, or nil if it cannot be read. fresh reports the first call
// for a file.
func (d *documents) find(file string) (doc *document, fresh bool) {
	for _, doc := range d.cached {
		if doc.tree.Uri == file {
			return doc, false
		}
	}
	first, seen := d.first[file]
	if first < 0 || d.source == nil {
		return nil, false
	}
	text := d.source(file)
	if !seen {
		first = int(d.ids)
	}
	counter := ids(first)
	doc = parseDocument(file, text, counter.next)
	if doc == nil {
		d.first[file] = -1
		return nil, false
	}
	doc.first = first
	if !seen {
		d.first[file], d.ids = first, counter
	}
	d.cached, d.size = append(d.cached, doc), d.size+len(text)
	for len(d.cached) > 1 && d.size > mostCached {
		d.size -= len(d.cached[0].text)
		d.cached = append(d.cached[:0], d.cached[1:]...)
	}
	return doc, !seen
}

// parseDocument returns nil if the text is not a feature: its secrets were taken out, and with
// them perhaps what made it one.
func parseDocument(file, text string, newID func() string) *document {
	if long, _, _ := feature.LongLine(text); text == "" || long > 0 {
		return nil
	}
	tree, err := gherkin.ParseGherkinDocument(strings.NewReader(strings.TrimPrefix(text, "\ufeff")), newID)
	if err != nil || tree.Feature == nil {
		return nil
	}
	tree.Uri = file
	doc := &document{tree: tree, text: text, at: map[int]place{}}
	for _, c := range tree.Feature.Children {
		doc.scenario(nil, c.Scenario)
		if c.Rule != nil {
			for _, rc := range c.Rule.Children {
				doc.scenario(c.Rule, rc.Scenario)
			}
		}
	}
	return doc
}

func (doc *document) scenario(rule *messages.Rule, s *messages.Scenario) {
	if s == nil {
		return
	}
	if len(s.Examples) == 0 {
		doc.at[int(s.Location.Line)] = place{rule: rule, scenario: s}
		return
	}
	for _, e := range s.Examples {
		if e.TableBody == nil {
			e.TableBody = []*messages.TableRow{} // the schema wants a list
		}
		for _, row := range e.TableBody {
			doc.at[int(row.Location.Line)] = place{rule, s, e, row}
		}
	}
}

// pickle compiles the scenario at a line, and no other: a file may hold thousands. It returns nil
// if there is no scenario.
func (doc *document) pickle(line int, newID func() string) *messages.Pickle {
	p, ok := doc.at[line]
	if !ok {
		return nil
	}
	s := p.scenario
	if p.row != nil {
		outline, examples := *s, *p.examples
		examples.TableBody = []*messages.TableRow{p.row}
		outline.Examples = []*messages.Examples{&examples}
		s = &outline
	}
	only := *doc.tree.Feature
	only.Children = nil
	for _, c := range doc.tree.Feature.Children {
		if c.Background != nil {
			only.Children = append(only.Children, &messages.FeatureChild{Background: c.Background})
		}
	}
	if p.rule == nil {
		only.Children = append(only.Children, &messages.FeatureChild{Scenario: s})
	} else {
		rule := *p.rule
		rule.Children = nil
		for _, c := range p.rule.Children {
			if c.Background != nil {
				rule.Children = append(rule.Children, c)
			}
		}
		rule.Children = append(rule.Children, &messages.RuleChild{Scenario: s})
		only.Children = append(only.Children, &messages.FeatureChild{Rule: &rule})
	}
	pickles := gherkin.Pickles(messages.GherkinDocument{Feature: &only}, doc.tree.Uri, newID)
	if len(pickles) != 1 {
		return nil
	}
	return pickles[0]
}

// invent makes a document of one scenario whose feature file cannot be read.
func invent(s *report.Scenario, newID func() string) *document {
	at := func(line int) *messages.Location { return &messages.Location{Line: int64(max(line, 1))} }
	scenario := &messages.Scenario{
		Id: newID(), Location: at(s.Line), Keyword: "Scenario", Name: s.Name,
		Tags: []*messages.Tag{}, Steps: []*messages.Step{}, Examples: []*messages.Examples{},
	}
	for _, tag := range s.Tags {
		scenario.Tags = append(scenario.Tags, &messages.Tag{Id: newID(), Location: at(s.Line), Name: tag})
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		keyword, text := digest.CutStep(st)
		step := &messages.Step{
			Id: newID(), Location: at(st.Line), Keyword: keyword, Text: text,
			KeywordType: messages.StepKeywordType_UNKNOWN,
		}
		inventArgument(st, step, at(st.Line), newID)
		scenario.Steps = append(scenario.Steps, step)
	}
	child := &messages.FeatureChild{Scenario: scenario}
	if s.Rule != "" {
		child = &messages.FeatureChild{Rule: &messages.Rule{
			Id: newID(), Location: at(s.Line), Tags: []*messages.Tag{}, Keyword: "Rule", Name: s.Rule,
			Children: []*messages.RuleChild{{Scenario: scenario}},
		}}
	}
	return &document{
		tree: &messages.GherkinDocument{Uri: s.File, Comments: []*messages.Comment{}, Feature: &messages.Feature{
			Location: at(1), Tags: []*messages.Tag{}, Language: "en", Keyword: "Feature", Name: s.Feature,
			Children: []*messages.FeatureChild{child},
		}},
		at: map[int]place{s.Line: {rule: child.Rule, scenario: scenario}},
	}
}

// inventArgument adds the argument to a step of an invented document.
func inventArgument(st *report.Step, to *messages.Step, at *messages.Location, newID func() string) {
	if st.DocString != nil {
		to.DocString = &messages.DocString{Location: at, Content: *st.DocString, Delimiter: `"""`}
	}
	if len(st.Table) == 0 {
		return
	}
	to.DataTable = &messages.DataTable{Location: at}
	for _, row := range st.Table {
		r := &messages.TableRow{Location: at, Id: newID(), Cells: []*messages.TableCell{}}
		for _, cell := range row {
			r.Cells = append(r.Cells, &messages.TableCell{Location: at, Value: cell})
		}
		to.DataTable.Rows = append(to.DataTable.Rows, r)
	}
}
