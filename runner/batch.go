package runner

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/cucumber/godog"

	"flowtest/runner/report"
	"flowtest/steps"
)

// batch runs some of the chosen scenarios in a godog suite of their own: godog
// keeps every result of a suite until its end. Those with a step that has no
// definition are not run at all: a journey that is only half understood should
// not touch a tenant.
func (r *running) batch(ctx context.Context, first int, scenarios []*scenario) {
	var items, all []*item
	cut := false // whether a scenario that cannot run ends the run here
	for i, s := range scenarios {
		it := &item{running: r, number: i, index: first + i, scenario: s}
		all = append(all, it)
		switch {
		case cut || r.stop.Load() || ctx.Err() != nil:
			it.finish(report.NotRun)
		case !it.defined():
			it.finish(0)
			cut = r.suite.FailFast
		default:
			items = append(items, it)
		}
	}
	if len(items) > 0 {
		r.godog(ctx, all, items)
	}
	if cut {
		r.stop.Store(true)
	}
}

// godog runs the items, which are some of all.
func (r *running) godog(ctx context.Context, all, items []*item) {
	defs := used(items)
	suite := godog.TestSuite{
		Name: "flowtest",
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			hook(sc, all)
			steps.Register(sc, defs)
		},
		Options: &godog.Options{
			Format: silent(), Output: io.Discard, NoColors: true, Strict: true,
			Concurrency: r.suite.concurrency(), FeatureContents: contents(items), DefaultContext: ctx,
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
		for i := range it.scenario.steps {
			need[it.scenario.steps[i].def.index] = true
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

// contents renders the items, those of one file together.
func contents(items []*item) []godog.Feature {
	var out []godog.Feature
	for from := 0; from < len(items); {
		to := from + 1
		for to < len(items) && items[to].scenario.file == items[from].scenario.file {
			to++
		}
		var b strings.Builder
		render(&b, items[from].scenario.feature, items[from:to])
		out = append(out, godog.Feature{Name: items[from].scenario.file, Contents: []byte(b.String())})
		from = to
	}
	return out
}

// hook follows one scenario of a suite from its beginning to its end.
func hook(sc *godog.ScenarioContext, all []*item) {
	var it *item
	sc.Before(func(ctx context.Context, s *godog.Scenario) (context.Context, error) {
		number, err := strconv.Atoi(strings.TrimPrefix(s.Tags[0].Name, itemTag))
		if err != nil {
			return ctx, err
		}
		it = all[number]
		return it.begin(ctx)
	})
	sc.StepContext().Before(func(ctx context.Context, st *godog.Step) (context.Context, error) {
		it.beginStep(st)
		return ctx, nil
	})
	sc.StepContext().After(
		func(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
			return ctx, it.endStep(status, err)
		})
}
