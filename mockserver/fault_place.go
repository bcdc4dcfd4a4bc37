package mockserver

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"
)

// A faultPlace is where in a run a request stands. Whatever is drawn for the request
// depends on its place and on nothing else.
type faultPlace struct {
	seed     uint64
	scenario string
	flow     string
	signOn   int // its number among those of the flow, from 1
	hop      int // its number within the sign-on, from 1
}

// draw returns a number that is random to whoever does not know the place.
func (p faultPlace) draw(what string) uint64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%s\x00%d\x00%d\x00%s",
		p.seed, p.scenario, p.flow, p.signOn, p.hop, what))
	return binary.BigEndian.Uint64(sum[:])
}

// share draws a number from 0 to below 1.
func (p faultPlace) share(what string) float64 {
	const digits = 53 // of a float64
	return float64(p.draw(what)>>(64-digits)) / (1 << digits)
}

// below draws a number from 0 to below n.
func (p faultPlace) below(n int, what string) int { return int(p.share(what) * float64(n)) }

// befalls reports whether a fault befalls the request that stands here.
func (p faultPlace) befalls(f *fault) bool { return p.share(f.label()) < f.odds }

// A faultCourse is how far one sign-on has come.
type faultCourse struct {
	mu      sync.Mutex
	flow    string
	signOn  int
	hop     int
	limited bool // the request at this hop was told to come back later
	gone    bool // its interaction has expired by a fault
}

// next moves the course on to the next hop and returns its number. A request
// that was told to come back later comes back at the same one.
func (c *faultCourse) next() (hop int, again, gone bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	again, c.limited = c.limited, false
	if !again {
		c.hop++
	}
	return c.hop, again, c.gone
}

func (c *faultCourse) limit() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limited = true
}

func (c *faultCourse) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
}

// faultCourses are those of the sign-ons that were seen last. They are bounded, and
// time does not count.
type faultCourses struct {
	running *expiring[*faultCourse] // by interactionId, or by what was asked at the start

	mu    sync.Mutex
	begun *expiring[int] // how many sign-ons each flow has begun
}

func newFaultCourses() *faultCourses {
	const flows = 1_000 // what a client calls a flow has no end
	return &faultCourses{
		running: newExpiring[*faultCourse](DefaultLimit, math.MaxInt64, time.Now),
		begun:   newExpiring[int](flows, math.MaxInt64, time.Now),
	}
}

// start returns the course of a sign-on that begins with this request: a new
// one, unless the same request was told to come back later.
func (c *faultCourses) start(r *http.Request, flow string) *faultCourse {
	if known, ok := c.running.take(startKey(r)); ok {
		return known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	n, _ := c.begun.get(flow)
	c.begun.put(flow, n+1)
	return &faultCourse{flow: flow, signOn: n + 1}
}

// limited keeps a course that has no interaction yet until the request comes back.
func (c *faultCourses) limited(r *http.Request, of *faultCourse) { c.running.put(startKey(r), of) }

// startKey tells requests apart that start a flow. No interactionId is like it.
func startKey(r *http.Request) string { return r.Method + " " + r.URL.RequestURI() }

// began notes the interaction that an answer to a start names.
func (c *faultCourses) began(header http.Header, of *faultCourse) {
	for _, cookie := range (&http.Response{Header: header}).Cookies() {
		if cookie.Name == "interactionId" && cookie.Value != "" {
			c.running.put(cookie.Value, of)
		}
	}
}

// find returns the course that a request of a running flow belongs to, or nil.
func (c *faultCourses) find(r *http.Request) *faultCourse {
	id := (&call{r: r}).handle(idHeader, idCookie)
	if id == "" {
		id = idInBody(r)
	}
	if found, ok := c.running.get(id); ok && !strings.Contains(id, " ") {
		return found
	}
	return nil
}

// idInBody reads the interactionId in a request's body, which stays readable.
func idInBody(r *http.Request) string {
	if r.Body == nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
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

// flowCall reports whether a path is a call of a flow, and for one that starts a
// flow what the flow is called.
func flowCall(r *http.Request) (flow string, starts, ok bool) {
	path := r.URL.Path
	switch {
	case strings.HasSuffix(path, "/as/authorize"):
		query := r.URL.Query()
		return cmp.Or(query.Get("acr_values"), query.Get("client_id")), true, true
	case strings.Contains(path, "/davinci/policy/") && strings.HasSuffix(path, "/start"):
		_, rest, _ := strings.Cut(path, "/davinci/policy/")
		return strings.TrimSuffix(rest, "/start"), true, true
	default:
		return "", false, strings.Contains(path, "/davinci/connections/")
	}
}
