package runner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

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
func (s *step) fill(columns []string) {
	for _, text := range textsOf(s.template) {
		name := missing(text, columns)
		if name == "" {
			continue
		}
		what := "they have no columns"
		if near := nearestOf(name, slices.Clone(columns)); near != "" {
			what = fmt.Sprintf("did you mean <%s>?", near)
		} else if len(columns) > 0 {
			what = "they have " + strings.Join(columns, ", ")
		}
		s.def, s.unfilled = nil, true
		s.fault = fmt.Sprintf("undefined: the examples have no column <%s>, which would be used as the value; %s",
			name, what)
		return
	}
}

// missing returns the first name that is no column, "" where there is none.
// What is HTML is not meant for one.
func missing(text string, columns []string) string {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		sign, name := m[1], m[2]
		html := slices.Contains([]string{"br", "hr"}, name) || strings.Contains(text, "</"+name+">")
		if sign == "" && !html && !slices.Contains(columns, name) {
			return name
		}
	}
	return ""
}

// textsOf returns what a step says, and what stands below it.
func textsOf(s *messages.Step) []string {
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

// empty finds the parts of a file that look as if they ran and do not: it has
// no scenario at all, or an outline has no rows.
func (f *Found) empty(show string, feature *messages.Feature, k *keywords) {
	if feature == nil {
		f.warning(show + ":1: the file has no feature, so nothing of it runs")
		return
	}
	e := &empties{found: f, show: show, words: k}
	for _, c := range feature.Children {
		e.scenario(c.Scenario)
		if c.Rule != nil {
			for _, rc := range c.Rule.Children {
				e.scenario(rc.Scenario)
			}
		}
	}
	if e.scenarios == 0 {
		text := fmt.Sprintf("the feature %q has no scenarios, so nothing of it runs", feature.Name)
		e.warning(int(feature.Location.Line), text)
	}
}

type empties struct {
	found     *Found
	show      string
	words     *keywords
	scenarios int
}

func (e *empties) warning(line int, text string) {
	e.found.warning(fmt.Sprintf("%s:%d: %s", e.show, line, text))
}

func (e *empties) scenario(s *messages.Scenario) {
	if s == nil {
		return
	}
	e.scenarios++
	rows := 0
	for _, x := range s.Examples {
		rows += len(x.TableBody)
	}
	line := int(s.Location.Line)
	want := e.words.places([]string{"#ExamplesLine"}) + " with a row for each run"
	switch name := firstPlace(s); {
	case rows > 0:
	case len(s.Examples) > 0:
		e.warning(line, fmt.Sprintf("the outline %q has no row of examples, so it never runs: want %s", s.Name, want))
	case name != "":
		text := "the scenario %q has no examples, so it runs once and takes <%s> for the value: want %s"
		e.warning(line, fmt.Sprintf(text, s.Name, name, want))
	case slices.Contains(e.words.dialect.Keywords["scenarioOutline"], strings.TrimSpace(s.Keyword)):
		e.warning(line, fmt.Sprintf("the outline %q has no examples, so it runs once: want %s", s.Name, want))
	}
}

// firstPlace returns the first name in the steps of a scenario that looks like
// that of a column.
func firstPlace(s *messages.Scenario) string {
	for _, st := range s.Steps {
		for _, text := range textsOf(st) {
			if name := missing(text, nil); name != "" {
				return name
			}
		}
	}
	return ""
}
