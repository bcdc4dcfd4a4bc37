package mutate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
)

// A Verdict says whether a mutant was noticed.
type Verdict string

// The verdicts.
const (
	ByStep      Verdict = "step"        // a step failed
	ByCatalogue Verdict = "conformance" // no step failed, and a requirement is broken
	ByMiss      Verdict = "miss"        // the replay had no answer to a request
	Survived    Verdict = "survived"    // every scenario that crosses the change passed
	NotCovered  Verdict = "not covered" // no scenario crosses the change
	Accepted    Verdict = "accepted"    // nothing noticed it, and mutants.yaml accepts that
	NotCounted  Verdict = "not counted" // no client can distinguish it from the original, or no journey can reach it
)

// Noticed reports whether a scenario noticed the mutant.
func (v Verdict) Noticed() bool { return v == ByStep || v == ByCatalogue || v == ByMiss }

// A Result is a mutant and its verdict.
type Result struct {
	*Mutant

	Verdict Verdict `json:"verdict"`

	// By is the scenario that noticed the mutant, as FILE:LINE. For a survivor it is the first
	// that crosses the change, "" if none does.
	By string `json:"by,omitempty"`

	// Why is the listed reason of an accepted mutant, why a mutant does not count, or why there is
	// no suggestion for a survivor.
	Why string `json:"why,omitempty"`

	// Add is a sentence with which a scenario would notice a survivor. Nil if none is
	// known, and Why says so.
	Add *Suggestion `json:"add,omitempty"`
}

// A RedError says that the suite does not pass on the unchanged recordings.
type RedError struct {
	Scenario string // FILE:LINE of the first that does not pass
	Status   report.Status
	More     int // how many others
}

// Error implements error.
func (e *RedError) Error() string {
	text := fmt.Sprintf("mutate: %s: the scenario %s on the recordings as they are", e.Scenario, e.Status)
	if e.More > 0 {
		text += fmt.Sprintf(", as do %d more", e.More)
	}
	return text + "; a suite has to pass before mutants mean anything"
}

// timeout is the time limit of a scenario: a mutant may make it wait forever.
const timeout = 20 * time.Second

