package backend

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTheRateIsThatOfAllTogether(t *testing.T) {
	for name, row := range map[string]struct {
		rate     float64
		requests int
		want     time.Duration
	}{
		"the usual":      {0, 50, 4 * time.Second}, // ten at once, then ten a second
		"two a second":   {2, 21, 9500 * time.Millisecond},
		"one in 4s":      {0.25, 4, 12 * time.Second},
		"more than come": {1000, 50, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent []time.Time
				var mu sync.Mutex
				limited := newThrottle(roundTrip(func(*http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					sent = append(sent, time.Now())
					return &http.Response{}, nil
				}), row.rate)
				begin := time.Now()
				var all sync.WaitGroup
				for range row.requests {
					all.Go(func() {
						r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://a.example/", nil)
						if !assert.NoError(t, err) { //nolint:testifylint // another goroutine may not end the test
							return
						}
						_, err = limited.RoundTrip(r)
						assert.NoError(t, err)
					})
				}
				all.Wait()
				require.Len(t, sent, row.requests)
				assert.InDelta(t, row.want, time.Since(begin), float64(time.Millisecond))
			})
		})
	}
}

func TestWhatWaitsForItsTurnEndsWithItsContext(t *testing.T) {
	for name, row := range map[string]struct {
		end  func(context.Context) (context.Context, context.CancelFunc)
		want string
	}{
		"its time is over before": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 5*time.Second)
			},
			"not sent: at 0.1 requests per second it would have to wait until after the time limit (--rate)",
		},
		"it was stopped": {
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, stop := context.WithCancelCause(ctx)
				time.AfterFunc(time.Second, func() { stop(errors.New("the run's time limit of 1s is over")) })
				return ctx, func() { stop(nil) }
			},
			"the run's time limit of 1s is over",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				limited := newThrottle(roundTrip(func(*http.Request) (*http.Response, error) {
					sent++
					return &http.Response{}, nil
				}), 0.1)
				ctx, cancel := row.end(t.Context())
				defer cancel()
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://a.example/", nil)
				require.NoError(t, err)
				_, err = limited.RoundTrip(r)
				require.NoError(t, err)
				_, err = limited.RoundTrip(r)
				require.EqualError(t, err, row.want)
				assert.Equal(t, 1, sent)
			})
		})
	}
}
