package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cucumber/godog"

	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/stop"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// errNotRun ends a scenario that the run no longer wants.
var errNotRun = errors.New("not run")

// An item is one chosen scenario on its way through a batch.
type item struct {
	attempt

	index    int              // within the run
	earlier  []report.Attempt // those before this one, not redacted
	before   *item            // the attempt before, to be reported where this one never begins
	failure  *report.Attempt  // this attempt, if the scenario runs once more and is not reported yet
	notAgain string           // why a failed scenario does not run once more, "" if that needs no words
	why      error            // why it does not begin, where not because the run was stopped
	result   *report.Scenario
	notes    []report.Note // that are known before it begins

	secrets *secret.Redactor
	context context.Context //nolint:containedctx // godog passes on what hooks return; a step has its own limit
	cancel  context.CancelFunc
	stepEnd context.CancelFunc // of the step that runs, nil if it has no limit
	release func()             // gives its locks free
	stepAt  time.Time
	done    bool
	handed  bool // to the reporter
}

// An attempt is what happened when a scenario ran once.
type attempt struct {
	*running

	scenario planned
	world    *steps.World     // nil before it began
	backend  backend.Scenario // likewise
	began    time.Time
	trail    trail
	unsent   unsent
	results  []report.Step
	inner    []report.Step // of the step that runs, if it is a sentence of a file
	cause    error         // what the first step that did not pass ended with
	cutOff   bool          // the run was over by then
	stopped  bool          // not run, or not to its end, because the run was stopped
}

// skip ends a scenario that has one of [feature.HoldingTags].
func (it *item) skip(tag string) {
	for i := range it.scenario.Steps {
		st := &it.scenario.Steps[i]
		it.results = append(it.results, report.Step{
			Keyword: st.Keyword, Text: st.Keyword + st.Text, Line: st.Line, Status: report.Skipped,
		})
	}
	it.notes = append(it.notes, report.Note{
		Kind: heldBack, Text: "skipped for its tag " + tag + "; --tags " + tag + " runs it",
	})
	it.finish(report.Skipped)
}

// last returns the last hop of the journey, nil if there is none.
func (a *attempt) last() *flow.Hop {
	if a.world == nil || a.world.Journey == nil {
		return nil
	}
	return a.world.Journey.Last()
}

// begin makes the scenario's world.
func (it *item) begin(ctx context.Context, world *steps.World) (context.Context, error) {
	it.context = ctx
	if !it.free(ctx) {
		it.stopped = true
		return ctx, errNotRun
	}
	it.began = time.Now()
	if w := it.suite.Watcher; w != nil {
		w.Start(it.index, &report.Scenario{
			Name: it.side.Authored(it.scenario.Name), File: it.scenario.File, Line: it.scenario.Line,
			Attempt: report.Attempt{Began: it.began},
		})
	}
	it.backend = it.side.Scenario()
	it.backend.Begin(it.scenario.Place(), len(it.earlier), it.faultsOf(it.scenario.Scenario))
	it.world = world
	to := it.backend
	if p := it.scenario.platform; p != "" {
		to = &onPlatform{to, p}
	}
	if len(it.earlier) > 0 {
		to = &guarded{to, it}
	}
	it.world.Begin(&placed{to, it}, it.redactor(), it.suite.SDKs)
	it.world.Tenant = it.backend.Tenant()
	ctx, it.cancel = context.WithTimeoutCause(ctx, it.timeout, &limitError{"scenario", it.timeout})
	it.context = it.world.Context(ctx)
	return it.context, nil
}

// free waits until the scenario may run, and reports false if it no longer runs. A retry is alone
// with its user, so that what is known of refused passwords holds while it runs.
func (it *item) free(ctx context.Context) bool {
	tags := it.scenario.Tags
	if it.before != nil {
		tags = append(slices.Clone(tags), userTag+it.before.world.UserName())
	}
	release, err := it.locks.acquire(ctx, tags)
	if err != nil {
		return false
	}
	if it.before != nil {
		it.why = it.lockout(it.before.world.UserName(), 0)
	}
	// The run's context is done before those that godog makes of it.
	if it.why != nil || it.stop.Load() || ctx.Err() != nil || it.over() != nil {
		release()
		return false
	}
	it.release = release
	return true
}

// beginStep notes when a step begins, and bounds it.
func (it *item) beginStep(ctx context.Context) context.Context {
	it.stepAt = time.Now()
	limit := it.suite.StepTimeout
	if limit == 0 {
		return ctx
	}
	ctx, it.stepEnd = context.WithTimeoutCause(ctx, limit, &limitError{"step", limit})
	return ctx
}

// endStep notes the result of a step. It returns an error of its own where the
// step passed and the replay had no answer all the same.
func (it *item) endStep(status godog.StepResultStatus, err error) error {
	if it.stepEnd != nil {
		it.stepEnd()
		it.stepEnd = nil
	}
	if it.done {
		return nil
	}
	var missed error
	if it.backend != nil {
		missed = it.backend.Missed()
		if missed != nil && !errors.Is(err, missed) && it.cause == nil && status != godog.StepSkipped {
			status, err = godog.StepFailed, missed
		}
	}
	st := &it.scenario.Steps[min(len(it.results), len(it.scenario.Steps)-1)]
	r := report.Step{
		Keyword: st.Keyword, Text: st.Keyword + st.Text, Line: st.Line, Duration: time.Since(it.stepAt),
		Steps: it.inner,
	}
	it.inner = nil
	if st.Def != nil {
		r.Definition = st.Def.Index + 1
	}
	switch {
	case status == godog.StepPassed:
		r.Status = report.Passed
	case it.stopped:
		r.Status = report.NotRun
	case status == godog.StepSkipped || it.cause != nil:
		r.Status = report.Skipped
	case status == godog.StepAmbiguous:
		r.Status, r.Error, it.cause = report.Ambiguous, "ambiguous: it has several definitions", err
	case status == godog.StepUndefined:
		r.Status, it.cause = report.Undefined, err
		r.Error = "undefined: it was registered before the run, and is not any longer"
	case it.halted(err):
		r.Status, it.cause, it.stopped = report.NotRun, err, true
	default:
		r.Status = report.Failed
		it.cause, it.cutOff = err, it.over() != nil
		if err != nil {
			r.Error = plain(err) + it.besides(st)
		}
	}
	if it.world != nil {
		it.trail.follow(len(it.results), len(it.world.Hops()), st.Asserts() && r.Status != report.Skipped)
		if it.world.Journey != nil {
			it.unsent.follow(it.world.Journey, st.Line)
		}
	}
	it.results = append(it.results, r)
	if len(it.results) == len(it.scenario.Steps) {
		it.finish(0)
	}
	if r.Status == report.Failed {
		return missed
	}
	return nil
}

