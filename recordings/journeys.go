package recordings

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// A Choice is a request that clients can send at one place, and the hops that
// answer it: the first time the first, and so on. The last one repeats.
type Choice struct {
	Request *Request
	Hops    []*Hop
}

// Choices returns the requests that leave each screen, and those that start the flow
// below nil, in the order in which a replay tries them: first the one that says most
// exactly which requests it means.
func (f *Flow) Choices() map[*Hop][]*Choice {
	all := map[*Hop][]*Choice{}
	add := func(at, h *Hop) {
		for _, c := range all[at] {
			if c.Request.Key() == h.Request.Key() {
				c.Hops = append(c.Hops, h)
				return
			}
		}
		all[at] = append(all[at], &Choice{&h.Request, []*Hop{h}})
	}
	for _, h := range f.Hops {
		if h.Starts() {
			add(nil, h)
		}
		for _, from := range h.From {
			add(from, h)
		}
	}
	for _, choices := range all {
		slices.SortStableFunc(choices, func(a, b *Choice) int {
			switch {
			case a.Request.Before(b.Request):
				return -1
			case b.Request.Before(a.Request):
				return 1
			default:
				return 0
			}
		})
	}
	return all
}

// A Walk says how [Journeys] goes through a recording.
type Walk struct {
	// Detailed asks for detailed responses instead of JSON. Optional.
	Detailed bool

	// User holds the attributes of the user who signs on. A missing one gets a
	// stand-in. Optional.
	User map[string]string

	// Any is the prefix of the text that fills in a field which takes any; the
	// key follows it. Empty means "some ". Optional.
	Any string

	// First is the number of the first journey: journeys of other numbers have other
	// stand-ins. Optional.
	First int
}

// Journeys makes the exchanges of journeys through a recording, as a client and the
// service would send them: for every hop that has a body in the shape asked for, and
// for every screen that it leaves, one that reaches it by the shortest way. Generated
// values are stand-ins of the right form, the same in every call. Missed are the hops
// that no journey of that shape reaches: those recorded only in the other shape, and
// those whose request another hop answers first.
func Journeys(f *Flow, walk Walk) (journeys []davinci.Exchanges, missed []*Hop) {
	w := newWalker(f, walk)
	var ways [][]*Hop
	for _, h := range f.Hops {
		found := w.ways(h)
		if len(found) == 0 {
			missed = append(missed, h)
		}
		ways = append(ways, found...)
	}
	for _, way := range longest(ways) {
		journeys = append(journeys, w.journey(walk.First+len(journeys), way))
	}
	return journeys, missed
}

// longest leaves out the ways with which a longer one begins.
func longest(ways [][]*Hop) [][]*Hop {
	type stretch struct { // a hop after a stretch, which is named by its number
		before int
		hop    *Hop
	}
	numbers, goesOn, ends := map[stretch]int{}, map[int]bool{}, make([]int, len(ways))
	for i, way := range ways {
		at := 0
		for _, h := range way {
			goesOn[at] = true
			next := stretch{at, h}
			if numbers[next] == 0 {
				numbers[next] = len(numbers) + 1
			}
			at = numbers[next]
		}
		ends[i] = at
	}
	var out [][]*Hop
	for i, way := range ways {
		if !goesOn[ends[i]] {
			out = append(out, way)
		}
	}
	return out
}

// A walker knows the choices of every screen.
type walker struct {
	flow    *Flow
	walk    Walk
	choices map[*Hop][]*Choice
	known   map[*Hop][]*Hop // the shortest way to each screen
}

func newWalker(f *Flow, walk Walk) *walker {
	w := &walker{flow: f, walk: walk, choices: f.Choices(), known: map[*Hop][]*Hop{}}
	w.explore()
	return w
}

// explore finds the shortest way to every screen: over first answers where they
// lead there, else over later ones.
func (w *walker) explore() {
	var queue []*Hop
	visit := func(from *Hop) {
		for _, o := range w.choices[from] {
			h := o.Hops[0]
			s := h.Screen()
			if s == nil || w.known[s] != nil || !w.speaks(h) || w.chosen(from, h) != o {
				continue
			}
			w.known[s] = append(slices.Clone(w.known[from]), h)
			queue = append(queue, s)
		}
	}
	visit(nil)
	for {
		for len(queue) > 0 {
			s := queue[0]
			queue = queue[1:]
			visit(s)
		}
		if queue = w.later(); len(queue) == 0 {
			return
		}
	}
}

