package mockserver

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"flowtest/recordings"
)

// The bounds of what a client sends: the body of a request, a form, and one
// value of it that is kept.
const (
	maxRequest = 1 << 20
	maxForm    = 128 << 10
	maxValue   = 4 << 10
)

// A call is one request on its way to an answer.
type call struct {
	s        *Server
	w        http.ResponseWriter
	r        *http.Request
	detailed bool
	env      string // the environment as the path names it, "" on a custom domain

	// The answer, which is written when no sign-on is locked any more.
	status int
	text   []byte

	// scratch is what the request's body is read into and the answer rendered
	// into; nil where neither is done. It goes back to the pool when the answer is
	// written, so nothing may keep a part of it.
	scratch *[]byte
}

// scratches are reused, up to a size that is not worth to be kept.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

const maxScratch = 64 << 10

// answered keeps the answer until it is written.
func (c *call) answered(status int, text []byte) { c.status, c.text = status, text }

// write sends the answer. A client that has gone away needs none.
func (c *call) write() {
	c.w.Header()["Content-Length"] = []string{strconv.Itoa(len(c.text))}
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(c.text)
	if c.scratch != nil && cap(*c.scratch) <= maxScratch {
		scratches.Put(c.scratch)
	}
}

// locate returns the path below the environment and notes the environment.
func (c *call) locate() string {
	path := c.r.URL.Path
	if strings.HasPrefix(path, "/as/") || strings.HasPrefix(path, "/davinci/") {
		return path
	}
	below, ok := strings.CutPrefix(strings.TrimPrefix(path, "/"), c.s.environment)
	if !ok || !strings.HasPrefix(below, "/") {
		return ""
	}
	c.env = c.s.environment
	return below
}

// authPath returns scheme and host as the client wrote them.
func (c *call) authPath() string {
	scheme := "http://"
	if c.secure() {
		scheme = "https://"
	}
	return scheme + cmp.Or(c.r.Host, c.r.URL.Host)
}

// secure reports whether the client came over TLS.
func (c *call) secure() bool { return c.r.TLS != nil || c.r.URL.Scheme == "https" }

// base is authPath with the environment, where the path has one.
func (c *call) base() string {
	if c.env == "" {
		return c.authPath()
	}
	return c.authPath() + "/" + c.env
}

// The handles: what the client has to hand back. In a header the name is as
// net/http writes it.
const (
	idHeader, idCookie       = "Interactionid", "interactionId"
	tokenHeader, tokenCookie = "Interactiontoken", "interactionToken"
)

// handle reads an id or token that the client has to hand back: the headers
// are looked at first, then the cookies. Browsers send the word undefined in
// the place of what they do not have.
func (c *call) handle(header, name string) string {
	if v := c.r.Header[header]; len(v) > 0 && v[0] != "" && v[0] != "undefined" {
		return v[0]
	}
	if cookie, err := c.r.Cookie(name); err == nil {
		return cookie.Value
	}
	return ""
}

// body reads the request's body. It answers itself, and returns false, where
// that is too large or cut off.
func (c *call) body() (string, bool) {
	// What a client says of a length is believed as far as it costs little.
	text := slices.Grow((*c.scratch)[:0], int(max(0, min(c.r.ContentLength+1, maxScratch))))
	text, err := readAll(text, http.MaxBytesReader(c.w, c.r.Body, maxRequest))
	*c.scratch = text
	if err != nil {
		c.fail(bodyStatus(err), "INVALID_REQUEST", "The request body could not be read.")
		return "", false
	}
	return string(text), true
}

// readAll is [io.ReadAll] behind what text holds.
func readAll(text []byte, r io.Reader) ([]byte, error) {
	for {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := r.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return text, err
		}
	}
}

