package output

import (
	"flowtest/runner/report"
	"strings"
	"unicode/utf8"

	ast "github.com/cucumber/messages/go/v34"
)

// cutStep returns the step's keyword and its sentence.
func cutStep(st *report.Step) (keyword, text string) {
	if st.Keyword != "" {
		return st.Keyword, strings.TrimPrefix(st.Text, st.Keyword)
	}
	if first, rest, ok := strings.Cut(st.Text, " "); ok && !strings.HasPrefix(st.Text, "(") {
		return first + " ", rest
	}
	return "", st.Text
}

// argument returns the lines below the step's sentence, as a feature file has
// them: a table with its columns aligned, or a text between its marks.
func argument(st *report.Step) []string {
	switch {
	case len(st.Table) > 0:
		return tableLines(st.Table)
	case st.DocString != nil:
		mark := `"""`
		if strings.Contains(*st.DocString, mark) {
			mark = "```"
		}
		return append(append([]string{mark}, strings.Split(*st.DocString, "\n")...), mark)
	default:
		return nil
	}
}

var cellEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`)

func tableLines(table [][]string) []string {
	var widths []int
	for _, row := range table {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cellEscapes.Replace(cell)))
		}
	}
	lines := make([]string, 0, len(table))
	for _, row := range table {
		var b strings.Builder
		for i, cell := range row {
			cell = cellEscapes.Replace(cell)
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		lines = append(lines, b.String()+"|")
	}
	return lines
}

// hideSteps gives a pickle the tags, sentences and arguments of the scenario: a
// secret of theirs may be known only since the scenario ran, and not when its file
// was shown.
func hideSteps(p *ast.Pickle, s *report.Scenario) {
	for i := range p.Tags {
		if len(p.Tags) == len(s.Tags) {
			p.Tags[i].Name = s.Tags[i]
		}
	}
	for i, ps := range p.Steps {
		if i >= len(s.Steps) || len(p.Steps) != len(s.Steps) {
			return
		}
		st := &s.Steps[i]
		if st.Keyword != "" {
			_, ps.Text = cutStep(st)
		}
		switch {
		case ps.Argument == nil:
		case ps.Argument.DataTable != nil && len(st.Table) == len(ps.Argument.DataTable.Rows):
			ps.Argument = &ast.PickleStepArgument{DataTable: pickleTable(st.Table)}
		case ps.Argument.DocString != nil && st.DocString != nil:
			doc := *ps.Argument.DocString
			doc.Content = *st.DocString
			ps.Argument = &ast.PickleStepArgument{DocString: &doc}
		}
	}
}

func pickleTable(table [][]string) *ast.PickleTable {
	out := &ast.PickleTable{}
	for _, row := range table {
		r := &ast.PickleTableRow{}
		for _, cell := range row {
			r.Cells = append(r.Cells, &ast.PickleTableCell{Value: cell})
		}
		out.Rows = append(out.Rows, r)
	}
	return out
}

// inventArgument adds the argument to a step of a document that nobody wrote.
func inventArgument(st *report.Step, to *ast.Step, at *ast.Location, newID func() string) {
	if st.DocString != nil {
		to.DocString = &ast.DocString{Location: at, Content: *st.DocString, Delimiter: `"""`}
	}
	if len(st.Table) == 0 {
		return
	}
	to.DataTable = &ast.DataTable{Location: at}
	for _, row := range st.Table {
		r := &ast.TableRow{Location: at, Id: newID(), Cells: []*ast.TableCell{}}
		for _, cell := range row {
			r.Cells = append(r.Cells, &ast.TableCell{Location: at, Value: cell})
		}
		to.DataTable.Rows = append(to.DataTable.Rows, r)
	}
}
