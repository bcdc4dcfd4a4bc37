package runner

import messages "github.com/cucumber/messages/go/v34"

// places says where the nodes of a feature stand.
type places struct {
	line    map[string]int
	keyword map[string]string
	row     map[string]int // the number of an example within its outline, from 1
	spans   map[string]span

	outlines map[string]*outline
	columns  map[string][]string // of the examples that a row belongs to
}

// An outline is one as its file has it, before values are put into it.
type outline struct {
	name  string
	line  int
	steps map[string]*messages.Step
}

// locate walks a feature once.
func locate(f *messages.Feature) *places {
	p := &places{
		line: map[string]int{}, keyword: map[string]string{}, row: map[string]int{}, spans: map[string]span{},
		outlines: map[string]*outline{}, columns: map[string][]string{},
	}
	p.children(f.Children)
	return p
}

func (p *places) children(children []*messages.FeatureChild) {
	for _, c := range children {
		if c.Background != nil {
			p.steps(c.Background.Steps)
		}
		if c.Scenario != nil {
			p.scenario(c.Scenario)
		}
		if c.Rule != nil {
			for _, rc := range c.Rule.Children {
				if rc.Background != nil {
					p.steps(rc.Background.Steps)
				}
				if rc.Scenario != nil {
					p.scenario(rc.Scenario)
				}
			}
		}
	}
}

func (p *places) steps(steps []*messages.Step) (last int) {
	for _, s := range steps {
		p.line[s.Id], p.keyword[s.Id] = int(s.Location.Line), s.Keyword
		last = max(last, int(s.Location.Line))
		if s.DataTable != nil {
			for _, r := range s.DataTable.Rows {
				last = max(last, int(r.Location.Line))
			}
		}
	}
	return last
}

// scenario notes the lines of a scenario up to its last step: its rows of
// examples choose for themselves.
func (p *places) scenario(s *messages.Scenario) {
	first := int(s.Location.Line)
	p.line[s.Id] = first
	for _, t := range s.Tags {
		first = min(first, int(t.Location.Line))
	}
	p.spans[s.Id] = span{first, max(p.steps(s.Steps), int(s.Location.Line))}
	if len(s.Examples) > 0 {
		o := &outline{s.Name, int(s.Location.Line), map[string]*messages.Step{}}
		for _, st := range s.Steps {
			o.steps[st.Id] = st
		}
		p.outlines[s.Id] = o
	}
	n := 0
	for _, e := range s.Examples {
		columns := columnsOf(e)
		for _, r := range e.TableBody {
			n++
			line := int(r.Location.Line)
			p.line[r.Id], p.row[r.Id], p.spans[r.Id] = line, n, span{line, line}
			p.columns[r.Id] = columns
		}
	}
}
