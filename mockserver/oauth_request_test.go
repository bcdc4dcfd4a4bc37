package mockserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// pushing are the parameters of an authorize request that is pushed.
func pushing(more ...string) url.Values {
	form := url.Values{
		"acr_values": {"session"}, "response_mode": {"pi.flow"}, "response_type": {"code"}, "scope": {"openid"},
		"state": {"s t"}, "nonce": {"once"}, "redirect_uri": {appRedirect},
		"code_challenge": {pkceChallenge()}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// push pushes an authorize request and returns its request_uri.
func (a *app) push(tb testing.TB) string {
	tb.Helper()
	got := a.form(tb, "/as/par", pushing())
	require.Equal(tb, http.StatusCreated, got.status, got.text)
	assert.Equal(tb, "60", got.Get("expires_in").Raw)
	uri := got.Get("request_uri").String()
	require.NotEmpty(tb, uri)
	return uri
}

// redeem sends the authorize request that was pushed, as the Android SDK does.
func (a *app) redeem(tb testing.TB, uri string, more ...string) reply {
	tb.Helper()
	query := url.Values{"client_id": {a.id}, "request_uri": {uri}, "response_mode": {"pi.flow"}}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return a.send(tb, http.MethodGet, a.realm+"/as/authorize?"+query.Encode(), sdk, "")
}

// requireUnstarted requires an authorize request to have been refused.
func requireUnstarted(tb testing.TB, a reply) {
	tb.Helper()
	require.GreaterOrEqual(tb, a.status, 300, a.text)
	require.Less(tb, a.status, 500, a.text)
	assert.Empty(tb, a.cookies)
	if a.status < 400 {
		assert.Contains(tb, a.header.Get("Location"), "error=invalid_request", "where the browser is sent")
	}
}

func TestPushedRequests(t *testing.T) {
	for where, realm := range realms {
		t.Run("are what was asked "+where, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(realm, "app")
			uri := a.push(t)
			assert.True(t, strings.HasPrefix(uri, "urn:ietf:params:oauth:request_uri:"), uri)
			end := a.redeem(t, uri)
			require.Equal(t, http.StatusOK, end.status, end.text)
			assert.Equal(t, "s t", end.Get("authorizeResponse.state").String())
			code := end.Get("authorizeResponse.code").String()
			requireRefused(t, a.exchange(t, code, "code_verifier", "x", "redirect_uri", appRedirect), 400, "invalid_grant")
			requireRefused(t, a.exchange(t, code, "code_verifier", pkceVerifier), 400, "invalid_grant")
			tokens := a.exchange(t, code, "code_verifier", pkceVerifier, "redirect_uri", appRedirect)
			requireTokens(t, tokens)
			id, err := a.verifier(t, clock.now).Verify(t.Context(), tokens.Get("id_token").String())
			require.NoError(t, err)
			assert.Equal(t, "once", id.Nonce)
		})
	}
	t.Run("count, whatever the authorize request says besides", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		end := a.redeem(t, a.push(t), "state", "other", "acr_values", "sign-on", "scope", "profile")
		assert.Equal(t, "s t", end.Get("authorizeResponse.state").String(), end.text)
	})
	t.Run("of a client that has a secret", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		a.basic = basicAuth("app", "secret")
		assert.Equal(t, http.StatusOK, a.redeem(t, a.push(t)).status)
	})
	t.Run("serve once", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		uri := a.push(t)
		require.Equal(t, http.StatusOK, a.redeem(t, uri).status)
		requireUnstarted(t, a.redeem(t, uri))
	})
	for name, row := range map[string]struct {
		after time.Duration
		ok    bool
	}{
		"are good to the last moment": {pushedLives, true},
		"and are over then":           {pushedLives + 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(envPath, "app")
			uri := a.push(t)
			clock.pass(row.after)
			got := a.redeem(t, uri)
			if !row.ok {
				requireUnstarted(t, got)
				return
			}
			assert.Equal(t, http.StatusOK, got.status)
		})
	}
	t.Run("serve no other client, and stay the client's own", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		uri := a.push(t)
		requireUnstarted(t, r.anApp(envPath, "other").redeem(t, uri))
		requireUnstarted(t, r.anApp(envPath, "").redeem(t, uri))
		assert.Equal(t, http.StatusOK, a.redeem(t, uri).status, "another client does not spend it")
	})
	t.Run("that does not exist", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		for _, uri := range []string{"urn:ietf:params:oauth:request_uri:none", "https://app.example.com/request", "x"} {
			requireUnstarted(t, a.redeem(t, uri))
			requireUnstarted(t, a.redeem(t, uri, "acr_values", "session"))
		}
	})
	t.Run("are as long as they may be", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		got := a.form(t, "/as/par", pushing("padding", strings.Repeat("x", 2<<20)))
		requireRefused(t, got, 400, "invalid_request")
	})
	r, _ := clocked(t)
	for name, row := range map[string]struct {
		method string
		form   url.Values
		status int
	}{
		"without a client":       {http.MethodPost, pushing(), 400},
		"that push a pushed one": {http.MethodPost, pushing("client_id", "app", "request_uri", "urn:x"), 400},
		"by a GET":               {http.MethodGet, pushing("client_id", "app"), 405},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.send(t, row.method, envPath+"/as/par",
				map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, row.form.Encode())
			requireRefused(t, got, row.status, "invalid_request")
		})
	}
}

