package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/flow"
)

// Origins reads whose failures are tried again: network, rate-limit, tenant or flow.
func Origins(names []string) ([]flow.Origin, error) {
	var out []flow.Origin
	for _, name := range names {
		o, ok := map[string]flow.Origin{
			"network": flow.FromNetwork, "rate-limit": flow.FromRateLimit,
			"tenant": flow.FromTenant, "flow": flow.FromFlow,
		}[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Errorf("%q is unknown, want network, rate-limit, tenant or flow", name)
		}
		out = append(out, o)
	}
	return out, nil
}

// origin returns whose failure ended the scenario, zero where that is an
// assertion's, the feature's, a recording's or nobody's.
func (it *item) origin() flow.Origin {
	if it.ownFault() {
		return 0
	}
	if _, ok := errors.AsType[*flow.NetworkError](it.cause); ok {
		return flow.FromNetwork
	}
	if it.world == nil || it.world.Journey == nil || it.world.Journey.Last() == nil {
		return 0
	}
	if f := it.world.Journey.Last().Failure; f != nil {
		return f.Origin
	}
	return 0
}

// ownFault reports whether the scenario was ended by this side: a replay has no
// answer, the run was stopped, or a password was not sent once more.
func (it *item) ownFault() bool {
	_, missed := errors.AsType[*missError](it.cause)
	_, held := errors.AsType[*lockoutError](it.cause)
	return missed || held || it.cutOff
}

// again reports whether a scenario that failed runs once more, and notes why.
func (it *item) again() bool {
	s := it.suite
	if it.result.Status != report.Failed || it.attempt >= s.Retries {
		return false
	}
	origins := s.RetryOn
	if len(origins) == 0 {
		origins = []flow.Origin{flow.FromNetwork, flow.FromRateLimit}
	}
	from := it.origin()
	if !slices.Contains(origins, from) {
		return false
	}
	if err := it.lockout(it.world.UserName()); err != nil {
		it.tried = append(it.tried, retried("not tried again: %v", err))
		return false
	}
	found, at := "", ""
	if st := it.result.FailedStep(); st != nil {
		found, _, _ = strings.Cut(st.Error, "\n")
		at = " at line " + strconv.Itoa(st.Line)
	}
	it.note = retried("attempt %d failed%s (%s): %s", it.attempt+1, at, from, found)
	return true
}

func retried(format string, args ...any) report.Note {
	return report.Note{Kind: report.Retried, Text: fmt.Sprintf(format, args...)}
}

// retried returns the items that run once more, as new ones with a fresh jar.
// Those that the run has no time for any more are reported as they were.
func (r *running) retried(ctx context.Context, items []*item) []*item {
	var out []*item
	for _, it := range items {
		if !it.retry {
			continue
		}
		it.before = nil // so that no more than two are kept
		out = append(out, &item{
			running: r, index: it.index, scenario: it.scenario, planned: it.planned,
			attempt: it.attempt + 1, tried: append(slices.Clone(it.tried), it.note), before: it,
		})
	}
	if len(out) > 0 && r.suite.Target.Live != nil && !r.stop.Load() {
		r.pause(ctx, out[0].attempt)
	}
	return out
}

// fallBack reports the attempt before this one, which was stopped before it
// began: what failed once did run.
func (it *item) fallBack() {
	text := "not tried again: the run was stopped"
	if it.why != nil {
		text = "not tried again: " + it.why.Error()
	}
	before := it.before
	before.tried = append(before.tried, retried("%s", text))
	before.hand()
}

// pause gives a service in trouble some time: a second, and twice as long each time.
func (r *running) pause(ctx context.Context, attempt int) {
	const most = 30 * time.Second
	t := time.NewTimer(min(most, time.Second<<min(attempt-1, 5)))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