// later notes the ways to screens that are shown by later answers, and returns
// those screens.
func (w *walker) later() []*Hop {
	var found []*Hop
	for _, h := range w.flow.Hops {
		s := h.Screen()
		if s == nil || w.known[s] != nil {
			continue
		}
		if way := w.way(h); way != nil {
			w.known[s] = way
			found = append(found, s)
		}
	}
	return found
}

// speaks reports whether the hop can be answered in the shape asked for.
func (w *walker) speaks(h *Hop) bool {
	r := h.Answer()
	return r.Empty() || r.Body(w.walk.Detailed) != nil
}

// chosen returns the choice that a replay takes for the request that means h.
func (w *walker) chosen(from, h *Hop) *Choice {
	sent := w.sent(from, h)
	for _, o := range w.choices[from] {
		if o.Request.Action == sent.Action && o.Request.Matches(sent, w.attribute) {
			return o
		}
	}
	return nil
}

// way returns the shortest way that ends with h, or nil.
func (w *walker) way(h *Hop) []*Hop {
	var best []*Hop
	for _, way := range w.ways(h) {
		if best == nil || len(way) < len(best) {
			best = way
		}
	}
	return best
}

// ways returns the shortest ways that end with h, one for every screen that it leaves.
func (w *walker) ways(h *Hop) [][]*Hop {
	if !w.speaks(h) {
		return nil
	}
	if h.Starts() {
		if o := w.chosen(nil, h); o == nil || o.Hops[0] != h {
			return nil
		}
		return [][]*Hop{{h}}
	}
	var found [][]*Hop
	for _, from := range h.From {
		if way := w.wayFrom(from, h); way != nil {
			found = append(found, way)
		}
	}
	return found
}

// wayFrom returns the way that ends with h where it leaves the screen from:
// the answers that come before h to the same request are taken first.
func (w *walker) wayFrom(from, h *Hop) []*Hop {
	o := w.chosen(from, h)
	if w.known[from] == nil || o == nil || !slices.Contains(o.Hops, h) {
		return nil
	}
	way := slices.Clone(w.known[from])
	taken := 0
	for _, before := range way {
		if slices.Contains(o.Hops, before) {
			taken++
		}
	}
	for _, answer := range o.Hops[min(taken, len(o.Hops)):] {
		way = append(way, answer)
		if answer == h {
			return way
		}
		s := answer.Screen()
		if !w.speaks(answer) || s == nil && !answer.Stays() {
			return nil // the flow has ended, and the next journey starts anew
		}
		if s != nil && s != from {
			back := w.wayBack(s, from)
			if back == nil {
				return nil
			}
			way = append(way, back...)
		}
	}
	return nil
}

// wayBack returns the shortest way between two screens over first answers, or nil.
func (w *walker) wayBack(from, to *Hop) []*Hop {
	type step struct {
		at  *Hop
		way []*Hop
	}
	seen := map[*Hop]bool{from: true}
	queue := []step{{at: from}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, o := range w.choices[s.at] {
			h := o.Hops[0]
			next := h.Screen()
			if next == nil || seen[next] || !w.speaks(h) || w.chosen(s.at, h) != o {
				continue
			}
			seen[next] = true
			way := append(slices.Clone(s.way), h)
			if next == to {
				return way
			}
			queue = append(queue, step{next, way})
		}
	}
	return nil
}

// attribute returns an attribute of the user, or a stand-in for it.
func (w *walker) attribute(name string) (string, bool) {
	if value, ok := w.walk.User[name]; ok {
		return value, true
	}
	if strings.Contains(strings.ToLower(name), "email") {
		return "someone@flowtest.invalid", true
	}
	return "some " + name, true
}

// sent is what a client sends that means h on the screen from.
func (w *walker) sent(from, h *Hop) *Sent {
	if from == nil {
		return &Sent{Query: w.query(h)}
	}
	return &Sent{
		EventType: eventType(from, &h.Request), Action: h.Request.Action,
		FormData: gjson.Parse(cmp.Or(w.formData(from, &h.Request), "null")),
	}
}