func TestPolicyStart(t *testing.T) {
	r, _ := clocked(t)
	policy, ok := r.Policy("sign-on")
	require.True(t, ok)
	for where, realm := range realms {
		for shape, header := range map[string]map[string]string{"in JSON": sdk, "in detailed": nil} {
			t.Run("starts the flow "+shape+" "+where, func(t *testing.T) {
				a := r.send(t, http.MethodPost, realm+"/davinci/policy/"+policy+"/start", header, "")
				require.Equal(t, http.StatusOK, a.status, a.text)
				assert.Equal(t, header == nil, a.Get("screen").Exists())
				assert.Equal(t, a.Get("interactionToken").String(), a.cookies["interactionToken"])
				s := &signOn{replay: r, detailed: header == nil}
				s.keep(a)
				end := s.press(t, "SIGNON", rightly("ann"))
				assert.Equal(t, "COMPLETED", end.Get("status").String(), end.text)
				assert.False(t, end.Get("authorizeResponse.state").Exists())
			})
		}
		for name, row := range map[string]struct {
			method, path string
		}{
			"an unknown policy": {http.MethodPost, "/davinci/policy/none/start"},
			"no policy":         {http.MethodPost, "/davinci/policy//start"},
			"a client's id":     {http.MethodPost, "/davinci/policy/d5d75171-e74b-45ea-ad66-a93fc73174f4/start"},
			"a GET":             {http.MethodGet, "/davinci/policy/" + policy + "/start"},
			"another end":       {http.MethodPost, "/davinci/policy/" + policy + "/stop"},
			"no end":            {http.MethodPost, "/davinci/policy/" + policy},
			"more after it":     {http.MethodPost, "/davinci/policy/" + policy + "/start/x"},
		} {
			t.Run("refuses "+name+" "+where, func(t *testing.T) {
				a := r.send(t, row.method, realm+row.path, sdk, "")
				assert.Equal(t, http.StatusNotFound, a.status, a.text)
				assert.Equal(t, "NOT_FOUND", a.Get("code").String())
				assert.Empty(t, a.cookies)
			})
		}
	}
}

// challenging is a flow whose screen names a challenge.
func challenging(tb testing.TB) *recordings.Flow {
	tb.Helper()
	body := screenBody("push", false)
	body = `{"challenge":"{{challenge}}","pollChallengeStatus":true,` + body[1:]
	return recorded(tb, "push", `hops:
  - {name: push, request: {path: /as/authorize}, response: {status: 200, json: push.json}}
  - {name: approved, from: push, request: {eventType: polling, formData: {poll: approved}}, response: {status: 200, json: end.json}}
`, map[string]string{"push.json": body, "end.json": `{"id":"end","status":"COMPLETED","authorizeResponse":{"code":"{{code}}"}}`})
}

func TestChallengeStatus(t *testing.T) {
	clock := &watch{noon}
	r := replaying(t, mockserver.Config{Now: clock.now, Flows: []*recordings.Flow{challenging(t)}})
	ask := func(t *testing.T, method, realm, challenge, body string) reply {
		t.Helper()
		return r.send(t, method, realm+"/davinci/user/credentials/challenge/"+challenge+"/status",
			map[string]string{"interactionId": "x", "Content-Type": "application/json"}, body)
	}
	start := func(t *testing.T, realm string) *signOn {
		t.Helper()
		s := &signOn{replay: r}
		a := r.send(t, http.MethodGet, realm+"/as/authorize?client_id=app&response_mode=pi.flow", sdk, "")
		require.Equal(t, http.StatusOK, a.status, a.text)
		s.keep(a)
		s.node = a.Get("challenge").String()
		require.NotEmpty(t, s.node)
		return s
	}
	for where, realm := range realms {
		for name, body := range map[string]string{"of the web SDK": "{}", "of the Android SDK": ""} {
			t.Run("is asked for until it is approved, in the manner "+name+" "+where, func(t *testing.T) {
				s, other := start(t, realm), start(t, realm)
				a := ask(t, http.MethodPost, realm, s.node, body)
				require.Equal(t, http.StatusOK, a.status, a.text)
				assert.JSONEq(t, `{"isChallengeComplete":false}`, a.text)
				for range 3 {
					a = ask(t, http.MethodPost, realm, s.node, body)
					require.Equal(t, http.StatusOK, a.status, a.text)
					assert.JSONEq(t, `{"isChallengeComplete":true,"status":"approved"}`, a.text)
				}
				assert.JSONEq(t, `{"isChallengeComplete":false}`, ask(t, http.MethodPost, realm, other.node, body).text,
					"another sign-on's is its own")
				end := s.post(t, pressing("", "polling", map[string]any{"poll": "approved"}))
				assert.Equal(t, "COMPLETED", end.Get("status").String(), end.text)
			})
		}
		t.Run("is unknown "+where, func(t *testing.T) {
			for _, id := range []string{"none", "0f10e7e5-7000-4000-8000-000000000009", "%22%3Cb%3E", strings.Repeat("x", 4096)} {
				a := ask(t, http.MethodPost, realm, id, "{}")
				require.Equal(t, http.StatusBadRequest, a.status, a.text)
				assert.Equal(t, "4019", a.Get("code").Raw)
			}
		})
		t.Run("is no GET "+where, func(t *testing.T) {
			s := start(t, realm)
			assert.Equal(t, http.StatusNotFound, ask(t, http.MethodGet, realm, s.node, "").status)
			assert.JSONEq(t, `{"isChallengeComplete":false}`, ask(t, http.MethodPost, realm, s.node, "{}").text, "and it did not count")
		})
	}
	t.Run("is over with the sign-on's time", func(t *testing.T) {
		s := start(t, envPath)
		clock.pass(usualIdle + 1)
		assert.Equal(t, "4019", ask(t, http.MethodPost, envPath, s.node, "{}").Get("code").Raw)
	})
}

