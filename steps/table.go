package steps

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps/words"
)

// A Column is a column of the table below a sentence. The first row of the table has
// the names of the columns.
type Column struct {
	Name     string
	Kind     Kind
	Required bool // every table must have it

	also []string // what people call it who do not remember its name
}

// The tables of the vocabulary.
var (
	typedColumns = columns{
		{"key", FieldKey, true, []string{"field", "name", "id", "input"}},
		{"value", TypedValue, true, []string{"text", "with"}},
	}
	parameterColumns = columns{
		{"name", Parameter, true, []string{"key", "parameter", "param"}},
		{"value", text, true, []string{"is"}},
	}
	headerColumns = columns{
		{"name", header, true, []string{"key", "header"}},
		{"value", text, true, []string{"is"}},
	}
	fieldColumns = columns{
		{"key", RowKey, false, []string{"field", "name", "id"}},
		{"type", FieldType, false, []string{"kind"}},
		{"label", LabelText, false, []string{"text", "title"}},
		{"required", yesOrNo, false, nil},
	}
	inputColumns = columns{
		{"name", InputName, false, []string{"key", "input", "id"}},
		{"type", text, false, []string{"kind"}},
		{"required", yesOrNo, false, nil},
		{"value", text, false, []string{"prefill"}},
		{"options", text, false, nil},
	}
	valueColumns = columns{
		{"value", jsonValue, true, []string{"is", "text"}},
	}
	optionColumns = columns{
		{"value", text, false, []string{"key", "id"}},
		{"label", LabelText, false, []string{"text", "title"}},
	}
	attributeColumns = columns{
		{"attribute", cookieAttribute, true, []string{"key", "name"}},
		{"value", text, true, []string{"is"}},
	}
)

// propertyColumns are a path of that kind and a value.
func propertyColumns(path Kind) columns {
	return columns{
		{"path", path, true, []string{"key", "name", "property", "field"}},
		{"value", jsonValue, true, []string{"is"}},
	}
}

// columnOf returns the column of that name, in any case, or nil.
func columnOf(list []Column, name string) *Column {
	for i := range list {
		if sameName(list[i].Name, name) {
			return &list[i]
		}
	}
	return nil
}

