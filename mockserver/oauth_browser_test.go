package mockserver_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// The headers that the web SDK sends, and that no browser sends unasked.
//
// Source: issue 3, part 5.
var sdkHeaders = []string{
	"interactionid", "interactiontoken", "x-requested-with", "x-requested-platform", "content-type", "authorization",
}

// flowCalls are the calls of an application in a browser.
var flowCalls = map[string]struct{ method, path string }{
	"discovery":        {http.MethodGet, "/as/.well-known/openid-configuration"},
	"authorize":        {http.MethodGet, "/as/authorize"},
	"authorize posted": {http.MethodPost, "/as/authorize"},
	"a pushed request": {http.MethodPost, "/as/par"},
	"a capability":     {http.MethodPost, "/davinci/connections/38371f93b20695287f3d5bcb1a1da669/capabilities/customHTMLTemplate"},
	"a policy start":   {http.MethodPost, "/davinci/policy/5012727d02503c3c246e6a660e020812/start"},
	"a challenge":      {http.MethodPost, "/davinci/user/credentials/challenge/x/status"},
	"token":            {http.MethodPost, "/as/token"},
	"keys":             {http.MethodGet, "/as/jwks"},
	"userinfo":         {http.MethodGet, "/as/userinfo"},
	"introspect":       {http.MethodPost, "/as/introspect"},
	"revoke":           {http.MethodPost, "/as/revoke"},
	"signoff":          {http.MethodGet, "/as/signoff"},
}

var origins = []string{"http://localhost:5173", "https://app.example.com", "http://[::1]:8080", "null"}

// requireReadable requires that a page of the origin may read the answer.
func requireReadable(tb testing.TB, a reply, origin string) {
	tb.Helper()
	assert.Equal(tb, []string{origin}, a.header.Values("Access-Control-Allow-Origin"))
	assert.Equal(tb, []string{"true"}, a.header.Values("Access-Control-Allow-Credentials"))
	assert.Contains(tb, listed(a.header, "Vary"), "origin")
}

// listed splits the values of a header.
func listed(header http.Header, name string) []string {
	var out []string
	for value := range strings.SplitSeq(strings.Join(header.Values(name), ","), ",") {
		out = append(out, strings.ToLower(strings.TrimSpace(value)))
	}
	return out
}

func TestCORSPreflight(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	socket := r.onSocket(t)
	for name, call := range flowCalls {
		for where, realm := range realms {
			t.Run(name+" "+where, func(t *testing.T) {
				for _, on := range []*replay{r, socket} {
					for _, origin := range origins {
						a := on.send(t, http.MethodOptions, realm+call.path, map[string]string{
							"Origin": origin, "Access-Control-Request-Method": call.method,
							"Access-Control-Request-Headers": strings.Join(sdkHeaders, ",") + ",x-of-the-app,*",
						}, "")
						require.Equal(t, http.StatusNoContent, a.status, a.text)
						requireReadable(t, a, origin)
						assert.Subset(t, listed(a.header, "Access-Control-Allow-Headers"), append([]string{"x-of-the-app"}, sdkHeaders...))
						assert.Contains(t, listed(a.header, "Access-Control-Allow-Methods"), strings.ToLower(call.method))
						assert.NotContains(t, listed(a.header, "Access-Control-Allow-Headers"), "*", "with credentials it means nothing")
						assert.Empty(t, a.cookies, "nothing happened")
						assert.Empty(t, a.text)
					}
				}
			})
		}
	}
	t.Run("of a page without an origin", func(t *testing.T) {
		a := r.send(t, http.MethodOptions, envPath+"/as/authorize", nil, "")
		assert.Equal(t, http.StatusNoContent, a.status)
		for name := range a.header {
			assert.False(t, strings.HasPrefix(name, "Access-Control-"), name)
		}
		assert.NotEmpty(t, a.header.Get("Allow"))
		assert.Contains(t, listed(a.header, "Vary"), "origin")
	})
	t.Run("and it moves no sign-on", func(t *testing.T) {
		s := r.start(t, "sign-on")
		header := s.headers()
		header["Origin"], header["Access-Control-Request-Method"] = origins[0], http.MethodPost
		a := r.send(t, http.MethodOptions, s.link, header, pressing("SIGNON", "submit", rightly("ann")))
		require.Equal(t, http.StatusNoContent, a.status)
		assert.Equal(t, http.StatusOK, s.press(t, "TROUBLE", nil).status)
	})
}

