package mockserver_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
)

func TestReplayChoosesTheFlow(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	first := map[string]string{} // the node of each flow's first screen
	for _, f := range shipped.Flows(t) {
		if b := f.Hops[0].Response.JSON; b != nil { // a flow without an SDK has none
			first[f.Name] = gjson.GetBytes(b.Text, "id").String()
		}
	}
	policy, ok := r.Policy("mfa")
	require.True(t, ok)
	for name, row := range map[string]struct {
		query string
		want  string // the flow
	}{
		"by the policy":                   {"acr_values=" + policy, "mfa"},
		"by the name":                     {"acr_values=mfa", "mfa"},
		"by the client":                   {"client_id=23707505-bfa9-47b1-bfec-73f4bd0089a3", "mfa"},
		"by the policy before the client": {"acr_values=sign-on&client_id=23707505-bfa9-47b1-bfec-73f4bd0089a3", "sign-on"},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(row.query)
			require.NoError(t, err)
			if !query.Has("client_id") {
				query.Set("client_id", "app")
			}
			query.Set("response_mode", "pi.flow")
			a := r.send(t, http.MethodGet, envPath+"/as/authorize?"+query.Encode(), sdk, "")
			require.Equal(t, http.StatusOK, a.status, a.text)
			assert.Equal(t, first[row.want], a.Get("id").String())

			posted := r.send(t, http.MethodPost, envPath+"/as/authorize",
				map[string]string{"X-Requested-With": "ping-sdk", "Content-Type": "application/x-www-form-urlencoded"}, query.Encode())
			require.Equal(t, http.StatusOK, posted.status, posted.text)
			assert.Equal(t, first[row.want], posted.Get("id").String(), "posted as a form")
		})
	}

	t.Run("that is the only one", func(t *testing.T) {
		alone := replaying(t, mockserver.Config{Flows: []*recordings.Flow{sequence(t)}})
		a := alone.send(t, http.MethodGet, envPath+"/as/authorize?client_id=any&response_mode=pi.flow", sdk, "")
		assert.Equal(t, "first", a.Get("id").String())
	})
	t.Run("by a parameter of its start", func(t *testing.T) {
		a := r.send(t, http.MethodGet, authorize("errors", "prompt", "none"), sdk, "")
		assert.Equal(t, "FAILED", a.Get("status").String())
		a = r.send(t, http.MethodGet, strings.Replace(authorize("sign-on", "prompt", "none"), envPath, strings.ToUpper(envPath), 1), sdk, "")
		assert.Equal(t, "login_required", a.Get("error.code").String(), "there is no session, and no screen is wanted")
		assert.Empty(t, a.cookies)
		a = r.send(t, http.MethodGet, authorize("errors", "request_uri", "urn:example:par:expired"), sdk, "")
		assert.Equal(t, http.StatusFound, a.status)
		assert.Equal(t, "https://apps.pingone.example"+envPath+"/signon/?error=invalid_request_uri", a.header.Get("Location"))
	})
}

func TestReplayRefusesToStart(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for name, row := range map[string]struct {
		query          string
		status         int
		message, moved string
	}{
		"an unknown policy":         {"client_id=app&response_mode=pi.flow&acr_values=none", 400, "Invalid DV Flow Policy ID: none", ""},
		"a policy in quotes":        {`client_id=app&response_mode=pi.flow&acr_values=%22%3Cb%3E`, 400, `Invalid DV Flow Policy ID: "<b>`, ""},
		"no client":                 {"response_mode=pi.flow&acr_values=sign-on", 302, "", envPath + "/signon/?error=invalid_request&error_description=client_id+is+missing"},
		"no response mode":          {"client_id=app&acr_values=sign-on", 302, "", envPath + "/signon/?"},
		"another response mode":     {"client_id=app&acr_values=sign-on&response_mode=query", 302, "", envPath + "/signon/?"},
		"nothing at all":            {"", 302, "", envPath + "/signon/?error=invalid_request&error_description=client_id+is+missing"},
		"no policy, and many flows": {"client_id=app&response_mode=pi.flow", 302, "", envPath + "/signon/?"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.send(t, http.MethodGet, envPath+"/as/authorize?"+row.query, sdk, "")
			require.Equal(t, row.status, a.status, a.text)
			assert.Empty(t, a.cookies)
			if row.moved != "" {
				assert.Equal(t, r.base+row.moved, a.header.Get("Location"))
				return
			}
			assert.Equal(t, "INVALID_REQUEST", a.Get("code").String())
			assert.Equal(t, row.message, a.Get("message").String())
			assert.NotEmpty(t, a.Get("id").String())
		})
	}
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, "BREW"} {
		t.Run(method, func(t *testing.T) {
			a := r.send(t, method, authorize("sign-on"), sdk, "")
			assert.Equal(t, http.StatusMethodNotAllowed, a.status)
			assert.Equal(t, "GET, POST", a.header.Get("Allow"))
		})
	}
	t.Run("a form of 10 MiB", func(t *testing.T) {
		a := r.send(t, http.MethodPost, envPath+"/as/authorize", map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			"client_id="+strings.Repeat("x", 10<<20))
		assert.Equal(t, http.StatusBadRequest, a.status)
		assert.Equal(t, "INVALID_REQUEST", a.Get("code").String())
	})
	t.Run("a form that is none", func(t *testing.T) {
		a := r.send(t, http.MethodPost, envPath+"/as/authorize", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, "a=%zz")
		assert.Equal(t, http.StatusBadRequest, a.status)
	})
}

