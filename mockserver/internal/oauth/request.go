package oauth

import (
	"net/http"
	"net/url"
	"strings"

	"flowtest/mockserver/internal/wire"
)

// The bounds of a form, and of one value of it that is kept.
const (
	maxForm  = 128 << 10
	maxValue = 4 << 10
)

// The PKCE methods.
const (
	methodS256  = "S256"
	methodPlain = "plain"
)

// kept returns a parameter as a string of its own, so that what is kept does
// not hold on to the whole query.
func kept(query url.Values, name string) string { return strings.Clone(query.Get(name)) }

// Resolve returns the pushed request that a request_uri names, or the query itself where it names
// none of ours. It returns nil if the request is unknown, spent or expired. A pushed request is
// used only once.
func (p *Provider) Resolve(query url.Values) url.Values {
	uri := query.Get("request_uri")
	if !strings.HasPrefix(uri, pushedPrefix) {
		return query
	}
	pushed, ok := p.pushed.Look(uri)
	if !ok || pushed.Get("client_id") != query.Get("client_id") {
		return nil
	}
	if _, first := p.pushed.Take(uri); !first {
		return nil
	}
	pushed.Set("response_mode", "pi.flow")
	return pushed
}

// A Request is the part of an authorize request that the end of the flow needs.
type Request struct {
	ClientID string
	State    string // "" if it had none

	issuer    string
	redirect  string
	scope     string
	nonce     string
	challenge string // of PKCE, "" if it had none
	hashed    bool   // the challenge is the SHA-256 of the verifier
}

// NewRequest copies the parameters that are needed later into one string.
func NewRequest(issuer string, query url.Values) Request {
	parts := [...]string{
		issuer, query.Get("client_id"), query.Get("redirect_uri"), query.Get("scope"), query.Get("state"),
		query.Get("nonce"), query.Get("code_challenge"),
	}
	text := strings.Join(parts[:], "")
	for i, part := range parts {
		parts[i], text = text[:len(part)], text[len(part):]
	}
	return Request{
		issuer: parts[0], ClientID: parts[1], redirect: parts[2], scope: parts[3], State: parts[4],
		nonce: parts[5], challenge: parts[6], hashed: query.Get("code_challenge_method") == methodS256,
	}
}

// Redirect returns the redirect_uri, "" if there was none.
func (r *Request) Redirect() string { return r.redirect }

// keptParameters are those that are kept until the flow ends.
var keptParameters = []string{
	"client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
}

// Invalid says why an authorize request is invalid, or "".
func Invalid(query url.Values) string {
	if query.Get("client_id") == "" {
		return "client_id is missing"
	}
	if m := query.Get("code_challenge_method"); m != "" && m != methodS256 && m != methodPlain {
		return "code_challenge_method is unknown"
	}
	for _, name := range keptParameters {
		if len(query.Get(name)) > maxValue {
			return name + " is too long"
		}
	}
	return ""
}

// Parameters returns the authorize parameters of a GET or of a posted form. It answers itself,
// and returns false, if there are none.
func Parameters(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	c := &call{w: w, r: r}
	if !c.allows(http.MethodGet, http.MethodPost) {
		return nil, false
	}
	if r.Method == http.MethodGet {
		return r.URL.Query(), true
	}
	if !readForm(w, r) {
		c.fail(http.StatusBadRequest, "INVALID_REQUEST", "The form could not be read.")
		return nil, false
	}
	return r.Form, true
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

// push accepts an authorize request ahead of time.
//
// Source: RFC 9126.
func (c *call) push() {
	form, ok := c.form()
	if !ok {
		return
	}
	if form.Get("client_id") == "" {
		form.Set("client_id", clientOf(c.r, form))
	}
	if form.Get("client_id") == "" || form.Get("request_uri") != "" {
		c.refuse(http.StatusBadRequest, "invalid_request", "want a client_id and no request_uri")
		return
	}
	if why := Invalid(form); why != "" {
		c.refuse(http.StatusBadRequest, "invalid_request", why)
		return
	}
	uri := pushedPrefix + wire.UUID()
	c.p.pushed.Put(uri, lasting(form))
	c.json(http.StatusCreated, map[string]any{"request_uri": uri, "expires_in": int(requestLife.Seconds())})
}