func TestDiscovery(t *testing.T) {
	r, _ := clocked(t)
	for where, realm := range realms {
		for _, base := range []string{"https://auth.example.com", "http://localhost:8910"} {
			t.Run(where+" at "+base, func(t *testing.T) {
				over := &replay{r.Server, r.RoundTripper, base}
				a := over.send(t, http.MethodGet, realm+"/as/.well-known/openid-configuration", nil, "")
				require.Equal(t, http.StatusOK, a.status, a.text)
				issuer := base + realm + "/as"
				assert.Equal(t, issuer, a.Get("issuer").String())
				// What the SDKs read.
				for name, want := range map[string]string{
					"authorization_endpoint": "/authorize", "token_endpoint": "/token", "userinfo_endpoint": "/userinfo",
					"pushed_authorization_request_endpoint": "/par", "jwks_uri": "/jwks", "end_session_endpoint": "/signoff",
					"revocation_endpoint": "/revoke", "introspection_endpoint": "/introspect",
				} {
					assert.Equal(t, issuer+want, a.Get(name).String(), name)
				}
				assert.Contains(t, a.Get("response_modes_supported").Raw, `"pi.flow"`)
				assert.Contains(t, a.Get("code_challenge_methods_supported").Raw, `"S256"`)
				assert.Contains(t, a.Get("id_token_signing_alg_values_supported").Raw, `"RS256"`)
				endpoints := 0
				for name, value := range a.Map() {
					if !strings.HasSuffix(name, "_endpoint") && !strings.HasSuffix(name, "_uri") {
						continue
					}
					endpoints++
					assert.True(t, strings.HasPrefix(value.String(), issuer+"/"), name)
					assert.NotContains(t, value.String(), "?", "the web SDK puts a question mark after it")
					for _, method := range []string{http.MethodGet, http.MethodPost} {
						got := over.send(t, method, value.String(), nil, "")
						assert.NotEqual(t, http.StatusNotFound, got.status, "%s %s", method, name)
						assert.Less(t, got.status, 500, "%s %s", method, name)
					}
				}
				assert.GreaterOrEqual(t, endpoints, 8)
			})
		}
	}
	t.Run("shows one key, and no private half", func(t *testing.T) {
		keys := r.send(t, http.MethodGet, envPath+"/as/jwks", nil, "")
		require.Equal(t, http.StatusOK, keys.status)
		assert.Equal(t, "1", keys.Get("keys.#").Raw)
		assert.Equal(t, "RS256", keys.Get("keys.0.alg").String())
		assert.Equal(t, "sig", keys.Get("keys.0.use").String())
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi"} {
			assert.False(t, keys.Get("keys.0."+private).Exists(), private)
		}
		assert.Equal(t, keys.text, r.send(t, http.MethodGet, "/as/jwks", nil, "").text, "the same everywhere")
	})
	t.Run("says what the replay takes", func(t *testing.T) {
		a := r.send(t, http.MethodGet, envPath+"/as/.well-known/openid-configuration", nil, "")
		assert.Contains(t, a.Get("code_challenge_methods_supported").Raw, `"plain"`, "it is taken, so it is named")
	})
	t.Run("of an environment that is not there", func(t *testing.T) {
		a := r.send(t, http.MethodGet, "/00000000-0000-4000-8000-000000000000/as/.well-known/openid-configuration", nil, "")
		assert.Equal(t, http.StatusNotFound, a.status)
	})
}
