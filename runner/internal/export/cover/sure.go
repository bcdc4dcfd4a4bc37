package cover

import (
	"slices"

	"flowtest/runner/internal/export"
)

// A point is a place, or a way from one place to the next.
type point struct {
	place

	way *export.Way
}

// sure returns the points that are on every way from the first answer to the second. It takes one
// way, the trunk, and from each of its points explores everything reachable outside of it. A point
// of the trunk that can be bypassed is not sure. Each point is visited once, so the time is linear.
func (t *trail) sure(inside map[place]bool) map[point]bool {
	start, end := point{place: t.origin}, point{place: t.end}
	trunk := t.one(inside)
	if len(trunk) == 0 {
		return nil
	}
	at := make(map[point]int, len(trunk))
	for i, p := range trunk {
		at[p] = i
	}
	at[start] = 0
	last := len(trunk) - 1
	at[end] = last // also if it is the start: coming back to it means arriving
	out, seen := map[point]bool{end: true}, map[point]bool{}
	far := 0 // the furthest index on the trunk reached so far
	for i, p := range trunk[:last] {
		if far == i {
			out[p] = true
		}
		for queue := []point{p}; len(queue) > 0; {
			from := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			t.behind(from, inside, func(next point) {
				if j, on := at[next]; on {
					far = max(far, j)
				} else if !seen[next] {
					seen[next] = true
					queue = append(queue, next)
				}
			})
		}
	}
	return out
}

// one returns the points of any one way from the first answer to the second, nil if there is no
// way.
func (t *trail) one(inside map[place]bool) (trunk []point) {
	start, end := point{place: t.origin}, point{place: t.end}
	from := map[point]point{}
	found := false
	for queue := []point{start}; len(queue) > 0 && !found; queue = queue[1:] {
		p := queue[0]
		t.behind(p, inside, func(next point) {
			if _, seen := from[next]; !seen && !found {
				from[next], queue = p, append(queue, next)
				found = next == end
			}
		})
	}
	if !found {
		return nil
	}
	for p, first := end, true; first || p != start; first = false {
		trunk = append(trunk, p)
		p = from[p]
	}
	trunk = append(trunk, start)
	slices.Reverse(trunk)
	return trunk
}

// behind calls do with the points directly after one: for a place, its ways and the subflow that it
// calls; for a way, its target.
func (t *trail) behind(p point, inside map[place]bool, do func(point)) {
	if p.way != nil {
		do(point{place: place{p.flow, p.way.To}})
		return
	}
	for _, l := range t.links[p.place] {
		if inside[l.to] {
			do(l.point())
		}
	}
}
