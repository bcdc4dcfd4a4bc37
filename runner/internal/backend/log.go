package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"flowtest/recordings"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/execlog"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// LogReader returns a reader for the execution log of a live target's environment. The error is
// a *[SetupError] if the target is not configured for it.
func LogReader(ctx context.Context, t *target.Target) (*execlog.Reader, error) {
	l := &liveScenario{live: &live{people: newPeople(Config{Target: t}), config: t.Live}}
	if err := cmp.Or(l.directory(ctx, Config{Offline: true}), l.worker()); err != nil {
		return nil, err
	}
	return l.log, nil
}

// errNoInteraction says that the log of a journey cannot be searched for.
var errNoInteraction = errors.New("no answer of the journey has an interactionId, so the journey cannot be found " +
	"in the execution log")

// Log implements [steps.Tenant].
func (s *liveScenario) Log(ctx context.Context, d steps.Driven) (*davinci.Log, error) {
	if err := s.worker(); err != nil {
		return nil, err
	}
	j := &execlog.Journey{Policy: s.config.Flows[d.Flow]}
	for _, h := range d.Hops {
		j.Interactions = appendNew(j.Interactions, h.Get("interactionId").Str)
		j.Flows = appendNew(j.Flows, h.Get("flowId").Str)
		j.Capabilities = append(j.Capabilities, h.Capability())
		if j.Since.IsZero() {
			j.Since = h.Exchange.Began
		}
	}
	if len(j.Interactions) == 0 {
		return nil, errNoInteraction
	}
	return s.log.Read(ctx, j)
}

// Logged implements [Scenario].
func (s *liveScenario) Logged(ctx context.Context, d steps.Driven) (*davinci.Log, error) {
	if s.log == nil {
		return nil, nil
	}
	return s.Log(context.WithoutCancel(ctx), d)
}

// patience is how long a failed scenario waits for its log.
const patience = 15 * time.Second

// Story implements [Scenario].
func (s *liveScenario) Story(ctx context.Context, d steps.Driven, cause error) string {
	if _, said := errors.AsType[*execlog.Error](cause); said || s.log == nil {
		return ""
	}
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), patience,
		fmt.Errorf("the execution log did not appear within %s", patience))
	defer cancel()
	log, err := s.Log(ctx, d)
	switch {
	case errors.Is(err, errNoInteraction):
		return ""
	case err != nil:
		return "the execution log of the flow is missing: " + err.Error()
	}
	return execlog.Story(log)
}

// Logged implements [Scenario].
func (r *replayScenario) Logged(context.Context, steps.Driven) (*davinci.Log, error) { return nil, nil }

// Story implements [Scenario].
func (r *replayScenario) Story(context.Context, steps.Driven, error) string { return "" }

func appendNew(all []string, text string) []string {
	if text == "" || slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// Way returns the path of a journey as [recordings.Log] stores it, and the answers on that
// path. Repeated polls count once.
func Way(hops []*flow.Hop) (way []string, answers []*davinci.Answer) {
	for _, h := range hops {
		if h.Outcome != davinci.Rewound {
			way, answers = append(way, recordings.Passed(h.Action, h.Answer)), append(answers, h.Answer)
		}
	}
	return way, answers
}

// Log implements [steps.Tenant]. A recording may contain the execution log of the path that
// the journey took.
func (d *directory) Log(_ context.Context, of steps.Driven) (*davinci.Log, error) {
	way, _ := Way(of.Hops)
	for _, f := range d.flows {
		if f.Name != of.Flow {
			continue
		}
		log, err := f.LogOf(way)
		if err != nil {
			err = fmt.Errorf("%w\na live target with worker has one, and flowtest record keeps it beside the "+
				"recording%s", err, d.recordIt())
		}
		return log, err
	}
	return nil, fmt.Errorf("there is no recording of the flow %q", of.Flow)
}
