package backend

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"golang.org/x/time/rate"
)

// DefaultRate is the default limit of requests per second to a live target. A licence
// has a rate limit, and one address may use a third of it.
const DefaultRate = 10

// A throttle is a transport that limits the rate of the requests of all scenarios
// together.
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
		// The limiter refuses at once a request that would have to wait until after the
		// deadline.
		return nil, fmt.Errorf("not sent: at %g requests per second it would have to wait until after the time "+
			"limit (--rate)", t.limit.Limit())
	}
	return t.to.RoundTrip(r)
}
