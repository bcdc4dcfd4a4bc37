package feature

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps/words"
)

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

// placeholder is a column's name as an outline writes it. What stands in a
// regular expression as (?<name> or (?P<name> is a name of another kind.
var placeholder = regexp.MustCompile(`(\?P?)?<([\p{L}_][\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]+)*)>`)

// columnsOf returns the names of the columns of examples.
func columnsOf(e *messages.Examples) []string {
	if e.TableHeader == nil {
		return nil
	}
	var out []string
	for _, cell := range e.TableHeader.Cells {
		out = append(out, cell.Value)
	}
	return out
}

// fill takes a step of an outline for undefined that names a column which its
// examples do not have: <name> would be taken for the value.
func (s *Step) fill(columns []string) {
	for _, text := range TextsOf(s.Template) {
		name := Missing(text, columns)
		if name == "" {
			continue
		}
		what := "they have no columns"
		if near := words.Nearest(name, columns); near != "" {
			what = fmt.Sprintf("did you mean <%s>?", near)
		} else if len(columns) > 0 {
			what = "they have " + strings.Join(columns, ", ")
		}
		s.Def, s.unfilled = nil, true
		s.Fault = fmt.Sprintf("undefined: the examples have no column <%s>, which would be used as the value; %s",
			name, what)
		return
	}
}

// Missing returns the first name that is no column, "" where there is none.
// What is HTML is not meant for one.
func Missing(text string, columns []string) string {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		sign, name := m[1], m[2]
		html := slices.Contains([]string{"br", "hr"}, name) || strings.Contains(text, "</"+name+">")
		if sign == "" && !html && !slices.Contains(columns, name) {
			return name
		}
	}
	return ""
}

// TextsOf returns what a step says, and what stands below it.
func TextsOf(s *messages.Step) []string {
	out := []string{s.Text}
	if s.DocString != nil {
		out = append(out, s.DocString.Content)
	}
	if s.DataTable != nil {
		for _, row := range s.DataTable.Rows {
			for _, cell := range row.Cells {
				out = append(out, cell.Value)
			}
		}
	}
	return out
}
