package execlog

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/tenant"
	"flowtest/steps/davinci"
)

// enough is the lowest log level at which the log contains nodes.
const enough = 2

// mostRuns limits the flows of one journey, because flows may start each other
// endlessly.
const mostRuns = 200

// A placed event has its place: the indexes of the events that started its flow, and its own.
type placed struct {
	davinci.LoggedEvent

	path []int
}

// A joining puts together the log of a journey.
type joining struct {
	reader      *Reader
	transaction string

	log     davinci.Log
	open    bool // another read may find more
	events  []placed
	read    map[string]bool // interactions, by id
	pending map[string][]gjson.Result
}

// joined returns the log of the journey that an interaction belongs to: of its flow, of the
// flow that started it if that is one of roots, and of all subflows.
func (r *Reader) joined(ctx context.Context, found gjson.Result, roots []string) (*joining, error) {
	j := &joining{
		reader: r, transaction: found.Get("transactionId").Str, read: map[string]bool{},
		pending: map[string][]gjson.Result{},
	}
	if found.Get("isSubFlow").Bool() && j.transaction != "" {
		for _, id := range roots {
			list, err := j.of(ctx, id)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(list, func(one gjson.Result) bool { return !one.Get("isSubFlow").Bool() })
			if i >= 0 {
				found = list[i]
				break
			}
		}
	}
	if err := j.add(ctx, found, nil); err != nil {
		return nil, err
	}
	timed := !slices.ContainsFunc(j.events, func(e placed) bool { return e.Time.IsZero() })
	slices.SortStableFunc(j.events, func(a, b placed) int {
		if c := a.Time.Compare(b.Time); timed && c != 0 {
			return c
		}
		return slices.Compare(a.path, b.path)
	})
	for i := range j.events {
		j.log.Events = append(j.log.Events, j.events[i].LoggedEvent)
	}
	return j, nil
}

// of returns the interactions of a flow that belong to the journey.
func (j *joining) of(ctx context.Context, flow string) ([]gjson.Result, error) {
	if list, ok := j.pending[flow]; ok {
		return list, nil
	}
	list, err := j.reader.interactions(ctx, flow, `transactionId eq "`+j.transaction+`"`)
	slices.SortStableFunc(list, func(a, b gjson.Result) int {
		return cmp.Compare(a.Get("timestamp").Str, b.Get("timestamp").Str)
	})
	j.pending[flow] = list
	return list, err
}

// next returns the first interaction of a subflow that was not read yet.
func (j *joining) next(ctx context.Context, flow string) (found gjson.Result, err error) {
	list, err := j.of(ctx, flow)
	for _, one := range list {
		if !j.read[one.Get("id").Str] {
			return one, nil
		}
	}
	return found, err
}

// add reads the events of an interaction and of the subflows that they start.
//
//	path  the place of the event that started it, nil for the first
func (j *joining) add(ctx context.Context, one gjson.Result, path []int) error {
	id, flow := one.Get("id").Str, one.Get("flow.id").Str
	j.read[id] = true
	at := len(j.log.Flows)
	j.log.Flows = append(j.log.Flows, davinci.LoggedFlow{
		ID: flow, Name: cmp.Or(one.Get("flow.name").Str, flow), Version: one.Get("flow.version").Int(), Interaction: id,
		Transaction: j.transaction, Subflow: path != nil,
	})
	list, err := j.reader.client.Items(ctx, "/flows/"+url.PathEscape(flow)+"/interactions/"+url.PathEscape(id)+
		"/events?limit=500", "events")
	if err != nil && !tenant.Missing(err) {
		return explain(err)
	}
	nodes := false
	for i, entry := range list {
		e := davinci.ReadEvent(entry, at)
		nodes = nodes || e.Node != ""
		own := append(slices.Clone(path), i)
		j.events = append(j.events, placed{e, own})
		if callee, ok := e.Starts(); ok {
			if err := j.start(ctx, callee, e.Node, own); err != nil {
				return err
			}
		}
	}
	if !nodes {
		if level := j.reader.levelOf(ctx, flow); level >= 0 && level < enough {
			j.gap("the log level of the flow %q is %d, so its nodes are not in the log: set it to Info "+
				"(DaVinci > the flow > Flow Settings > Logging)", j.log.Flows[at].Name, level)
		} else {
			j.open = true
			j.gap("the log has no node of the flow %q: it is incomplete, or the log level of the flow is below Info",
				j.log.Flows[at].Name)
		}
	}
	return nil
}

// start adds the subflow that an event starts.
func (j *joining) start(ctx context.Context, callee, node string, path []int) error {
	if callee == "" {
		j.gap("the log does not say which flow the node %q starts", node)
		return nil
	}
	one, err := j.next(ctx, callee)
	switch {
	case err != nil:
		return err
	case !one.Exists():
		j.open = true
		j.gap("the log does not have the subflow %s that the node %q starts", callee, node)
		return nil
	case len(j.read) >= mostRuns:
		j.gap("the journey runs more than %d flows: the others were not read", mostRuns)
		return nil
	}
	return j.add(ctx, one, path)
}

func (j *joining) gap(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(j.log.Gaps, text) {
		j.log.Gaps = append(j.log.Gaps, text)
	}
}

// levelOf returns settings.logLevel of a flow, -1 if unknown. It requests the flow once.
func (r *Reader) levelOf(ctx context.Context, flow string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	level, ok := r.level[flow]
	if !ok {
		level = -1
		body, err := r.client.Get(ctx, "/flows/"+url.PathEscape(flow)+"?attributes=id%2Csettings")
		if v := body.Get("settings.logLevel"); err == nil && v.Exists() {
			level = int(v.Int())
		}
		r.level[flow] = level
	}
	return level
}
