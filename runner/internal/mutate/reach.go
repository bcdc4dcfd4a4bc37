package mutate

import (
	"slices"

	"flowtest/recordings"
)

// reach returns the hops that a journey with one shape of responses can pass.
func reach(f *recordings.Flow, detailed bool) map[*recordings.Hop]bool {
	out := map[*recordings.Hop]bool{}
	for more := true; more; {
		more = false
		for _, h := range f.Hops {
			if out[h] || !h.Starts() && !slices.ContainsFunc(h.From, func(s *recordings.Hop) bool { return out[s] }) {
				continue
			}
			if r := h.Answer(); r.Body(detailed) == nil && (r.JSON != nil || r.Detailed != nil) {
				continue // it was recorded in the other shape only
			}
			out[h], more = true, true
			if h.To != nil {
				out[h.To] = true
			}
		}
	}
	return out
}
