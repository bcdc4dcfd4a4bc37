package walk

import (
	"net/http"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A Leg is one hop of a way through a recording: the data that a client sends, and the
// answer.
type Leg struct {
	Hop    *recordings.Hop
	Sent   *davinci.Sent   // the same for all ways over the hop from one screen
	Answer *davinci.Answer // the same for all ways over the hop, with the stand-ins of one journey
}

// Ways returns the ways of [Journeys] without their exchanges. It makes and reads each
// answer once, so a screen with thousands of buttons is not repeated for each of them.
func Ways(f *recordings.Flow, o Options) [][]Leg {
	type answering struct {
		response *recordings.Response
		waits    bool
	}
	w := newWalker(f, o)
	answers, sents := map[answering]*davinci.Answer{}, map[leaving]*davinci.Sent{}
	paths, _ := w.paths()
	ways := make([][]Leg, 0, len(paths))
	for _, path := range paths {
		legs := make([]Leg, 0, len(path))
		var at *recordings.Hop
		for i, h := range path {
			from := answering{h.Answer(), i > 0}
			if answers[from] == nil {
				x := davinci.Exchange{ResponseHeader: http.Header{}}
				f := w.filling(o.First)
				f.hop = i
				f.answer(h, &x)
				answers[from] = davinci.Reader{Waits: i > 0}.Read(x.Status, x.ResponseHeader, x.Response)
			}
			if sents[leaving{at, h}] == nil {
				sents[leaving{at, h}] = w.sent(at, h)
			}
			legs = append(legs, Leg{h, sents[leaving{at, h}], answers[from]})
			if s := h.Screen(); s != nil {
				at = s
			}
		}
		ways = append(ways, legs)
	}
	return ways
}

// paths returns the hops of every journey, and those that no journey reaches.
func (w *walker) paths() (ways [][]*recordings.Hop, missed []*recordings.Hop) {
	for _, h := range w.flow.Hops {
		found := w.ways(h)
		if len(found) == 0 {
			missed = append(missed, h)
		}
		ways = append(ways, found...)
	}
	return longest(ways), missed
}
