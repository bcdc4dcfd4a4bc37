package mockserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

// The policy allows exactly the style that the page has.
func TestInspectPolicy(t *testing.T) {
	t.Parallel()
	r := replaying(t, mockserver.Config{Inspect: true})
	for _, path := range []string{"/", "/inspect.json", "/none"} {
		w := inspected(t, r.Server, path)
		policy := w.Header().Get("Content-Security-Policy")
		assert.True(t, strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-"), policy)
		assert.NotContains(t, policy, "unsafe")
		assert.Contains(t, policy, "frame-ancestors 'none'")
		assert.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
		assert.Empty(t, w.Header().Get("Access-Control-Allow-Origin"))
		assert.Empty(t, w.Header().Get("Set-Cookie"))
	}
	w := inspected(t, r.Server, "/")
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(w.Body.String(), -1)
	require.Len(t, style, 1)
	sum := sha256.Sum256([]byte(style[0][1]))
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
}

func TestInspectAnswersOnlyThisMachine(t *testing.T) {
	t.Parallel()
	s := replaying(t, mockserver.Config{Inspect: true}).Server
	for name, row := range map[string]struct {
		from, host string
		header     string
		want       int
	}{
		"localhost":                         {"127.0.0.1:1", "localhost:8910", "", 200},
		"localhost in capitals":             {"127.0.0.1:1", "LocalHost", "", 200},
		"an address":                        {"127.0.0.1:1", "127.0.0.1:8910", "", 200},
		"another loopback address":          {"127.9.9.9:1", "127.9.9.9", "", 200},
		"version 6":                         {"[::1]:1", "[::1]:8910", "", 200},
		"version 6 without a port":          {"[::1]:1", "[::1]", "", 200},
		"version 4 in version 6":            {"[::ffff:127.0.0.1]:1", "localhost", "", 200},
		"another machine":                   {"192.0.2.1:1", "localhost", "", 403},
		"another machine in version 6":      {"[2001:db8::1]:1", "localhost", "", 403},
		"a name that was made to lead here": {"127.0.0.1:1", "rebound.example.com:8910", "", 403},
		"a name that begins so":             {"127.0.0.1:1", "localhost.example.com", "", 403},
		"an address that begins so":         {"127.0.0.1:1", "127.0.0.1.example.com", "", 403},
		"every address":                     {"127.0.0.1:1", "0.0.0.0:8910", "", 403},
		"no host":                           {"127.0.0.1:1", "", "", 403},
		"no address":                        {"", "localhost", "", 403},
		"a proxy":                           {"127.0.0.1:1", "localhost", "X-Forwarded-For", 403},
		"another proxy":                     {"127.0.0.1:1", "localhost", "Forwarded", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/", "/inspect.json"} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
				r.RemoteAddr, r.Host = row.from, row.host
				if row.header != "" {
					r.Header.Set(row.header, "192.0.2.1")
				}
				w := httptest.NewRecorder()
				s.Inspect().ServeHTTP(w, r)
				assert.Equal(t, row.want, w.Code, path)
				if row.want == http.StatusForbidden {
					assert.Equal(t, "The inspection page answers only requests from this machine, to a name of this machine.\n", w.Body.String())
				}
			}
		})
	}
}

func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	s := replaying(t, mockserver.Config{Inspect: true}).Server
	assert.Equal(t, "The inspection has / and /inspect.json.\n", inspected(t, s, "/else").Body.String())
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody)
	r.RemoteAddr, r.Host = "127.0.0.1:1", "localhost"
	w := httptest.NewRecorder()
	s.Inspect().ServeHTTP(w, r)
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
	assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))

	unwatched := replaying(t, mockserver.Config{})
	unwatched.start(t, "sign-on")
	w = inspected(t, unwatched.Server, "/")
	assert.Equal(t, http.StatusNotFound, w.Code)
	assert.Equal(t, "Nothing is remembered: the server was made without Config.Inspect.\n", w.Body.String())
}

// TestInspectHidesWhatIsSecret puts a canary into every place where a person's
// or a client's value may be, and looks for it, and for every handle, cookie,
// token and code that was handed out, in the page and in the JSON.
func TestInspectHidesWhatIsSecret(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry"
	users := map[string]map[string]string{"kim": {}}
	for attribute := range people["ann"] {
		users["kim"][attribute] = canary + attribute
	}
	r := replaying(t, mockserver.Config{Inspect: true, Users: users})
	secret := []string{canary}
	keep := func(a reply) {
		for _, value := range a.cookies {
			secret = append(secret, value)
		}
		for _, path := range []string{"interactionId", "interactionToken", "authorizeResponse.code", "session.id", "access_token", "id_token", "refresh_token", "accessToken", "idToken"} {
			if value := a.Get(path).String(); value != "" {
				secret = append(secret, value)
			}
		}
	}
	for _, body := range []string{
		pressing("SIGNON", "submit", signing(canary+"username", canary+"password")),
		pressing("SIGNON", "submit", signing(canary+"username", canary)),
		pressing("SIGNON", "submit", map[string]any{"username": canary, "password": canary, "x": canary}),
		pressing("SIGNON", "submit", map[string]any{"username": map[string]any{canary: canary}, "x": []string{canary}}),
		pressing("NOPE", "submit", signing(canary, canary)),
		`{"id":"` + canary + `","eventName":"` + canary + `","parameters":{"buttonType":"form-submit","buttonValue":"NOPE","password":"` + canary + `"}}`,
		`{"parameters":{"data":{"actionKey":"SIGNON","formData":"` + canary + `"}}}`,
		`password=` + canary,
	} {
		a := r.send(t, http.MethodGet, authorize("sign-on", "state", canary, "nonce", canary, "login_hint", canary,
			"redirect_uri", "https://"+canary+".example.com", "code_challenge", canary, "client_id", canary), sdk, "")
		require.Equal(t, http.StatusOK, a.status)
		keep(a)
		s := &signOn{replay: r}
		s.keep(a)
		a = s.post(t, body)
		keep(a)
		if code := a.Get("authorizeResponse.code").String(); code != "" {
			keep(r.send(t, http.MethodPost, envPath+"/as/token", map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
				"grant_type=authorization_code&client_id="+canary+"&code="+code+"&code_verifier="+canary+
					"&redirect_uri=https://"+canary+".example.com"))
		}
	}
	require.Greater(t, len(secret), 20)
	for _, path := range []string{"/", "/inspect.json"} {
		text := inspected(t, r.Server, path).Body.String()
		assert.Contains(t, text, "wrong-password")
		for _, value := range secret {
			assert.NotContains(t, text, value, path)
		}
	}
}
