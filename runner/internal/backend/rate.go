package backend

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"golang.org/x/time/rate"
)

// DefaultRate is how many requests a second go to a live target: a licence has
// a rate of its own, and one address may use a third of it.
const DefaultRate = 10

// A throttle lets requests through no faster than a rate, over all scenarios.
type throttle struct {
	to    http.RoundTripper
	limit *rate.Limiter
}

func newThrottle(to http.RoundTripper, perSecond float64) *throttle {
	perSecond = cmp.Or(perSecond, DefaultRate)
	return &throttle{to: to, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// RoundTrip implements [http.RoundTripper].
func (t *throttle) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := t.limit.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		// The limiter knows at once that its turn comes after the deadline.
		return nil, fmt.Errorf("not sent: at %g requests a second its turn comes after the time limit (--rate)",
			t.limit.Limit())
	}
	return t.to.RoundTrip(r)
}
