package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/runner/report"
	"flowtest/runner/target"
	"flowtest/steps/flow"
)

// DefaultMaxRefused is how often the password of one user may be refused in a
// run before nothing is tried again for them: an account is locked after a few.
const DefaultMaxRefused = 3

// Origins reads whose failures are tried again: network, rate-limit, tenant or flow.
func Origins(names []string) ([]flow.Origin, error) {
	var out []flow.Origin
	for _, name := range names {
		o, ok := map[string]flow.Origin{
			"network": flow.FromNetwork, "rate-limit": flow.FromRateLimit, "tenant": flow.FromTenant, "flow": flow.FromFlow,
		}[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Errorf("%q is unknown, want network, rate-limit, tenant or flow", name)
		}
		out = append(out, o)
	}
	return out, nil
}

// refusals counts refused passwords by the user who signed on.
type refusals struct {
	mu sync.Mutex
	by map[string]int
}

func (r *refusals) add(user string, n int) {
	if n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]int{}
	}
	r.by[user] += n
}

func (r *refusals) of(user string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by[user]
}

// refusedPasswords counts the hops at which a password was refused.
func refusedPasswords(hops []*flow.Hop) int {
	n := 0
	for _, h := range hops {
		if h.Outcome != flow.Refused || len(h.Request.Body) == 0 {
			continue
		}
		secret := false
		gjson.GetBytes(h.Request.Body, "parameters.data.formData").ForEach(func(key, _ gjson.Result) bool {
			secret = secret || target.Secret(key.Str)
			return !secret
		})
		if secret {
			n++
		}
	}
	return n
}

// origin returns whose failure ended the scenario, zero where that is the flow's
// or the feature's.
func (it *item) origin() flow.Origin {
	if _, ok := errors.AsType[*missError](it.cause); ok || it.over() != nil {
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

// again reports whether a scenario that failed runs once more, and notes why.
func (it *item) again(out *report.Scenario) bool {
	s := it.suite
	if out.Status != report.Failed || it.attempt >= s.Retries {
		return false
	}
	origins := s.RetryOn
	if len(origins) == 0 {
		origins = []flow.Origin{flow.FromNetwork, flow.FromRateLimit}
	}
	if !slices.Contains(origins, it.origin()) {
		return false
	}
	most := s.MaxRefused
	if most == 0 {
		most = DefaultMaxRefused
	}
	user := it.world.UserName()
	if n := it.refusals.of(user); n >= most {
		out.Notes = append(out.Notes, report.Note{Kind: report.Retried, Text: fmt.Sprintf(
			"not tried again: a password of %q was refused %d times in this run (--max-refused %d)", user, n, most)})
		return false
	}
	first := ""
	if st := out.FailedStep(); st != nil {
		first, _, _ = strings.Cut(st.Error, "\n")
	}
	it.tried = append(it.tried, report.Note{
		Kind: report.Retried, Text: fmt.Sprintf("attempt %d failed (%s): %s", it.attempt+1, it.origin(), first),
	})
	return true
}

// retried returns the items that run once more, as new ones with a fresh jar.
func (r *running) retried(ctx context.Context, items []*item) []*item {
	var out []*item
	for _, it := range items {
		if !it.retry {
			continue
		}
		out = append(out, &item{
			running: r, index: it.index, scenario: it.scenario, planned: it.planned, attempt: it.attempt + 1, tried: it.tried,
		})
	}
	if len(out) > 0 && r.suite.Target.Live != nil {
		r.pause(ctx, out[0].attempt)
	}
	return out
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
