package cover

import (
	"slices"

	"flowtest/runner/internal/export"
)

// A point is a place, or a way from one to the next.
type point struct {
	place

	way *export.Way
}

// sure returns the points that are on every way from the first answer to the second. It goes one way,
// and from each point of it in turn to whatever can be reached beside it: no point is sure that is
// jumped over. Each point is looked at once, so that the work grows as what lies between does.
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
	at[end] = last // where it is the start too: what comes back to it has arrived
	out, seen := map[point]bool{end: true}, map[point]bool{}
	far := 0 // how far along the trunk anything comes
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

// one returns the points of a way from the first answer to the second, none if there is no way.
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

// behind hands over the points right behind one: of a place its ways, and the subflow that it calls;
// of a way where it leads.
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
