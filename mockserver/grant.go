package mockserver

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The lifetimes of what is handed out.
//
// Source: the expiries of PingOne's own tokens and request URIs.
const (
	codeLife    = 5 * time.Minute
	tokenLife   = time.Hour
	refreshLife = 30 * 24 * time.Hour
	requestLife = time.Minute
)

// A grant is what the end of a flow entitles a client to.
type grant struct {
	request

	environment string
	policy      string
	session     string
	user        map[string]string
	at          time.Time // when the user signed on
}

// newGrant keeps what a code stands for and returns the code.
func (v *values) newGrant() string {
	code := uuid()
	v.s.codes.put(code, v.grant())
	return code
}

func (v *values) grant() *grant {
	return &grant{
		request: v.in.asked, environment: v.in.environment, policy: v.in.flow.policy,
		session: v.session(), user: v.user, at: v.s.now(),
	}
}

// token answers the token endpoint.
//
// Source: RFC 6749 sections 4.1.3, 5 and 6; RFC 7636 section 4.6.
func (c *call) token() {
	form, ok := c.form()
	if !ok {
		return
	}
	client := c.client(form)
	if client == "" {
		c.refuse(http.StatusUnauthorized, "invalid_client", "the client does not say who it is")
		return
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		c.exchange(client, form)
	case "refresh_token":
		g, id, ok := c.s.refreshed(form.Get("refresh_token"))
		if !ok || g.clientID != client || !c.s.spent.first(id, struct{}{}) { // of two at once one is first
			c.refuse(http.StatusBadRequest, "invalid_grant", "the refresh token is unknown, spent or over")
			return
		}
		c.tokens(g)
	default:
		c.refuse(http.StatusBadRequest, "unsupported_grant_type", "want authorization_code or refresh_token")
	}
}

// exchange answers a code. A code is spent by the first try that fits.
func (c *call) exchange(client string, form url.Values) {
	g, ok := c.s.codes.look(form.Get("code"))
	why := ""
	switch {
	case !ok || c.s.now().Sub(g.at) > codeLife:
		why = "the code is unknown, spent or over"
	case g.clientID != client:
		why = "the code was given to another client"
	case g.redirect != "" && form.Get("redirect_uri") != g.redirect:
		why = "redirect_uri is not the one of the authorize request"
	case !g.proves(form.Get("code_verifier")):
		why = "code_verifier does not fit code_challenge"
	}
	if why == "" {
		if _, first := c.s.codes.take(form.Get("code")); !first {
			why = "the code is unknown, spent or over"
		}
	}
	if why != "" {
		c.s.log.Warn("token refused", "why", why)
		c.refuse(http.StatusBadRequest, "invalid_grant", why)
		return
	}
	c.tokens(g)
}

// proves checks the PKCE verifier.
func (g *grant) proves(verifier string) bool {
	if g.challenge == "" {
		return verifier == ""
	}
	got := verifier
	if g.method == methodS256 {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(g.challenge)) == 1
}

// tokens hands out what a grant entitles to.
func (c *call) tokens(g *grant) {
	access, err := c.s.accessToken(g)
	out := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "scope": g.scope,
	}
	if err == nil && slices.Contains(strings.Fields(g.scope), "openid") {
		out["id_token"], err = c.s.idToken(g, access)
	}
	if err == nil {
		out["refresh_token"], err = c.s.refreshToken(g)
	}
	if err != nil {
		c.fail(http.StatusInternalServerError, "UNEXPECTED_ERROR", "The token could not be signed.")
		return
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.json(http.StatusOK, out)
}

// form reads a posted form. It answers itself where there is none.
func (c *call) form() (url.Values, bool) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", http.MethodPost)
		c.refuse(http.StatusMethodNotAllowed, "invalid_request", "want POST")
		return nil, false
	}
	if !c.readForm() {
		c.refuse(http.StatusBadRequest, "invalid_request", "the form could not be read")
		return nil, false
	}
	return c.r.PostForm, true //nolint:forbidigo // the form of this request, not a request of ours
}

// readForm reads the form of a request, of which no more than maxForm is taken.
func (c *call) readForm() bool {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxForm)
	return c.r.ParseForm() == nil
}

// takes reports whether the request has one of an endpoint's methods. It answers
// itself where it has not.
func (c *call) takes(methods ...string) bool {
	if slices.Contains(methods, c.r.Method) {
		return true
	}
	c.w.Header().Set("Allow", strings.Join(methods, ", "))
	c.fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This endpoint takes "+strings.Join(methods, " and ")+".")
	return false
}

// client returns who the client says it is. Its secret is not checked: the
// replay knows none.
func (c *call) client(form url.Values) string {
	if id, _, ok := c.r.BasicAuth(); ok {
		if plain, err := url.QueryUnescape(id); err == nil {
			return plain
		}
	}
	return form.Get("client_id")
}

// refuse answers as OAuth does.
func (c *call) refuse(status int, code, description string) {
	c.w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		scheme := "Bearer"
		if code == "invalid_client" {
			scheme = "Basic" // RFC 6749 section 5.2: as clients say who they are
		}
		c.w.Header().Set("WWW-Authenticate", scheme+` error="`+code+`"`)
	}
	c.json(status, map[string]any{"error": code, "error_description": description})
}
