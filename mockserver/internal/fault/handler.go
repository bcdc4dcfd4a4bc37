package fault

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/mockserver/internal/wire"
)

// A Handler answers as Next does and applies faults to the answers. Next stays
// consistent: a fault changes an answer after Next gave it, and a request that is
// limited, or whose interaction is expired, never gets to Next. A connection that is
// dropped is a panic with [http.ErrAbortHandler].
//
// Whether a fault applies to a request depends on Seed, Scenario, the flow, the
// number of the sign-on within both and the number of the hop within the sign-on,
// and on nothing else. Use the one that [New] returns.
type Handler struct {
	// Next answers. Required.
	Next http.Handler

	// Rules are the faults. Required.
	Rules []Rule

	// Seed and Scenario are a part of every draw. Optional.
	Seed     uint64
	Scenario string

	// Note is called for every fault that is applied, by several goroutines at
	// once. Nil means no call. Optional.
	Note func(flow string, hop int, fault string)

	// Spare is the name of a header whose answers are left as they are. Required.
	Spare string

	courses *courses
}

// New returns a handler like h that is ready for requests.
func New(h Handler) *Handler {
	h.courses = newCourses()
	return &h
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	flow, starts, ok := flowCall(r)
	var c *course
	switch {
	case !ok || r.Method == http.MethodOptions:
	case starts:
		c = h.courses.start(r, flow)
	default:
		c = h.courses.find(r)
	}
	if c == nil {
		h.Next.ServeHTTP(w, r)
		return
	}
	hop, again, gone := c.next()
	q := &request{
		Handler: h, w: w, r: r, course: c, starts: starts, again: again,
		at: place{h.Seed, h.Scenario, c.flow, c.signOn, hop},
	}
	q.draw(gone)
	q.wait()
	if !q.refuse() {
		q.spoil()
	}
}

// A request is one request of a flow and the faults that apply to it.
type request struct {
	*Handler

	w      http.ResponseWriter
	r      *http.Request
	course *course
	at     place
	starts bool
	again  bool    // it is the retry of one that was limited
	ending *Rule   // the one that ends it, or nil
	others []*Rule // those that add up
}

// draw decides which faults apply to the request.
func (q *request) draw(gone bool) {
	if gone {
		q.ending = &Rule{name: expired}
	}
	for i := range q.Rules {
		f := &q.Rules[i]
		switch {
		case !q.at.applies(f):
		case !slices.Contains(endings, f.name):
			q.others = append(q.others, f)
		case q.ending != nil,
			f.name == limited && q.again, // or the client could never go on
			f.name == expired && q.starts:
		default:
			q.ending = f
		}
	}
}

func (q *request) note(f *Rule) {
	if q.Note != nil {
		q.Note(q.at.flow, q.at.hop, f.label())
	}
}

// wait takes as long as the latencies ask.
func (q *request) wait() {
	for _, f := range q.others {
		if f.name != latency {
			continue
		}
		q.note(f)
		give := (2*q.at.share("give or take "+f.label()) - 1) * float64(f.spread)
		timer := time.NewTimer(f.pause + time.Duration(give))
		select {
		case <-timer.C:
		case <-q.r.Context().Done():
			timer.Stop()
			panic(http.ErrAbortHandler) // the client has gone away
		}
	}
}

// refuse answers in place of the server, which never sees the request.
func (q *request) refuse() (done bool) {
	if q.ending == nil || q.ending.name != limited && q.ending.name != expired {
		return false
	}
	q.note(q.ending)
	q.course.end(q.ending.name)
	wire.Allow(q.w, q.r)
	if q.ending.name == expired {
		wire.JSON(q.w, http.StatusUnauthorized, wire.Unauthorized())
		return true
	}
	if q.starts {
		q.courses.limited(q.r, q.course)
	}
	q.w.Header().Set("Retry-After", strconv.Itoa(int(q.ending.pause/time.Second)))
	wire.JSON(q.w, http.StatusTooManyRequests, wire.Failure("REQUEST_LIMITED", "Too many requests."))
	return true
}

// spoil lets the server answer, and applies the faults to the answer.
func (q *request) spoil() {
	m := wire.NewMemory()
	q.Next.ServeHTTP(m, q.r)
	m.WriteHeader(http.StatusOK)
	if q.starts {
		q.courses.began(m.Head, q.course)
	}
	body := m.Body.Bytes()
	if m.Head.Get(q.Spare) != "" {
		q.answer(m, body) // a recording that lacks an answer must not be hidden
		return
	}
	for _, f := range q.others {
		if edited, ok := f.edit(body, q.at); ok {
			q.note(f)
			body = edited
		}
	}
	if q.ending == nil || !q.end(m, body) {
		q.answer(m, body)
	}
}

// end replaces the answer or cuts it off. It reports false if the fault cannot apply to this
// answer.
func (q *request) end(m *wire.Memory, body []byte) (done bool) {
	name := q.ending.name
	if name == htmlPage && !strings.Contains(m.Head.Get("Content-Type"), "json") || name == halved && len(body) == 0 {
		return false
	}
	q.note(q.ending)
	switch name {
	case broken:
		q.instead(m, http.StatusInternalServerError, "application/json;charset=utf-8", brokenBody)
	case htmlPage:
		q.instead(m, http.StatusOK, "text/html;charset=utf-8", pageBody)
	case dropped:
		panic(http.ErrAbortHandler)
	case halved:
		q.half(m, body)
	}
	return true
}

// The bodies that replace an answer. The first has the form of the body with
// code 1999.
const (
	brokenBody = `{"cause":null,"logLevel":"error","serviceName":null,"message":"Internal Server Error",` +
		`"errorMessage":"Internal Server Error","success":false,"httpResponseCode":500,"code":500}`
	pageBody = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head>" +
		"<body><h1>We will be back soon</h1></body></html>\n"
)

// instead answers with something else. What a page of another origin may read
// is as it was; cookies are those of an answer that does not come.
func (q *request) instead(m *wire.Memory, status int, kind, body string) {
	header := http.Header{"Content-Type": {kind}}
	for name, values := range m.Head {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			header[name] = values
		}
	}
	m.Status, m.Head = status, header
	q.answer(m, []byte(body))
}

// answer sends a whole answer.
func (q *request) answer(m *wire.Memory, body []byte) {
	q.head(m, len(body))
	_, _ = q.w.Write(body) // a client that has gone away needs no answer
}

// half sends an answer's head and the half of its body, and drops the connection.
func (q *request) half(m *wire.Memory, body []byte) {
	q.head(m, len(body))
	_, _ = q.w.Write(body[:len(body)/2])
	// What is buffered would be dropped with the connection. A response that is
	// kept in memory cannot be flushed, and need not be.
	_ = http.NewResponseController(q.w).Flush()
	panic(http.ErrAbortHandler)
}

// head sends the head of an answer whose body has that length.
func (q *request) head(m *wire.Memory, length int) {
	header := q.w.Header()
	maps.Copy(header, m.Head)
	if length > 0 || m.Status == http.StatusOK {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	q.w.WriteHeader(m.Status)
}
