package mockserver

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

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
}

// answered keeps the answer until it is written.
func (c *call) answered(status int, text []byte) { c.status, c.text = status, text }

// write sends the answer. A client that has gone away needs none.
func (c *call) write() {
	c.w.Header().Set("Content-Length", strconv.Itoa(len(c.text)))
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(c.text)
}

// locate returns the path below the environment and notes the environment.
func (c *call) locate() string {
	path := c.r.URL.Path
	if strings.HasPrefix(path, "/as/") || strings.HasPrefix(path, "/davinci/") {
		return path
	}
	env, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || env != c.s.environment {
		return ""
	}
	c.env = env
	return "/" + rest
}

// authPath returns scheme and host as the client wrote them.
func (c *call) authPath() string {
	scheme := "http"
	if c.r.TLS != nil || c.r.URL.Scheme == "https" {
		scheme = "https"
	}
	host := c.r.Host
	if host == "" {
		host = c.r.URL.Host
	}
	return scheme + "://" + host
}

// secure reports whether the client came over TLS.
func (c *call) secure() bool { return strings.HasPrefix(c.authPath(), "https:") }

// base is authPath with the environment, where the path has one.
func (c *call) base() string {
	if c.env == "" {
		return c.authPath()
	}
	return c.authPath() + "/" + c.env
}

// handle reads an id or token that the client has to hand back: the headers
// are looked at first, then the cookies. Browsers send the word undefined in
// the place of what they do not have.
func (c *call) handle(name string) string {
	if v := c.r.Header.Get(name); v != "" && v != "undefined" {
		return v
	}
	if cookie, err := c.r.Cookie(name); err == nil {
		return cookie.Value
	}
	return ""
}

// body reads the request's body. It answers itself, and returns false, where
// that is too large or cut off.
func (c *call) body() ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxRequest))
	if err != nil {
		c.fail(bodyStatus(err), "INVALID_REQUEST", "The request body could not be read.")
		return nil, false
	}
	return body, true
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
		header.Set(h.name, string(h.value.render(v)))
	}
	var body []byte
	if s := a.body[shape]; s != nil {
		t := s.full
		if v.in.asked.state == "" {
			t = s.stateless
		}
		body = t.render(v)
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
	secure := c.secure()
	if a.next != nil || a.tokens {
		c.handleCookie("interactionId", v.in.id)
		c.handleCookie("interactionToken", v.token)
	}
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

// handleCookie sets one of the cookies that the client has to hand back.
func (c *call) handleCookie(name, value string) {
	const life = 900
	//nolint:gosec // the service sends these without Secure and SameSite
	http.SetCookie(c.w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: life, HttpOnly: true})
}

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
func (c *call) miss(in *interaction, err *MissError) {
	c.s.log.Warn("miss", "flow", err.Flow, "journey", err.Journey, "message", err.Error())
	c.s.note(func() event {
		return event{
			journey: in.id, flow: err.Flow, at: err.At, sent: err.Sent, to: err.At,
			status: http.StatusNotFound, problem: err.Error(),
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
