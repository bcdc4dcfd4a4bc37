package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
	"flowtest/steps"
)

// batch runs some of the chosen scenarios in a godog suite of their own: godog
// keeps every result of a suite until its end. Those with a step that has no
// definition are not run at all: a journey that is only half understood should
// not touch a tenant.
func (r *running) batch(ctx context.Context, first int, scenarios []planned) {
	var items []*item
	heldBack := feature.HeldBack(r.suite.Tags)
	cut := false // whether a scenario that cannot run ends the run here
	for i, s := range scenarios {
		it := &item{attempt: attempt{running: r, scenario: s}, index: first + i}
		faulty, held := undefined(s.Scenario), heldBack(s.Tags)
		switch {
		case cut || r.stop.Load() || ctx.Err() != nil:
			it.finish(report.NotRun)
		case held != "":
			it.skip(held)
		case faulty != nil:
			it.results = faulty
			it.finish(0)
			cut = r.suite.FailFast && !r.suite.DryRun
		case r.suite.DryRun:
			it.finish(report.NotRun)
		default:
			items = append(items, it)
		}
	}
	for len(items) > 0 {
		r.godog(ctx, items)
		items = r.retried(ctx, items)
	}
	if cut {
		r.stop.Store(true)
	}
}

// undefined returns the steps of a scenario that cannot run, since one of them has no
// definition or there are none; nil if it can run.
func undefined(s *feature.Scenario) []report.Step {
	if len(s.Steps) == 0 {
		return []report.Step{{
			Text: "(no steps)", Line: s.Line, Status: report.Undefined,
			Error: "undefined: the scenario has no steps, so it would show nothing",
		}}
	}
	if !slices.ContainsFunc(s.Steps, func(st feature.Step) bool { return st.Fault() != "" }) {
		return nil
	}
	var out []report.Step
	for i := range s.Steps {
		st := &s.Steps[i]
		r := report.Step{
			Keyword: st.Keyword, Text: st.Keyword + st.Text, Line: st.Line, Status: report.Skipped, Error: st.Fault(),
		}
		switch {
		case strings.HasPrefix(st.Fault(), "ambiguous"):
			r.Status = report.Ambiguous
		case st.Fault() != "":
			r.Status = report.Undefined
		}
		out = append(out, r)
	}
	return out
}

// heldBack is the kind of a note that says for which tag a scenario was skipped.
const heldBack report.NoteKind = "skipped"

// godog runs the items.
func (r *running) godog(ctx context.Context, items []*item) {
	defs := used(items)
	features, at := contents(items)
	named := meanings(items)
	suite := godog.TestSuite{
		Name: "flowtest",
		ScenarioInitializer: func(sc *godog.ScenarioContext) { //nolint:contextcheck // godog hands each step its own
			world, keeps := &steps.World{}, &keeper{ScenarioContext: sc}
			hook(keeps, at, world, named)
			steps.Register(sc, defs)
			switch {
			case r.suite.Steps == nil:
			case slices.ContainsFunc(named, (*feature.Definition).CallsOwn):
				r.suite.Steps(keeps, world)
			default:
				r.suite.Steps(sc, world)
			}
		},
		Options: &godog.Options{
			Format: silent(), Output: io.Discard, NoColors: true, Strict: true,
			Concurrency: r.suite.concurrency(), FeatureContents: features, DefaultContext: ctx,
		},
	}
	suite.Run() // its exit code knows less than the items do
	for _, it := range items {
		it.finish(report.Failed)
	}
}

// used returns the definitions that the items need: godog tries every one on
// every step, twice.
func used(items []*item) []steps.Definition {
	all := steps.Definitions()
	need := make([]bool, len(all))
	for _, it := range items {
		for i := range it.scenario.Steps {
			if def := it.scenario.Steps[i].Def; !def.Own && def.Meaning == nil {
				need[def.Index] = true
			}
		}
	}
	var out []steps.Definition
	for i := range all {
		if need[i] {
			out = append(out, all[i])
		}
	}
	return out
}

// A location is where godog finds a scenario: the name of a feature, and a line of it.
type location struct {
	feature string
	line    int64
}

// contents writes the features that godog runs: the scenarios of the items in the
// words of their files, with nothing of the others. It returns which item is where.
func contents(items []*item) (features []godog.Feature, at map[location]*item) {
	at = make(map[location]*item, len(items))
	for from := 0; from < len(items); {
		first := items[from].scenario
		var b strings.Builder
		b.WriteString(first.Excerpt.Head.Text)
		// godog takes two features of one name for the same, and a shuffled run has them.
		name, lines := strconv.Itoa(from)+":"+first.File, first.Excerpt.Head.Lines
		to := from
		for ; to < len(items) && items[to].scenario.Excerpt.Head == first.Excerpt.Head; to++ {
			line, after := items[to].scenario.Excerpt.WriteTo(&b, lines)
			at[location{name, int64(line)}], lines = items[to], after
		}
		features = append(features, godog.Feature{Name: name, Contents: []byte(b.String())})
		from = to
	}
	return features, at
}

