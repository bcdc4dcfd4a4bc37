package recordings

import (
	"cmp"
	"flowtest/steps/davinci"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// A Walk says how [Takes] walks a recording.
type Walk struct {
	// Detailed asks for detailed responses instead of JSON. Optional.
	Detailed bool

	// User holds the attributes of the user who signs on. For one that is not
	// there a stand-in is taken. Optional.
	User map[string]string

	// Any is what stands in front of the key in the text that fills in a field which
	// takes any. Empty means "some ". Optional.
	Any string

	// First is the number of the first take: takes of other numbers have other
	// stand-ins. Optional.
	First int
}

// Takes makes the exchanges of a recording, as if a client had walked it: for
// every hop that has a body in the shape asked for, and for every screen that it
// leaves, there is a take that reaches it by the shortest way. Minted values are stand-ins of the right
// form, the same whenever it is called. The hops to which no journey of that
// shape comes are returned as well: what was recorded in the other shape
// alone, and what another hop answers first.
func Takes(f *Flow, walk Walk) (takes []davinci.Exchanges, missed []*Hop) {
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
		takes = append(takes, w.take(walk.First+len(takes), way))
	}
	return takes, missed
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
	starts  []*option
	options map[*Hop][]*option // by the screen that they leave, the most exact first
	known   map[*Hop][]*Hop    // the shortest way to each screen
}

// An option is a request that a client can send, and its answers in their order.
type option struct {
	request *Request
	answers []*Hop
}

func newWalker(f *Flow, walk Walk) *walker {
	w := &walker{flow: f, walk: walk, options: map[*Hop][]*option{}, known: map[*Hop][]*Hop{}}
	for _, h := range f.Hops {
		if h.Starts() {
			w.starts = addOption(w.starts, h)
		}
		for _, from := range h.From {
			w.options[from] = addOption(w.options[from], h)
		}
	}
	sortOptions(w.starts)
	for _, options := range w.options {
		sortOptions(options)
	}
	w.explore()
	return w
}

func addOption(options []*option, h *Hop) []*option {
	for _, o := range options {
		if o.request.Key() == h.Request.Key() {
			o.answers = append(o.answers, h)
			return options
		}
	}
	return append(options, &option{&h.Request, []*Hop{h}})
}

// sortOptions puts first what says most exactly which requests it means, which
// is how a replay tries them.
func sortOptions(options []*option) {
	slices.SortStableFunc(options, func(a, b *option) int {
		switch {
		case a.request.Before(b.request):
			return -1
		case b.request.Before(a.request):
			return 1
		default:
			return 0
		}
	})
}

// explore finds the shortest way to every screen: over first answers where they
// lead there, else over later ones.
func (w *walker) explore() {
	var queue []*Hop
	visit := func(from *Hop, options []*option) {
		for _, o := range options {
			h := o.answers[0]
			s := h.Screen()
			if s == nil || w.known[s] != nil || !w.speaks(h) || w.chosen(from, h) != o {
				continue
			}
			w.known[s] = append(slices.Clone(w.known[from]), h)
			queue = append(queue, s)
		}
	}
	visit(nil, w.starts)
	for {
		for len(queue) > 0 {
			s := queue[0]
			queue = queue[1:]
			visit(s, w.options[s])
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

// chosen returns the option that a replay takes for the request that means h.
func (w *walker) chosen(from, h *Hop) *option {
	sent := w.sent(from, h)
	options := w.starts
	if from != nil {
		options = w.options[from]
	}
	for _, o := range options {
		if o.request.Action == sent.Action && o.request.Matches(sent, w.attribute) {
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
		if o := w.chosen(nil, h); o == nil || o.answers[0] != h {
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
	if w.known[from] == nil || o == nil || !slices.Contains(o.answers, h) {
		return nil
	}
	way := slices.Clone(w.known[from])
	taken := 0
	for _, before := range way {
		if slices.Contains(o.answers, before) {
			taken++
		}
	}
	for _, answer := range o.answers[min(taken, len(o.answers)):] {
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

// wayBack returns the shortest way between two screens, or nil. It takes first
// answers alone.
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
		for _, o := range w.options[s.at] {
			h := o.answers[0]
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
