package steps

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/cucumber/godog"
)

// A Definition is one sentence of the vocabulary. What it says of its values is
// all that a check, a hint or an editor needs to know of the sentence.
type Definition struct {
	Keyword string         // Given, When or Then
	Expr    *regexp.Regexp // anchored at both ends, compiled once
	Handler any            // what godog is given
	Area    string         // the part of the vocabulary it belongs to
	Doc     string         // what it means
	Example string         // a sentence that matches, with its table where it takes one

	Params  []Kind   // what each group of Expr captures, in their order
	Columns []Column // of the table below the sentence, nil where it takes none

	place place
}

// A place says where in a scenario a sentence may be.
type place uint8

const (
	byKeyword  place = iota // a Given anywhere, anything else once the flow has been started
	startsFlow              // once a flow has been chosen
	beforeFlow              // before the flow has been started
)

// A Value is what a step has for one of its parameters or in a cell of its table.
type Value struct {
	Kind    Kind
	Text    string // without the backslashes that its quotes need
	Written string // as the step has it
}

// Has reports whether the sentence, or a column of its table, holds values of
// this kind.
func (d *Definition) Has(k Kind) bool {
	return slices.Contains(d.Params, k) || slices.ContainsFunc(d.Columns, func(c Column) bool { return c.Kind == k })
}

// Values returns what a step has for the parameters of this sentence, and then
// what its table has, row by row. Numbers are not among them, nor the cells of
// columns that the sentence does not know.
func (d *Definition) Values(text string, t *godog.Table) []Value {
	var out []Value
	if len(d.Params) > 0 {
		groups := d.Expr.FindStringSubmatch(text)
		for i, k := range d.Params {
			if i+1 < len(groups) && k != number {
				out = append(out, Value{Kind: k, Text: k.unescape(groups[i+1]), Written: groups[i+1]})
			}
		}
	}
	if d.Columns == nil || t == nil || len(t.Rows) == 0 {
		return out
	}
	for _, row := range t.Rows[1:] {
		for i, cell := range row.Cells[:min(len(row.Cells), len(t.Rows[0].Cells))] {
			if c := columnOf(d.Columns, t.Rows[0].Cells[i].Value); c != nil {
				out = append(out, Value{Kind: c.Kind, Text: cell.Value, Written: cell.Value})
			}
		}
	}
	return out
}

// Definitions returns the vocabulary in the order in which people read it.
// The slice must not be changed.
func Definitions() []Definition { return definitions }

var definitions = func() []Definition {
	v := &vocabulary{}
	start(v)
	act(v)
	screens(v)
	outcomes(v)
	properties(v)
	pages(v)
	conforms(v)
	return v.list
}()

// Register makes definitions known to a scenario. Each step finds its World in
// the context, where [World.Context] put it.
func Register(sc *godog.ScenarioContext, defs []Definition) {
	for i := range defs {
		d := &defs[i]
		switch d.Keyword {
		case "Given":
			sc.Given(d.Expr, d.Handler)
		case "When":
			sc.When(d.Expr, d.Handler)
		default:
			sc.Then(d.Expr, d.Handler)
		}
	}
}

// A vocabulary collects definitions. The calls of Given, When and Then have a
// literal expression each, since editors find the steps by reading the source.
type vocabulary struct {
	area string
	list []Definition
}

// Given adds a sentence about what is so, with the kind of each value in it.
func (v *vocabulary) Given(expr string, handler any, doc, example string, params ...Kind) *Definition {
	return v.add("Given", expr, handler, doc, example, params)
}

// When adds a sentence that acts.
func (v *vocabulary) When(expr string, handler any, doc, example string, params ...Kind) *Definition {
	return v.add("When", expr, handler, doc, example, params)
}

// Then adds a sentence that asserts.
func (v *vocabulary) Then(expr string, handler any, doc, example string, params ...Kind) *Definition {
	return v.add("Then", expr, handler, doc, example, params)
}

