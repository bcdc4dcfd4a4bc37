package steps

import (
	"strings"

	"github.com/cucumber/godog"
)

// A Part is what a sentence names of a screen.
type Part int

// The parts of a screen.
const (
	FormPart Part = iota + 1
	FieldPart
	ButtonPart
	OfferPart
	AbsentPart
	RowPart
	InputPart
	PagePart
)

// A Named is one name of a part of a screen.
type Named struct {
	Part          Part
	Name, Written string
}

var partOf = map[Kind]Part{
	FormName: FormPart, FieldKey: FieldPart, ButtonName: ButtonPart, OfferName: OfferPart, AbsentName: AbsentPart,
	RowKey: RowPart, InputName: InputPart, PageButton: PagePart,
}

// Names returns what a sentence names of a screen.
func (d *Definition) Names(text string, t *godog.Table) []Named {
	var out []Named
	for _, v := range d.Values(text, t) {
		if part := partOf[v.Kind]; part != 0 && v.Text != "" && !strings.Contains(v.Text, "${") {
			out = append(out, Named{part, v.Text, v.Written})
		}
	}
	return out
}

// FlowIn returns the flow that a sentence chooses.
func FlowIn(sentence string) (name string, ok bool) {
	for i := range definitions {
		if d := &definitions[i]; d.Has(FlowName) && d.Expr.MatchString(sentence) {
			return d.Values(sentence, nil)[0].Text, true
		}
	}
	return "", false
}
