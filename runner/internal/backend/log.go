package backend

import (
	"cmp"
	"context"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/execlog"
)

// LogReader returns what reads the execution log of the environment of a live target. The
// error is a *[SetupError] where the target is not configured for it.
func LogReader(ctx context.Context, t *target.Target) (*execlog.Reader, error) {
	l := &liveScenario{live: &live{people: newPeople(Config{Target: t}), config: t.Live}}
	if err := cmp.Or(l.directory(ctx, Config{Offline: true}), l.worker()); err != nil {
		return nil, err
	}
	return l.log, nil
}
