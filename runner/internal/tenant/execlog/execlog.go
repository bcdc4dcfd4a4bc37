// Package execlog reads the execution log of a PingOne environment: which nodes a journey ran, in
// its flow and in subflows. It sends only GETs. It does not know features or reports.
package execlog

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/tenant"
	"flowtest/steps/davinci"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// Limits on the wait for the log, which the service writes some time after the journey.
const (
	DefaultWait = 30 * time.Second
	firstPause  = 200 * time.Millisecond
	maxPause    = 8 * time.Second
	settled     = 5 * time.Second // without a new entry, after which the log is final
)

// margin is how far the clocks of this machine and of the service may differ.
const margin = 10 * time.Minute

// A Reader reads the log of one environment. It may be used by several goroutines at once.
type Reader struct {
	client *tenant.Client
	app    string // the client id of the target
	known  *secret.Redactor
	wait   time.Duration

	mu    sync.Mutex
	runs  map[string][]string // the flows that a policy runs
	level map[string]int      // settings.logLevel by flow, -1 if unknown
}

// New returns a reader for the app of a target. It removes the secrets of known from what
// it reads.
//
//	wait  how long to wait for the log of a journey; zero means [DefaultWait]
func New(c *tenant.Client, app string, known *secret.Redactor, wait time.Duration) *Reader {
	if wait == 0 {
		wait = DefaultWait
	}
	return &Reader{client: c, app: app, known: known, wait: wait, runs: map[string][]string{}, level: map[string]int{}}
}

// A Journey says which part of the log to read.
type Journey struct {
	Policy       string    // the flow policy id, "" for the default policy of the app
	Interactions []string  // the interactionIds in its answers, at least one
	Flows        []string  // the ids of the flows in its answers
	Since        time.Time // when it began
	Capabilities []string  // one for each of its answers
}

