// Package oauth answers the OAuth 2.0 and OpenID Connect endpoints of a replay:
// discovery, keys, tokens, user info, pushed requests and sign-off. It knows nothing
// of flows: the end of a sign-on hands it a Grant.
package oauth

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"flowtest/mockserver/internal/expiring"
	"flowtest/mockserver/internal/wire"
)

// A Provider answers the endpoints. It may be used by several goroutines at once.
type Provider struct {
	Config

	codes    *expiring.Map[*Grant]
	used     *expiring.Map[string]   // the families of the tokens of spent codes
	revoked  *expiring.Map[struct{}] // access tokens, by their jti
	spent    *expiring.Map[struct{}] // refresh tokens, by their jti, and families of tokens
	pushed   *expiring.Map[url.Values]
	sessions *expiring.Map[*Session]
	key      func() *key
	began    time.Time
}

// A Config is what a Provider needs. All fields are Required.
type Config struct {
	Environment string
	Users       func() []map[string]string // attributes of each
	Limit       int                        // of the spent refresh tokens; a tenth of it bounds everything else
	Now         func() time.Time
	Log         *slog.Logger
}

// New returns a Provider. Its key is generated when the first token is signed.
func New(c Config) *Provider {
	few := max(1, c.Limit/10) // they live short, or are rarely asked for again
	return &Provider{
		Config:   c,
		codes:    expiring.New[*Grant](few, codeLife, c.Now),
		used:     expiring.New[string](few, refreshLife, c.Now),
		spent:    expiring.New[struct{}](c.Limit, refreshLife, c.Now),
		revoked:  expiring.New[struct{}](few, tokenLife, c.Now),
		pushed:   expiring.New[url.Values](few, requestLife, c.Now),
		sessions: expiring.New[*Session](few, sessionLife, c.Now),
		key:      sync.OnceValue(newKey), began: c.Now(),
	}
}

// Serves reports whether a path below the environment is one of the endpoints.
func (p *Provider) Serves(path string) bool { return endpoints[path] != nil }

// Answer answers a request to one of the endpoints.
//
//	path  below the environment, as in "/as/token"
//	base  scheme, host and, where the path has one, the environment
func (p *Provider) Answer(w http.ResponseWriter, r *http.Request, path, base string) {
	endpoints[path](&call{p: p, w: w, r: r, base: base})
}

// Begin keeps a session, which lasts until the user signs off.
func (p *Provider) Begin(s *Session) { p.sessions.Put(s.ID, s) }

// Session returns the live session of a request, or nil.
func (p *Provider) Session(r *http.Request) *Session {
	for _, name := range sessionCookies {
		for _, cookie := range r.CookiesNamed(name) {
			if s, ok := p.sessions.Get(cookie.Value); ok {
				return s
			}
		}
	}
	return nil
}

var endpoints = map[string]func(*call){
	"/as/.well-known/openid-configuration": (*call).discovery,
	"/as/par":                              (*call).push,
	"/as/token":                            (*call).token,
	"/as/jwks":                             (*call).jwks,
	"/as/userinfo":                         (*call).userinfo,
	"/as/introspect":                       (*call).introspect,
	"/as/revoke":                           (*call).revoke,
	"/as/signoff":                          (*call).signoff,
}

// A call is one request to an endpoint.
type call struct {
	p    *Provider
	w    http.ResponseWriter
	r    *http.Request
	base string
}

func (c *call) json(status int, body any) { wire.JSON(c.w, status, body) }

func (c *call) fail(status int, code, message string) { c.json(status, wire.Failure(code, message)) }

// discovery lists the endpoints that this provider answers.
func (c *call) discovery() {
	if !c.allows(http.MethodGet, http.MethodHead) {
		return
	}
	issuer := c.base + "/as"
	c.json(http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                issuer + "/authorize",
		"token_endpoint":                        issuer + "/token",
		"jwks_uri":                              issuer + "/jwks",
		"userinfo_endpoint":                     issuer + "/userinfo",
		"pushed_authorization_request_endpoint": issuer + "/par",
		"introspection_endpoint":                issuer + "/introspect",
		"revocation_endpoint":                   issuer + "/revoke",
		"end_session_endpoint":                  issuer + "/signoff",
		"response_modes_supported":              []string{"pi.flow", "query", "fragment", "form_post"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"scopes_supported":                      []string{"openid", "profile", "email"},
		"code_challenge_methods_supported":      []string{methodS256, methodPlain},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

// form reads a posted form. It answers itself if there is none.
func (c *call) form() (url.Values, bool) {
	if c.r.Method != http.MethodPost {
		c.w.Header().Set("Allow", http.MethodPost)
		c.refuse(http.StatusMethodNotAllowed, "invalid_request", "want POST")
		return nil, false
	}
	if !readForm(c.w, c.r) {
		c.refuse(http.StatusBadRequest, "invalid_request", "the form could not be read")
		return nil, false
	}
	return c.r.PostForm, true //nolint:forbidigo // the form of this request, not a request of ours
}

// clientForm reads a posted form and who the client says it is. It answers itself
// where either is missing.
func (c *call) clientForm() (form url.Values, client string, ok bool) {
	if form, ok = c.form(); !ok {
		return nil, "", false
	}
	if client = clientOf(c.r, form); client == "" {
		c.refuse(http.StatusUnauthorized, "invalid_client", "the client does not say who it is")
	}
	return form, client, client != ""
}

// readForm reads the form of a request, of which no more than maxForm is taken.
func readForm(w http.ResponseWriter, r *http.Request) bool {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	return r.ParseForm() == nil
}

// allows reports whether the request has one of an endpoint's methods. It answers itself if it has
// not.
func (c *call) allows(methods ...string) bool {
	if slices.Contains(methods, c.r.Method) {
		return true
	}
	c.w.Header().Set("Allow", strings.Join(methods, ", "))
	c.fail(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "This endpoint takes "+strings.Join(methods, " and ")+".")
	return false
}

// clientOf returns who the client says it is. Its secret is not checked: the
// replay knows none.
func clientOf(r *http.Request, form url.Values) string {
	if id, _, ok := r.BasicAuth(); ok {
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
