package steps

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"
)

// A Definition is one sentence of the vocabulary. Checks, hints and editors need no other source
// about the sentence and its values.
type Definition struct {
	Keyword string                // Given, When or Then
	Pattern string                // a regular expression, anchored at both ends
	Expr    func() *regexp.Regexp // Pattern, compiled when it is first called
	Handler any                   // the function that godog calls
	Area    string                // the part of the vocabulary it belongs to
	Doc     string                // its meaning
	Example string                // a sentence that matches, with its table where it takes one

	Params  []Kind   // the kind of value that each group of Expr captures
	Columns []Column // of the table below the sentence, nil if it takes none
	Block   bool     // a text block is below the sentence

	// File and Line are where the sentence is written, as in "flowtest/steps/act.go".
	File string
	Line int

	begin, of string // what every text begins with that an expression matches, and which one
	place     place
	below     Kind // of the text block

	needs, gives, undoes deeds
}

// A place says where in a scenario a sentence may be.
type place uint8

const (
	byKeyword   place = iota // a Given anywhere, anything else once the flow has been started
	startsFlow               // once a flow has been chosen
	startsAgain              // once one has been chosen and started
	beforeFlow               // before the flow has been started
)

// A Value is the value of a parameter of a step, or of a cell of its table.
type Value struct {
	Kind    Kind
	Text    string // without the backslashes before its quotes
	Written string // as written in the step

	json bool // it has to be JSON, and is not text if it is none
}

// Matches reports whether a text is this sentence. It compiles the pattern only if the beginning
// of the text fits, which it rarely does.
func (d *Definition) Matches(text string) bool {
	begin := d.begin
	if d.of != d.Pattern {
		begin = beginning(d.Pattern)
	}
	return strings.HasPrefix(text, begin) && d.Expr().MatchString(text)
}

// Has reports whether the sentence, or a column of its table, has values of this kind.
func (d *Definition) Has(k Kind) bool {
	return slices.Contains(d.Params, k) || slices.ContainsFunc(d.Columns, func(c Column) bool { return c.Kind == k })
}

// MakesUser reports whether the sentence creates the user who signs on from then on.
func (d *Definition) MakesUser() bool {
	return d.Area == usersArea && strings.HasPrefix(d.Pattern, "^a new user")
}

// AwaitsCode reports whether the sentence fills in a code from a message to the user.
func (d *Definition) AwaitsCode() bool { return strings.Contains(d.Pattern, "with the code from") }

// Values returns the values of a step: first those of the parameters of this sentence, then those
// below it, a table row by row. It leaves out numbers, "all of", and the cells of unknown
// columns.
func (d *Definition) Values(text string, below *messages.PickleStepArgument) []Value {
	var out []Value
	if len(d.Params) > 0 {
		groups := d.Expr().FindStringSubmatch(text)
		for i, k := range d.Params {
			if i+1 < len(groups) && k != number && k != elements {
				out = append(out, Value{k, k.unescape(groups[i+1]), groups[i+1], k == jsonValue})
			}
		}
	}
	switch {
	case below == nil:
		return out
	case d.Block && below.DocString != nil:
		written := below.DocString.Content
		return append(out, Value{d.below, written, written, d.below == jsonObject})
	case d.Columns == nil || below.DataTable == nil || len(below.DataTable.Rows) == 0:
		return out
	}
	t := below.DataTable
	at, err := d.lay(t)
	if err != nil { // what is known of a table with a mistake
		at = layout{rows: t.Rows[1:]}
		for _, cell := range t.Rows[0].Cells {
			at.columns = append(at.columns, columnOf(d.Columns, cell.Value))
		}
	}
	for _, row := range at.rows {
		for i, cell := range row.Cells[:min(len(row.Cells), len(at.columns))] {
			if c := at.columns[i]; c != nil {
				out = append(out, Value{c.Kind, cell.Value, cell.Value, false})
			}
		}
	}
	return out
}

// Definitions returns the vocabulary in the order in which people read it.
// The slice must not be changed.
func Definitions() []Definition { return definitions() }

// Not every command needs them.
var definitions = sync.OnceValue(func() []Definition {
	v := &vocabulary{}
	for _, area := range []func(*vocabulary){
		start, people, act, codesOf, passkeys, memories, screens, fieldsOf, outcomes, properties, comparisons,
		responses, pages, tokens, executions,
		conformances,
	} {
		area(v)
	}
	for i := range v.list {
		v.list[i].bind()
	}
	return v.list
})

