package runner

import (
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
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	return &throttle{to: to, limit: rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))}
}

// RoundTrip implements [http.RoundTripper].
func (t *throttle) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.limit.Wait(r.Context()); err != nil {
		return nil, err
	}
	return t.to.RoundTrip(r)
}