func TestReplayEchoesTheState(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for _, state := range []string{"abc", `"},"x":{"`, `\`, "a b+c&d=é", "{{code}}", "\u2028\x01", strings.Repeat("s", 2000)} {
		a := r.send(t, http.MethodGet, authorize("session", "state", state), sdk, "")
		require.Equal(t, http.StatusOK, a.status)
		assert.Equal(t, state, a.Get("authorizeResponse.state").String())
	}
	for name, more := range map[string][]string{"none": nil, "an empty one": {"state", ""}} {
		a := r.send(t, http.MethodGet, authorize("session", more...), sdk, "")
		assert.NotEmpty(t, a.Get("authorizeResponse.code").String(), name)
		assert.False(t, a.Get("authorizeResponse.state").Exists(), name)
	}
}

// On a custom domain no environment is in the path, and none in a link.
func TestReplayOnACustomDomain(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for name, row := range map[string]struct{ path, want string }{
		"an environment": {envPath, "https://auth.example.com" + envPath},
		"none":           {"", "https://auth.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.Replace(authorize("sign-on"), envPath, row.path, 1)
			a := r.send(t, http.MethodGet, path, sdk, "")
			require.Equal(t, http.StatusOK, a.status, a.text)
			link := row.want + "/davinci/connections/" + a.Get("connectionId").String() + "/capabilities/customHTMLTemplate"
			assert.Equal(t, link, a.Get("_links.next.href").String())
			assert.Equal(t, mockserver.DefaultEnvironment, a.Get("companyId").String(), "a fact, and no part of a link")

			s := &signOn{replay: r}
			s.keep(a)
			end := s.press(t, "SIGNON", rightly("ann"))
			assert.True(t, strings.HasPrefix(end.Get("_links.next.href").String(), row.want+"/davinci/connections/"), end.text)

			pages := r.send(t, http.MethodGet, path, nil, "")
			policy, _ := r.Policy("sign-on")
			assert.Equal(t, row.want+"/davinci/policy/"+policy+"/start", pages.Get("_links.self.href").String())

			moved := r.send(t, http.MethodGet, row.path+"/as/authorize", nil, "")
			assert.True(t, strings.HasPrefix(moved.header.Get("Location"), row.want+"/signon/"))
		})
	}
	t.Run("an environment of one's own", func(t *testing.T) {
		r := replaying(t, mockserver.Config{Environment: "11111111-2222-4333-8444-555555555555"})
		path := strings.Replace(authorize("sign-on"), envPath, "/11111111-2222-4333-8444-555555555555", 1)
		a := r.send(t, http.MethodGet, path, sdk, "")
		assert.Equal(t, "11111111-2222-4333-8444-555555555555", a.Get("companyId").String())
		assert.Contains(t, a.Get("_links.next.href").String(), "/11111111-2222-4333-8444-555555555555/davinci/")
		assert.Equal(t, http.StatusNotFound, r.send(t, http.MethodGet, authorize("sign-on"), sdk, "").status)
	})
}

func TestReplayForgetsIdleSignOns(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	for name, row := range map[string]struct {
		idle, allowed time.Duration
	}{
		"by default":   {0, usualIdle},
		"as it is set": {time.Minute, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			r := replaying(t, mockserver.Bounded(mockserver.Config{Now: clock}, 0, row.idle))
			used, idle := r.start(t, "sign-on"), r.start(t, "sign-on")
			now = now.Add(row.allowed)
			require.Equal(t, http.StatusOK, used.press(t, "TROUBLE", nil).status, "to the last moment")
			now = now.Add(time.Second)
			requireUnauthorized(t, idle.press(t, "TROUBLE", nil))
			now = now.Add(row.allowed - time.Second)
			require.Equal(t, http.StatusOK, used.press(t, "CANCEL", nil).status, "a hop begins its time again")
			now = now.Add(row.allowed + 1)
			requireUnauthorized(t, used.press(t, "TROUBLE", nil))
		})
	}
}

func TestReplayBoundsTheSignOns(t *testing.T) {
	r := replaying(t, mockserver.Bounded(mockserver.Config{}, 3, 0))
	var all []*signOn
	for range 3 {
		all = append(all, r.start(t, "sign-on"))
	}
	require.Equal(t, http.StatusOK, all[0].press(t, "TROUBLE", nil).status) // now the second is the longest idle
	all = append(all, r.start(t, "sign-on"))
	requireUnauthorized(t, all[1].press(t, "TROUBLE", nil))
	for _, i := range []int{0, 2, 3} {
		action := "TROUBLE"
		if i == 0 {
			action = "CANCEL"
		}
		assert.Equal(t, http.StatusOK, all[i].press(t, action, nil).status, "sign-on %d", i)
	}

	t.Run("and one that has ended makes room", func(t *testing.T) {
		r := replaying(t, mockserver.Bounded(mockserver.Config{}, 2, 0))
		kept, ended := r.start(t, "sign-on"), r.start(t, "sign-on")
		require.Equal(t, "COMPLETED", ended.press(t, "SIGNON", rightly("ann")).Get("status").String())
		r.start(t, "sign-on")
		assert.Equal(t, http.StatusOK, kept.press(t, "TROUBLE", nil).status)
	})
}

func TestNewRefuses(t *testing.T) {
	flow := func(name, head string) *recordings.Flow {
		return recorded(t, name, head+"hops: [{name: only, request: {path: /as/authorize}, response: {status: 200, json: only.json}}]\n",
			map[string]string{"only.json": screenBody("only", false)})
	}
	const policy = "policy: 00112233445566778899aabbccddeeff\n"
	for name, row := range map[string]struct {
		flows []*recordings.Flow
		want  string
	}{
		"no flows":             {nil, "mockserver: no recordings to replay"},
		"two of one name":      {[]*recordings.Flow{flow("a", ""), flow("a", "")}, `mockserver: flows "a" and "a" both answer to "a"`},
		"two of one policy":    {[]*recordings.Flow{flow("a", policy), flow("b", policy)}, `mockserver: flows "a" and "b" both answer to "00112233445566778899aabbccddeeff"`},
		"two of one client":    {[]*recordings.Flow{flow("a", "client: app\n"), flow("b", "client: app\n")}, `mockserver: flows "a" and "b" both answer to "app"`},
		"a client like a name": {[]*recordings.Flow{flow("a", ""), flow("b", "client: a\n")}, `mockserver: flows "a" and "b" both answer to "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := mockserver.New(mockserver.Config{Flows: row.flows})
			require.EqualError(t, err, row.want)
			assert.Nil(t, server)
		})
	}
}

