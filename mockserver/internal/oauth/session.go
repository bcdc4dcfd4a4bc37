package oauth

import (
	"net/http"
	"time"

	"flowtest/mockserver/internal/wire"
)

// A Session is what a sign-on leaves behind: the cookie ST names it.
type Session struct {
	ID   string
	User map[string]string
	At   time.Time // when the user signed on
}

// sessionCookies are the names of the cookie: with SameSite=None, and the copy for
// browsers that take that wrongly.
var sessionCookies = []string{"ST", "ST-NO-SS"}

// IsSession reports whether a cookie of that name holds the id of a session.
func IsSession(cookie string) bool { return cookie == sessionCookies[0] || cookie == sessionCookies[1] }

// end ends the sessions that a sign-off means: that of the cookie and that of the
// token in id_token_hint.
func (c *call) end(hint string) {
	if s := c.p.Session(c.r); s != nil {
		c.p.sessions.Take(s.ID)
	}
	if claims, err := c.p.key().verify(hint, c.p.Now()); hint != "" && err == nil {
		id, _ := claims["sid"].(string)
		c.p.sessions.Take(id)
	}
	for _, name := range sessionCookies {
		cookie := wire.SessionCookie(name, "", wire.Secure(c.r)) //nolint:gosec // with the attributes it was set with
		cookie.MaxAge = -1
		http.SetCookie(c.w, cookie)
	}
}
