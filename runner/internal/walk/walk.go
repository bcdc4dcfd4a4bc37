// Package walk goes through a recording. It makes the exchanges of a client and the service
// along each path, with stand-ins for generated values, and can send their requests with a
// journey. It checks nothing.
package walk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// Options say how [Journeys] goes through a recording.
type Options struct {
	// Detailed asks for detailed responses instead of JSON. Optional.
	Detailed bool

	// User has the attributes of the user who signs on. A missing one gets a stand-in.
	// Optional.
	User map[string]string

	// Any is the prefix of the text for a field that accepts any; the key follows it. Empty
	// means "some ". Optional.
	Any string

	// First is the number of the first journey. Journeys with other numbers have other
	// stand-ins. Optional.
	First int
}

// Journeys makes the exchanges of journeys through a recording, as a client and the
// service would send them. For every hop with a body in the wanted shape, and for every
// screen from which it is reached, there is a journey that takes the shortest way.
// Generated values are stand-ins of the right form, the same in every call. Missed are
// the hops that no journey of that shape reaches: those recorded only in the other
// shape, and those whose request another hop answers first.
func Journeys(f *recordings.Flow, o Options) (journeys []davinci.Exchanges, missed []*recordings.Hop) {
	w := newWalker(f, o)
	ways, missed := w.paths()
	for _, way := range ways {
		journeys = append(journeys, w.journey(o.First+len(journeys), way))
	}
	return journeys, missed
}

// Way returns the hops of the shortest way to an end of a flow at which a user is signed on,
// nil if the recording has no such end.
func Way(f *recordings.Flow, user map[string]string) []*recordings.Hop {
	var shortest []*recordings.Hop
	shapes := []bool{false}
	if slices.ContainsFunc(f.Hops, func(h *recordings.Hop) bool { return h.Response.Detailed != nil }) {
		shapes = append(shapes, true) // otherwise its ways are among those of the other shape
	}
	for _, detailed := range shapes {
		for _, way := range waysToEnds(f, Options{Detailed: detailed, User: user}) {
			if !way[0].Request.Session && (shortest == nil || len(way) < len(shortest)) {
				shortest = way
			}
		}
	}
	return shortest
}

func waysToEnds(f *recordings.Flow, o Options) (ways [][]*recordings.Hop) {
	var w *walker
	for _, h := range f.Hops {
		if !completes(h, o.Detailed) {
			continue
		}
		if w == nil {
			w = newWalker(f, o)
		}
		ways = append(ways, w.ways(h)...)
	}
	return ways
}

// completes reports whether a hop is an end at which a user is signed on.
func completes(h *recordings.Hop, detailed bool) bool {
	r := h.Answer()
	return r.Body(detailed) != nil && r.Outcome(detailed) == davinci.Completed
}

// longest removes every way that is the beginning of a longer one.
func longest(ways [][]*recordings.Hop) [][]*recordings.Hop {
	type place struct { // of a hop within a way
		number int
		hop    *recordings.Hop
	}
	order := make([]int, len(ways))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return len(ways[b]) - len(ways[a]) })
	through := map[place][]int{} // the kept ways, by the places that they pass before their end
	kept := make([]bool, len(ways))
	for _, i := range order {
		way := ways[i]
		end := place{len(way) - 1, way[len(way)-1]}
		kept[i] = !slices.ContainsFunc(through[end], func(o int) bool { return slices.Equal(ways[o][:len(way)], way) })
		if kept[i] {
			for number, h := range way[:len(way)-1] {
				through[place{number, h}] = append(through[place{number, h}], i)
			}
		}
	}
	var out [][]*recordings.Hop
	for i, way := range ways {
		if kept[i] {
			out = append(out, way)
		}
	}
	return out
}