// Run makes the mutants of the recordings of a suite. For each of them it runs the scenarios
// that cross the change until one notices it. Results are in the order of the mutants. If the
// context ends, Run returns the results so far and the error of the context.
//
// It uses the scenarios that the suite chooses, without those that are skipped. The error is a
// *[RedError] if one of them does not pass without a mutant, and otherwise like that of
// [runner.Suite.Run].
func Run(ctx context.Context, s *runner.Suite, c Choice, shard, shards int) ([]Result, error) {
	ctx = new(feature.Cache).Context(ctx)
	base, traces, list, err := prepare(ctx, s, c)
	if err != nil {
		return nil, err
	}
	if shards > 1 {
		list = part(list, shard, shards)
	}
	out := make([]Result, len(list))
	var next atomic.Int64
	var group sync.WaitGroup
	kept := &shelf{files: map[string]string{}, steady: map[string]bool{}}
	failed := make([]error, 2*runtime.GOMAXPROCS(0)) // more than processors: some scenarios wait
	for worker := range failed {
		group.Go(func() {
			for ctx.Err() == nil && failed[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(list) {
					return
				}
				out[i], failed[worker] = try(ctx, base, kept, list[i], traces)
			}
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return slices.DeleteFunc(out, func(r Result) bool { return r.Mutant == nil }), ctx.Err()
	}
	return out, errors.Join(failed...)
}

// prepare runs the suite on the recordings as they are. It returns the suite that mutants are
// tried with, what each scenario crosses, and the mutants of the choice.
func prepare(ctx context.Context, s *runner.Suite, c Choice) (*runner.Suite, []*trace, []*Mutant, error) {
	if s.Target == nil || s.Target.Live != nil {
		return nil, nil, nil, errors.New("mutate: mutants are of recordings: want a target of type replay")
	}
	base := *s
	base.Reporter, base.Record, base.Watcher, base.Evidence = nil, nil, nil, false
	base.Timeout, base.Faults.Seed, base.Retries = timeout, 1, 0
	traces, err := follow(ctx, &base)
	if err != nil {
		return nil, nil, nil, err
	}
	list := Mutants(driven(base.Recordings, traces, c.Flow), c)
	if c.Touched != nil {
		list = c.Touched.of(list, traces)
	}
	return &base, traces, list, nil
}

// try tries a mutant. If it survives, try looks for a suggestion. If the context ends,
// there is no result.
func try(ctx context.Context, base *runner.Suite, kept *shelf, m *Mutant, traces []*trace) (Result, error) {
	r, err := judge(ctx, base, m, traces)
	if err == nil && r.Verdict == Survived {
		g := &suggesting{base: base, shelf: kept}
		if r.Add, err = g.find(ctx, m, traces); r.Add == nil {
			r.Why = g.why(m)
		}
	}
	switch {
	case ctx.Err() != nil:
		return Result{}, nil //nolint:nilerr // the caller checks the context
	case err != nil:
		return Result{}, fmt.Errorf("mutate: %s: %w", m.ID, err)
	}
	return r, nil
}

// part returns every N-th mutant, so each part has mutants of every flow.
func part(list []*Mutant, shard, shards int) []*Mutant {
	var out []*Mutant
	for i := shard - 1; i < len(list); i += shards {
		out = append(out, list[i])
	}
	return out
}

// driven returns the flows that scenarios run, or only the named one.
func driven(flows []*recordings.Flow, traces []*trace, name string) []*recordings.Flow {
	return slices.DeleteFunc(slices.Clone(flows), func(f *recordings.Flow) bool {
		return f.Name != name &&
			(name != "" || !slices.ContainsFunc(traces, func(t *trace) bool { return t.crosses[f.Name].hops != nil }))
	})
}

// judge runs the scenarios that cross a mutant.
func judge(ctx context.Context, base *runner.Suite, m *Mutant, traces []*trace) (Result, error) {
	if m.idle != "" {
		return Result{Mutant: m, Verdict: NotCounted, Why: m.idle}, nil
	}
	r := Result{Mutant: m, Verdict: NotCovered}
	var left []*trace
	for _, t := range traces {
		if c, ok := t.crosses[m.Flow]; ok && m.seen(c) {
			left = append(left, t)
		}
	}
	if len(left) == 0 {
		return r, nil
	}
	r.Verdict, r.By = Survived, left[0].place()
	changed, err := m.Recording()
	if err != nil {
		return r, err
	}
	s := *base
	s.Recordings = slices.Clone(base.Recordings)
	s.Recordings[slices.Index(s.Recordings, m.of)] = changed
	s.Concurrency, s.FailFast = 1, true
	// A scenario that only breaks a requirement decides only if no step of another
	// scenario fails.
	for len(left) > 0 {
		n, verdict, err := first(ctx, s, base.Features, left)
		if err != nil || ctx.Err() != nil {
			return Result{}, err
		}
		if verdict == Survived {
			break
		}
		if r.Verdict == Survived || verdict != ByCatalogue {
			r.Verdict, r.By = verdict, left[n].place()
		}
		if verdict != ByCatalogue {
			break
		}
		left = left[n+1:]
	}
	return r, nil
}

// first runs scenarios and returns the first that notices the mutant, and how.
func first(ctx context.Context, s runner.Suite, from []runner.Source, list []*trace) (int, Verdict, error) {
	s.Features = sources(from, list)
	at, missed := -1, map[string]bool{}
	verdict := Survived
	s.Record = func(r runner.Recorded) {
		for _, h := range r.Hops {
			if h.Exchange.ResponseHeader.Get(mockserver.UnmatchedHeader) != "" {
				missed[placeOf(r.Scenario.File, r.Scenario.Line)] = true
			}
		}
	}
	s.Reporter = &each{do: func(sc *report.Scenario) {
		if at >= 0 || sc.Status != report.Failed {
			return
		}
		place := placeOf(sc.File, sc.Line)
		at = slices.IndexFunc(list, func(t *trace) bool { return t.place() == place })
		switch {
		case missed[place]:
			verdict = ByMiss
		case sc.FailedStep() == nil:
			verdict = ByCatalogue
		default:
			verdict = ByStep
		}
	}}
	_, err := s.Run(ctx)
	return at, verdict, err
}

// each is a reporter that calls do for each scenario.
type each struct {
	report.Discard

	do func(*report.Scenario)
}

// Scenario implements [report.Reporter].
func (e *each) Scenario(s *report.Scenario) { e.do(s) }

// sources selects scenarios of the features by their lines.
func sources(from []runner.Source, list []*trace) []runner.Source {
	var out []runner.Source
	for _, t := range list {
		if n := len(out); n > 0 && out[n-1].Show == t.file {
			out[n-1].Lines = append(out[n-1].Lines, t.line)
			continue
		}
		for _, src := range from {
			show := src.Show
			if show == "" {
				show = src.Path
			}
			switch inside, ok := strings.CutPrefix(t.file, strings.TrimSuffix(show, "/")+"/"); {
			case t.file == show:
				src.Show, src.Lines = t.file, []int{t.line}
			case ok && src.Path == ".":
				src.Path, src.Show, src.Lines = inside, t.file, []int{t.line}
			case ok:
				src.Path, src.Show, src.Lines = src.Path+"/"+inside, t.file, []int{t.line}
			default:
				continue
			}
			out = append(out, src)
			break
		}
	}
	return out
}
