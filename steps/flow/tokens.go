package flow

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// The ways in which a client says who it is at the token endpoint.
const (
	authNone  = "none"  // only its id
	authBasic = "basic" // id and secret as HTTP Basic
	authPost  = "post"  // id and secret in the form
)

// Endpoints are the URLs at which an app gets and uses its tokens. An empty one means
// PingOne's path beside the authorize endpoint, such as …/as/token.
type Endpoints struct {
	Issuer     string // the iss of ID tokens, not an endpoint; empty means the part before /authorize
	Token      string
	Keys       string // of the public keys, the JWKS
	UserInfo   string
	Introspect string
	Revoke     string
	SignOff    string
}

// Tokens are the tokens that an app gets for the code of a flow. They must not be used
// by several goroutines at once.
type Tokens struct {
	journey *Journey
	asked   url.Values // the parameters of the authorize request
	keys    jose.JSONWebKeySet

	access, refresh string
	idToken         string // "" if none was issued
	id              gjson.Result
}

// ID returns the checked claims of the ID token. They do not exist if the flow was
// started without the scope openid.
func (t *Tokens) ID() gjson.Result { return t.id }

// Access returns the claims of the access token. They are not checked, because the token is
// meant for a service and not for the app. It is an error if the token is not a JWT.
func (t *Tokens) Access() (gjson.Result, error) {
	const parts = 3
	jwt := strings.Split(t.access, ".")
	if len(jwt) == parts {
		claims, err := base64.RawURLEncoding.DecodeString(jwt[1])
		if err == nil && gjson.ValidBytes(claims) {
			return gjson.ParseBytes(claims), nil
		}
	}
	return gjson.Result{}, errors.New("flow: the access token is not a JWT, so that it has no claims to look at: " +
		"introspect it or ask for the user info")
}

// exchangeCode is [Journey.Tokens].
func exchangeCode(ctx context.Context, j *Journey) (*Tokens, error) {
	h := j.Last()
	if h == nil || h.Outcome != davinci.Completed {
		why := "it has not been started"
		if h != nil {
			why = fmt.Sprintf("hop %d %s", h.Number, h.Outcome)
		}
		return nil, fmt.Errorf("flow: exchange the code: the flow has not completed: %s", why)
	}
	code := h.Property("authorizeResponse").Get("code").String()
	if code == "" {
		return nil, fmt.Errorf("flow: exchange the code: hop %d completed without authorizeResponse.code", h.Number)
	}
	t := &Tokens{journey: j, asked: j.hops[0].Exchange.URL.Query()}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	if t.asked.Has("code_challenge") {
		form.Set("code_verifier", j.verifier)
	}
	if uri := t.asked.Get("redirect_uri"); uri != "" {
		form.Set("redirect_uri", uri)
	}
	return t, t.grant(ctx, form)
}

// grant asks the token endpoint, and keeps what it issues once it is checked.
//
// Source: RFC 6749 sections 4.1.3, 5.1 and 6; OpenID Connect Core 3.1.3.
func (t *Tokens) grant(ctx context.Context, form url.Values) error {
	j := t.journey
	x, err := ask(ctx, j, j.config.Endpoints.Token, "token", form)
	if err != nil {
		return err
	}
	answer := gjson.ParseBytes(x.Response)
	access, idToken := answer.Get("access_token").Str, answer.Get("id_token").Str
	refresh := answer.Get("refresh_token").Str
	j.config.Redactor.Add(access, idToken, refresh)
	fail := func(format string, args ...any) error {
		return fmt.Errorf("flow: %s %s: %s", x.Method, x.URL.Path, fmt.Sprintf(format, args...))
	}
	switch kind := answer.Get("token_type").String(); {
	case access == "":
		return fail("the answer has no access_token")
	case !strings.EqualFold(kind, "Bearer"):
		return fail("token_type is %q, want Bearer", kind)
	case idToken == "" && t.idToken == "" && slices.Contains(strings.Fields(t.asked.Get("scope")), "openid"):
		return fail("the answer has no id_token, and the flow was started with the scope openid")
	}
	if idToken != "" {
		claims, err := t.verify(ctx, idToken, access)
		if err != nil {
			return err
		}
		t.idToken, t.id = idToken, claims
	}
	t.access, t.refresh = access, cmp.Or(refresh, t.refresh) // RFC 6749 section 6: without a new one the old one stays
	return nil
}

// Refresh gets new tokens for the refresh token. It is an error if there is none.
func (t *Tokens) Refresh(ctx context.Context) error {
	if t.refresh == "" {
		return errors.New("flow: refresh the tokens: no refresh token was issued: " +
			"look at the grant types of the application, and at the scopes")
	}
	return t.grant(ctx, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {t.refresh}})
}

