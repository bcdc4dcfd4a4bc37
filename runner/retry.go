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
var origins = []struct {
	name string
	is   davinci.Origin
}{
	{"network", davinci.FromNetwork},
	{"rate-limit", davinci.FromRateLimit},
	{"tenant", davinci.FromTenant},
	{"flow", davinci.FromFlow},
}

// Origins reads whose failures are tried again: network, rate-limit, tenant or flow.
func Origins(names []string) ([]davinci.Origin, error) {
	var out []davinci.Origin
	for _, name := range names {
		o := davinci.Origin(0)
		for _, one := range origins {
			if one.name == strings.TrimSpace(name) {
				o = one.is
			}
		}
		if o == 0 {
			return nil, fmt.Errorf("%q is unknown, want network, rate-limit, tenant or flow", name)
		}
		out = append(out, o)
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

// origin returns whose failure ended the scenario, zero where that is an
// assertion's, the feature's, a recording's or no one's.
func (a *attempt) origin() davinci.Origin {
	if a.ownFault() {
		return 0
	}
	if _, ok := errors.AsType[*flow.NetworkError](a.cause); ok {
		return davinci.FromNetwork
	}
	if a.world == nil || a.world.Journey == nil || a.world.Journey.Last() == nil {
		return 0
	}
	if f := a.world.Journey.Last().Failure; f != nil {
		return f.Origin
	}
	return 0
}

// ownFault reports whether the scenario was ended by this side: a replay has no
// answer, the run was stopped, or a password was not sent once more.
func (a *attempt) ownFault() bool {
	_, missed := errors.AsType[*backend.MissError](a.cause)
	_, held := errors.AsType[*lockoutError](a.cause)
	return missed || held || a.cutOff
}

// environmental reports whether a scenario failed for network, rate limit or
// tenant set-up. A replay that has no answer is a fault of feature or recording,
// and a stopped run is no failure at all.
func (a *attempt) environmental(last *flow.Hop) bool {
	if a.ownFault() {
		return false
	}
	if _, ok := errors.AsType[*flow.NetworkError](a.cause); ok {
		return true
	}
	return last != nil && last.Failure != nil && last.Failure.Origin.Environmental()
}

// again reports whether a scenario that failed runs once more, and notes why.
func (it *item) again() bool {
	s := it.suite
	if it.result.Status != report.Failed || it.tries >= s.Retries {
		return false
	}
	tried := s.RetryOn
	if len(tried) == 0 {
		tried = []davinci.Origin{davinci.FromNetwork, davinci.FromRateLimit}
	}
	from := it.origin()
	if !slices.Contains(tried, from) {
		it.tried = append(it.tried, retried("not tried again: %s", it.whyNot(from, tried)))
		return false
	}
	if err := it.lockout(it.world.UserName(), 0); err != nil {
		it.tried = append(it.tried, retried("not tried again: %v", err))
		return false
	}
	// The secrets of this attempt are known to it alone, so they are taken out here.
	it.note = retried("%s", it.redactor().Redact(it.describe(it.tries+1, it.result, from)))
	out := *it.result
	it.evidence(&out)
	// It is redacted when the scenario is handed on, with the secrets of all
	// attempts: a response may name a token of an earlier one.
	it.failure = out.Attempt
	it.failure.Origin, it.failure.Note, it.failure.Steps = from.String(), it.note.Text, slices.Clone(out.Steps)
	return true
}

// describe says for a note what the attempt with that number failed with, and what
// its last hop was.
func (a *attempt) describe(number int, result *report.Scenario, from davinci.Origin) string {
	found, at := "", ""
	if st := result.FailedStep(); st != nil {
		found, _, _ = strings.Cut(st.Error, "\n")
		at = " at line " + strconv.Itoa(st.Line)
	}
	text := fmt.Sprintf("attempt %d failed%s (%s): %s", number, at, from, found)
	if a.world == nil || a.world.Journey == nil || a.world.Journey.Last() == nil {
		return text
	}
	h := summarize(a.world.Journey.Last())
	text += fmt.Sprintf("\nhop %d  %s\n       → %s", h.Number, oneLine(h.Request), oneLine(h.Response))
	if h.Where != "" {
		text += "\n       at " + oneLine(h.Where)
	}
	return text
}

// whyNot says why a failure is none that is tried again, which depends on whose
// it is.
func (a *attempt) whyNot(from davinci.Origin, tried []davinci.Origin) string {
	_, missed := errors.AsType[*backend.MissError](a.cause)
	held, locked := errors.AsType[*lockoutError](a.cause)
	list := nameOrigins(tried)
	switch {
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
			nameOrigins([]davinci.Origin{from}), list)
	}
}

// attempts are the notes on the tries of a scenario, at its end. One whose steps
// passed failed for what was found later, which again would not look at.
func (it *item) attempts(out *report.Scenario) []report.Note {
	if out.Status == report.Failed && out.FailedStep() == nil && it.tries < it.suite.Retries {
		return append(it.tried, retried("not tried again: every step passed, and what fails it would be found again"))
	}
	return it.tried
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func retried(format string, args ...any) report.Note {
	return report.Note{Kind: report.Retried, Text: fmt.Sprintf(format, args...)}
}

// retried returns the items that run once more, as new ones with a fresh jar.
// Those that the run has no time left for are reported as they were.
func (r *running) retried(ctx context.Context, items []*item) []*item {
	var out []*item
	for _, it := range items {
		if !it.retry {
			continue
		}
		it.before = nil // so that no more than two worlds are kept
		out = append(out, &item{
			attempt: attempt{running: r, scenario: it.scenario}, index: it.index, planned: it.planned,
			tries: it.tries + 1, tried: append(slices.Clone(it.tried), it.note), before: it,
			earlier: append(slices.Clone(it.earlier), it.failure),
		})
	}
	if len(out) > 0 && r.suite.Target.Live != nil && !r.stop.Load() {
		r.pause(ctx, out[0].tries)
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
