package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"flowtest/mockserver"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// errNotRun ends a scenario that the run does not want any more.
var errNotRun = errors.New("not run")

// An item is one chosen scenario on its way through a batch.
type item struct {
	*running

	number   int // within the batch
	index    int // within the run
	scenario *scenario

	world   *steps.World
	secrets *secret.Redactor
	journey sideOfScenario
	cancel  context.CancelFunc
	began   time.Time
	stepAt  time.Time
	steps   int // how many have begun
	results []report.Step
	cause   error // what the first step that did not pass ended with
	stopped bool  // not run, because the run was stopped
	done    bool
}

// defined notes the steps without a definition, and reports whether there are none.
func (it *item) defined() bool {
	ok := len(it.scenario.steps) > 0
	for i := range it.scenario.steps {
		ok = ok && it.scenario.steps[i].def != nil
	}
	if ok {
		return true
	}
	for i := range it.scenario.steps {
		st := &it.scenario.steps[i]
		r := report.Step{Text: st.keyword + st.text, Line: st.line, Status: report.Skipped, Error: st.fault}
		switch {
		case strings.HasPrefix(st.fault, "ambiguous"):
			r.Status = report.Ambiguous
		case st.fault != "":
			r.Status = report.Undefined
		}
		it.results = append(it.results, r)
	}
	if len(it.results) == 0 {
		it.results = []report.Step{{
			Text: "(no steps)", Line: it.scenario.line, Status: report.Undefined,
			Error: "undefined: the scenario has no steps, so it would show nothing",
		}}
	}
	return false
}

// begin makes the scenario's world.
func (it *item) begin(ctx context.Context) (context.Context, error) {
	it.began = time.Now()
	if it.stop.Load() || ctx.Err() != nil {
		it.stopped = true
		return ctx, errNotRun
	}
	it.journey = it.side.scenario()
	if r, ok := it.journey.(*replayScenario); ok {
		r.befall(it.faults, it.scenario)
	}
	it.secrets = &secret.Redactor{Parent: it.side.redactor()}
	it.world = steps.NewWorld(it.journey, it.secrets)
	ctx, it.cancel = context.WithTimeoutCause(ctx, it.timeout, &scenarioLimitError{it.timeout.String()})
	return it.world.Context(ctx), nil
}

// beginStep puts the step into the place that was rendered for it.
func (it *item) beginStep(st *godog.Step) {
	it.stepAt = time.Now()
	if n := it.steps; n < len(it.scenario.steps) {
		it.scenario.steps[n].put(st)
	}
	it.steps++
}

// endStep notes what came of a step. It returns an error of its own where the
// step passed and the replay had no answer all the same.
func (it *item) endStep(status godog.StepResultStatus, err error) error {
	if it.done {
		return nil
	}
	var missed error
	if it.journey != nil {
		if missed = it.journey.missed(); missed != nil && it.cause == nil && status != godog.StepSkipped {
			status, err = godog.StepFailed, missed
		}
	}
	st := &it.scenario.steps[min(len(it.results), len(it.scenario.steps)-1)]
	r := report.Step{Text: st.keyword + st.text, Line: st.line, Duration: time.Since(it.stepAt)}
	switch {
	case status == godog.StepPassed:
		r.Status = report.Passed
	case it.stopped:
		r.Status = report.NotRun
	case status == godog.StepSkipped || it.cause != nil:
		r.Status = report.Skipped
	default:
		r.Status = report.Failed
		it.cause = err
		if err != nil {
			r.Error = plain(err) + befell(it.journey)
		}
	}
	it.results = append(it.results, r)
	if len(it.results) == len(it.scenario.steps) {
		it.finish(0)
	}
	if r.Status == report.Failed {
		return missed
	}
	return nil
}

// plain writes an error without what godog puts around it.
func plain(err error) string {
	return strings.TrimPrefix(err.Error(), "after step hook failed: ")
}

