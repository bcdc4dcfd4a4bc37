package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/runner/internal/backend"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// origins are whose failures may be tried again, and how a command line names them.
var origins = []namedOrigin{
	{"network", davinci.FromNetwork},
	{"rate-limit", davinci.FromRateLimit},
	{"tenant", davinci.FromTenant},
	{"flow", davinci.FromFlow},
}

type namedOrigin struct {
	name string
	is   davinci.Origin
}

// Origins reads the origins of failures to retry: network, rate-limit, tenant or flow.
func Origins(names []string) ([]davinci.Origin, error) {
	var out []davinci.Origin
	for _, name := range names {
		i := slices.IndexFunc(origins, func(o namedOrigin) bool { return o.name == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("%q is unknown, want network, rate-limit, tenant or flow", name)
		}
		out = append(out, origins[i].is)
	}
	return out, nil
}

// nameOrigins writes origins as --retry-on takes them.
func nameOrigins(list []davinci.Origin) string {
	var names []string
	for _, one := range origins {
		if slices.Contains(list, one.is) {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, ",")
}

// origin returns whose failure ended the scenario at that hop, which may be nil. It is
// zero for an assertion, the feature, or an end that this side made: a replay has no
// answer, the run was stopped, or a password was not sent once more.
func (a *attempt) origin(last *flow.Hop) davinci.Origin {
	_, missed := errors.AsType[*backend.MissError](a.cause)
	_, held := errors.AsType[*lockoutError](a.cause)
	_, network := errors.AsType[*flow.NetworkError](a.cause)
	switch {
	case missed || held || a.cutOff:
		return 0
	case network:
		return davinci.FromNetwork
	case backend.Origin(a.cause) != 0:
		return backend.Origin(a.cause)
	case last != nil && last.Failure != nil:
		return last.Failure.Origin
	default:
		return 0
	}
}

// again reports whether a scenario that failed runs once more, and notes why.
func (it *item) again() bool {
	s := it.suite
	if it.result.Status != report.Failed || len(it.earlier) >= s.Retries {
		return false
	}
	tried := s.RetryOn
	if len(tried) == 0 {
		tried = []davinci.Origin{davinci.FromNetwork, davinci.FromRateLimit}
	}
	from := it.origin(it.last())
	if it.notAgain = it.whyNot(from, tried); it.notAgain != "" {
		return false
	}
	out := *it.result
	it.evidence(&out)
	// The attempt is redacted when the scenario is reported, with the secrets of all
	// attempts: a response may name a token of an earlier one. The secrets of this one
	// are known only to it, so the note is redacted here.
	it.failure = &out.Attempt
	it.failure.Origin, it.failure.Steps = from.String(), slices.Clone(out.Steps)
	it.failure.Note = it.redactor().Redact(it.describe(from))
	return true
}

// describe says for a note what the attempt failed with, and what its last hop was.
func (it *item) describe(from davinci.Origin) string {
	found, at := "", ""
	if st := it.result.FailedStep(); st != nil {
		found, _, _ = strings.Cut(st.Error, "\n")
		at = " at line " + strconv.Itoa(st.Line)
	}
	text := fmt.Sprintf("attempt %d failed%s (%s): %s", len(it.earlier)+1, at, from, found)
	last := it.last()
	if last == nil {
		return text
	}
	h := summarize(last)
	text += fmt.Sprintf("\nhop %d  %s\n       → %s", h.Number, oneLine(h.Request), oneLine(h.Response))
	if h.Where != "" {
		text += "\n       at " + oneLine(h.Where)
	}
	return text
}

// whyNot says why a failure is not tried again, which depends on whose it is. It
// returns "" if it is.
func (a *attempt) whyNot(from davinci.Origin, tried []davinci.Origin) string {
	_, missed := errors.AsType[*backend.MissError](a.cause)
	held, locked := errors.AsType[*lockoutError](a.cause)
	switch {
	case slices.Contains(tried, from):
		if err := a.lockout(a.world.UserName(), 0); err != nil {
			return err.Error()
		}
		return ""
	case a.cutOff:
		return "the run was stopped"
	case locked:
		return held.Error()
	case missed:
		return "the recordings have no answer, and will have none the next time"
	case from == 0:
		return "an assertion or the feature itself failed, and would fail again; " +
			"--retry-on is for network, rate-limit, tenant and flow"
	default:
		return fmt.Sprintf("the failure is of the kind %s, and --retry-on has %s; --retry-on %[2]s,%[1]s widens it",
			nameOrigins([]davinci.Origin{from}), nameOrigins(tried))
	}
}

// attempts are the notes on the tries of a scenario, at its end. One whose steps
// passed failed for what was found later, which again would not look at.
func (it *item) attempts() []report.Note {
	var out []report.Note
	for i := range it.earlier {
		out = append(out, report.Note{Kind: report.Retried, Text: it.earlier[i].Note})
	}
	end := it.notAgain
	if it.result.Status == report.Failed && it.result.FailedStep() == nil && len(it.earlier) < it.suite.Retries {
		end = "every step passed, and what fails it would be found again"
	}
	if end != "" {
		out = append(out, report.Note{Kind: report.Retried, Text: "not tried again: " + end})
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// retried returns the items that run once more, as new ones with a fresh jar.
// Those that the run has no time left for are reported as they were.
func (r *running) retried(ctx context.Context, items []*item) []*item {
	var out []*item
	for _, it := range items {
		if it.failure == nil {
			continue
		}
		it.before = nil // so that no more than two worlds are kept
		out = append(out, &item{
			attempt: attempt{running: r, scenario: it.scenario}, index: it.index, before: it, notes: it.notes,
			earlier: append(slices.Clone(it.earlier), *it.failure),
		})
	}
	if len(out) > 0 && r.suite.Target.Live != nil && !r.stop.Load() {
		r.pause(ctx, len(out[0].earlier))
	}
	return out
}

// fallBack reports the attempt before this one, which was stopped before it
// began: what failed once did run.
func (it *item) fallBack() {
	it.before.notAgain = "the run was stopped"
	if it.why != nil {
		it.before.notAgain = it.why.Error()
	}
	it.before.hand()
	it.before, it.earlier = nil, nil
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
