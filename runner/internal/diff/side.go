package diff

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// A side is one of the two recordings of a comparison.
type side struct {
	flow    *recordings.Flow
	screens []*screen // in the order of the file
	starts  []*edge
	edges   []*edge // all of them
}

// A screen is a place at which the flow pauses. Hops that show the very same
// screen are one.
type screen struct {
	hop        *recordings.Hop // the first that shows it
	members    []*recordings.Hop
	name, node string
	capability string
	shapes     [2]*flow.Hop // JSON and detailed, nil if it was not recorded
	digest     string       // equal for screens whose bodies are equal
	keys       []string     // of its fields, sorted: what it is recognized by
	edges      []*edge      // that leave it, in the order of the file
	pair       *screen      // the same screen of the other recording, or nil
}

// An edge is a hop that leaves a screen, or that starts the flow.
type edge struct {
	hop      *recordings.Hop
	from     *screen // nil if it starts the flow
	to       *screen // nil if the flow stays or has ended
	request  request
	answer   *flow.Hop // how it was answered, in the first shape that was recorded
	response *recordings.Response
	pair     *edge // the same edge of the other recording, or nil
}

func newSide(f *recordings.Flow) *side {
	s := &side{flow: f}
	of := map[*recordings.Hop]*screen{}
	same := map[string]*screen{} // by their digests
	for _, h := range f.Hops {
		if h.To != nil || h.Screen() != h {
			continue
		}
		found := newScreen(h)
		if first := same[found.digest]; first != nil {
			first.members = append(first.members, h)
			of[h] = first
			continue
		}
		same[found.digest], of[h] = found, found
		s.screens = append(s.screens, found)
	}
	s.connect(of)
	return s
}

// connect makes edges of the hops.
func (s *side) connect(of map[*recordings.Hop]*screen) {
	leaving := map[*recordings.Hop][]*recordings.Hop{}
	for _, h := range s.flow.Hops {
		if h.Starts() {
			s.starts = append(s.starts, s.edge(h, nil, of))
		}
		for _, from := range h.From {
			leaving[from] = append(leaving[from], h)
		}
	}
	s.starts = withoutRepeats(s.starts)
	for _, at := range s.screens {
		// Of hops that are one screen, the first that knows a request answers it.
		known := map[string]bool{}
		for _, member := range at.members {
			var fresh []string
			for _, h := range leaving[member] {
				e := s.edge(h, at, of)
				if !known[e.request.key] {
					at.edges = append(at.edges, e)
					fresh = append(fresh, e.request.key)
				}
			}
			for _, key := range fresh {
				known[key] = true
			}
		}
		at.edges = withoutRepeats(at.edges)
	}
}

func (s *side) edge(h *recordings.Hop, from *screen, of map[*recordings.Hop]*screen) *edge {
	e := &edge{hop: h, from: from, request: newRequest(&h.Request), response: h.Answer()}
	if to := h.Screen(); to != nil {
		e.to = of[to]
	}
	e.answer = observe(h, cmp.Or(e.response.Body(false), e.response.Body(true)), e.response.JSON == nil)
	s.edges = append(s.edges, e)
	return e
}

// withoutRepeats drops an edge that repeats the one before it with the same request and the same
// answer: how often a client polled says nothing about the flow.
func withoutRepeats(edges []*edge) []*edge {
	last := map[string]*edge{}
	return slices.DeleteFunc(edges, func(e *edge) bool {
		before := last[e.request.key]
		last[e.request.key] = e
		return before != nil && before.to == e.to && before.response.Status == e.response.Status &&
			bytes.Equal(before.answer.Body, e.answer.Body)
	})
}

func newScreen(h *recordings.Hop) *screen {
	s := &screen{hop: h, members: []*recordings.Hop{h}}
	for i, body := range []*recordings.Body{h.Response.JSON, h.Response.Detailed} {
		if body == nil {
			s.digest += "none "
			continue
		}
		s.shapes[i] = observe(h, body, i == 1)
		s.digest += fmt.Sprintf("%x ", sha256.Sum256(body.Text))
	}
	for _, seen := range s.shapes {
		if seen == nil || s.hasFace() {
			continue
		}
		s.node, s.capability = seen.NodeID(), seen.Capability()
		if seen.Screen() == nil {
			continue
		}
		s.name = seen.Screen().Name
		for i := range seen.Screen().Fields {
			if key := seen.Screen().Fields[i].Key; key != "" {
				s.keys = append(s.keys, key)
			}
		}
	}
	slices.Sort(s.keys)
	return s
}

