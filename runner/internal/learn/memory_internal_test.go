package learn

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	way "flowtest/runner/internal/walk" // walk is a function here
	"flowtest/steps/davinci"
)

// live is how many bytes are in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What is learned of many journeys that went the same way takes little more than what they are read
// from: their bodies are not copied, and what most of them have in common is there once. A copy of each
// body took six times as much.
func TestJourneysOfOneWayNeedLittleMoreMemoryThanTheirBodies(t *testing.T) { //nolint:paralleltest // it measures the heap
	const journeys, most = 200, 4500 // bytes an exchange
	user := map[string]string{"username": "alice", "password": "demo-Passw0rd-1", "email": "alice@example.com"}
	var transcripts []davinci.Exchanges
	exchanges, bodies := 0, 0
	for len(transcripts) < journeys {
		more, _ := way.Journeys(shipped.Flows(t)[0], way.Options{User: user, First: len(transcripts)})
		transcripts = append(transcripts, more...)
		for _, transcript := range more {
			exchanges += len(transcript)
			for i := range transcript {
				bodies += len(transcript[i].Response)
			}
		}
	}
	o := Options{Name: "sign-on", Users: map[string]map[string]string{"alice": user}}
	l := &learner{o: o, result: &Result{}, distinct: map[field]bool{}, skipped: failures{}}
	before := live()
	reader{l}.read(transcripts)
	follower{l}.follow()
	l.finder = newFinder(secretKeeper{l}.secretValues())
	require.NoError(t, (comparison{l}).repeat())
	held := live() - before
	t.Logf("%d exchanges with %d bytes of bodies each: %d bytes each are held",
		exchanges, bodies/exchanges, held/int64(exchanges))
	assert.Less(t, held/int64(exchanges), int64(most))

	templater{l}.template()
	require.NoError(t, l.graph())
	held = live() - before
	t.Logf("in the end %d", held/int64(exchanges))
	assert.Less(t, held/int64(exchanges), int64(most))
	runtime.KeepAlive(transcripts)
	runtime.KeepAlive(l)
}