// Register adds definitions to a scenario, for steps with any keyword. Each step finds
// its World in the context, where [World.Context] put it.
func Register(sc *godog.ScenarioContext, defs []Definition) {
	for i := range defs {
		sc.Step(defs[i].Expr(), defs[i].Handler)
	}
}

// A vocabulary collects definitions. The calls of Given, When and Then have a
// literal expression each, since editors find the steps by reading the source.
type vocabulary struct {
	area string
	list []Definition
}

// Given adds a sentence about what is so. The details are the kind of each value in
// it, where in a scenario it may be, and the columns of the table below it. They are
// arguments, since editors do not find a call with another one chained to it.
func (v *vocabulary) Given(expr string, handler any, doc, example string, details ...detail) {
	v.add("Given", expr, handler, doc, example, details)
}

// When adds a sentence that acts.
func (v *vocabulary) When(expr string, handler any, doc, example string, details ...detail) {
	v.add("When", expr, handler, doc, example, details)
}

// Then adds a sentence that asserts.
func (v *vocabulary) Then(expr string, handler any, doc, example string, details ...detail) {
	v.add("Then", expr, handler, doc, example, details)
}

func (v *vocabulary) add(keyword, expr string, handler any, doc, example string, details []detail) {
	d := Definition{
		Keyword: keyword, Pattern: expr, Handler: handler, Area: v.area, Doc: doc, Example: example,
		Expr:  sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) }),
		begin: beginning(expr), of: expr,
	}
	const callers = 2 // of Given and the others
	if _, file, line, ok := runtime.Caller(callers); ok {
		d.File, d.Line = "flowtest/steps/"+filepath.Base(file), line
	}
	for _, more := range details {
		more.describe(&d)
	}
	v.list = append(v.list, d)
}

// beginning returns the text with which everything begins that an expression matches, as far
// as it is found without compiling it.
func beginning(expr string) string {
	from, anchored := strings.CutPrefix(expr, "^")
	at := strings.IndexAny(from, `\.+*?()|[]{}^$`)
	switch {
	case !anchored || eitherOr(from):
		return ""
	case at < 0:
		return from
	case strings.IndexByte("*?{", from[at]) >= 0: // what is before it may be missing
		_, size := utf8.DecodeLastRuneInString(from[:at])
		at -= size
	}
	return from[:at]
}

// eitherOr reports whether an expression may have a | outside of its groups.
func eitherOr(expr string) bool {
	depth := 0
	for i := 0; i < len(expr); i++ {
		switch expr[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth == 0 {
				return true
			}
		}
	}
	return depth != 0 // a parenthesis in a class of characters
}

// A detail is what a definition says besides its sentence: a Kind, a place, columns or a block.
type detail interface{ describe(d *Definition) }

func (k Kind) describe(d *Definition)    { d.Params = append(d.Params, k) }
func (p place) describe(d *Definition)   { d.place = p }
func (c columns) describe(d *Definition) { d.Columns = c }
func (b block) describe(d *Definition)   { d.Block, d.below = true, b.kind }

// columns are those that the table below a sentence may have.
type columns []Column

// block says that a text block is below the sentence, and what it is.
type block struct{ kind Kind }

// bind turns the handler of a definition, a function over the World, into what
// godog calls, so that one definition serves every scenario. What a value means is
// decided here, by its kind, and whether the sentence is at its place: the
// function gets values as they are meant, and a journey that has begun.
func (d *Definition) bind() {
	do := called(d.Handler)
	run := func(ctx context.Context, t *godog.Table, values ...string) (err error) {
		w := FromContext(ctx)
		for i := range values {
			switch {
			case i < len(d.Params):
				values[i], err = read(ctx, w, d.Params[i], values[i])
			case d.below == jsonObject:
				values[i], err = read(ctx, w, jsonObject, values[i])
			default: // in a text block nothing is escaped
				values[i], err = cell(ctx, w, d.below, values[i])
			}
			if err != nil {
				return err
			}
		}
		rows, err := d.rows(ctx, w, t)
		if err != nil {
			return err
		}
		// Whether the user has an authenticator, its sentences find out: their error names the user.
		started := w.Journey != nil && w.Journey.Last() != nil
		at := Order{chosen: w.config != nil, started: started, done: w.app.done() | equipped}
		if err := at.Next(d, ""); err != nil {
			return err
		}
		return do(ctx, w, values, rows)
	}
	d.Handler = forGodog(d, run)
}

