package mockserver

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"flowtest/mockserver/internal/oauth"
	"flowtest/mockserver/internal/wire"
	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A call is one request on its way to an answer.
type call struct {
	s        *Server
	w        http.ResponseWriter
	r        *http.Request
	detailed bool
	env      string // the environment as the path names it, "" on a custom domain

	// The answer, which is written after the sign-on is unlocked.
	status int
	text   []byte

	// scratch is the buffer for the request's body and for the answer. It goes back to
	// the pool when the answer is written, so nothing may keep a part of it.
	scratch *[]byte
}

// scratches are reused, up to a size.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

const maxScratch = 64 << 10

// answered keeps the answer until it is written.
func (c *call) answered(status int, text []byte) { c.status, c.text = status, text }

// write sends the answer.
func (c *call) write() {
	if c.status != 0 { // else it is answered already
		wire.Write(c.w, c.status, c.text)
	}
	if cap(*c.scratch) <= maxScratch {
		scratches.Put(c.scratch)
	}
}

// locate returns the path below the environment and notes the environment.
func (c *call) locate() string {
	path := c.r.URL.Path
	if strings.HasPrefix(path, "/as/") || strings.HasPrefix(path, "/davinci/") {
		return path
	}
	below, n := strings.TrimPrefix(path, "/"), len(c.s.environment)
	if len(below) <= n || !strings.EqualFold(below[:n], c.s.environment) || below[n] != '/' {
		return ""
	}
	below = below[n:]
	c.env = c.s.environment
	return below
}

// base returns scheme and host as the client wrote them, and the environment
// where the path has one.
func (c *call) base() string {
	base := "http://"
	if wire.Secure(c.r) {
		base = "https://"
	}
	base += cmp.Or(c.r.Host, c.r.URL.Host)
	if c.env != "" {
		base += "/" + c.env
	}
	return base
}

// body reads the request's body. It answers itself, and returns false, where
// that is too large or cut off.
func (c *call) body() (string, bool) {
	// The length that a client announces is trusted up to a bound.
	text := slices.Grow((*c.scratch)[:0], int(max(0, min(c.r.ContentLength+1, maxScratch))))
	text, err := readAll(text, http.MaxBytesReader(c.w, c.r.Body, wire.MaxRequest))
	*c.scratch = text
	if err != nil {
		status := http.StatusBadRequest
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			status = http.StatusRequestEntityTooLarge
		}
		c.fail(status, "INVALID_REQUEST", "The request body could not be read.")
		return "", false
	}
	return string(text), true
}

// readAll is [io.ReadAll] after what text holds.
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

// answer sends the hop's answer with v in its holes.
func (c *call) answer(a *answer, v *values) {
	header := c.w.Header()
	for _, h := range a.header {
		header.Set(h.name, string(h.value.render(nil, v)))
	}
	var body []byte
	if s := a.body[c.shape()]; s != nil {
		t := s.full
		if v.in.asked.State == "" {
			t = s.stateless
		}
		body = t().render((*c.scratch)[:0], v)
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

// shape is the index of the shape that was requested.
func (c *call) shape() int {
	if c.detailed {
		return 1
	}
	return 0
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
			wire.IDCookie+"="+v.in.id+handleAttributes, wire.TokenCookie+"="+v.token+handleAttributes)
	}
	secure := wire.Secure(c.r)
	for _, set := range a.set {
		if oauth.IsSession(set.Name) {
			c.s.oauth.Begin(&oauth.Session{ID: v.session(), User: v.user, At: v.signedOn()})
		}
		c.w.Header().Add("Set-Cookie", davinci.FormatSetCookie(recordedCookie(set, v.session(), secure)))
	}
}

// recordedCookie returns a cookie with the attributes that were recorded, fitted
// to where the server listens: it belongs to this host, and is Secure over TLS
// only. Without recorded attributes it has the usual ones.
func recordedCookie(set recordings.Cookie, value string, secure bool) *http.Cookie {
	if set.As == nil {
		return wire.SessionCookie(set.Name, value, secure)
	}
	cookie := *set.As //nolint:gosec // the attributes are the service's
	cookie.Name, cookie.Value = set.Name, value
	cookie.Secure = cookie.Secure && secure
	if cookie.SameSite == http.SameSiteNoneMode && !secure {
		cookie.SameSite = http.SameSiteDefaultMode // a browser accepts None only over TLS
	}
	return &cookie
}

// handleAttributes are those of the cookies that the client has to hand back: the
// service sends them without Secure and SameSite. Ids and tokens of ours need no
// quoting.
const handleAttributes = "; Path=/; Max-Age=900; HttpOnly"

// fail answers as PingOne itself does, outside any flow.
func (c *call) fail(status int, code, message string) { c.json(status, wire.Failure(code, message)) }

// notFound answers a path that PingOne does not have.
func (c *call) notFound() {
	c.fail(http.StatusNotFound, "NOT_FOUND", "The requested resource was not found.")
}

// unauthorized answers a request whose interaction is unknown, has ended, or
// whose handles are missing or stale.
func (c *call) unauthorized() { c.json(http.StatusUnauthorized, wire.Unauthorized()) }

func (c *call) json(status int, body any) { c.answered(wire.Encode(c.w, status, body)) }