// The statuses that the calls of a browser can end with: a page has to be able
// to read each of them.
func TestCORSAnswers(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	const form = "application/x-www-form-urlencoded"
	for name, row := range map[string]struct {
		status int
		send   func(t *testing.T, header map[string]string) reply
	}{
		"a screen": {200, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, authorize("sign-on"), h, "")
		}},
		"a page that is somewhere else": {302, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, envPath+"/as/authorize?client_id=app", h, "")
		}},
		"an unknown policy": {400, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, authorize("none"), h, "")
		}},
		"a wrong method": {405, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodPut, authorize("sign-on"), h, "")
		}},
		"a wrong password": {400, afterPressing(r, "sign-on", "SIGNON", signing("ann", "mistaken"))},
		"a miss":           {404, afterPressing(r, "sign-on", "NOBODY", nil)},
		"a server error":   {500, afterPressing(r, "errors", "SERVER_ERROR", nil)},
		"a page":           {503, afterPressing(r, "errors", "UNAVAILABLE", nil)},
		"no handles": {401, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodPost, envPath+flowCalls["a capability"].path, h, "{}")
		}},
		"no JSON": {400, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodPost, envPath+flowCalls["a capability"].path, h, "{")
		}},
		"too much": {413, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodPost, envPath+flowCalls["a capability"].path, h, strings.Repeat("x", 2<<20))
		}},
		"an unknown challenge": {400, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodPost, envPath+flowCalls["a challenge"].path, h, "{}")
		}},
		"a spent code": {400, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			h["Content-Type"] = form
			return r.send(t, http.MethodPost, envPath+"/as/token", h, "grant_type=authorization_code&code=x&client_id=app")
		}},
		"no client": {401, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			h["Content-Type"] = form
			return r.send(t, http.MethodPost, envPath+"/as/token", h, "grant_type=authorization_code&code=x")
		}},
		"no access token": {401, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, envPath+"/as/userinfo", h, "")
		}},
		"a sign-off": {302, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, envPath+"/as/signoff?post_logout_redirect_uri=https://app.example.com/", h, "")
		}},
		"nothing there": {404, func(t *testing.T, h map[string]string) reply {
			t.Helper()
			return r.send(t, http.MethodGet, "/none", h, "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, origin := range origins {
				a := row.send(t, map[string]string{"X-Requested-With": "ping-sdk", "Origin": origin})
				require.Equal(t, row.status, a.status, a.text)
				requireReadable(t, a, origin)
			}
			a := row.send(t, map[string]string{"X-Requested-With": "ping-sdk"})
			require.Equal(t, row.status, a.status, a.text)
			assert.Empty(t, a.header.Values("Access-Control-Allow-Origin"), "it was not asked for")
			assert.Empty(t, a.header.Values("Access-Control-Allow-Credentials"))
			assert.Contains(t, listed(a.header, "Vary"), "origin", "a cache keeps the two apart")
		})
	}
}

// afterPressing starts a flow and presses a button of its first screen.
func afterPressing(r *replay, flow, action string, fields map[string]any) func(*testing.T, map[string]string) reply {
	return func(t *testing.T, header map[string]string) reply {
		t.Helper()
		s := r.start(t, flow)
		h := s.headers()
		if origin := header["Origin"]; origin != "" {
			h["Origin"] = origin
		}
		return r.send(t, http.MethodPost, s.link, h, pressing(action, "submit", fields))
	}
}

// TestCookiesFitWhereTheServerListens reads the cookies off sockets.
//
// Source: protocol.md section 4.3.
func TestCookiesFitWhereTheServerListens(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	plain, overTLS := httptest.NewServer(r.Server), httptest.NewTLSServer(r.Server)
	t.Cleanup(plain.Close)
	t.Cleanup(overTLS.Close)
	handle := http.Cookie{Path: "/", HttpOnly: true, MaxAge: 900}
	for name, row := range map[string]struct {
		site *httptest.Server
		want map[string]http.Cookie
	}{
		"over http": {plain, map[string]http.Cookie{
			"interactionId": handle, "interactionToken": handle,
			"ST": {Path: "/", HttpOnly: true}, "ST-NO-SS": {Path: "/", HttpOnly: true},
		}},
		"over TLS": {overTLS, map[string]http.Cookie{
			"interactionId": handle, "interactionToken": handle,
			"ST":       {Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteNoneMode},
			"ST-NO-SS": {Path: "/", HttpOnly: true, Secure: true},
		}},
	} {
		for where, realm := range realms {
			t.Run(name+" "+where, func(t *testing.T) {
				over := &replay{r.Server, row.site.Client().Transport, row.site.URL}
				s := &signOn{replay: over}
				screen := over.send(t, http.MethodGet, strings.Replace(authorize("sign-on"), envPath, realm, 1), sdk, "")
				s.keep(screen)
				requireCookies(t, screen, row.want, "interactionId", "interactionToken")
				assert.Equal(t, s.id, screen.cookies["interactionId"])
				assert.Equal(t, s.token, screen.cookies["interactionToken"])

				requireCookies(t, s.press(t, "SIGNON", signing("ann", "mistaken")), row.want)

				end := s.press(t, "SIGNON", rightly("ann"))
				requireCookies(t, end, row.want, "interactionId", "interactionToken", "ST", "ST-NO-SS")
				assert.Equal(t, end.cookies["ST"], end.cookies["ST-NO-SS"])

				short := over.send(t, http.MethodGet, strings.Replace(authorize("session"), envPath, realm, 1), sdk, "")
				requireCookies(t, short, row.want, "ST", "ST-NO-SS")
				assert.NotEqual(t, end.cookies["ST"], short.cookies["ST"], "a session of its own")
			})
		}
	}
}

// requireCookies requires an answer to set these cookies with the attributes
// that are wanted, and no others.
func requireCookies(t *testing.T, a reply, want map[string]http.Cookie, names ...string) {
	t.Helper()
	got := cookiesOf(t, a)
	var set []string
	for name, c := range got {
		set = append(set, name)
		wanted := want[name]
		wanted.Name, wanted.Value, wanted.Raw = name, c.Value, c.Raw
		assert.Equal(t, wanted, *c, "%s: %s", name, c.Raw)
		assert.NotEmpty(t, c.Value)
		assert.Empty(t, c.Domain, "host-only")
	}
	slices.Sort(set)
	slices.Sort(names)
	assert.Equal(t, names, set)
}