// forGodog returns what godog calls for a definition: a function with an argument for each value of
// the sentence, and one for what is below it. One that reflect makes costs more at each step.
func forGodog(d *Definition, run func(ctx context.Context, below *godog.Table, values ...string) error) any {
	type takes struct {
		texts        int
		block, table bool
	}
	switch (takes{len(d.Params), d.Block, d.Columns != nil}) {
	case takes{0, false, false}:
		return func(ctx context.Context) error { return run(ctx, nil) }
	case takes{1, false, false}:
		return func(ctx context.Context, a string) error { return run(ctx, nil, a) }
	case takes{2, false, false}:
		return func(ctx context.Context, a, b string) error { return run(ctx, nil, a, b) }
	case takes{3, false, false}:
		return func(ctx context.Context, a, b, c string) error { return run(ctx, nil, a, b, c) }
	case takes{0, true, false}:
		return func(ctx context.Context, t *godog.DocString) error { return run(ctx, nil, t.Content) }
	case takes{1, true, false}:
		return func(ctx context.Context, a string, t *godog.DocString) error { return run(ctx, nil, a, t.Content) }
	case takes{0, false, true}:
		return func(ctx context.Context, t *godog.Table) error { return run(ctx, t) }
	case takes{1, false, true}:
		return func(ctx context.Context, a string, t *godog.Table) error { return run(ctx, t, a) }
	case takes{2, false, true}:
		return func(ctx context.Context, a, b string, t *godog.Table) error { return run(ctx, t, a, b) }
	default:
		panic("steps: forGodog knows no function with the arguments of " + d.Pattern)
	}
}

// called returns what calls a handler with what it takes.
func called(handler any) func(context.Context, *World, []string, []row) error {
	switch f := handler.(type) {
	case func(*World) error:
		return func(_ context.Context, w *World, _ []string, _ []row) error { return f(w) }
	case func(*World, string) error:
		return func(_ context.Context, w *World, v []string, _ []row) error { return f(w, v[0]) }
	case func(*World, string, string) error:
		return func(_ context.Context, w *World, v []string, _ []row) error { return f(w, v[0], v[1]) }
	case func(*World, string, string, string) error:
		return func(_ context.Context, w *World, v []string, _ []row) error { return f(w, v[0], v[1], v[2]) }
	case func(*World, string, []row) error:
		return func(_ context.Context, w *World, v []string, rows []row) error { return f(w, v[0], rows) }
	case func(*World, string, string, []row) error:
		return func(_ context.Context, w *World, v []string, rows []row) error { return f(w, v[0], v[1], rows) }
	case func(*World, []row) error:
		return func(_ context.Context, w *World, _ []string, rows []row) error { return f(w, rows) }
	case func(context.Context, *World) error:
		return func(ctx context.Context, w *World, _ []string, _ []row) error { return f(ctx, w) }
	case func(context.Context, *World, string) error:
		return func(ctx context.Context, w *World, v []string, _ []row) error { return f(ctx, w, v[0]) }
	case func(context.Context, *World, string, string) error:
		return func(ctx context.Context, w *World, v []string, _ []row) error { return f(ctx, w, v[0], v[1]) }
	case func(context.Context, *World, string, string, string) error:
		return func(ctx context.Context, w *World, v []string, _ []row) error { return f(ctx, w, v[0], v[1], v[2]) }
	case func(context.Context, *World, []row) error:
		return func(ctx context.Context, w *World, _ []string, rows []row) error { return f(ctx, w, rows) }
	default:
		panic(fmt.Sprintf("steps: a handler has the type %T, which called does not know", handler))
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

// An Order checks the order of the sentences of a scenario without running them. The zero
// value is ready for the first sentence.
type Order struct {
	chosen, started bool
	done            deeds
	user            string   // who signs on, "" for the first
	equipped        []string // the users who have an authenticator
}

// Next returns the error that a run would report if the next sentence, with the text of a step, is in
// the wrong place. It does not check sentences that are not in this vocabulary: they may have started a flow
// themselves.
func (o *Order) Next(d *Definition, text string) error {
	switch {
	case slices.Contains(d.Params, FlowName):
		o.chosen = true
	case (d.place == startsFlow || d.place == startsAgain) && !o.chosen:
		return errNoFlow
	case d.place == startsFlow:
		o.started = true
	case d.place == beforeFlow && o.started:
		return errStarted
	case d.Keyword != "Given" && !o.started:
		return errNotStarted
	}
	switch missing := d.needs &^ o.done; {
	case missing&exchanged != 0:
		return errNoTokens
	case missing&askedInfo != 0:
		return errNoInfo
	case missing&equipped != 0:
		return errNoDevice
	case missing&introspected != 0:
		return errUnasked
	case missing&exchangedAgain != 0:
		return errNotAgain
	}
	o.does(d, text)
	return nil
}