// bodyStatus is the status for a body that could not be read.
func bodyStatus(err error) int {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// answer sends the hop's answer with v in its holes.
func (c *call) answer(a *answer, v *values) {
	shape := 0
	if c.detailed {
		shape = 1
	}
	header := c.w.Header()
	for _, h := range a.header {
		header.Set(h.name, string(h.value.render(nil, v)))
	}
	var body []byte
	if s := a.body[shape]; s != nil {
		t := s.full
		if v.in.asked.state == "" {
			t = s.stateless
		}
		body = t.render((*c.scratch)[:0], v)
		*c.scratch = body
	}
	if a.page {
		header.Set("Content-Type", "text/html;charset=utf-8")
	} else if body != nil {
		header.Set("Content-Type", "application/json;charset=utf-8")
	}
	c.cookies(a, v)
	c.answered(a.status, body)
}

// cookies sets the handles on every answer of the flow, and the session
// cookies where the recording has them.
//
// Source: the cookies seen on the wire: the handles live 15 minutes, the
// session cookie ST has SameSite=None, ST-NO-SS is the copy without it.
func (c *call) cookies(a *answer, v *values) {
	if a.next != nil || a.tokens {
		header := c.w.Header()
		header["Set-Cookie"] = append(header["Set-Cookie"],
			idCookie+"="+v.in.id+handleAttributes, tokenCookie+"="+v.token+handleAttributes)
	}
	secure := c.secure()
	for _, set := range a.set {
		http.SetCookie(c.w, recordedCookie(set, v.session(), secure))
	}
}

// recordedCookie returns a cookie with the attributes that were recorded, fitted
// to where the server listens: it belongs to this host, and is Secure over TLS
// alone. Without recorded attributes it has the usual ones.
func recordedCookie(set recordings.Cookie, value string, secure bool) *http.Cookie {
	if set.As == nil {
		return sessionCookie(set.Name, value, secure)
	}
	cookie := *set.As //nolint:gosec // the attributes are the service's
	cookie.Value = value
	cookie.Secure = cookie.Secure && secure
	if cookie.SameSite == http.SameSiteNoneMode && !secure {
		cookie.SameSite = http.SameSiteDefaultMode // a browser takes None over TLS alone
	}
	return &cookie
}

// sessionCookie returns one of the cookies that stand for the session.
func sessionCookie(name, value string, secure bool) *http.Cookie {
	//nolint:gosec // the attributes are the service's; Secure where there is TLS
	cookie := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: secure}
	if secure && name != "ST-NO-SS" {
		cookie.SameSite = http.SameSiteNoneMode
	}
	return cookie
}

// handleAttributes are those of the cookies that the client has to hand back: the
// service sends them without Secure and SameSite. Ids and tokens of ours need no
// quoting.
const handleAttributes = "; Path=/; Max-Age=900; HttpOnly"

// fail answers as PingOne itself does, outside any flow.
func (c *call) fail(status int, code, message string) {
	c.json(status, map[string]any{"id": uuid(), "code": code, "message": message})
}

// notFound answers a path that PingOne does not have.
func (c *call) notFound() {
	c.fail(http.StatusNotFound, "NOT_FOUND", "The requested resource was not found.")
}

// unauthorized answers a request whose interaction is unknown, has ended, or
// whose handles are missing or stale.
//
// Source: the body with code 1999.
func (c *call) unauthorized() {
	c.json(http.StatusUnauthorized, map[string]any{
		"cause": nil, "logLevel": "error", "serviceName": nil, "message": "Unauthorized!",
		"errorMessage": "Unauthorized!", "success": false, "httpResponseCode": http.StatusUnauthorized, "code": 1999,
	})
}

// miss answers what no recorded hop answers, in the shape of a flow's error.
func (c *call) miss(in *interaction, sent *recordings.Sent) {
	err := in.missed(sent)
	c.s.log.Warn("miss", "flow", err.Flow, "journey", err.Journey, "message", err.line(), "hint", err.Advice)
	c.s.note(func() event {
		return event{
			journey: in.id, flow: err.Flow, at: err.At, sent: describe(sent), to: err.At,
			status: http.StatusNotFound, problem: err.line(),
		}
	})
	c.w.Header().Set(MissHeader, err.Flow)
	c.json(http.StatusNotFound, map[string]any{
		"interactionId": in.id, "companyId": in.environment, "connectionId": in.at.connection,
		"capabilityName": in.at.capability, "id": in.at.nodeID, "code": "notRecorded", "message": err.Error(),
		"errorCategory": "NotSet", "expected": false, "cause": nil, "httpResponseCode": http.StatusNotFound,
	})
}

func (c *call) json(status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"code":"UNEXPECTED_ERROR"}`)
	}
	c.w.Header().Set("Content-Type", "application/json;charset=utf-8")
	c.answered(status, text)
}
