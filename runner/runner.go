// Package runner is the program without its command line: it chooses
// scenarios, drives them against a target and passes the results to a
// reporter. It touches neither the process nor its arguments.
//
// Fill in a [Suite] and call [Suite.Run], or pass it to package gotest in a Go test. [Replay] and
// [LoadTarget] return its target, and package recordings loads what a replay answers from.
package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"flowtest/mockserver"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/exercised"
	"flowtest/runner/internal/feature"
	"flowtest/runner/internal/safehtml"
	"flowtest/runner/internal/stop"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
	"flowtest/steps/words"
)

// The defaults of a Suite.
const (
	DefaultTimeout  = 2 * time.Minute // of a scenario
	liveConcurrency = 4

	// DefaultMaxRefused is how often the password of a user may be refused in a run
	// before scenarios of that user are no longer retried: an account is locked after a
	// few refusals.
	DefaultMaxRefused = 3

	// How many scenarios a godog suite has for each that runs at once. It slows down with
	// its size; at the end of one some wait for the slowest, which takes longer live.
	replayBatch, liveBatch = 5, 10
)

// Run runs the suite. After an error nothing ran. It is a *[NothingError] if no
// scenario was chosen, an *[EnvironmentError] if a live target could not be reached,
// and otherwise says what the run cannot use: a feature that does not parse, a wrong
// selection, a target. Failures of scenarios, and the end of the context, are in the
// returned run. An empty shard is a run without scenarios.
func (s *Suite) Run(ctx context.Context) (*report.Run, error) {
	begin := time.Now()
	if s.RunTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.RunTimeout, &limitError{"run", s.RunTimeout})
		defer cancel()
	}
	if s.Target == nil {
		return nil, errors.New("runner: no target")
	}
	demand, err := exercised.Parse(s.RequireExercised)
	if err != nil {
		return nil, err
	}
	p, err := s.choose(ctx)
	if err != nil {
		return nil, err
	}
	faults, where, err := s.faults(p.scenarios)
	if err != nil {
		return nil, err
	}
	chosen, err := s.arrange(p)
	if err != nil {
		return nil, err
	}
	side, err := backend.Open(ctx, backend.Config{
		Target: s.Target, Recordings: p.flows, Env: s.Env, Rate: s.Rate, Connections: s.concurrency(),
		Messages: !s.DryRun && len(chosen) > 0, KeepUsers: s.KeepUsers,
		Offline: s.DryRun || len(chosen) == 0, // an empty shard has nothing to ask of a target
	})
	if err != nil && s.Target.Live != nil {
		return nil, &EnvironmentError{err}
	} else if err != nil {
		return nil, err
	}
	defer func() { _ = side.Close() }() // what arrives from now on is not used
	r := &running{
		suite: s, side: side, beside: p.beside,
		over: ctx.Err, timeout: cmp.Or(s.Timeout, DefaultTimeout), faults: faults,
		locks: newLocks(s.concurrency()),
		out:   &ordered{to: s.Reporter, run: &report.Run{}, waiting: map[int]*report.Scenario{}},
	}
	if r.out.to == nil {
		r.out.to = report.Discard{}
	}
	r.out.run.Plan = s.plan(p, where, faults.Seed, len(chosen), begin, side.Authored)
	if s.Conformance != OffBroken && !s.DryRun {
		r.out.run.Conformance = &conformance.Matrix{}
	}
	r.out.to.Begin(r.out.run.Plan)
	size := replayBatch * s.concurrency()
	if s.Target.Live != nil {
		size = liveBatch * s.concurrency()
	}
	for first := 0; first < len(chosen); first += size {
		last := min(first+size, len(chosen))
		r.batch(ctx, first, chosen[first:last])
		clear(chosen[first:last]) // so that memory does not grow with the suite
	}
	r.out.run.Interrupted = ctx.Err() != nil
	if limit, ok := errors.AsType[*limitError](context.Cause(ctx)); ok {
		r.late(limit)
	}
	r.close(p)
	demand.Hold(r.out.run)
	r.out.run.Duration = time.Since(begin)
	r.out.to.End(r.out.run)
	return r.out.run, nil
}

func (s *Suite) concurrency() int {
	switch {
	case s.Concurrency > 0:
		return s.Concurrency
	case s.Target.Live != nil:
		return liveConcurrency
	default:
		return runtime.GOMAXPROCS(0)
	}
}

// running is a suite while it runs.
type running struct {
	suite   *Suite
	side    backend.Backend
	beside  func(file, name string) (files fs.FS, at, show string) // of a feature file
	timeout time.Duration
	over    func() error // whether the run was stopped from outside
	faults  mockserver.Faults
	out     *ordered
	stop    atomic.Bool // set by the first scenario that does not pass, where that ends the run

	recording    sync.Mutex   // held while Suite.Record is called
	unauthorized atomic.Int64 // hops that were answered with 401
	locks        *locks
	refusals     refusals
	frames       safehtml.Frames
}

