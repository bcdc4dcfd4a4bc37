package oauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"flowtest/mockserver/internal/wire"
)

// The lifetimes of what is handed out.
//
// Source: the expiries of PingOne's own tokens and request URIs.
const (
	codeLife    = 5 * time.Minute
	tokenLife   = time.Hour
	refreshLife = 30 * 24 * time.Hour
	sessionLife = 30 * 24 * time.Hour
	requestLife = time.Minute
)

// A Grant is what the end of a flow entitles a client to.
type Grant struct {
	Request

	Environment string
	Policy      string
	Session     string
	User        map[string]string
	At          time.Time // when the user signed on
	Reusable    bool      // its code is never spent

	family string // begins the ids of all tokens that are made from one code
}

// Code keeps a grant and returns its authorization code.
func (p *Provider) Code(g *Grant) string {
	code := wire.UUID()
	g.family = wire.UUID()[:familySize]
	p.codes.Put(code, g)
	return code
}

// token answers the token endpoint.
//
// Source: RFC 6749 sections 4.1.3, 5 and 6; RFC 7636 section 4.6.
func (c *call) token() {
	form, client, ok := c.clientForm()
	if !ok {
		return
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		g, why := c.p.spend(client, form)
		if why != "" {
			c.p.Log.Warn("token refused", "why", why)
			c.refuse(http.StatusBadRequest, "invalid_grant", why)
			return
		}
		c.tokens(g)
	case "refresh_token":
		g, id, ok := c.p.refreshed(form.Get("refresh_token"))
		if !ok || g.ClientID != client || !c.p.spent.First(id, struct{}{}) { // of two at once one is first
			c.refuse(http.StatusBadRequest, "invalid_grant", "the refresh token is unknown, used or expired")
			return
		}
		c.tokens(g)
	default:
		c.refuse(http.StatusBadRequest, "unsupported_grant_type", "want authorization_code or refresh_token")
	}
}

// spend returns the grant of a code, or why there is none. A code is spent by the
// first try that fits. Another try ends the tokens that were made from it.
//
// Source: RFC 6749 section 4.1.2.
func (p *Provider) spend(client string, form url.Values) (g *Grant, why string) {
	const spent = "the code is unknown, used or expired"
	g, ok := p.codes.Look(form.Get("code"))
	switch {
	case !ok:
		why = spent
		p.again(form.Get("code"))
	case g.ClientID != client:
		why = "the code was given to another client"
	case g.redirect != "" && form.Get("redirect_uri") != g.redirect:
		why = "redirect_uri is not the one of the authorize request"
	case !g.proves(form.Get("code_verifier")):
		why = "code_verifier does not fit code_challenge"
	case !g.Reusable:
		p.used.Put(form.Get("code"), g.family) // before a try at the same time may look for it
		if _, first := p.codes.Take(form.Get("code")); !first {
			why = spent
			p.again(form.Get("code"))
		}
	}
	return g, why
}

// again ends the tokens that were made from a code that is spent.
func (p *Provider) again(code string) {
	if family, ok := p.used.Look(code); ok {
		p.spent.Put(family, struct{}{})
		p.Log.Warn("the tokens of a code that was used twice are revoked")
	}
}

// proves checks the PKCE verifier.
func (g *Grant) proves(verifier string) bool {
	if g.challenge == "" {
		return verifier == ""
	}
	got := verifier
	if g.hashed {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(g.challenge)) == 1
}

// tokens hands out what a grant entitles to.
func (c *call) tokens(g *Grant) {
	access, err := c.p.AccessToken(g)
	out := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "scope": g.scope,
	}
	if err == nil && slices.Contains(strings.Fields(g.scope), "openid") {
		out["id_token"], err = c.p.IDToken(g, access)
	}
	if err == nil {
		out["refresh_token"], err = c.p.refreshToken(g)
	}
	if err != nil {
		c.fail(http.StatusInternalServerError, "UNEXPECTED_ERROR", "The token could not be signed.")
		return
	}
	c.w.Header().Set("Cache-Control", "no-store")
	c.json(http.StatusOK, out)
}

// jwks shows the public key.
func (c *call) jwks() {
	if c.allows(http.MethodGet, http.MethodHead) {
		c.json(http.StatusOK, c.p.key().set())
	}
}

// bearer returns the claims of the access token that the request carries.
func (p *Provider) bearer(r *http.Request) (map[string]any, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, false
	}
	return p.access(strings.TrimSpace(token))
}

// userinfo returns the claims of the user of an access token.
func (c *call) userinfo() {
	if !c.allows(http.MethodGet, http.MethodPost) {
		return
	}
	claims, ok := c.p.bearer(c.r)
	inForm := c.r.Method == http.MethodPost && c.r.Header.Get("Authorization") == "" && c.r.URL.RawQuery == ""
	if inForm && readForm(c.w, c.r) {
		claims, ok = c.p.access(c.r.Form.Get("access_token")) // RFC 6750 section 2.2
	}
	if !ok {
		c.refuse(http.StatusUnauthorized, "invalid_token", "the access token is missing, unknown, revoked or over")
		return
	}
	if user := c.p.named(claims["sub"]); user != nil {
		c.json(http.StatusOK, c.p.person(user))
		return
	}
	c.json(http.StatusOK, map[string]any{"sub": claims["sub"]})
}

// introspect says whether a token is active.
func (c *call) introspect() {
	form, _, ok := c.clientForm()
	if !ok {
		return
	}
	claims, ok := c.p.access(form.Get("token"))
	if !ok {
		_, _, alive := c.p.refreshed(form.Get("token"))
		c.json(http.StatusOK, map[string]any{"active": alive})
		return
	}
	claims["active"], claims["token_type"] = true, "Bearer"
	c.json(http.StatusOK, claims)
}

// revoke ends a token. One that is unknown is not an error.
//
// Source: RFC 7009 section 2.2.
func (c *call) revoke() {
	form, client, ok := c.clientForm()
	if !ok {
		return
	}
	if claims, ok := c.p.access(form.Get("token")); ok && claims["client_id"] == client {
		id, _ := claims["jti"].(string)
		c.p.revoked.Put(id, struct{}{})
	}
	if g, id, ok := c.p.refreshed(form.Get("token")); ok && g.ClientID == client {
		c.p.spent.Put(id, struct{}{})
	}
	wire.Write(c.w, http.StatusOK, nil)
}

// signoff ends the session.
func (c *call) signoff() {
	form, ok := Parameters(c.w, c.r)
	if !ok {
		return
	}
	c.end(form.Get("id_token_hint"))
	back, err := url.Parse(form.Get("post_logout_redirect_uri"))
	if err != nil || back.Host == "" {
		wire.Write(c.w, http.StatusOK, nil)
		return
	}
	query := back.Query()
	if state := form.Get("state"); state != "" {
		query.Set("state", state)
	}
	back.RawQuery = query.Encode()
	c.w.Header().Set("Location", back.String())
	wire.Write(c.w, http.StatusFound, nil)
}
