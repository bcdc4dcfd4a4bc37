package feature

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps/words"
)

// nodes has the parts of a feature by id.
type nodes struct {
	scenarios map[string]*messages.Scenario
	steps     map[string]*messages.Step
	rows      map[string]row
	rules     map[string]string // the name of the rule of a scenario
}

// A row is one of the examples of an outline.
type row struct {
	number  int // within the outline, from 1
	columns []string
}

// nodesOf walks through a feature once.
func nodesOf(f *messages.Feature) *nodes {
	n := &nodes{map[string]*messages.Scenario{}, map[string]*messages.Step{}, map[string]row{}, map[string]string{}}
	for _, c := range f.Children {
		for _, part := range Parts(c) {
			if part.Background != nil {
				n.addSteps(part.Background.Steps)
			}
			if part.Scenario != nil {
				n.addScenario(part.Scenario)
				if c.Rule != nil {
					n.rules[part.Scenario.Id] = c.Rule.Name
				}
			}
		}
	}
	return n
}

// Parts returns the backgrounds and scenarios in a child of a feature: the child
// itself, or the parts of a rule.
func Parts(c *messages.FeatureChild) []*messages.RuleChild {
	if c.Rule != nil {
		return c.Rule.Children
	}
	return []*messages.RuleChild{{Background: c.Background, Scenario: c.Scenario}}
}

func (n *nodes) addSteps(steps []*messages.Step) {
	for _, s := range steps {
		n.steps[s.Id] = s
	}
}

func (n *nodes) addScenario(s *messages.Scenario) {
	n.scenarios[s.Id] = s
	n.addSteps(s.Steps)
	number := 0
	for _, e := range s.Examples {
		var columns []string
		if e.TableHeader != nil {
			columns = appendCells(nil, e.TableHeader)
		}
		for _, r := range e.TableBody {
			number++
			n.rows[r.Id] = row{number, columns}
		}
	}
}

// spanOf returns the lines of a scenario up to its last step. The rows of its examples
// select themselves.
func spanOf(s *messages.Scenario) span {
	out := span{int(s.Location.Line), int(s.Location.Line)}
	for _, t := range s.Tags {
		out.from = min(out.from, int(t.Location.Line))
	}
	for _, st := range s.Steps {
		out.to = max(out.to, int(st.Location.Line))
		if st.DataTable != nil {
			for _, r := range st.DataTable.Rows {
				out.to = max(out.to, int(r.Location.Line))
			}
		}
	}
	return out
}

// placeholder matches a <name> in an outline. In a regular expression, (?<name> and
// (?P<name> are not such names.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(\?P?)?<([\p{L}_][\p{L}\p{N}_.-]*(?: [\p{L}\p{N}_.-]+)*)>`)
})

// fill makes a step of an outline undefined if it has a <name> that is not a column of
// the examples: the name would be used as the value.
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
		s.unfilled = true
		fault := "undefined: the examples have no column <%s>, which would be used as the value; %s"
		s.define(nil, nil, fmt.Sprintf(fault, name, what))
		return
	}
}

// Missing returns the first <name> in a text that is not a column, "" if there is none. It
// ignores HTML elements.
func Missing(text string, columns []string) string {
	for _, m := range placeholder().FindAllStringSubmatch(text, -1) {
		sign, name := m[1], m[2]
		html := slices.Contains([]string{"br", "hr"}, name) || strings.Contains(text, "</"+name+">")
		if sign == "" && !html && !slices.Contains(columns, name) {
			return name
		}
	}
	return ""
}

// TextsOf returns the text of a step and those in its table or text block.
func TextsOf(s *messages.Step) []string {
	out := []string{s.Text}
	if s.DocString != nil {
		out = append(out, s.DocString.Content)
	}
	if s.DataTable != nil {
		for _, r := range s.DataTable.Rows {
			out = appendCells(out, r)
		}
	}
	return out
}

func appendCells(to []string, r *messages.TableRow) []string {
	for _, cell := range r.Cells {
		to = append(to, cell.Value)
	}
	return to
}