// UserInfo returns the claims of the user info endpoint. It is an error if they are
// about another user than the ID token.
//
// Source: OpenID Connect Core 5.3.
func (t *Tokens) UserInfo(ctx context.Context) (gjson.Result, error) {
	j := t.journey
	to, err := j.config.beside(j.config.Endpoints.UserInfo, "userinfo")
	if err != nil {
		return gjson.Result{}, err
	}
	x := &davinci.Exchange{Method: http.MethodGet, URL: to}
	if err := call(ctx, j, x, carried{bearer: t.access}); err != nil {
		return gjson.Result{}, err
	}
	if !gjson.ValidBytes(x.Response) {
		return gjson.Result{}, fmt.Errorf("flow: %s %s: the answer is not JSON", x.Method, x.URL.Path)
	}
	info := gjson.ParseBytes(x.Response)
	if sub := info.Get("sub").String(); t.id.Exists() && sub != t.id.Get("sub").String() {
		return info, fmt.Errorf("flow: %s %s: sub is %q, want %q, that of the ID token",
			x.Method, x.URL.Path, sub, t.id.Get("sub").String())
	}
	return info, nil
}

// Introspect reports whether the access token is active.
//
// Source: RFC 7662.
func (t *Tokens) Introspect(ctx context.Context) (active bool, err error) {
	j := t.journey
	x, err := ask(ctx, j, j.config.Endpoints.Introspect, "introspect", t.form())
	if err != nil {
		return false, err
	}
	got := gjson.GetBytes(x.Response, "active")
	if !got.IsBool() {
		return false, fmt.Errorf("flow: %s %s: the answer has no active, which is true or false", x.Method, x.URL.Path)
	}
	return got.Bool(), nil
}

// Revoke revokes the access token.
//
// Source: RFC 7009.
func (t *Tokens) Revoke(ctx context.Context) error {
	_, err := ask(ctx, t.journey, t.journey.config.Endpoints.Revoke, "revoke", t.form())
	return err
}

// form names the access token.
func (t *Tokens) form() url.Values {
	return url.Values{"token": {t.access}, "token_type_hint": {"access_token"}}
}

// signOff is [Journey.SignOff].
func signOff(ctx context.Context, j *Journey, t *Tokens) error {
	to, err := j.config.beside(j.config.Endpoints.SignOff, "signoff")
	if err != nil {
		return err
	}
	if t != nil && t.idToken != "" {
		query := to.Query()
		query.Set("id_token_hint", t.idToken)
		to.RawQuery = query.Encode()
	}
	x := &davinci.Exchange{Method: http.MethodGet, URL: to}
	err = call(ctx, j, x, carried{})
	if x.Status >= http.StatusMultipleChoices && x.Status < http.StatusBadRequest {
		return nil // to a page that says so
	}
	return err
}

// beside returns the endpoint that is configured, else the one of that name beside the authorize
// endpoint. None is asked without TLS if the flow is asked with it.
func (c *Config) beside(configured, name string) (*url.URL, error) {
	u, err := url.Parse(cmp.Or(configured, strings.TrimSuffix(c.Authorize, "authorize")+name))
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !strings.HasPrefix(c.Authorize, "http:") {
		return nil, fmt.Errorf("flow: the endpoint %s is not an absolute https URL without a user name", name)
	}
	return u, nil
}

// authenticated returns a form of the app, with its id and secret where they belong there. If
// they do not, the request has a header with both.
//
// Source: RFC 6749 section 2.3.1.
func (c *Config) authenticated(form url.Values) []byte {
	form = maps.Clone(form)
	if c.auth() != authBasic {
		form.Set("client_id", c.ClientID)
	}
	if c.auth() == authPost {
		form.Set("client_secret", c.ClientSecret.Reveal())
	}
	return []byte(form.Encode())
}

// auth returns how the app says who it is.
func (c *Config) auth() string {
	if c.ClientAuth == "" && c.ClientSecret.Reveal() != "" {
		return authBasic
	}
	return cmp.Or(c.ClientAuth, authNone)
}

// ask posts a form of the app to one of its endpoints.
func ask(ctx context.Context, j *Journey, endpoint, name string, form url.Values) (*davinci.Exchange, error) {
	to, err := j.config.beside(endpoint, name)
	if err != nil {
		return nil, err
	}
	x := &davinci.Exchange{Method: http.MethodPost, URL: to, Body: j.config.authenticated(form)}
	return x, call(ctx, j, x, carried{form: true})
}

// call sends a request of the app, which is not a hop. An answer with a status of 400 or more is
// a *[RefusedError], and a *[NetworkError] if the service is down or asks to come back later.
func call(ctx context.Context, j *Journey, x *davinci.Exchange, c carried) error {
	if err := j.exchange(ctx, x, c, x.URL.Path); err != nil {
		return err
	}
	status := x.Status
	switch {
	case status < http.StatusMultipleChoices:
		return nil
	case status < http.StatusBadRequest:
		return fmt.Errorf("flow: %s %s: redirected with status %d, want an answer", x.Method, x.URL.Path, status)
	}
	said := func(name string) string {
		return words.Cut(j.config.Redactor.Redact(gjson.GetBytes(x.Response, name).String()), mostSaid)
	}
	refused := &RefusedError{x.Method, x.URL.Path, status, said("error"), said("error_description")}
	if status == http.StatusTooManyRequests || status >= http.StatusInternalServerError {
		return &NetworkError{x.Method, x.URL.Path, errors.New(refused.why())}
	}
	return refused
}

// mostSaid is how many characters of each part of a refusal an error has.
const mostSaid = 300
