package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	"github.com/tidwall/gjson"

	"flowtest/steps/words"
)

// A Kind says what a value in a sentence or in its table is. Its text is what
// people and editors are shown.
type Kind string

// The kinds of values that name something outside the feature. The others are
// listed with them in [Kinds].
const (
	FlowName   Kind = "flow"                           // a flow of the target
	UserName   Kind = "user"                           // a user of the target
	Parameter  Kind = "authorize parameter"            // the name of one
	FormName   Kind = "form"                           // the name of a screen
	FieldKey   Kind = "field"                          // the key of a field that takes a value
	RowKey     Kind = "field or button key"            // the key of anything on a screen
	ButtonName Kind = "button"                         // the key or the label of a button
	OfferName  Kind = "field or button"                // the key of either, or the label of a button
	AbsentName Kind = "field or button that is absent" // the same, which the screen must not have
	InputName  Kind = "page input"                     // the name of an input of the page
	PageButton Kind = "page button"                    // the key of a button of the page
	TypedValue Kind = "value"                          // what a person fills in
	text       Kind = "text"                           // a text that a person reads
	label      Kind = "label"                          // that of a field or button
	path       Kind = "gjson path"
	jsonValue  Kind = "JSON value"
	jsonKind   Kind = "JSON kind"
	pattern    Kind = "regular expression"
	capability Kind = "capability"
	fieldType  Kind = "field type"
	yesOrNo    Kind = "true or false"
	errorCode  Kind = "error code"
	number     Kind = "number" // of digits, without quotes
)

// A reading says how a run reads the values of a kind.
type reading struct {
	expands bool              // ${user.ATTRIBUTE} and ${env.NAME} are replaced
	escapes *strings.Replacer // what a backslash does between quotes, nil for nothing
}

// Between the quotes of a sentence \" is a quote and \\ a backslash. In a path
// and in a pattern the backslash has a meaning of its own, so that only \" is read.
var (
	bothEscapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	quoteEscape = strings.NewReplacer(`\"`, `"`)
)

var readings = map[Kind]reading{
	FlowName:   {expands: true},
	UserName:   {},
	Parameter:  {expands: true},
	FormName:   {escapes: bothEscapes},
	FieldKey:   {expands: true},
	RowKey:     {expands: true},
	ButtonName: {escapes: bothEscapes},
	OfferName:  {escapes: bothEscapes},
	AbsentName: {escapes: bothEscapes},
	InputName:  {},
	PageButton: {},
	TypedValue: {expands: true, escapes: bothEscapes},
	text:       {expands: true, escapes: bothEscapes},
	label:      {expands: true},
	path:       {escapes: quoteEscape},
	jsonValue:  {expands: true}, // JSON has escapes of its own
	jsonKind:   {},
	pattern:    {escapes: quoteEscape},
	capability: {},
	fieldType:  {expands: true},
	yesOrNo:    {expands: true},
	errorCode:  {escapes: bothEscapes},
	number:     {},
}

// Expands reports whether ${user.ATTRIBUTE} and ${env.NAME} are replaced in
// values of this kind. Elsewhere they are text like any other.
func (k Kind) Expands() bool { return readings[k].expands }

func (k Kind) unescape(written string) string {
	if r := readings[k].escapes; r != nil && strings.Contains(written, `\`) {
		return r.Replace(written)
	}
	return written
}

// read returns what is meant by a value between the quotes of a sentence.
func (w *World) read(k Kind, written string) (string, error) {
	switch {
	case k == jsonValue && !gjson.Valid(written):
		return "", fmt.Errorf("%s is no JSON value", written)
	default:
		return w.cell(k, k.unescape(written))
	}
}

// cell returns what is meant by a cell of a table, where nothing is escaped.
func (w *World) cell(k Kind, text string) (string, error) {
	switch {
	case k == jsonValue:
		return w.literal(text)
	case k.Expands():
		return w.Expand(text)
	default:
		return text, nil
	}
}

// A Column is one of those that a table below a sentence may have. Its first
// row names them.
type Column struct {
	Name     string
	Kind     Kind
	Required bool // every table has it

	also []string // what people call it who do not remember its name
}

// The tables of the vocabulary.
var (
	typedColumns = []Column{
		{"key", FieldKey, true, []string{"field", "name", "id", "input"}},
		{"value", TypedValue, true, []string{"text", "with"}},
	}
	parameterColumns = []Column{
		{"name", Parameter, true, []string{"key", "parameter", "param"}},
		{"value", text, true, []string{"is"}},
	}
	fieldColumns = []Column{
		{"key", RowKey, false, []string{"field", "name", "id"}},
		{"type", fieldType, false, []string{"kind"}},
		{"label", label, false, []string{"text", "title"}},
		{"required", yesOrNo, false, nil},
	}
	propertyColumns = []Column{
		{"path", path, true, []string{"key", "name", "property", "field"}},
		{"value", jsonValue, true, []string{"is"}},
	}
)

func columnOf(list []Column, name string) *Column {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

func namesOf(list []Column) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}

// CheckTable says what a run would say of a table below this sentence, whatever
// the flow answers.
func (d *Definition) CheckTable(t *godog.Table) error {
	if d.Columns == nil || t == nil {
		return nil
	}
	return checkTable(t, d.Columns)
}

func checkTable(t *godog.Table, columns []Column) error {
	names := namesOf(columns)
	if len(t.Rows) < 2 {
		return fmt.Errorf("the table has no rows, want a first row with the columns %s and a row for each value",
			words.List(names, 0))
	}
	seen := map[string]bool{}
	for _, cell := range t.Rows[0].Cells {
		switch name := cell.Value; {
		case !slices.Contains(names, name):
			return fmt.Errorf("the table has a column %q, want %s%s",
				name, words.List(names, 0), columnMeant(columns, name))
		case seen[name]:
			return fmt.Errorf("the table has two columns %q, want one of each", name)
		default:
			seen[name] = true
		}
	}
	for _, c := range columns {
		if c.Required && !seen[c.Name] {
			return fmt.Errorf("the table has no column %q, want the columns %s", c.Name, words.And(names))
		}
	}
	return nil
}

// columnMeant asks for the column that a person is likely to have meant.
func columnMeant(columns []Column, name string) string {
	if hint := words.DidYouMean(name, namesOf(columns)); hint != "" {
		return "; " + hint
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

// rows reads a table.
func (w *World) rows(t *godog.Table, columns []Column) ([]row, error) {
	if err := checkTable(t, columns); err != nil {
		return nil, err
	}
	head := t.Rows[0].Cells
	var out []row
	for _, r := range t.Rows[1:] {
		to := make(row, len(head))
		for i, cell := range r.Cells {
			name := head[i].Value
			value, err := w.cell(columnOf(columns, name).Kind, cell.Value)
			if err != nil {
				return nil, err
			}
			to[name] = value
		}
		out = append(out, to)
	}
	return out, nil
}
