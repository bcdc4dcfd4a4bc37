package runner

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps/words"
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
		if near := words.Nearest(name, columns); near != "" {
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
