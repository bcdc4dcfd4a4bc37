package learn_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
)

// poll asks whether the flow goes on, without a challenge.
func (k *talk) poll(status int, response string) {
	k.post(`{"poll":"continue"}`, status, response)
	x := &k.exchanges[len(k.exchanges)-1]
	x.Body = []byte(strings.NewReplacer(`"eventType":"submit"`, `"eventType":"polling"`, `"actionKey":"SIGNON",`, "").Replace(string(x.Body)))
}

func waiting(k *talk) string {
	return `{"eventName":"rewindStateToLastRenderedUI","success":true,"id":"wait","interactionId":"` + k.id() + `"}`
}

// Polls without a challenge are all the same: where they ended differently, the recording has one end, and
// says that it does not have the others.
func TestPollsThatEndDifferently(t *testing.T) {
	t.Parallel()
	approved := twice(func(k *talk) {
		k.start("")
		k.poll(http.StatusOK, waiting(k))
		k.poll(http.StatusOK, completed(k))
	})
	rejected := twice(func(k *talk) {
		k.start("")
		k.poll(http.StatusOK, waiting(k))
		k.poll(http.StatusBadRequest, refused)
		k.post(rightly, http.StatusOK, completed(k))
	})
	got, err := learn.Learn(append(approved, rejected...), learn.Options{Name: "demo", Users: canaries})
	require.NoError(t, err)
	assert.Equal(t, []string{"sign-on", "pending", "completed"}, names(got.Flow))
	assert.Equal(t, []string{
		"journey 3, hop 3; journey 4, hop 3: a poll was answered with refused here and with completed in another journey, and the polls " +
			"of a screen are all alike: the recording keeps completed, and what followed the other is lost: record that journey into " +
			"another folder, with --out",
	}, got.Warnings)
	assert.Empty(t, got.Unsure)
}

// How often a flow says that it waits is another number each time.
func TestPollsThatWaitForAnotherTime(t *testing.T) {
	t.Parallel()
	after := func(polls int) []davinci.Exchanges {
		return twice(func(k *talk) {
			k.start("")
			for range polls {
				k.poll(http.StatusOK, waiting(k))
			}
			k.poll(http.StatusBadRequest, refused)
			k.post(rightly, http.StatusOK, completed(k))
		})
	}
	for _, polls := range [][2]int{{1, 3}, {3, 1}, {2, 2}} {
		got, err := learn.Learn(append(after(polls[0]), after(polls[1])...), learn.Options{Name: "demo", Users: canaries})
		require.NoError(t, err)
		assert.Empty(t, slices.Concat(got.Warnings, got.Unsure, got.Broken), polls)
		assert.Zero(t, got.Ignored, polls)
		assert.Equal(t, "completed", names(got.Flow)[len(got.Flow.Hops)-1], polls)
	}
}

// Where the polls end otherwise by now, the recording says so, and waits as often as it did.
func TestPollsEndOtherwiseByNow(t *testing.T) {
	t.Parallel()
	journeys := func(polls int, end func(k *talk)) []davinci.Exchanges {
		return twice(func(k *talk) {
			k.start("")
			for range polls {
				k.poll(http.StatusOK, waiting(k))
			}
			end(k)
		})
	}
	first, err := learn.Learn(journeys(1, func(k *talk) { k.poll(http.StatusOK, completed(k)) }), learn.Options{Name: "demo"})
	require.NoError(t, err)
	got, err := learn.Learn(journeys(3, func(k *talk) { k.poll(http.StatusBadRequest, refused) }), learn.Options{Previous: first.Flow})
	require.NoError(t, err)
	assert.Empty(t, got.Warnings)
	require.Equal(t, []string{"sign-on", "pending"}, names(got.Flow)[:2])
	require.Len(t, got.Flow.Hops, 3)
	assert.Equal(t, http.StatusBadRequest, got.Flow.Hops[2].Response.Status)
}