// An Error says that the log cannot be read or does not exist.
type Error struct {
	text   string
	origin davinci.Origin
	cause  error
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Origin says who caused the error.
func (e *Error) Origin() davinci.Origin { return e.origin }

// explain turns an error of the management API into one about the log.
func explain(err error) error {
	refused, ok := errors.AsType[*tenant.RefusedError](err)
	if !ok {
		return fmt.Errorf("the execution log: %w", err)
	}
	text := "the execution log cannot be read: " + refused.Error()
	if mend := refused.Mend(tenant.RoleDaVinci); mend != "" {
		text += "; " + mend
	}
	return &Error{text, refused.Origin(), err}
}

// Read returns the log of a journey. It waits until the log covers the answers of the journey;
// whatever is still missing after the wait is listed as a gap. The error is an *[Error] if the
// log cannot be read or has nothing about the journey.
func (r *Reader) Read(ctx context.Context, j *Journey) (*davinci.Log, error) {
	entries, since, pause := 0, time.Now(), firstPause
	for end := time.Now().Add(r.wait); ; {
		now, err := r.once(ctx, j)
		if err != nil {
			return nil, err
		}
		found := now != nil && len(now.events) > 0
		if found && len(now.events) != entries {
			entries, since = len(now.events), time.Now()
		}
		late := time.Now().Add(pause).After(end)
		switch {
		case found && (!now.lacks(j) || !now.open && time.Since(since) >= settled):
			return r.scrubbed(&now.log), nil
		case found && late:
			now.gap("the log does not have all answers of the journey after %s", r.wait)
			return r.scrubbed(&now.log), nil
		case late:
			return nil, &Error{fmt.Sprintf("the execution log has nothing about the interaction %s after %s",
				strings.Join(j.Interactions, ", "), r.wait), davinci.FromNetwork, nil}
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// lacks reports whether the log does not yet cover the answers of the journey. It returns
// false for a flow whose log level is too low, because its log never will.
func (j *joining) lacks(journey *Journey) bool {
	if j.open || len(j.log.Gaps) > 0 {
		return j.open
	}
	answers := map[string]int{}
	for i := range j.log.Events {
		if e := &j.log.Events[i]; e.Answers() {
			answers[e.Capability]++
		}
	}
	want := map[string]int{}
	for _, c := range journey.Capabilities {
		if want[c]++; c != "" && want[c] > answers[c] {
			return true
		}
	}
	return false
}

// once reads the log as it is now. It returns nil if the log has nothing about the
// journey.
func (r *Reader) once(ctx context.Context, j *Journey) (*joining, error) {
	roots, err := r.flows(ctx, j.Policy)
	if err != nil {
		return nil, explain(err)
	}
	all := slices.Clone(roots)
	for _, id := range j.Flows {
		if id != "" && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	found, err := r.search(ctx, all, j)
	if err != nil || !found.Exists() {
		return nil, err
	}
	return r.joined(ctx, found, append(roots, all...))
}

// flows returns the flows that a policy runs. It requests them once.
func (r *Reader) flows(ctx context.Context, policy string) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ids, ok := r.runs[policy]; ok {
		return ids, nil
	}
	ids, err := r.client.Runs(ctx, r.app, policy)
	switch {
	case tenant.Missing(err):
		return nil, fmt.Errorf("no DaVinci application has the flow policy %s: "+
			"check its id below flows of the target", policy)
	case err != nil:
		return nil, err
	}
	r.runs[policy] = ids
	return ids, nil
}

// search looks for an interaction of the journey among those of flows.
func (r *Reader) search(ctx context.Context, flows []string, j *Journey) (found gjson.Result, err error) {
	filter := `timestamp ge "` + j.Since.Add(-margin).UTC().Format(time.RFC3339) + `"`
	for _, flow := range flows {
		list, err := r.interactions(ctx, flow, filter)
		if err != nil {
			return found, err
		}
		for _, one := range list {
			if slices.Contains(j.Interactions, one.Get("id").Str) {
				return one, nil
			}
		}
	}
	return found, nil
}

// interactions returns the interactions of a flow that match a filter; none if the flow does
// not exist.
func (r *Reader) interactions(ctx context.Context, flow, filter string) ([]gjson.Result, error) {
	list, err := r.client.Items(ctx, "/flows/"+url.PathEscape(flow)+"/interactions?limit=500&filter="+
		url.QueryEscape(filter), "interactions")
	if tenant.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, explain(err)
	}
	return list, nil
}

// Find returns the log of the interaction with that id. It searches the flows that the
// policies run, and then all flows of the environment.
func (r *Reader) Find(ctx context.Context, id string, policies []string, since time.Time) (*davinci.Log, error) {
	var flows []string
	for _, policy := range policies {
		ids, err := r.flows(ctx, policy)
		if err != nil {
			return nil, explain(err)
		}
		flows = append(flows, ids...)
	}
	j := &Journey{Interactions: []string{id}, Since: since}
	found, err := r.search(ctx, flows, j)
	if err == nil && !found.Exists() {
		list, listed := r.client.Items(ctx, "/flows?attributes=id%2Cname", "flows")
		if listed != nil {
			return nil, explain(listed)
		}
		var others []string
		for _, one := range list {
			if other := one.Get("id").Str; !slices.Contains(flows, other) {
				others = append(others, other)
			}
		}
		found, err = r.search(ctx, others, j)
	}
	if err != nil {
		return nil, err
	}
	if !found.Exists() {
		return nil, &Error{fmt.Sprintf("the execution log has no interaction %s since %s: use --since to find "+
			"an earlier one; if the journey has just ended, try again in a minute", words.Cut(id, len(uuid)),
			since.UTC().Format(time.RFC3339)), 0, nil}
	}
	log, err := r.joined(ctx, found, flows)
	if err != nil {
		return nil, err
	}
	return r.scrubbed(&log.log), nil
}

// uuid has the length of an interactionId.
const uuid = "00000000-0000-0000-0000-000000000000"
