package inspect

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newTicking makes a journal whose clock goes on by a second with every event.
func newTicking() *Journal {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return New(func() time.Time {
		at = at.Add(time.Second)
		return at
	}, nil)
}

// begins is the event of a sign-on that came to its first screen.
func begins(id string) Event {
	return Event{Journey: id, Flow: "demo", Sent: "authorize request", Hop: "first", To: "first", Status: 200}
}

// refused is the event of a request after which the screen is still there.
func refused(id string) Event {
	return Event{Journey: id, Flow: "demo", At: "first", Sent: `action "GO"`, Hop: "refused", To: "first", Status: 400}
}

// missed is the event of a request that nothing answered.
func missed(id string) Event {
	return Event{Journey: id, Flow: "demo", At: "first", Sent: `action "NO"`, To: "first", Status: 404, Problem: "because"}
}

func TestJournalFollowsASignOn(t *testing.T) {
	t.Parallel()
	j := newTicking()
	j.Add(begins("a"))
	j.Add(refused("a"))
	j.Add(missed("a"))
	j.Add(Event{Journey: "a", Flow: "demo", At: "first", Sent: `action "GO"`, Hop: "done", To: "first", Status: 200, Ended: true})

	taken, signOns, misses := j.read()
	assert.Equal(t, map[passage]int{{"demo", "", "first"}: 1, {"demo", "first", "refused"}: 1, {"demo", "first", "done"}: 1}, taken)
	require.Len(t, signOns, 1)
	got := signOns[0]
	assert.Equal(t, "a", got.id)
	assert.Equal(t, "demo", got.flow)
	assert.Empty(t, got.at, "it has ended")
	assert.True(t, got.ended)
	assert.False(t, got.partial)
	assert.Equal(t, 3*time.Second, got.latest.Sub(got.began))
	require.Len(t, got.hops, 4)
	assert.Equal(t, missed("a"), got.hops[2].Event)
	require.Len(t, misses, 1)
	assert.Equal(t, got.hops[2], misses[0])
}

func TestJournalAMissBeforeTheFirstScreenStartsNoSignOn(t *testing.T) {
	t.Parallel()
	j := newTicking()
	j.Add(Event{Flow: "demo", Sent: "authorize request", Status: 400, Problem: "because"})
	j.Add(Event{Journey: "a", Flow: "demo", Sent: "authorize request", Status: 404, Problem: "because"})
	taken, signOns, misses := j.read()
	assert.Empty(t, taken)
	assert.Empty(t, signOns)
	assert.Len(t, misses, 2)
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()

	t.Run("in sign-ons, of which those heard of last stay", func(t *testing.T) {
		t.Parallel()
		j := newTicking()
		for i := range journalSignOns + 10 {
			j.Add(begins(strconv.Itoa(i)))
			j.Add(refused("0"))
		}
		taken, signOns, _ := j.read()
		require.Len(t, signOns, journalSignOns)
		assert.Equal(t, "0", signOns[0].id)
		assert.Equal(t, strconv.Itoa(journalSignOns+9), signOns[1].id)
		assert.Equal(t, "11", signOns[journalSignOns-1].id)
		assert.Len(t, j.byID, journalSignOns)
		assert.Equal(t, journalSignOns+10, taken[passage{"demo", "", "first"}], "the counts are complete")
		assert.Equal(t, journalSignOns+10, taken[passage{"demo", "first", "refused"}], "the counts are complete")
	})

	t.Run("in the hops of a sign-on, of which the last stay", func(t *testing.T) {
		t.Parallel()
		j := newTicking()
		j.Add(begins("a"))
		for range journalHops - 1 {
			j.Add(refused("a"))
		}
		_, signOns, _ := j.read()
		require.Len(t, signOns[0].hops, journalHops)
		assert.False(t, signOns[0].partial)

		for range 25 {
			j.Add(refused("a"))
		}
		taken, signOns, _ := j.read()
		require.Len(t, signOns[0].hops, journalHops)
		assert.True(t, signOns[0].partial)
		assert.Equal(t, "refused", signOns[0].hops[0].Hop)
		assert.Equal(t, journalHops, j.hops)
		assert.Equal(t, journalHops+24, taken[passage{"demo", "first", "refused"}])
	})

	t.Run("in the hops of all sign-ons", func(t *testing.T) {
		t.Parallel()
		j := newTicking()
		for i := range journalSignOns {
			j.Add(begins(strconv.Itoa(i)))
			for range 40 {
				j.Add(refused(strconv.Itoa(i)))
			}
			assert.LessOrEqual(t, j.hops, journalAll)
		}
		_, signOns, _ := j.read()
		kept := 0
		for _, s := range signOns {
			kept += len(s.hops)
		}
		assert.Equal(t, j.hops, kept)
		assert.Equal(t, journalAll/41*41, kept)
		assert.Equal(t, strconv.Itoa(journalSignOns-1), signOns[0].id)
	})

	t.Run("in misses, of which the last stay", func(t *testing.T) {
		t.Parallel()
		j := newTicking()
		for i := range journalMisses + 5 {
			j.Add(missed(strconv.Itoa(i)))
		}
		_, signOns, misses := j.read()
		require.Len(t, misses, journalMisses)
		assert.Equal(t, strconv.Itoa(journalMisses+4), misses[0].Journey, "the newest stands first")
		assert.True(t, signOns[0].partial, "its beginning was not seen")
	})

	t.Run("in what a client can write into it", func(t *testing.T) {
		t.Parallel()
		j := newTicking()
		e := missed("a")
		e.Sent, e.Problem = strings.Repeat("ä", 1<<20), "x"+strings.Repeat("ä", 1<<20)
		j.Add(e)
		_, _, misses := j.read()
		for _, text := range []string{misses[0].Sent, misses[0].Problem} {
			assert.LessOrEqual(t, len(text), journalText+len("…"))
			assert.True(t, utf8.ValidString(text))
			assert.True(t, strings.HasSuffix(text, "…"))
		}
	})
}

func TestJournalIsReadWhileItIsWritten(t *testing.T) {
	t.Parallel()
	j := New(time.Now, nil)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 200 {
				j.Add(begins(strconv.Itoa(i)))
				j.Add(missed(strconv.Itoa(i)))
				taken, signOns, misses := j.read()
				assert.NotEmpty(t, taken)
				assert.NotEmpty(t, signOns)
				assert.NotEmpty(t, misses)
			}
		})
	}
	group.Wait()
	taken, signOns, _ := j.read()
	assert.Equal(t, 1600, taken[passage{"demo", "", "first"}])
	assert.Len(t, signOns, 8)
}