func TestReplaySaysWhatItReplays(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	names := r.Names()
	assert.Equal(t, []string{"errors", "forms", "magic-link", "mfa", "passkey", "password-reset", "platforms", "registration", "session", "sign-on", "social", "sso", "step-up"}, names)
	names[0] = "changed"
	assert.Equal(t, "errors", r.Names()[0], "the caller's copy is its own")
	for name, want := range map[string]string{"sign-on": "5012727d02503c3c246e6a660e020812", "none": "", "5012727d02503c3c246e6a660e020812": ""} {
		policy, ok := r.Policy(name)
		assert.Equal(t, want, policy, name)
		assert.Equal(t, want != "", ok, name)
	}
}

// The transport answers as a server does, without a socket.
func TestTransportAnswersAsAServerDoes(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for name, site := range map[string]*replay{"in process": r, "on a socket": r.onSocket(t)} {
		t.Run(name, func(t *testing.T) {
			for path, want := range map[string]string{
				authorize("sign-on"): "200 OK", authorize("none"): "400 Bad Request",
				envPath + "/as/authorize": "302 Found", "/none": "404 Not Found",
			} {
				body := &closing{Reader: strings.NewReader("")}
				q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.base+path, body)
				require.NoError(t, err)
				p, err := site.RoundTrip(q)
				require.NoError(t, err)
				text, err := io.ReadAll(p.Body)
				require.NoError(t, err)
				require.NoError(t, p.Body.Close())
				assert.Equal(t, want, p.Status)
				assert.Equal(t, int64(len(text)), p.ContentLength)
				assert.Same(t, q, p.Request)
				assert.True(t, body.closed, "a transport closes the body of a request")
			}
		})
	}

	t.Run("and takes a request without a body", func(t *testing.T) {
		q := (&http.Request{Method: http.MethodPost, Header: http.Header{}, URL: &url.URL{Scheme: "https", Host: "x.test", Path: "/davinci/connections/a/capabilities/b"}}).WithContext(t.Context())
		p, err := r.Transport().RoundTrip(q)
		require.NoError(t, err)
		require.NoError(t, p.Body.Close())
		assert.Equal(t, http.StatusBadRequest, p.StatusCode)
	})
}

type closing struct {
	io.Reader
	closed bool
}

// Close implements [io.Closer].
func (c *closing) Close() error { c.closed = true; return nil }

func TestReplayOnHosts(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	for _, base := range []string{"https://auth.pingone.ca", "http://localhost:8080", "https://[::1]:8443"} {
		over := &replay{r.Server, r.RoundTripper, base}
		assert.True(t, strings.HasPrefix(over.start(t, "sign-on").link, base+envPath+"/davinci/"), base)
	}
	t.Run("with a header that is no host", func(t *testing.T) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.base+authorize("sign-on"), http.NoBody)
		require.NoError(t, err)
		q.Host = `a","b":"c`
		q.Header.Set("X-Requested-With", "ping-sdk")
		p, err := r.RoundTrip(q)
		require.NoError(t, err)
		defer func() { assert.NoError(t, p.Body.Close()) }()
		var text bytes.Buffer
		_, err = text.ReadFrom(p.Body)
		require.NoError(t, err)
		assert.NotContains(t, text.String(), `"b":"c`)
	})
}
