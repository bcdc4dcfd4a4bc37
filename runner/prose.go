package runner

import (
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// proseIn reads the lines of a file that never run: a comment may be a step that
// somebody took out, and a description one whose keyword is misspelt. Of what
// else people write nothing is secret but what is typed elsewhere.
func proseIn(doc *messages.GherkinDocument) map[string][]typed {
	var p prose
	for _, c := range doc.Comments {
		p.read(c.Text)
	}
	f := doc.Feature
	p.read(f.Description)
	for _, c := range f.Children {
		p.parts(c.Background, c.Scenario)
		if c.Rule != nil {
			p.read(c.Rule.Description)
			for _, rc := range c.Rule.Children {
				p.parts(rc.Background, rc.Scenario)
			}
		}
	}
	return p
}

type prose map[string][]typed

func (p *prose) parts(b *messages.Background, s *messages.Scenario) {
	if b != nil {
		p.read(b.Description)
	}
	if s == nil {
		return
	}
	p.read(s.Description)
	for _, e := range s.Examples {
		p.read(e.Description)
	}
}

func (p *prose) read(text string) {
	if !strings.ContainsAny(text, quoteSigns+"|") {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if list := proseLine(line); len(list) > 0 {
			if *p == nil {
				*p = prose{}
			}
			(*p)[line] = list
		}
	}
}

// proseLine returns what a line types as it is written there.
func proseLine(line string) []typed {
	text := strings.TrimSpace(strings.TrimLeft(line, "#"))
	entries := lenientSentence(text)
	if strings.HasPrefix(text, "|") {
		row := &messages.PickleTableRow{}
		for _, cell := range cellsOf(strings.Trim(text, "|")) {
			row.Cells = append(row.Cells, &messages.PickleTableCell{Value: strings.TrimSpace(cell)})
		}
		entries = lenientRows(&messages.PickleTable{Rows: []*messages.PickleTableRow{row}})
	}
	var out []typed
	for i := range entries {
		e := &entries[i]
		value := e.value
		if e.written != "" && strings.Contains(line, e.written) {
			value = e.written
		}
		if len(literals(value)) > 0 {
			out = append(out, typed{key: e.key, value: value, sure: e.sure})
		}
	}
	return out
}
