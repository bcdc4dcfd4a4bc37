package mockserver

import (
	"net/http"
	"net/url"
	"strings"
)

// jwks shows the public key.
func (c *call) jwks() { c.json(http.StatusOK, c.s.key().set()) }

// bearer returns the claims of the access token that the request carries.
func (c *call) bearer() (map[string]any, bool) {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, false
	}
	return c.access(token)
}

// access returns the claims of an access token that is neither over nor revoked.
func (c *call) access(token string) (map[string]any, bool) {
	claims, err := c.s.key().verify(token, c.s.now())
	if err != nil {
		return nil, false
	}
	id, _ := claims["jti"].(string)
	if id == "" {
		return nil, false // an ID token is no access token
	}
	_, revoked := c.s.revoked.get(id)
	return claims, !revoked
}

// userinfo tells about the user of an access token.
func (c *call) userinfo() {
	claims, ok := c.bearer()
	if !ok {
		c.refuse(http.StatusUnauthorized, "invalid_token", "the access token is missing, unknown, revoked or over")
		return
	}
	for _, user := range c.s.users.list {
		g := &grant{environment: c.s.environment, user: user}
		if g.subject() == claims["sub"] {
			c.json(http.StatusOK, g.person())
			return
		}
	}
	c.json(http.StatusOK, map[string]any{"sub": claims["sub"]})
}

// introspect tells whether a token is alive.
func (c *call) introspect() {
	form, ok := c.form()
	if !ok {
		return
	}
	if c.client(form) == "" {
		c.refuse(http.StatusUnauthorized, "invalid_client", "the client does not say who it is")
		return
	}
	claims, ok := c.access(form.Get("token"))
	if !ok {
		_, alive := c.s.refresh.get(form.Get("token"))
		c.json(http.StatusOK, map[string]any{"active": alive})
		return
	}
	claims["active"], claims["token_type"] = true, "Bearer"
	c.json(http.StatusOK, claims)
}

// revoke ends a token. One that is unknown is no error.
//
// Source: RFC 7009 section 2.2.
func (c *call) revoke() {
	form, ok := c.form()
	if !ok {
		return
	}
	if claims, ok := c.access(form.Get("token")); ok {
		id, _ := claims["jti"].(string)
		c.s.revoked.put(id, struct{}{})
	}
	c.s.refresh.take(form.Get("token"))
	c.w.WriteHeader(http.StatusOK)
}

// signoff ends the session.
func (c *call) signoff() {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		c.fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "The sign-off endpoint takes GET and POST.")
		return
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxRequest)
	if err := c.r.ParseForm(); err != nil {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The form could not be read.")
		return
	}
	for _, name := range []string{"ST", "ST-NO-SS"} {
		//nolint:gosec // it takes a cookie away
		http.SetCookie(c.w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, Secure: c.secure()})
	}
	back, err := url.Parse(c.r.Form.Get("post_logout_redirect_uri"))
	if err != nil || back.Host == "" {
		c.w.WriteHeader(http.StatusOK)
		return
	}
	query := back.Query()
	if state := c.r.Form.Get("state"); state != "" {
		query.Set("state", state)
	}
	back.RawQuery = query.Encode()
	c.w.Header().Set("Location", back.String())
	c.w.WriteHeader(http.StatusFound)
}

// pushed takes an authorize request ahead of time.
//
// Source: RFC 9126.
func (c *call) pushed() {
	form, ok := c.form()
	if !ok {
		return
	}
	if form.Get("client_id") == "" {
		form.Set("client_id", c.client(form))
	}
	if form.Get("client_id") == "" || form.Get("request_uri") != "" {
		c.refuse(http.StatusBadRequest, "invalid_request", "want a client_id and no request_uri")
		return
	}
	uri := "urn:ietf:params:oauth:request_uri:" + uuid()
	c.s.pushed.put(uri, form)
	c.json(http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": int(requestLife.Seconds())})
}
