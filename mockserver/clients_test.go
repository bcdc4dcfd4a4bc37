package mockserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"golang.org/x/oauth2"
)

// TestCookieClient signs on as the Android and iOS SDKs do: the handles are in
// only cookies, there is no interactionId in the body, and keys without a value
// are left out.
func TestCookieClient(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	c := client{Client: &http.Client{Transport: site.Client().Transport, Jar: jar}, platform: "android"}
	app, verifier := site.app("sign-on", ""), oauth2.GenerateVerifier()

	screen := c.get(t, app.AuthCodeURL("", flowMode, oauth2.S256ChallengeOption(verifier)), http.StatusOK)
	refused := c.post(t, screen.Get("_links.next.href").String(), cookieBody(screen, "SIGNON", map[string]any{
		"username": alice["username"], "password": mistypedPassword,
	}), http.StatusBadRequest)
	assert.Equal(t, "checkPassword", refused.Get("capabilityName").String())

	// The form is still there, and so are its cookies.
	registration := c.post(t, screen.Get("_links.next.href").String(),
		cookieBody(screen, "REGISTER", nil), http.StatusOK)
	assert.Equal(t, "Registration Form", registration.Get("form.name").String())
	screen = c.post(t, registration.Get("_links.next.href").String(),
		cookieBody(registration, "CANCEL", nil), http.StatusOK)
	end := c.post(t, screen.Get("_links.next.href").String(), cookieBody(screen, "SIGNON", map[string]any{
		"username": alice["username"], "password": alice["password"],
	}), http.StatusOK)
	site.completed(t, c, app, end, oauth2.VerifierOption(verifier))

	base, err := url.Parse(site.URL)
	require.NoError(t, err)
	var names []string
	for _, cookie := range jar.Cookies(base) {
		names = append(names, cookie.Name)
	}
	assert.Subset(t, names, []string{"ST", "ST-NO-SS"}, "the cookies that these SDKs keep for the next flow")
	for _, seen := range site.seen() {
		assert.NotContains(t, seen.headers, "Interactionid", seen)
		assert.NotContains(t, seen.headers, "Interactiontoken", seen)
	}
}

// TestHeaderClient signs on as Ping's own Go sample does: the handles are in
// only headers, no cookie is kept, and the link is not followed but built from
// connectionId and capabilityName. Its app has a secret, and no PKCE.
func TestHeaderClient(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	c, app := client{Client: site.Client()}, site.app("sign-on", "of-a-confidential-app")

	screen := c.get(t, app.AuthCodeURL("", flowMode), http.StatusOK)
	refused := c.post(t, site.capability(screen), headerBody(screen, map[string]any{
		"username": alice["username"], "password": mistypedPassword,
	}), http.StatusBadRequest, handles(screen))
	assert.Equal(t, "checkPassword", refused.Get("capabilityName").String())

	end := c.post(t, site.capability(screen), headerBody(screen, map[string]any{
		"username": alice["username"], "password": alice["password"],
	}), http.StatusOK, handles(screen))
	site.completed(t, c, app, end)

	for _, seen := range site.seen() {
		assert.Empty(t, seen.cookies, seen)
	}

	screen = c.get(t, app.AuthCodeURL("", flowMode), http.StatusOK)
	unauthorized := c.post(t, site.capability(screen), headerBody(screen, nil), http.StatusUnauthorized)
	assert.Equal(t, "1999", unauthorized.Get("code").Raw, "without cookies and without headers")
}

// flowMode asks PingOne to answer the authorize request itself.
var flowMode = oauth2.SetAuthURLParam("response_mode", "pi.flow")

// app is the application of a flow: a public one, or one with a secret.
func (s *site) app(flow, secret string) *oauth2.Config {
	app := &oauth2.Config{
		ClientID: s.flows[flow].Client, ClientSecret: secret, RedirectURL: appRedirect, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{
			AuthURL: s.environment() + "/as/authorize", TokenURL: s.environment() + "/as/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
	if secret != "" {
		app.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return app
}

// completed checks that a flow has come to its end with a code, and that the
// code can be exchanged, once.
func (s *site) completed(
	t *testing.T, c client, app *oauth2.Config, end gjson.Result, options ...oauth2.AuthCodeOption,
) {
	t.Helper()
	assert.Equal(t, "COMPLETED", end.Get("status").String())
	assert.False(t, end.Get("authorizeResponse.state").Exists(), "none was sent")
	code := end.Get("authorizeResponse.code").String()
	require.NotEmpty(t, code)

	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, c.Client)
	token, err := app.Exchange(ctx, code, options...)
	require.NoError(t, err)
	assert.True(t, token.Valid())
	assert.NotEmpty(t, token.Extra("id_token"))
	_, err = app.Exchange(ctx, code, options...)
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "invalid_grant", refused.ErrorCode, "a code serves once")
}

// A client is an app that is no browser: it follows no redirects.
type client struct {
	*http.Client
	platform string
}

func (c client) get(t *testing.T, address string, want int) gjson.Result {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	return c.send(t, r, want)
}

func (c client) post(t *testing.T, address string, body any, want int, headers ...map[string]string) gjson.Result {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(string(text)))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for _, more := range headers {
		for name, value := range more {
			r.Header.Set(name, value)
		}
	}
	return c.send(t, r, want)
}

func (c client) send(t *testing.T, r *http.Request, want int) gjson.Result {
	t.Helper()
	r.Header.Set("X-Requested-With", "ping-sdk")
	if c.platform != "" {
		r.Header.Set("X-Requested-Platform", c.platform)
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := c.Do(r)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, want, response.StatusCode, "%s", body)
	return gjson.ParseBytes(body)
}

// cookieBody is a next request as Android and iOS send it.
func cookieBody(screen gjson.Result, action string, formData map[string]any) map[string]any {
	event, data := "action", map[string]any{"actionKey": action}
	if formData != nil {
		event, data["formData"] = "submit", formData
	}
	return map[string]any{
		"id": screen.Get("id").String(), "eventName": "continue",
		"parameters": map[string]any{"eventType": event, "data": data},
	}
}

// headerBody is a next request as the Go sample sends it.
func headerBody(screen gjson.Result, formData map[string]any) map[string]any {
	return cookieBody(screen, "SIGNON", formData)
}

// handles are the headers of the Go sample.
func handles(screen gjson.Result) map[string]string {
	return map[string]string{
		"interactionId":    screen.Get("interactionId").String(),
		"interactionToken": screen.Get("interactionToken").String(),
	}
}

// capability builds the address of the next request.
func (s *site) capability(screen gjson.Result) string {
	return s.environment() + "/davinci/connections/" + screen.Get("connectionId").String() +
		"/capabilities/" + screen.Get("capabilityName").String()
}
