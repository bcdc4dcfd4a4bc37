package steps

import (
	"context"
	"fmt"
	"regexp"

	"github.com/cucumber/godog"
)

// A Definition is one sentence of the vocabulary.
type Definition struct {
	Keyword string         // Given, When or Then
	Expr    *regexp.Regexp // anchored at both ends, compiled once
	Handler any            // what godog is given
	Area    string         // the part of the vocabulary it belongs to
	Doc     string         // what it means
	Example string         // a sentence that matches, with its table where it takes one

	columns *columns // of its table, nil where it takes none
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

// Given adds a sentence about what is so.
func (v *vocabulary) Given(expr string, handler any, doc, example string) {
	v.add("Given", expr, handler, doc, example)
}

// When adds a sentence that acts.
func (v *vocabulary) When(expr string, handler any, doc, example string) {
	v.add("When", expr, handler, doc, example)
}

// Then adds a sentence that asserts.
func (v *vocabulary) Then(expr string, handler any, doc, example string) {
	v.add("Then", expr, handler, doc, example)
}

func (v *vocabulary) add(keyword, expr string, handler any, doc, example string) {
	v.list = append(v.list, Definition{
		Keyword: keyword, Expr: regexp.MustCompile(expr), Handler: bind(handler),
		Area: v.area, Doc: doc, Example: example,
	})
}

// table gives the sentence that was added last the columns of its table.
func (v *vocabulary) table(c *columns) { v.list[len(v.list)-1].columns = c }

// bind turns a method of World into a function that takes the world from its
// context, so that one definition serves every scenario.
func bind(handler any) any {
	switch f := handler.(type) {
	case func(*World) error:
		return func(ctx context.Context) error { return f(FromContext(ctx)) }
	case func(*World, context.Context) error:
		return func(ctx context.Context) error { return f(FromContext(ctx), ctx) }
	case func(*World, string) error:
		return func(ctx context.Context, a string) error { return f(FromContext(ctx), a) }
	case func(*World, context.Context, string) error:
		return func(ctx context.Context, a string) error { return f(FromContext(ctx), ctx, a) }
	case func(*World, string, string) error:
		return func(ctx context.Context, a, b string) error { return f(FromContext(ctx), a, b) }
	case func(*World, int) error:
		return func(ctx context.Context, n int) error { return f(FromContext(ctx), n) }
	case func(*World, *godog.Table) error:
		return func(ctx context.Context, t *godog.Table) error { return f(FromContext(ctx), t) }
	case func(*World, context.Context, *godog.Table) error:
		return func(ctx context.Context, t *godog.Table) error { return f(FromContext(ctx), ctx, t) }
	default:
		panic(fmt.Sprintf("steps: a handler has the type %T, which bind does not know", handler))
	}
}
