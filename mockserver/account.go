package mockserver

import (
	"net/http"
	"net/url"
	"strings"
)

// jwks shows the public key.
func (c *call) jwks() {
	if c.takes(http.MethodGet, http.MethodHead) {
		c.json(http.StatusOK, c.s.key().set())
	}
}

// bearer returns the claims of the access token that the request carries.
func (c *call) bearer() (map[string]any, bool) {
	scheme, token, ok := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, false
	}
	return c.s.access(strings.TrimSpace(token))
}

// userinfo tells about the user of an access token.
func (c *call) userinfo() {
	if !c.takes(http.MethodGet, http.MethodPost) {
		return
	}
	claims, ok := c.bearer()
	if !ok {
		c.refuse(http.StatusUnauthorized, "invalid_token", "the access token is missing, unknown, revoked or over")
		return
	}
	if user := c.s.named(claims["sub"]); user != nil {
		c.json(http.StatusOK, c.s.person(user))
		return
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
	claims, ok := c.s.access(form.Get("token"))
	if !ok {
		_, _, alive := c.s.refreshed(form.Get("token"))
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
	client := c.client(form)
	if client == "" {
		c.refuse(http.StatusUnauthorized, "invalid_client", "the client does not say who it is")
		return
	}
	if claims, ok := c.s.access(form.Get("token")); ok && claims["client_id"] == client {
		id, _ := claims["jti"].(string)
		c.s.revoked.put(id, struct{}{})
	}
	if g, id, ok := c.s.refreshed(form.Get("token")); ok && g.clientID == client {
		c.s.spent.put(id, struct{}{})
	}
	c.answered(http.StatusOK, nil)
}

// signoff ends the session.
func (c *call) signoff() {
	if !c.takes(http.MethodGet, http.MethodPost) {
		return
	}
	if !c.readForm() {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The form could not be read.")
		return
	}
	for _, name := range []string{"ST", "ST-NO-SS"} {
		cookie := sessionCookie(name, "", c.secure()) //nolint:gosec // with the attributes it was set with
		cookie.MaxAge = -1
		http.SetCookie(c.w, cookie)
	}
	back, err := url.Parse(c.r.Form.Get("post_logout_redirect_uri"))
	if err != nil || back.Host == "" {
		c.answered(http.StatusOK, nil)
		return
	}
	query := back.Query()
	if state := c.r.Form.Get("state"); state != "" {
		query.Set("state", state)
	}
	back.RawQuery = query.Encode()
	c.w.Header().Set("Location", back.String())
	c.answered(http.StatusFound, nil)
}

// pushedPrefix begins the request URIs that are handed out.
const pushedPrefix = "urn:ietf:params:oauth:request_uri:"

// lasting returns the parameters that may be asked for when the flow starts, as
// strings of their own: those that a person's recording may choose by are short.
func lasting(form url.Values) url.Values {
	const most, long = 32, 256
	out := url.Values{}
	for _, name := range keptParameters {
		if form.Has(name) {
			out.Set(name, kept(form, name))
		}
	}
	for name := range form {
		if len(out) < most && len(name) <= long && len(form.Get(name)) <= long {
			out.Set(strings.Clone(name), kept(form, name))
		}
	}
	return out
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
	if why := c.unfit(form); why != "" {
		c.refuse(http.StatusBadRequest, "invalid_request", why)
		return
	}
	uri := pushedPrefix + uuid()
	c.s.pushed.put(uri, lasting(form))
	c.json(http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": int(requestLife.Seconds())})
}
