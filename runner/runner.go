// Package runner is the program without its command line: it chooses
// scenarios, drives them against a target and hands what came of them to a
// reporter. It touches neither the process nor its arguments.
package runner

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/report"
	"flowtest/runner/target"
	"flowtest/steps"
)

// The values that a Suite takes where it has none.
const (
	DefaultTimeout  = 2 * time.Minute
	liveConcurrency = 4
	batchSize       = 10 // for each scenario at once: a godog suite slows down with its size
)

// GCPercent and MemoryLimit are what the program sets for its garbage
// collector: a run makes much garbage and keeps little, so collecting half as
// often costs a few megabytes. The limit keeps a large run small.
const (
	GCPercent   = 200
	MemoryLimit = 120 << 20
)

// A Suite is a run before it begins.
type Suite struct {
	// Features are what is run. Required.
	Features []Source

	// Target says where requests go. Required.
	Target *target.Target

	// Recordings are what a replay answers from. Required for a replay.
	Recordings []*recordings.Flow

	// Env looks up the environment for ${env.NAME}. Nil means that it is
	// empty. Optional.
	Env func(string) (string, bool)

	// Tags is a Cucumber tag expression, Name a regular expression that a
	// scenario's name has to match. Empty chooses everything. Optional.
	Tags, Name string

	// Concurrency is how many scenarios run at once. Zero means one for each
	// processor in a replay and 4 live. Optional.
	Concurrency int

	// FailFast stops the run after the first scenario that does not pass. Optional.
	FailFast bool

	// Timeout bounds each scenario. Zero means [DefaultTimeout]. Optional.
	Timeout time.Duration

	// Faults befall the journeys of a replay; a live target refuses them. A
	// scenario with tags @fault:SPEC has those instead. A seed of zero means a
	// random one. Optional.
	Faults mockserver.Faults

	// Where is a line for people that says where features and recordings are
	// from. Optional.
	Where string

	// Reporter takes in what happens. Nil means nobody. Optional.
	Reporter report.Reporter
}

// Run runs the suite. The error is a *[UsageError], a *[NothingError] or an
// *[EnvironmentError], and then nothing ran; whatever a scenario does, and a
// context that ends, is in the run.
func (s *Suite) Run(ctx context.Context) (*report.Run, error) {
	begin := time.Now()
	if s.Target == nil {
		return nil, &UsageError{errors.New("runner: no target")}
	}
	p, err := s.choose()
	if err != nil {
		return nil, err
	}
	faults, where, err := s.faults(p.scenarios)
	if err != nil {
		return nil, err
	}
	side, err := s.side(ctx)
	if err != nil {
		return nil, err
	}
	r := &running{
		suite: s, side: side, over: ctx.Err, timeout: s.Timeout, faults: faults,
		out: &ordered{to: s.Reporter, run: &report.Run{}, waiting: map[int]*report.Scenario{}},
	}
	if r.out.to == nil {
		r.out.to = report.Discard{}
	}
	if r.timeout == 0 {
		r.timeout = DefaultTimeout
	}
	r.out.run.Plan = report.Plan{
		Target: s.Target.Name, Live: s.Target.Live != nil, Where: where, Scenarios: len(p.scenarios),
	}
	r.out.to.Begin(r.out.run.Plan)
	size := batchSize * s.concurrency()
	for first := 0; first < len(p.scenarios); first += size {
		last := min(first+size, len(p.scenarios))
		r.batch(ctx, first, p.scenarios[first:last])
		clear(p.scenarios[first:last]) // so that memory does not grow with the suite
	}
	r.out.run.Interrupted = ctx.Err() != nil
	r.out.run.Duration = time.Since(begin)
	r.out.to.End(r.out.run)
	return r.out.run, nil
}

func (s *Suite) definitions() []steps.Definition { return steps.Definitions() }

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
	side    side
	timeout time.Duration
	over    func() error // whether the run was stopped from outside
	faults  mockserver.Faults
	out     *ordered
	stop    atomic.Bool // set by the first scenario that does not pass, where that ends the run
}