func (s *screen) hasFace() bool { return s.name != "" || len(s.keys) > 0 }

// observe reads an answer as a journey would that waits at the screen before it.
func observe(h *recordings.Hop, body *recordings.Body, detailed bool) *flow.Hop {
	r := h.Answer()
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, value)
	}
	var content []byte
	if body != nil {
		content = body.Text
	}
	return &flow.Hop{
		Answer:   davinci.Reader{Waits: !h.Starts()}.Read(r.Status, header, content),
		Exchange: &davinci.Exchange{Method: h.Request.Method}, Action: h.Request.Action, Detailed: detailed,
	}
}

// title names a screen for a sentence.
func (s *screen) title() string {
	switch {
	case s.name != "":
		return quote(s.name)
	case s.node != "":
		return "node " + plain(s.node)
	default:
		return "of hop " + s.hop.Name
	}
}

// reached says which hop leads to the screen.
func (s *screen) reached(in *side, leads string) string {
	for _, e := range in.edges {
		switch {
		case e.to != s || e.from == s:
		case e.from == nil:
			return ": the start of the flow " + leads
		default:
			return ": " + e.request.short() + " on " + e.from.title() + " " + leads
		}
	}
	return ""
}

// A request is what distinguishes the edges of a screen.
type request struct {
	action, eventType string
	token             string // what is expected of a continue token, "" if none is sent
	client            string // the platform, language and browser that it is for, "" for any
	query, formData   []member
	looksAt           bool   // whether formData is checked
	key               string // equal for the same request, independent of who recorded it
}

type member struct {
	key   string
	value gjson.Result
}

// newRequest reads what distinguishes a request. Method and path depend on the client and the
// environment.
func newRequest(r *recordings.Request) request {
	out := request{
		action: r.Action, eventType: r.EventType, looksAt: r.FormData() != nil,
		token:  strings.TrimSpace(r.Native + " " + r.ContinueToken),
		client: strings.TrimSpace(r.Platform + " " + r.Language),
	}
	if r.Session {
		out.client = strings.TrimSpace(out.client + " a browser with a session")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		value := r.Query[name]
		out.query = append(out.query, member{name, gjson.Result{Type: gjson.String, Str: value, Raw: value}})
	}
	// What a recording expects was read from YAML, and can be written as JSON.
	if text, err := json.Marshal(r.FormData()); err == nil {
		out.formData = members(gjson.ParseBytes(text))
	}
	out.key = out.keyWith(nil)
	return out
}

// keyWith returns the key that the request has after fields and buttons of its
// screen were renamed.
func (r *request) keyWith(renamed map[string]string) string {
	now := func(key string) string { return cmp.Or(renamed[key], key) }
	var b strings.Builder
	b.WriteString(now(r.action))
	if r.eventType == polling {
		b.WriteString("\x00polling")
	}
	b.WriteString("\x03" + r.token + "\x03" + r.client)
	for i, list := range [][]member{r.query, r.formData} {
		var lines []string
		for _, m := range list {
			key := m.key
			if i == 1 {
				key = now(key)
			}
			lines = append(lines, key+"\x01"+m.value.Raw)
		}
		slices.Sort(lines)
		b.WriteString("\x00" + strings.Join(lines, "\x02"))
	}
	return b.String()
}

// short names a request only by its button.
func (r *request) short() string {
	if r.client != "" {
		all := *r
		all.client = ""
		return all.short() + " for " + plain(r.client)
	}
	switch {
	case r.token != "":
		return "back from an identity provider with " + plain(r.token)
	case r.action != "":
		return plain(r.action)
	case r.eventType == polling:
		return "polling"
	case len(r.query) > 0:
		return "start with " + listed(r.query)
	default:
		return "a request without a button"
	}
}

// words names a request by its button and what was filled in.
func (r *request) words() string {
	if len(r.formData) == 0 {
		return r.short()
	}
	return r.short() + " with " + listed(r.formData)
}

func listed(list []member) string {
	var out []string
	for _, m := range list {
		out = append(out, plain(m.key)+" "+say(m.value))
	}
	return cut(strings.Join(out, ", "))
}
