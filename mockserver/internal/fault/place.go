package fault

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/mockserver/internal/expiring"
	"flowtest/mockserver/internal/wire"
	"flowtest/steps/davinci"
)

// A place is the position of a request in a run. Everything that is drawn for
// the request depends on its place and on nothing else.
type place struct {
	seed     uint64
	scenario string
	flow     string
	signOn   int // its number among those of the flow, from 1
	hop      int // its number within the sign-on, from 1
}

// draw returns a number that looks random and is the same for equal places.
func (p place) draw(what string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%d\x00%d\x00%s",
		p.seed, p.scenario, p.flow, p.signOn, p.hop, what))
	return binary.BigEndian.Uint64(sum[:])
}

// share draws a number from 0 to below 1.
func (p place) share(what string) float64 {
	const digits = 53 // of a float64
	return float64(p.draw(what)>>(64-digits)) / (1 << digits)
}

// below draws a number from 0 to below n.
func (p place) below(n int, what string) int { return int(p.share(what) * float64(n)) }

// applies reports whether a fault applies to the request at this place.
func (p place) applies(f *Rule) bool { return p.share(f.label()) < f.odds }

// A course is the progress of one sign-on.
type course struct {
	mu      sync.Mutex
	flow    string
	signOn  int
	hop     int
	limited bool // the request at this hop was answered with 429
	gone    bool // its interaction has expired by a fault
}

// next moves the course on to the next hop and returns its number. A retry of a
// request that was limited keeps the number.
func (c *course) next() (hop int, again, gone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	again, c.limited = c.limited, false
	if !again {
		c.hop++
	}
	return c.hop, again, c.gone
}

// end notes that this request is limited, or that the interaction expires with it.
func (c *course) end(with string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limited, c.gone = with == limited, c.gone || with == expired
}

// courses holds the sign-ons that were seen last. It is bounded in number, not in
// time.
type courses struct {
	running *expiring.Map[*course] // by interactionId, or by the request that starts the flow

	mu    sync.Mutex
	begun *expiring.Map[int] // how many sign-ons each flow has begun
}

func newCourses() *courses {
	const (
		signOns = 10_000
		flows   = 1_000 // clients may make up any number of names
	)
	return &courses{
		running: expiring.New[*course](signOns, math.MaxInt64, time.Now),
		begun:   expiring.New[int](flows, math.MaxInt64, time.Now),
	}
}

// start returns the course of a sign-on that begins with this request: a new
// one, unless the same request was answered with 429 before.
func (c *courses) start(r *http.Request, flow string) *course {
	if known, ok := c.running.Take(startKey(r)); ok {
		return known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, _ := c.begun.Get(flow)
	c.begun.Put(flow, n+1)
	return &course{flow: flow, signOn: n + 1}
}

// limited keeps a course that has no interaction yet until the request comes back.
func (c *courses) limited(r *http.Request, of *course) { c.running.Put(startKey(r), of) }

// startKey tells requests apart that start a flow. No interactionId is like it.
func startKey(r *http.Request) string { return r.Method + " " + r.URL.RequestURI() }

// began notes the interaction that an answer to a start names.
func (c *courses) began(header http.Header, of *course) {
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		if cookie.Name == wire.IDCookie && cookie.Value != "" {
			c.running.Put(cookie.Value, of)
		}
	}
}

// find returns the course that a request of a running flow belongs to, or nil.
func (c *courses) find(r *http.Request) *course {
	id := wire.Handle(r, wire.IDHeader, wire.IDCookie)
	if id == "" {
		id = idInBody(r)
	}
	if found, ok := c.running.Get(id); ok && !strings.Contains(id, " ") {
		return found
	}
	return nil
}

// idInBody reads the interactionId in a request's body, which stays readable.
func idInBody(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxRequest))
	r.Body = &unread{io.MultiReader(bytes.NewReader(text), r.Body), r.Body}
	if err != nil {
		return "" // the server meets the same error when it reads on
	}
	return gjson.GetBytes(text, "interactionId").String()
}

// unread is a body of which the beginning was read and put back.
type unread struct {
	io.Reader
	io.Closer
}

// flowCall reports whether a request is a call of a flow, and for one that starts a
// flow how it names the flow.
func flowCall(r *http.Request) (flow string, starts, ok bool) {
	switch davinci.EndpointOf(r.Method, r.URL.Path) {
	case davinci.Authorize:
		query := r.URL.Query()
		return cmp.Or(query.Get("acr_values"), query.Get("client_id")), true, true
	case davinci.PolicyStart:
		return path.Base(path.Dir(r.URL.Path)), true, true
	case davinci.Capability:
		return "", false, true
	default:
		resumes := davinci.Exchange{Method: r.Method, URL: r.URL, Header: r.Header}
		return "", false, resumes.Endpoint() == davinci.Resume
	}
}
