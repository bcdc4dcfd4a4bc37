package steps

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/steps/words"

	"github.com/cucumber/godog"
)

// columns are those of the table that stands below a sentence. Its first row
// names them.
type columns struct {
	names []string
	all   bool                // every row needs each of them
	meant map[string][]string // by column, what people call it who do not remember its name
}

// The tables of the vocabulary.
var (
	typedColumns = &columns{
		names: []string{"key", "value"}, all: true,
		meant: map[string][]string{"key": {"field", "name", "id", "input"}, "value": {"text", "with"}},
	}
	parameterColumns = &columns{
		names: []string{"name", "value"}, all: true,
		meant: map[string][]string{"name": {"key", "parameter", "param"}, "value": {"is"}},
	}
	fieldColumns = &columns{
		names: []string{"key", "type", "label", "required"},
		meant: map[string][]string{"key": {"field", "name", "id"}, "type": {"kind"}, "label": {"text", "title"}},
	}
	propertyColumns = &columns{
		names: []string{"path", "value"}, all: true,
		meant: map[string][]string{"path": {"key", "name", "property", "field"}, "value": {"is"}},
	}
)

// CheckTable says what a run would say of a table below this sentence, whatever
// the flow answers.
func (d *Definition) CheckTable(t *godog.Table) error {
	if d.columns == nil || t == nil {
		return nil
	}
	_, err := d.columns.read(t)
	return err
}

// read returns the rows of a table by their columns, with the values as they
// were written.
func (c *columns) read(t *godog.Table) ([]map[string]string, error) {
	if len(t.Rows) < 2 {
		return nil, fmt.Errorf("the table has no rows, want a first row with the columns %s and a row for each value",
			strings.Join(c.names, ", "))
	}
	head := t.Rows[0].Cells
	seen := map[string]bool{}
	for _, cell := range head {
		switch name := cell.Value; {
		case !slices.Contains(c.names, name):
			want := strings.Join(c.names, ", ") + c.hint(name)
			return nil, fmt.Errorf("the table has a column %q, want %s", name, want)
		case seen[name]:
			return nil, fmt.Errorf("the table has two columns %q, want one of each", name)
		default:
			seen[name] = true
		}
	}
	for _, name := range c.names {
		if c.all && !seen[name] {
			want := strings.Join(c.names, " and ")
			return nil, fmt.Errorf("the table has no column %q, want the columns %s", name, want)
		}
	}
	var out []map[string]string
	for _, r := range t.Rows[1:] {
		row := make(map[string]string, len(head))
		for i, cell := range r.Cells {
			row[head[i].Value] = cell.Value
		}
		out = append(out, row)
	}
	return out, nil
}

// hint names the column that a person meant, where that can be told.
func (c *columns) hint(name string) string {
	if hint := words.DidYouMean(name, c.names); hint != "" {
		return "; " + hint
	}
	found := strings.ToLower(strings.TrimSpace(name))
	for _, column := range c.names {
		if slices.Contains(c.meant[column], found) {
			return fmt.Sprintf("; did you mean %q?", column)
		}
	}
	return ""
}
