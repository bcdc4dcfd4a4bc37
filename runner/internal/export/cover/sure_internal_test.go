package cover

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/export"
)

// without reports whether the second answer can be reached from the first one without a point.
func (t *trail) without(p point, inside map[place]bool) bool {
	seen, end := map[point]bool{}, point{place: t.end}
	for queue, first := []point{{place: t.origin}}, true; len(queue) > 0; first = false {
		at := queue[0]
		queue = queue[1:]
		if at == end && !first {
			return true
		}
		if seen[at] || at == p && !first {
			continue
		}
		seen[at] = true
		t.behind(at, inside, func(next point) { queue = append(queue, next) })
	}
	return false
}

// What is sure is what the second answer cannot be reached without, in any flow, with cycles, several
// ways from one node to another, and a way back to where it began.
func TestWhatIsSureCannotBeAvoided(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	sure, ways := 0, 0
	for range 2000 {
		f := &export.Flow{Name: "f"}
		places := make([]place, 2+random.IntN(9))
		for i := range places {
			places[i] = place{f, &export.Node{ID: fmt.Sprint("n", i)}}
		}
		w := &trail{origin: places[0], end: places[random.IntN(len(places))], links: map[place][]link{}, into: map[place][]place{}}
		for range len(places) + random.IntN(len(places)) {
			from, to := places[random.IntN(len(places))], places[random.IntN(len(places))]
			w.links[from] = append(w.links[from], link{to, &export.Way{From: from.node, To: to.node}})
			w.into[to] = append(w.into[to], from)
			w.links[to] = append(w.links[to], nil...)
		}
		inside := w.inside()
		found := w.sure(inside)
		if len(found) == 0 {
			assert.False(t, w.without(point{way: &export.Way{}}, inside), "there is no way at all")
			continue
		}
		for p := range inside {
			at := point{place: p}
			if p == w.origin || p == w.end {
				continue
			}
			assert.Equal(t, !w.without(at, inside), found[at], "%v", p.node.ID)
			sure++
		}
		for _, from := range places {
			for _, l := range w.links[from] {
				if inside[from] && inside[l.to] {
					assert.Equal(t, !w.without(l.point(), inside), found[l.point()])
					ways++
				}
			}
		}
	}
	assert.Greater(t, sure, 1000)
	assert.Greater(t, ways, 1000)
}

// However long a flow goes without a stop, what it has to pass is sure, and the work grows as its length.
func TestALongWayIsSure(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	cost := func(n int) float64 {
		f := &export.Flow{Name: "f"}
		w := &trail{links: map[place][]link{}, into: map[place][]place{}}
		last := place{f, &export.Node{ID: "first"}}
		w.origin = last
		for range n {
			next := place{f, &export.Node{}}
			w.links[last] = []link{{next, &export.Way{From: last.node, To: next.node}}}
			w.into[next] = []place{last}
			last = next
		}
		w.end, w.links[last] = last, nil
		inside := w.inside()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		found := w.sure(inside)
		runtime.ReadMemStats(&after)
		assert.Len(t, found, 2*n+1)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	assert.Less(t, cost(8000)/cost(500), 32.0, "sixteen times as long")
}