// A walker knows the choices of every screen.
type walker struct {
	flow    *recordings.Flow
	o       Options
	choices map[*recordings.Hop][][]*recordings.Hop
	known   map[*recordings.Hop][]*recordings.Hop // the shortest way to each screen
	screens map[*recordings.Hop]*davinci.Screen   // the screens already read
	answers map[leaving][]*recordings.Hop         // of chosen
}

// A leaving is a hop together with the screen that it answers.
type leaving struct{ from, hop *recordings.Hop }

func newWalker(f *recordings.Flow, o Options) *walker {
	w := &walker{
		flow: f, o: o, choices: f.Choices(), known: map[*recordings.Hop][]*recordings.Hop{},
		screens: map[*recordings.Hop]*davinci.Screen{}, answers: map[leaving][]*recordings.Hop{},
	}
	w.explore()
	return w
}

// explore finds the shortest way to every screen. It uses first answers if they lead there,
// otherwise later ones. Ways that need a session come last, because a new client has none.
func (w *walker) explore() {
	var queue []*recordings.Hop
	sessions := false
	visit := func(from *recordings.Hop) {
		for _, hops := range w.choices[from] {
			h := hops[0]
			s := h.Screen()
			if s == nil || w.known[s] != nil || !w.first(from, h) || h.Request.Session && !sessions {
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
		if !sessions {
			sessions = true
			visit(nil)
			continue
		}
		if queue = w.later(); len(queue) == 0 {
			return
		}
	}
}

// later finds ways to screens that only later answers show, and returns those screens.
func (w *walker) later() []*recordings.Hop {
	var found []*recordings.Hop
	for _, h := range w.flow.Hops {
		s := h.Screen()
		if s == nil || w.known[s] != nil {
			continue
		}
		if ways := w.ways(h); len(ways) > 0 {
			w.known[s] = slices.MinFunc(ways, func(a, b []*recordings.Hop) int { return cmp.Compare(len(a), len(b)) })
			found = append(found, s)
		}
	}
	return found
}

// speaks reports whether the hop has an answer in the wanted shape.
func (w *walker) speaks(h *recordings.Hop) bool {
	r := h.Answer()
	return r.Body(w.o.Detailed) != nil || r.Body(!w.o.Detailed) == nil
}

// chosen returns the hops with which a replay answers the request of h.
func (w *walker) chosen(from, h *recordings.Hop) []*recordings.Hop {
	if hops, ok := w.answers[leaving{from, h}]; ok {
		return hops
	}
	sent := w.sent(from, h)
	i := slices.IndexFunc(w.choices[from], func(hops []*recordings.Hop) bool {
		return hops[0].Request.Matches(sent, w.attribute)
	})
	var hops []*recordings.Hop
	if i >= 0 {
		hops = w.choices[from][i]
	}
	w.answers[leaving{from, h}] = hops
	return hops
}

// first reports whether h is the first answer to its request, or the first end of a challenge.
func (w *walker) first(from, h *recordings.Hop) bool {
	hops := w.chosen(from, h)
	if ends := w.ends(from, h); len(ends) > 0 && ends[0] != h {
		return false
	}
	return w.speaks(h) && len(hops) > 0 && hops[0] == h
}

// ends returns the hops that end a challenge of the screen from, if h is one of them. A replay
// uses them one after the other, in this order.
func (w *walker) ends(from, h *recordings.Hop) []*recordings.Hop {
	if from == nil || !endsChallenge(&h.Request) {
		return nil
	}
	var ends []*recordings.Hop
	for _, hops := range w.choices[from] {
		if endsChallenge(&hops[0].Request) {
			ends = append(ends, hops...)
		}
	}
	return ends
}

// endsChallenge reports whether a request says how a challenge ended.
func endsChallenge(r *recordings.Request) bool {
	if r.EventType != "polling" {
		return false
	}
	for _, value := range r.FormData() {
		if text, ok := value.(string); ok && text != "*" && text != "continue" {
			return true
		}
	}
	return false
}

// ways returns the shortest ways that end with h, one for every screen from which it is
// reached.
func (w *walker) ways(h *recordings.Hop) [][]*recordings.Hop {
	if !w.speaks(h) {
		return nil
	}
	if h.Starts() {
		if !w.first(nil, h) {
			return nil
		}
		return [][]*recordings.Hop{{h}}
	}
	var found [][]*recordings.Hop
	for _, from := range h.From {
		if way := w.wayFrom(from, h); way != nil {
			found = append(found, way)
		}
	}
	return found
}

// wayFrom returns the way that ends with h from the screen from. The way first uses the
// answers before h to the same request, and the earlier ends of a challenge after which
// the flow goes on.
func (w *walker) wayFrom(from, h *recordings.Hop) []*recordings.Hop {
	if way := w.wayOver(from, h, w.ends(from, h)); way != nil {
		return way
	}
	return w.wayOver(from, h, w.chosen(from, h))
}

// wayOver is wayFrom over the hops that come before h.
func (w *walker) wayOver(from, h *recordings.Hop, hops []*recordings.Hop) []*recordings.Hop {
	if w.known[from] == nil || !slices.Contains(hops, h) {
		return nil
	}
	way := slices.Clone(w.known[from])
	taken := 0
	for _, before := range way {
		if slices.Contains(hops, before) {
			taken++
		}
	}
	for _, answer := range hops[min(taken, len(hops)):] {
		way = append(way, answer)
		if answer == h {
			return way
		}
		back, ok := w.returns(answer, from)
		if !ok {
			return nil
		}
		way = append(way, back...)
	}
	return nil
}

// returns is the way back to a screen after a hop that left it. There is none if
// the flow has ended, because the next journey starts a new one.
func (w *walker) returns(h, to *recordings.Hop) (way []*recordings.Hop, ok bool) {
	s := h.Screen()
	switch {
	case !w.speaks(h) || s == nil && !h.Stays():
		return nil, false
	case s == nil && endsChallenge(&h.Request):
		s = to // the screen must be shown again, with another challenge
	case s == nil || s == to:
		return nil, true
	}
	way = w.wayBack(s, to)
	return way, way != nil
}

// wayBack returns the shortest way between two screens over first answers, or nil. It
// has at least one hop.
func (w *walker) wayBack(from, to *recordings.Hop) []*recordings.Hop {
	type step struct {
		at  *recordings.Hop
		way []*recordings.Hop
	}
	seen := map[*recordings.Hop]bool{from: true}
	queue := []step{{at: from}}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, hops := range w.choices[s.at] {
			h := hops[0]
			next := h.Screen()
			if next == nil || seen[next] && next != to || !w.first(s.at, h) {
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
	if value, ok := w.o.User[name]; ok {
		return value, true
	}
	return Missing(name), true
}

// Missing returns the stand-in of an attribute that a user does not have.
func Missing(name string) string {
	if strings.Contains(strings.ToLower(name), "email") {
		return "someone@flowtest.invalid"
	}
	if strings.Contains(strings.ToLower(name), "token") {
		return "some-" + name // a token has no spaces
	}
	return "some " + name
}

// sent returns what a client sends for h on the screen from.
func (w *walker) sent(from, h *recordings.Hop) *davinci.Sent {
	sent := &davinci.Sent{}
	switch {
	case from == nil:
		sent.Query = w.query(h)
	case h.Request.ContinueToken != "":
		text := gjson.Parse(w.value(h.Request.ContinueToken, &davinci.Field{}, "continueToken")).Str
		sent.ContinueToken = strings.ReplaceAll(text, " ", "-") // a token has no spaces
		sent.Native = h.Request.Native
	default:
		sent.EventType, sent.Action = w.eventType(from, &h.Request), h.Request.Action
		sent.FormData = gjson.Parse(w.formData(from, &h.Request))
	}
	sent.Session = h.Request.Session
	sent.Platform, sent.AcceptLanguage = cmp.Or(h.Request.Platform, davinci.JavaScript), h.Request.Language
	return sent
}