// late notes that the run's time limit is over.
func (r *running) late(limit *limitError) {
	run := r.out.run
	text := limit.Error()
	if n := run.Counts[report.NotRun]; n > 0 {
		text += ": " + words.Count(n, "scenario") + " did not run (--run-timeout)"
	}
	run.Notes = append(run.Notes, report.Note{Kind: report.OutOfTime, Text: text})
}

// close adds the notes about the whole run.
func (r *running) close(p *plan) {
	s, run := r.suite, r.out.run
	complete := run.Counts[report.NotRun] == 0
	stale := s.Known.Stale(complete && p.whole && s.Shards <= 1 && !s.DryRun)
	run.Notes = append(run.Notes, stale...)
	run.Failed = run.Failed || len(stale) > 0
	if n := run.Counts[report.Flaky]; n > 0 && s.FailOnFlaky {
		run.Notes = append(run.Notes, report.Note{
			Kind: report.Retried, Text: strconv.Itoa(n) + " passed only after a retry, and --fail-on-flaky was given",
		})
		run.Failed = true
	}
	if run.Hops > 0 && int(r.unauthorized.Load()) == run.Hops {
		run.Notes = append(run.Notes, report.Note{
			Kind: report.Meaningless,
			Text: "every hop was answered with 401, so the run shows nothing of the flow: look at the target's set-up",
		})
		run.Failed = run.Failed || s.Strict
	}
}

// faults returns the faults of the run with their seed, and the line for people
// with both. The error joins what is wrong with the tags of the scenarios.
func (s *Suite) faults(scenarios []*feature.Scenario) (faults mockserver.Faults, where string, err error) {
	var mistakes []error
	var tags []string
	for _, sc := range scenarios {
		_, used, err := mockserver.TaggedFaults(sc.Tags)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%s: %w", sc.Place(), err))
		}
		tags = append(tags, used...)
	}
	faults = s.Faults
	slices.Sort(tags)
	tags = slices.Compact(tags)
	switch {
	case len(mistakes) > 0:
		return faults, "", errors.Join(mistakes...)
	case faults.None() && len(tags) == 0:
		return faults, s.Plan.Where, nil
	case s.Target.Live != nil:
		return faults, "", s.onLive(tags)
	}
	if faults.Seed == 0 {
		faults.Seed = mockserver.NewSeed()
	}
	what := faults.String()
	if faults.None() {
		what = "by tags"
	}
	return faults, joined(s.Plan.Where, fmt.Sprintf("faults %s (seed %d)", what, faults.Seed)), nil
}

// onLive says that a live target has only faults of its own.
func (s *Suite) onLive(tags []string) error {
	if !s.Faults.None() {
		return fmt.Errorf("faults apply only to a replay, and the target %q is live", s.Target.Name)
	}
	return fmt.Errorf("%s applies only to a replay, and the target %q is live: "+
		"choose other scenarios, as with --tags \"not (%s)\"",
		strings.Join(tags, ", "), s.Target.Name, words.Or(tags))
}

// faultsOf returns the faults of a scenario: those of its tags, or else of the run.
func (r *running) faultsOf(s *feature.Scenario) mockserver.Faults {
	faults, used, err := mockserver.TaggedFaults(s.Tags)
	if err != nil || len(used) == 0 { // there is no error: the run would not have begun
		return r.faults
	}
	faults.Seed = r.faults.Seed
	return faults
}

// ordered hands scenarios to a reporter in the order of the files, whatever
// the order in which they finish.
type ordered struct {
	mu      sync.Mutex
	to      report.Reporter
	run     *report.Run
	next    int
	waiting map[int]*report.Scenario
}

// finished takes in the scenario with that number.
func (o *ordered) finished(number int, s *report.Scenario) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.waiting[number] = s
	for s := o.waiting[o.next]; s != nil; s = o.waiting[o.next] {
		delete(o.waiting, o.next)
		o.run.Add(s)
		if s.Conformance != nil {
			o.run.Conformance.Add(s.Conformance)
		}
		o.next++
		o.report(s)
	}
}

// report hands a scenario to the reporter. A panic there fails the run.
func (o *ordered) report(s *report.Scenario) {
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprintf("%s:%d is not in every report: %s", s.File, s.Line, stop.Fault(p))
			o.run.Notes = append(o.run.Notes, report.Note{Kind: report.Meaningless, Text: text})
			o.run.Failed = true
		}
	}()
	o.to.Scenario(s)
}