func sameName(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

func namesOf(list []Column) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

// remark is a column that every table may have, for its readers.
const remark = "note"

// A layout says which column of a sentence each column of its table is, nil for a remark,
// and which rows hold values.
type layout struct {
	columns []*Column
	rows    []*messages.PickleTableRow
}

// lay finds the columns of a table: by its first row, in any case, or by their order, where
// a table of two columns has no such row.
func (d *Definition) lay(t *godog.Table) (layout, error) {
	names := namesOf(d.Columns)
	if len(t.Rows) == 0 {
		return layout{}, errNoRows(names)
	}
	if d.headless(t) {
		at := layout{rows: t.Rows}
		for i := range t.Rows[0].Cells {
			at.columns = append(at.columns, &d.Columns[i])
		}
		return at, nil
	}
	if onItsSide(t, d.Columns) {
		return layout{}, fmt.Errorf("the rows and columns of the table are swapped, want a row for each "+
			"value:%s", upright(t))
	}
	out := layout{rows: t.Rows[1:]}
	for _, cell := range t.Rows[0].Cells {
		c := columnOf(d.Columns, cell.Value)
		switch {
		case c == nil && sameName(cell.Value, remark):
		case c == nil:
			return layout{}, fmt.Errorf("the table has a column %q, want %s%s",
				cell.Value, words.List(names, 0), d.instead(t, cell.Value))
		case slices.Contains(out.columns, c):
			return layout{}, fmt.Errorf("the table has two columns %q, want one of each", c.Name)
		}
		out.columns = append(out.columns, c)
	}
	for i := range d.Columns {
		if c := &d.Columns[i]; c.Required && !slices.Contains(out.columns, c) {
			return layout{}, fmt.Errorf("the table has no column %q, want the columns %s", c.Name, words.And(names))
		}
	}
	if len(out.rows) == 0 {
		return layout{}, errNoRows(names)
	}
	return out, nil
}

func errNoRows(names []string) error {
	return fmt.Errorf("the table has no rows, want a first row with the columns %s and a row for each value",
		words.List(names, 0))
}

// headless reports whether a table of one or two columns begins with values, and not with the
// names of the columns, nor with what a person is likely to have meant as such. A name in
// front of a value is a row: a claim may be called "path", and a cookie has a "value".
func (d *Definition) headless(t *godog.Table) bool {
	const most = 2
	first := t.Rows[0].Cells
	if len(first) > len(d.Columns) || len(d.Columns) > most || onItsSide(t, d.Columns) ||
		slices.ContainsFunc(d.Columns[len(first):], func(c Column) bool { return c.Required }) {
		return false
	}
	named := func(cell string) bool { return columnOf(d.Columns, cell) != nil || sameName(cell, remark) }
	meant := func(cell string) bool { return named(cell) || columnMeant(d.Columns, cell) != "" }
	return !named(first[len(first)-1].Value) &&
		slices.ContainsFunc(first, func(c *messages.PickleTableCell) bool { return !meant(c.Value) })
}

// onItsSide reports whether the first column of a table has the names of the columns, and
// the first row does not.
func onItsSide(t *godog.Table, list []Column) bool {
	other := func(c *messages.PickleTableCell) bool {
		return columnOf(list, c.Value) == nil && !sameName(c.Value, remark)
	}
	if !slices.ContainsFunc(t.Rows[0].Cells, other) {
		return false
	}
	seen := map[*Column]bool{}
	for _, r := range t.Rows {
		if len(r.Cells) == 0 {
			return false
		}
		c := columnOf(list, r.Cells[0].Value)
		if c == nil && !sameName(r.Cells[0].Value, remark) || c != nil && seen[c] {
			return false
		}
		if c != nil {
			seen[c] = true
		}
	}
	return len(seen) > 1
}

// upright writes a table with its rows as columns, after the given rows.
func upright(t *godog.Table, before ...string) string {
	const most = 8 // rows, so that an error stays one that is read
	table := before
	for i := range t.Rows[0].Cells[:min(len(t.Rows[0].Cells), most)] {
		var cells []string
		for _, r := range t.Rows {
			if i < len(r.Cells) {
				cells = append(cells, strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", `\n`).Replace(r.Cells[i].Value))
			}
		}
		table = append(table, "| "+strings.Join(cells, " | ")+" |")
	}
	if len(t.Rows[0].Cells) > most {
		table = append(table, "…")
	}
	return "\n  " + strings.Join(table, "\n  ")
}

// instead says what a person may have meant with a table that has a column which there is
// not: another name, or a table with the values below their names.
func (d *Definition) instead(t *godog.Table, name string) string {
	const two = 2
	unknown := 0
	for _, cell := range t.Rows[0].Cells {
		if columnOf(d.Columns, cell.Value) == nil && columnMeant(d.Columns, cell.Value) == "" {
			unknown++
		}
	}
	if len(t.Rows) == two && len(d.Columns) == two && unknown == len(t.Rows[0].Cells) {
		return "; if its first row has keys, its rows and columns are swapped, want:" +
			upright(t, "| "+d.Columns[0].Name+" | "+d.Columns[1].Name+" |")
	}
	return cmp.Or(columnMeant(d.Columns, name), words.DidYouMean("; ", name, []string{remark}))
}

// CheckTable returns the error that a run would report for a table below this sentence, whatever
// the flow answers.
func (d *Definition) CheckTable(t *godog.Table) error {
	if d.Columns == nil || t == nil {
		return nil
	}
	_, err := d.lay(t)
	return err
}

// columnMeant asks for the column that a person is likely to have meant.
func columnMeant(columns []Column, name string) string {
	if hint := words.DidYouMean("; ", name, namesOf(columns)); hint != "" {
		return hint
	}
	found := strings.ToLower(strings.TrimSpace(name))
	for _, c := range columns {
		if slices.Contains(c.also, found) {
			return fmt.Sprintf("; did you mean %q?", c.Name)
		}
	}
	return ""
}

// A row is one row of a table, by the names of its columns.
type row map[string]string

// rows reads the table below a sentence, nil if it takes none.
func (d *Definition) rows(ctx context.Context, w *World, t *godog.Table) ([]row, error) {
	if d.Columns == nil || t == nil {
		return nil, nil
	}
	at, err := d.lay(t)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, r := range at.rows {
		to := make(row, len(at.columns))
		for i, c := range r.Cells[:min(len(r.Cells), len(at.columns))] {
			column := at.columns[i]
			if column == nil {
				continue
			}
			if to[column.Name], err = cell(ctx, w, column.Kind, c.Value); err != nil {
				return nil, err
			}
		}
		out = append(out, to)
	}
	return out, nil
}