// finish hands the scenario on, once. Its status is that of its steps where
// none is given.
func (it *item) finish(status report.Status) {
	if it.done {
		return
	}
	it.done = true
	if it.cancel != nil {
		it.cancel()
	}
	out := &report.Scenario{
		Feature: it.scenario.feature, Name: it.scenario.name, File: it.scenario.file, Line: it.scenario.line,
		Tags: it.scenario.tags, Status: status, Steps: it.results,
	}
	if !it.began.IsZero() {
		out.Duration = time.Since(it.began)
	}
	if status == 0 {
		out.Status = report.Passed
		for i := range out.Steps {
			out.Status = max(out.Status, out.Steps[i].Status)
		}
	}
	it.evidence(out)
	if out.Status == report.Failed && it.suite.FailFast {
		it.stop.Store(true)
	}
	it.redact(out)
	it.out.finished(it.index, out)
	it.world, it.secrets, it.journey, it.results = nil, nil, nil, nil
}

// evidence adds the hops of the journey: their number, and the last ones where
// the scenario did not pass.
func (it *item) evidence(out *report.Scenario) {
	if it.world == nil || it.world.Journey == nil {
		out.Environment = out.Status == report.Failed && it.environmental(nil)
		return
	}
	hops := it.world.Journey.Hops()
	out.HopCount = len(hops)
	if out.Status != report.Failed {
		return
	}
	out.Environment = it.environmental(it.world.Journey.Last())
	const most = 2
	for _, h := range hops[max(0, len(hops)-most):] {
		out.Hops = append(out.Hops, summarize(h))
	}
}

// environmental reports whether a scenario failed for network, rate limit or
// tenant set-up. A replay that has no answer is a fault of feature or recording,
// and a run that was stopped is nobody's.
func (it *item) environmental(last *flow.Hop) bool {
	if _, ok := errors.AsType[*missError](it.cause); ok || it.over() != nil {
		return false
	}
	if _, ok := errors.AsType[*flow.NetworkError](it.cause); ok {
		return true
	}
	return last != nil && last.Failure != nil && last.Failure.Origin.Environmental()
}

// summarize writes a hop for people: never a query, a header or a value.
func summarize(h *flow.Hop) report.Hop {
	out := report.Hop{
		Number: h.Number, Request: h.Request.Method + " " + tail(h.Request.URL.Path), Duration: h.Duration,
	}
	if h.Request.Action != "" {
		out.Request += fmt.Sprintf(", action %q", h.Request.Action)
	}
	missed := h.Header.Get(mockserver.MissHeader) != "" // its message is the step's error already
	out.Response = fmt.Sprintf("%d %s", h.Status, h.Outcome)
	if h.Failure != nil {
		out.Response += fmt.Sprintf(", %s (%s): %s", h.Failure.Code, h.Failure.Origin, h.Failure.Message)
	} else if m := h.Message(); m != "" && !missed {
		out.Response += fmt.Sprintf(", %q", m)
	}
	if id := h.NodeID(); id != "" {
		out.Where = "node " + id
	}
	if h.Screen != nil {
		out.Where += fmt.Sprintf(", form %q", h.Screen.Name)
	}
	return out
}

// tail shortens a path to what a person looks for: the capability, or the
// endpoint below the environment.
func tail(path string) string {
	for _, from := range []string{"/capabilities/", "/as/"} {
		if i := strings.Index(path, from); i > 0 {
			return "…" + path[i:]
		}
	}
	return path
}

// redact takes the secrets out of everything that a person reads. A scenario
// that passed shows its own text alone, which can hold only what was typed.
func (it *item) redact(out *report.Scenario) {
	known := it.secrets
	if known == nil {
		known = &secret.Redactor{Parent: it.side.redactor()}
	}
	known.Add(it.scenario.typedSecrets()...)
	hide := known.Redact
	if out.Status == report.Passed {
		hide = known.RedactTyped
	}
	for i := range out.Steps {
		out.Steps[i].Text, out.Steps[i].Error = hide(out.Steps[i].Text), hide(out.Steps[i].Error)
	}
	for i := range out.Hops {
		h := &out.Hops[i]
		h.Request, h.Response, h.Where = hide(h.Request), hide(h.Response), hide(h.Where)
	}
	out.Name = hide(out.Name)
}
