package mockserver

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
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
	file   string // where it stands, below the folder of recordings
	starts func() []*choice
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
}

// A choice is a request and what it is answered with: the first time with the
// first answer, and so on; the last one repeats.
type choice struct {
	request *recordings.Request
	answers []*answer
}

// An answer is a hop made ready.
type answer struct {
	hop    *recordings.Hop
	status int
	header []header
	body   [2]*shapes // JSON, detailed
	page   bool
	set    []recordings.Cookie
	next   *screen // where the interaction stands afterwards; nil where it does not move
	stays  bool
	tokens bool // whether it carries a new interactionToken
}

// A header of an answer.
type header struct {
	name  string
	value *template
}

func newFlow(rec *recordings.Flow) *flow {
	return &flow{
		name: rec.Name, policy: cmp.Or(rec.Policy, rec.Name), file: fileOf(rec),
		starts: sync.OnceValue(func() []*choice { return newGraph(rec) }),
	}
}

// newGraph makes a recording ready and returns the ways to start it.
func newGraph(rec *recordings.Flow) []*choice {
	var starts []*choice
	screens := map[*recordings.Hop]*screen{}
	for _, h := range rec.Hops {
		if s := h.Screen(); s != nil && screens[s] == nil {
			screens[s] = newScreen(s)
		}
	}
	for _, h := range rec.Hops {
		a := newAnswer(h, screens[h.Screen()])
		if h.Starts() {
			starts = add(starts, &h.Request, a)
		}
		for _, from := range h.From {
			s := screens[from]
			s.alternatives = add(s.alternatives, &h.Request, a)
		}
	}
	sortChoices(starts)
	for _, s := range screens {
		sortChoices(s.alternatives)
		for _, c := range s.alternatives {
			s.byAction[c.request.Action] = append(s.byAction[c.request.Action], c)
		}
	}
	return starts
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
	}
}

func newAnswer(h *recordings.Hop, next *screen) *answer {
	r := h.Answer()
	a := &answer{hop: h, status: r.Status, next: next, stays: h.Stays(), set: r.Cookies}
	for name, value := range r.Headers {
		t := compile(value, false)
		t.escape = func(s string) string { return s }
		a.header = append(a.header, header{http.CanonicalHeaderKey(name), t})
	}
	for i, detailed := range []bool{false, true} {
		b := r.Body(detailed)
		a.body[i] = compileBody(b, r.HTML == nil)
		a.tokens = a.tokens || b != nil && strings.Contains(string(b.Text), "{{interactionToken}}")
	}
	a.page = r.HTML != nil
	return a
}

// add puts an answer to the choice with the same request, or makes one.
func add(choices []*choice, r *recordings.Request, a *answer) []*choice {
	for _, c := range choices {
		if c.request.Key() == r.Key() {
			c.answers = append(c.answers, a)
			return choices
		}
	}
	return append(choices, &choice{request: r, answers: []*answer{a}})
}

// sortChoices puts first what says most exactly which requests it means.
func sortChoices(choices []*choice) {
	slices.SortStableFunc(choices, func(a, b *choice) int {
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
