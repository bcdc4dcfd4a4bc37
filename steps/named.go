package steps

import (
	"strings"

	"github.com/cucumber/godog"
)

// A Part is what a sentence names of a screen.
type Part int

// The parts of a screen.
const (
	FormPart   Part = iota + 1 // the name of the screen itself
	FieldPart                  // the key of a field
	ButtonPart                 // the key or the label of a button
	OfferPart                  // the key of either, or the label of a button
	AbsentPart                 // the same, of what the screen must not have
	RowPart                    // the key of anything on the screen
	InputPart                  // the name of an input of the page
	PagePart                   // the key of a button of the page
)

// A Named is one name of a part of a screen, as the sentence means it and as it
// is written there.
type Named struct {
	Part          Part
	Name, Written string
}

// naming are the sentences that name a part between their first quotes.
var naming = []struct {
	begin string
	part  Part
}{
	{`I fill in "`, FieldPart},
	{`I press "`, ButtonPart},
	{`the flow pauses at "`, FormPart},
	{`the form offers "`, OfferPart},
	{`the form does not offer "`, AbsentPart},
	{`the page has an input "`, InputPart},
	{`the page has a button "`, PagePart},
}

// Names returns what a sentence names of a screen, be it in its table. A name
// with ${ is not there: a run finds out which it is, or it is a fault by itself.
func (d *Definition) Names(text string, t *godog.Table) []Named {
	for _, n := range naming {
		if !strings.HasPrefix(text, n.begin) {
			continue
		}
		if m := d.Expr.FindStringSubmatch(text); len(m) > 1 && !strings.Contains(m[1], "${") {
			return []Named{{n.part, unescape(m[1]), m[1]}}
		}
	}
	part := FieldPart
	if d.columns == fieldColumns {
		part = RowPart
	} else if d.columns != typedColumns {
		return nil
	}
	return keysIn(t, part)
}

// keysIn returns what stands in the column of keys.
func keysIn(t *godog.Table, part Part) []Named {
	if t == nil || len(t.Rows) == 0 {
		return nil
	}
	at := -1
	for i, cell := range t.Rows[0].Cells {
		if cell.Value == "key" {
			at = i
		}
	}
	var out []Named
	for _, row := range t.Rows[1:] {
		if at < 0 || at >= len(row.Cells) {
			continue
		}
		if key := row.Cells[at].Value; key != "" && !strings.Contains(key, "${") {
			out = append(out, Named{part, key, key})
		}
	}
	return out
}
