package mockserver

import (
	"bytes"
	"cmp"
	"net/http"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A flow is a recording made ready for answering when it is first started:
// every lookup is by a key.
type flow struct {
	name   string
	policy string
	file   string // its path below the folder of recordings
	starts func() []*choice

	reusable bool // its codes, see [recordings.Flow.ReusableCodes]
}

// A screen is what an interaction shows now.
type screen struct {
	hop          *recordings.Hop
	shown        func() []*davinci.Screen // as clients read it
	nodeID       string
	connection   string
	capability   string
	byAction     map[string][]*choice
	alternatives []*choice // the same in one list, for telling what would have matched
	providers    func() *providers
}

// A choice is a request and what it is answered with: the first time with the
// first answer, and so on; the last one repeats.
type choice struct {
	request *recordings.Request
	answers []*answer

	passkeys []string // the keys of the fields under which a passkey is verified
}

// An answer is a hop made ready.
type answer struct {
	hop    *recordings.Hop
	status int
	header []header
	body   [2]*shapes // JSON, detailed
	page   bool
	set    []recordings.Cookie
	next   *screen // what the interaction shows afterwards; nil if that does not change
	stays  bool
	tokens bool // whether it carries a new interactionToken

	earlier [2]bool // whether a body carries that of the answer before, see [recordings.Flow.EarlierToken]
}

// A header of an answer.
type header struct {
	name  string
	value *template
}

func newFlow(rec *recordings.Flow) *flow {
	return &flow{
		name: rec.Name, policy: cmp.Or(rec.Policy, rec.Name), file: fileOf(rec),
		starts: sync.OnceValue(func() []*choice { return newGraph(rec) }), reusable: rec.ReusableCodes,
	}
}

// newGraph makes a recording ready and returns the ways to start it.
func newGraph(rec *recordings.Flow) []*choice {
	screens, answers := map[*recordings.Hop]*screen{}, map[*recordings.Hop]*answer{}
	for _, h := range rec.Hops {
		s := h.Screen()
		if s != nil && screens[s] == nil {
			screens[s] = newScreen(s)
		}
		answers[h] = newAnswer(rec, h, screens[s])
	}
	ready := func(all [][]*recordings.Hop) []*choice {
		out := make([]*choice, 0, len(all))
		for _, hops := range all {
			made := &choice{request: &hops[0].Request, passkeys: hops[0].Request.Passkeys()}
			for _, h := range hops {
				made.answers = append(made.answers, answers[h])
			}
			out = append(out, made)
		}
		return out
	}
	choices := rec.Choices()
	for h, s := range screens {
		s.alternatives = ready(choices[h])
		for _, c := range s.alternatives {
			s.byAction[c.request.Action] = append(s.byAction[c.request.Action], c)
		}
	}
	return ready(choices[nil])
}

func newScreen(h *recordings.Hop) *screen {
	b := h.Response.JSON
	if b == nil {
		b = h.Response.Detailed
	}
	top := gjson.ParseBytes(b.Text)
	return &screen{
		hop: h, byAction: map[string][]*choice{}, shown: sync.OnceValue(func() []*davinci.Screen { return shown(h) }),
		nodeID: top.Get("id").String(), connection: top.Get("connectionId").String(),
		capability: top.Get("capabilityName").String(),
		providers:  sync.OnceValue(func() *providers { return newProviders(top) }),
	}
}

func newAnswer(rec *recordings.Flow, h *recordings.Hop, next *screen) *answer {
	r := h.Answer()
	a := &answer{hop: h, status: r.Status, next: next, stays: h.Stays(), set: r.Cookies}
	for name, value := range r.Headers {
		t := compile(value, false)
		t.escape = func(s string) string { return s }
		a.header = append(a.header, header{http.CanonicalHeaderKey(name), t})
	}
	for i, detailed := range []bool{false, true} {
		b := r.Body(detailed)
		a.earlier[i] = b != nil && b.File == rec.EarlierToken
		if i > 0 && b == r.Body(false) {
			a.body[i] = a.body[0]
			continue
		}
		a.body[i] = compileBody(b, r.HTML == nil)
		a.tokens = a.tokens || b != nil && bytes.Contains(b.Text, []byte("{{interactionToken}}"))
	}
	a.page = r.HTML != nil
	return a
}