// halted reports whether a step ended with err because the run was stopped, not by a limit of its
// own: that is not a failure.
func (a *attempt) halted(err error) bool {
	if err == nil || !errors.Is(a.over(), context.Canceled) {
		return false
	}
	_, network := errors.AsType[*flow.NetworkError](err)
	return network || errors.Is(err, context.Canceled) || strings.Contains(err.Error(), context.Canceled.Error())
}

// besides returns the further lines for the error of a step.
func (a *attempt) besides(st *feature.Step) string {
	text := ""
	if a.backend != nil {
		text = further(a.backend.Injected().String()) + further(a.backend.Hint(a.last()))
	}
	if st.Asserts() {
		text += a.unsent.yet()
	}
	return text
}

// further makes a text a further line of an error.
func further(text string) string {
	if text == "" {
		return ""
	}
	return "\n" + text
}

// plain writes an error for the person who wrote the step: without what godog puts around it, and
// without the name of the package that says it.
func plain(err error) string {
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), "after step hook failed: "), "flow: ")
}

// finish ends the scenario, once, and hands it on if it does not run again. Its status is that of
// its steps if none is given.
func (it *item) finish(status report.Status) {
	if it.done {
		return
	}
	it.done = true
	defer it.rescue()
	if it.cancel != nil {
		it.cancel()
	}
	if it.release != nil {
		defer it.release()
	}
	removeUsers(it)
	if it.before != nil && (it.began.IsZero() || it.stopped) {
		it.fallBack()
		return
	}
	for user, n := range it.refusedPasswords() {
		it.refusals.add(user, n)
	}
	out := &report.Scenario{
		Feature: it.scenario.Feature, Rule: it.scenario.Rule, Name: it.scenario.Name, File: it.scenario.File,
		Line: it.scenario.Line, Recurs: it.scenario.Recurs, Tags: it.scenario.Tags,
		Status: status, Attempt: report.Attempt{Steps: it.results, Began: it.began},
		Number: it.scenario.number, Repeat: it.scenario.repeat, Notes: it.notes,
	}
	if len(it.suite.Platforms) > 1 {
		out.Platform = it.scenario.platform
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
	it.result = out
	if it.again() {
		if w := it.suite.Watcher; w != nil {
			w.Pause(it.index)
		}
		return
	}
	it.hand()
}

// hand reports the result of the scenario.
func (it *item) hand() {
	out := it.result
	it.record()
	it.evidence(out)
	story(it, out)
	it.conform(out, it.redactor().Redact)
	it.weakPass(out)
	if it.suite.Strict {
		strict(out)
	}
	out.Notes = append(out.Notes, it.attempts()...)
	if len(it.earlier) > 0 && out.Status == report.Passed {
		out.Status = report.Flaky
	}
	it.redact(out)
	it.suite.Known.Apply(out, it.suite.Conformance == FailBroken)
	if out.Status == report.Failed && it.suite.FailFast {
		it.stop.Store(true)
	}
	it.unauthorized.Add(int64(it.hopsWith401()))
	if w := it.suite.Watcher; w != nil {
		w.Finish(it.index, out)
	}
	it.handed = true
	it.out.finished(it.index, out)
	it.unsent = nil
	it.world, it.secrets, it.backend, it.results, it.result, it.before, it.earlier = nil, nil, nil, nil, nil, nil, nil
}

// rescue turns a panic of a hook into a failure of the scenario: the others go on. It is
// deferred.
func (it *item) rescue() {
	p := recover()
	if p == nil {
		return
	}
	text := stop.Fault(p)
	if !it.done {
		it.done = true
		if it.cancel != nil {
			it.cancel()
		}
		if it.release != nil {
			it.release()
		}
	}
	if it.handed {
		return
	}
	removeUsers(it)
	it.handed = true
	sc := it.scenario
	out := &report.Scenario{
		Feature: sc.Feature, Rule: sc.Rule, Name: sc.Name, File: sc.File, Line: sc.Line, Recurs: sc.Recurs,
		Tags: sc.Tags, Status: report.Failed, Number: sc.number, Repeat: sc.repeat,
		Attempt: report.Attempt{Began: it.began},
	}
	for i := range sc.Steps {
		st := &sc.Steps[i]
		out.Steps = append(out.Steps, report.Step{
			Keyword: st.Keyword, Text: st.Keyword + st.Text, Line: st.Line, Status: report.Skipped,
		})
	}
	if at := min(len(it.results), len(out.Steps)-1); at >= 0 {
		out.Steps[at].Status, out.Steps[at].Error = report.Failed, text
	}
	it.redact(out)
	it.out.finished(it.index, out)
}