// add appends a definition and returns it until the next one is added.
func (v *vocabulary) add(keyword, expr string, handler any, doc, example string, params []Kind) *Definition {
	d := Definition{
		Keyword: keyword, Expr: regexp.MustCompile(expr), Area: v.area, Doc: doc, Example: example, Params: params,
	}
	if f, takesTable := handler.(tableHandler); takesTable {
		d.Columns = f.columns
	}
	d.Handler = bind(handler, params)
	v.list = append(v.list, d)
	return &v.list[len(v.list)-1]
}

// at says where in a scenario the sentence may be.
func (d *Definition) at(p place) { d.place = p }

// A tableHandler carries out a sentence with a table, whose rows it gets with
// their values read.
type tableHandler struct {
	columns []Column
	do      func(*World, context.Context, []row) error
}

// table returns the handler of a sentence with a table of these columns.
func table(columns []Column, do func(*World, context.Context, []row) error) tableHandler {
	return tableHandler{columns, do}
}

// bind turns a method of World into a function that takes the world from its
// context, so that one definition serves every scenario. What a value of a
// sentence means is decided here, by its kind: the method gets it as it is meant.
func bind(handler any, params []Kind) any {
	read := func(ctx context.Context, values ...string) (*World, []string, error) {
		w := FromContext(ctx)
		for i, k := range params {
			var err error
			if values[i], err = w.read(k, values[i]); err != nil {
				return nil, nil, err
			}
		}
		return w, values, nil
	}
	switch f := handler.(type) {
	case func(*World) error:
		return func(ctx context.Context) error { return f(FromContext(ctx)) }
	case func(*World, context.Context) error:
		return func(ctx context.Context) error { return f(FromContext(ctx), ctx) }
	case func(*World, string) error:
		return func(ctx context.Context, a string) error {
			w, v, err := read(ctx, a)
			if err != nil {
				return err
			}
			return f(w, v[0])
		}
	case func(*World, context.Context, string) error:
		return func(ctx context.Context, a string) error {
			w, v, err := read(ctx, a)
			if err != nil {
				return err
			}
			return f(w, ctx, v[0])
		}
	case func(*World, string, string) error:
		return func(ctx context.Context, a, b string) error {
			w, v, err := read(ctx, a, b)
			if err != nil {
				return err
			}
			return f(w, v[0], v[1])
		}
	case func(*World, int) error:
		return func(ctx context.Context, n int) error { return f(FromContext(ctx), n) }
	case tableHandler:
		return func(ctx context.Context, t *godog.Table) error {
			w := FromContext(ctx)
			rows, err := w.rows(t, f.columns)
			if err != nil {
				return err
			}
			return f.do(w, ctx, rows)
		}
	default:
		panic(fmt.Sprintf("steps: a handler has the type %T, which bind does not know", handler))
	}
}

// What a sentence says that is at the wrong place of its scenario.
var (
	errNoFlow     = fmt.Errorf("no flow was chosen: write for example %s before this step", quoted(choosesExample))
	errNotStarted = fmt.Errorf("the flow has not been started: write %s before this step", quoted(startsExample))
	errStarted    = errors.New("the flow has been started already: ask for detailed responses before")
)

// quoted puts a sentence between quotes as it is.
func quoted(sentence string) string { return `"` + sentence + `"` }

// An Order reads the sentences of a scenario one after the other, without
// carrying them out. The zero value is before the first.
type Order struct{ chosen, started bool }

// Next returns what a run would say of the next sentence because of its place,
// which ends the scenario. It says nothing of sentences that are not of this
// vocabulary; they may have started a flow by themselves.
func (o *Order) Next(d *Definition) error {
	switch {
	case slices.Contains(d.Params, FlowName):
		o.chosen = true
	case d.place == startsFlow && !o.chosen:
		return errNoFlow
	case d.place == startsFlow:
		o.started = true
	case d.place == beforeFlow && o.started:
		return errStarted
	case d.Keyword != "Given" && !o.started:
		return errNotStarted
	}
	return nil
}
