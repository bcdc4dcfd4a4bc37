package mockserver

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// faulty is a handler whose answers faults befall.
type faulty struct {
	Faults

	handler http.Handler
	courses *faultCourses
}

func newFaulty(f Faults, next http.Handler) *faulty {
	return &faulty{Faults: f, handler: next, courses: newFaultCourses()}
}

// Transport returns a transport that answers with next as [Server.Transport]
// does, and lets the faults befall its answers: a dropped connection is an error.
func (f Faults) Transport(next http.Handler) http.RoundTripper {
	handler := f.Wrap(next)
	return newTransport(func(r *http.Request) (*http.Response, error) {
		w := &memory{header: http.Header{}}
		if r.Body == nil {
			r.Body = http.NoBody
		}
		whole := serves(handler, w, r)
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
		switch {
		case whole:
			return w.response(r), nil
		case r.Context().Err() != nil:
			return nil, context.Cause(r.Context())
		case w.status == 0:
			return nil, syscall.ECONNRESET
		}
		resp := w.response(r)
		if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
			resp.ContentLength = n
		}
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.body.Bytes()), cutOff{}))
		return resp, nil
	})
}

// serves reports whether the handler wrote a whole answer.
func serves(h http.Handler, w http.ResponseWriter, r *http.Request) (whole bool) {
	defer func() {
		// The documentation of ErrAbortHandler: it is panicked with as it is.
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // see above
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// cutOff is the rest of a body that does not come.
type cutOff struct{}

// Read implements [io.Reader].
func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// ServeHTTP implements [http.Handler].
func (h *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	flow, starts, ok := flowCall(r)
	var c *faultCourse
	switch {
	case !ok || r.Method == http.MethodOptions:
	case starts:
		c = h.courses.start(r, flow)
	default:
		c = h.courses.find(r)
	}
	if c == nil {
		h.handler.ServeHTTP(w, r)
		return
	}
	hop, again, gone := c.next()
	o := &ordeal{
		faulty: h, w: w, r: r, course: c, starts: starts, again: again,
		at: faultPlace{h.Seed, h.Scenario, c.flow, c.signOn, hop},
	}
	o.draw(gone)
	o.wait()
	if !o.refuse() {
		o.spoil()
	}
}

// An ordeal is one request and what befalls it.
type ordeal struct {
	*faulty

	w      http.ResponseWriter
	r      *http.Request
	course *faultCourse
	at     faultPlace
	starts bool
	again  bool     // it comes back after it was told to
	ending *fault   // the one that befalls it, or nil
	others []*fault // those that add up
}

// draw finds out which faults befall the request.
func (o *ordeal) draw(gone bool) {
	if gone {
		o.ending = &fault{name: faultExpired}
	}
	for i := range o.list {
		f := &o.list[i]
		switch {
		case !o.at.befalls(f):
		case !slices.Contains(endings, f.name):
			o.others = append(o.others, f)
		case o.ending != nil,
			f.name == faultLimit && o.again, // or nobody would ever get on
			f.name == faultExpired && o.starts:
		default:
			o.ending = f
		}
	}
}

func (o *ordeal) note(f *fault) {
	if o.Note != nil {
		o.Note(o.at.flow, o.at.hop, f.label())
	}
}

// wait takes as long as the latencies ask.
func (o *ordeal) wait() {
	for _, f := range o.others {
		if f.name != faultLatency {
			continue
		}
		o.note(f)
		give := (2*o.at.share("give or take "+f.label()) - 1) * float64(f.spread)
		timer := time.NewTimer(f.pause + time.Duration(give))
		select {
		case <-timer.C:
		case <-o.r.Context().Done():
			timer.Stop()
			panic(http.ErrAbortHandler) // nobody waits for an answer any more
		}
	}
}

// refuse answers in the place of the server, which never sees the request.
func (o *ordeal) refuse() (done bool) {
	if o.ending == nil {
		return false
	}
	c := &call{w: o.w, r: o.r}
	switch o.ending.name {
	case faultLimit:
		o.course.limit()
		if o.starts {
			o.courses.limited(o.r, o.course)
		}
		allow(o.w, o.r)
		o.w.Header().Set("Retry-After", strconv.Itoa(int(o.ending.pause/time.Second)))
		c.fail(http.StatusTooManyRequests, "REQUEST_LIMITED", "Too many requests.")
	case faultExpired:
		o.course.expire()
		allow(o.w, o.r)
		c.unauthorized()
	default:
		return false
	}
	o.note(o.ending)
	c.write()
	return true
}

// spoil lets the server answer, and then the faults befall the answer.
func (o *ordeal) spoil() {
	m := &memory{header: http.Header{}}
	o.handler.ServeHTTP(m, o.r)
	m.WriteHeader(http.StatusOK)
	if o.starts {
		o.courses.began(m.header, o.course)
	}
	body := m.body.Bytes()
	if m.header.Get(MissHeader) != "" {
		o.answer(m, body) // what the recording lacks is not to be hidden
		return
	}
	for _, f := range o.others {
		if edited, ok := f.edit(body, o.at); ok {
			o.note(f)
			body = edited
		}
	}
	if o.ending == nil || !o.end(m, body) {
		o.answer(m, body)
	}
}

// end replaces the answer or cuts it off, and reports false where it is none
// that the fault could befall.
func (o *ordeal) end(m *memory, body []byte) (done bool) {
	switch o.ending.name {
	case faultBroken:
		o.note(o.ending)
		o.instead(m, http.StatusInternalServerError, "application/json;charset=utf-8", brokenBody)
	case faultHTML:
		if !strings.Contains(m.header.Get("Content-Type"), "json") {
			return false
		}
		o.note(o.ending)
		o.instead(m, http.StatusOK, "text/html;charset=utf-8", pageBody)
	case faultDrop:
		o.note(o.ending)
		panic(http.ErrAbortHandler)
	case faultHalf:
		if len(body) == 0 {
			return false
		}
		o.note(o.ending)
		o.half(m, body)
	}
	return true
}

// The bodies that come in the place of an answer. The first is made after the
// body with code 1999.
const (
	brokenBody = `{"cause":null,"logLevel":"error","serviceName":null,"message":"Internal Server Error",` +
		`"errorMessage":"Internal Server Error","success":false,"httpResponseCode":500,"code":500}`
	pageBody = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head>" +
		"<body><h1>We will be back soon</h1></body></html>\n"
)

// instead answers with something else. What a page of another origin may read
// is as it was; cookies are those of an answer that does not come.
func (o *ordeal) instead(m *memory, status int, kind, body string) {
	header := http.Header{"Content-Type": {kind}}
	for name, values := range m.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			header[name] = values
		}
	}
	m.status, m.header = status, header
	o.answer(m, []byte(body))
}

// answer sends a whole answer.
func (o *ordeal) answer(m *memory, body []byte) {
	o.head(m, len(body))
	_, _ = o.w.Write(body) // a client that has gone away needs no answer
}

// half sends an answer's head and the half of its body, and drops the connection.
func (o *ordeal) half(m *memory, body []byte) {
	o.head(m, len(body))
	_, _ = o.w.Write(body[:len(body)/2])
	// What is buffered would be dropped with the connection. A response that is
	// kept in memory cannot be flushed, and need not be.
	_ = http.NewResponseController(o.w).Flush()
	panic(http.ErrAbortHandler)
}

// head sends the head of an answer whose body has that length.
func (o *ordeal) head(m *memory, length int) {
	header := o.w.Header()
	maps.Copy(header, m.header)
	if length > 0 || m.status == http.StatusOK {
		header.Set("Content-Length", strconv.Itoa(length))
	}
	o.w.WriteHeader(m.status)
}