// hook follows one scenario of a suite from its beginning to its end.
func hook(sc *keeper, all map[location]*item, world *steps.World, list []*feature.Definition) {
	var it *item
	for _, def := range list {
		sc.ScenarioContext.Step(def.Expr(), meaning(def, func(ctx context.Context) error {
			st := &it.scenario.Steps[min(len(it.results), len(it.scenario.Steps)-1)]
			var err error
			it.inner, err = inside(ctx, it, sc.steps, st)
			return err
		}))
	}
	sc.Before(func(ctx context.Context, s *godog.Scenario) (of context.Context, err error) {
		it = all[location{s.Uri, s.Location.Line}]
		of, err = ctx, errNotRun //nolint:wastedassign // returned where it panics
		defer it.rescue()
		return it.begin(ctx, world)
	})
	sc.StepContext().Before(func(ctx context.Context, _ *godog.Step) (of context.Context, err error) {
		of = ctx //nolint:wastedassign // likewise
		defer it.rescue()
		return it.beginStep(ctx), nil
	})
	sc.StepContext().After(
		func(_ context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (of context.Context, _ error) {
			of = it.context //nolint:wastedassign // likewise
			defer it.rescue()
			return it.context, it.endStep(status, err)
		})
}

// meanings returns the sentences of a file that the items need, each once.
func meanings(items []*item) []*feature.Definition {
	var out []*feature.Definition
	seen := map[int]bool{}
	for _, it := range items {
		for i := range it.scenario.Steps {
			if def := it.scenario.Steps[i].Def; def.Meaning != nil && !seen[def.Index] {
				seen[def.Index] = true
				out = append(out, def)
			}
		}
	}
	return out
}

// meaning returns what godog calls for a sentence of a file: a function with a text for each
// of its parameters. Their values are in its steps already.
func meaning(def *feature.Definition, do func(context.Context) error) any {
	in := []reflect.Type{reflect.TypeFor[context.Context]()}
	for range def.Expr().NumSubexp() {
		in = append(in, reflect.TypeFor[string]())
	}
	of := reflect.FuncOf(in, []reflect.Type{reflect.TypeFor[error]()}, false)
	return reflect.MakeFunc(of, func(args []reflect.Value) []reflect.Value {
		out := reflect.New(reflect.TypeFor[error]()).Elem()
		ctx, _ := reflect.TypeAssert[context.Context](args[0])
		if err := do(ctx); err != nil {
			out.Set(reflect.ValueOf(err))
		}
		return []reflect.Value{out}
	}).Interface()
}

// inside carries out the steps of a sentence of a file, and returns their results, of those
// that do not run too. The caller's own are functions in the order of their definitions.
func inside(ctx context.Context, it *item, own []any, of *feature.Step) (results []report.Step, failed error) {
	inner := of.Inner()
	for i := range inner {
		st := &inner[i]
		r := report.Step{
			Keyword: st.Keyword, Text: st.Keyword + st.Text, Line: st.Line, File: of.Def.File, Status: report.Skipped,
		}
		if failed != nil {
			results = append(results, r)
			continue
		}
		begin := time.Now()
		var err error
		if st.Inner() != nil {
			r.Steps, err = inside(ctx, it, own, st)
		} else {
			err = innerStep(ctx, it, own, st)
		}
		r.Duration, r.Status = time.Since(begin), report.Passed
		if err != nil {
			r.Status, r.Error = report.Failed, plain(err)
			if st.Inner() == nil { // the innermost step names itself
				err = &innerError{fmt.Sprintf("%s (%s:%d): %s", r.Text, of.Def.File, st.Line, r.Error), err}
			}
			failed = err
		}
		results = append(results, r)
	}
	return results, failed
}

// An innerError is that of a step of a sentence of a file.
type innerError struct {
	text string
	err  error
}

func (e *innerError) Error() string { return e.text }

func (e *innerError) Unwrap() error { return e.err }

// innerStep carries out a step of a sentence of a file: one of flowtest or of the caller. A
// request that the replay does not have fails it.
func innerStep(ctx context.Context, it *item, own []any, st *feature.Step) error {
	do := st.Def.Handler
	if st.Def.Own {
		at := st.Def.Index - len(steps.Definitions())
		if at >= len(own) {
			return errors.New("it was registered before the run, and is not any longer")
		}
		do = own[at]
	}
	err := call(ctx, do, st.Def.Expr().FindStringSubmatch(st.Text)[1:], st.Arg)
	if missed := it.backend.Missed(); err == nil && missed != nil {
		err = missed
	}
	it.trail.follow(len(it.results), len(it.world.Hops()), st.Asserts())
	return err
}

// silent returns the name of a godog format that writes nothing: what happens
// is taken from the hooks, which know durations and journeys.
var silent = sync.OnceValue(func() string {
	const name = "flowtest-silent"
	godog.Format(name, "writes nothing", func(suite string, to io.Writer) godog.Formatter {
		return silence{godog.NewBaseFmt(suite, to)}
	})
	return name
})

// silence is the base of godog's formats, which writes only a summary.
type silence struct{ *godog.BaseFmt }

// Summary implements [godog.Formatter].
func (silence) Summary() {}
