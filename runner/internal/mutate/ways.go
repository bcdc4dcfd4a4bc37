package mutate

import (
	"fmt"
	"net/http"
	"slices"

	"flowtest/recordings"
)

// ways makes the mutants that change where a hop leads, or remove the hop.
func (k *making) ways(h *recordings.Hop) {
	if h.Starts() {
		return
	}
	if other := k.elsewhere(h); other != nil {
		k.lead(h, other, "way-elsewhere", fmt.Sprintf("%s leads to %s", described(h), named(other)))
	}
	if h.Stays() && h.Response.Status >= http.StatusBadRequest {
		if let := k.accepted(h); let != nil {
			k.lead(h, let, "let-in", fmt.Sprintf("%s is accepted: it leads to %s", described(h), named(let)))
		}
		return
	}
	k.add(&Mutant{
		Hop: h.Name, Group: Ways, Operator: "way-lost", Change: described(h) + " has no answer",
		seen: func(c crossing) bool { return c.has(h) },
		change: func(f *recordings.Flow) error {
			hop(f, h.Name).From = nowhere() // keep its screen, because other hops may lead to it
			return nil
		},
	})
	if next := k.after(h.Screen()); next != nil {
		k.lead(h, next, "screen-skipped",
			fmt.Sprintf("%s skips %s and leads to %s", described(h), named(h.Screen()), named(next)))
	}
	if refused := k.refusal(h); refused != nil {
		k.lead(h, refused, "error-instead", fmt.Sprintf("%s is refused with the answer of "+
			"%s", described(h), refused.Name))
	}
}

// lead adds the mutant in which a hop has the answer of another one.
func (k *making) lead(h, as *recordings.Hop, operator, change string) {
	k.add(&Mutant{
		Hop: h.Name, Property: "to " + as.Name, Group: Ways, Operator: operator, Change: change,
		seen: func(c crossing) bool { return c.has(h) },
		change: func(f *recordings.Flow) error {
			x, to := hop(f, h.Name), hop(f, as.Name)
			if h.To == nil && h.Screen() != nil { // keep its screen, because hops leave it
				moved := *x
				moved.Name += "-elsewhere"
				x.From = nowhere()
				f.Hops = slices.Insert(f.Hops, slices.Index(f.Hops, x), &moved)
				x = &moved
			}
			x.To = to.Screen()
			if x.To == nil {
				x.Response = *to.Answer()
			} else {
				x.Response = recordings.Response{}
			}
			return nil
		},
	})
}

// nowhere is the origin of a hop that no request can reach.
func nowhere() []*recordings.Hop { return []*recordings.Hop{{Name: "nowhere"}} }

// elsewhere returns a screen that the hop neither leads to nor leaves.
func (k *making) elsewhere(h *recordings.Hop) *recordings.Hop {
	for _, o := range k.flow.Hops {
		s := o.Screen()
		if s == o && s != h.Screen() && s != h && !slices.Contains(h.From, s) {
			return s
		}
	}
	return nil
}

// accepted returns the hop for the same button of the same screen that succeeds.
func (k *making) accepted(h *recordings.Hop) *recordings.Hop {
	for _, o := range k.flow.Hops {
		if o != h && !o.Stays() && o.Answer().Status < http.StatusBadRequest && o.Request.Action == h.Request.Action &&
			slices.ContainsFunc(o.From, func(s *recordings.Hop) bool { return slices.Contains(h.From, s) }) {
			return o
		}
	}
	return nil
}

// after returns the screen or end to which the first hop forward from a screen leads,
// or nil.
func (k *making) after(s *recordings.Hop) *recordings.Hop {
	if s == nil {
		return nil
	}
	for _, o := range k.flow.Hops {
		if slices.Contains(o.From, s) && o.To == nil && !o.Stays() && o.Response.Status < http.StatusBadRequest {
			return o
		}
	}
	return nil
}

// refusal returns a hop from the same screen that refuses the request.
func (k *making) refusal(h *recordings.Hop) *recordings.Hop {
	for _, o := range k.flow.Hops {
		if o != h && o.Stays() && o.Response.Status >= http.StatusBadRequest &&
			slices.ContainsFunc(o.From, func(s *recordings.Hop) bool { return slices.Contains(h.From, s) }) {
			return o
		}
	}
	return nil
}

// described returns a description of a hop for a person.
func described(h *recordings.Hop) string {
	if h.Request.Action == "" {
		return fmt.Sprintf("the way %q", h.Name)
	}
	return fmt.Sprintf("the button %q (way %q)", h.Request.Action, h.Name)
}

// named returns a description of the screen or end that a hop shows.
func named(h *recordings.Hop) string {
	if name := screenName(h); name != "" {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("the end %q", h.Name)
}
