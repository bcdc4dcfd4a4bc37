package mockserver_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
)

func basicAuth(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

func TestTokenExchangesACode(t *testing.T) {
	for name, row := range map[string]struct {
		id, basic       string
		asked, exchange []string
		want            string // the scope
		noID            bool
	}{
		"with PKCE and S256": {
			id: "app", asked: []string{"code_challenge", pkceChallenge(), "code_challenge_method", "S256"},
			exchange: []string{"code_verifier", pkceVerifier},
		},
		"with PKCE and plain": {
			id: "app", asked: []string{"code_challenge", pkceVerifier, "code_challenge_method", "plain"},
			exchange: []string{"code_verifier", pkceVerifier},
		},
		"with PKCE and no method, which means plain": {
			id: "app", asked: []string{"code_challenge", pkceVerifier}, exchange: []string{"code_verifier", pkceVerifier},
		},
		"without PKCE, by HTTP Basic":                 {id: "app", basic: basicAuth("app", "secret")},
		"by HTTP Basic where the id has to be quoted": {id: "an app:of ours", basic: basicAuth("an app:of ours", "s:e c")},
		"by HTTP Basic and with PKCE": {
			id: "app", basic: basicAuth("app", "secret"),
			asked:    []string{"code_challenge", pkceChallenge(), "code_challenge_method", "S256"},
			exchange: []string{"code_verifier", pkceVerifier},
		},
		"with the secret in the form": {id: "app", exchange: []string{"client_secret", "secret"}},
		"with redirect_uri as at authorize": {
			id: "app", asked: []string{"redirect_uri", "https://app.example.com/a?b=c d"},
			exchange: []string{"redirect_uri", "https://app.example.com/a?b=c d"},
		},
		"only of openid": {id: "app", asked: []string{"scope", "openid"}, want: "openid"},
		"without openid, and then there is no identity": {id: "app", asked: []string{"scope", "profile p1:read:user"}, want: "profile p1:read:user", noID: true},
	} {
		for where, realm := range realms {
			t.Run(name+" "+where, func(t *testing.T) {
				r, _ := clocked(t)
				a := r.anApp(realm, row.id)
				a.basic = row.basic
				code, _ := a.code(t, row.asked...)
				got := a.exchange(t, code, row.exchange...)
				requireTokens(t, got)
				want := row.want
				if want == "" {
					want = "openid profile"
				}
				assert.Equal(t, want, got.Get("scope").String())
				assert.Equal(t, !row.noID, got.Get("id_token").Exists())
				requireRefused(t, a.exchange(t, code, row.exchange...), 400, "invalid_grant")
			})
		}
	}
}

// What was refused spends no code: the client that is right is answered afterwards.
func TestTokenRefusesACode(t *testing.T) {
	const there = "https://app.example.com/callback"
	s256 := []string{"code_challenge", pkceChallenge(), "code_challenge_method", "S256", "redirect_uri", there}
	plain := []string{"code_challenge", pkceVerifier, "code_challenge_method", "plain", "redirect_uri", there}
	bare := []string{"redirect_uri", there}
	right := []string{"code_verifier", pkceVerifier, "redirect_uri", there}
	for name, row := range map[string]struct {
		asked, wrong, right []string
		status              int
		code                string
	}{
		"another verifier, S256":               {s256, []string{"code_verifier", strings.Repeat("x", 43)}, right, 400, "invalid_grant"},
		"another verifier, plain":              {plain, []string{"code_verifier", strings.Repeat("x", 43)}, right, 400, "invalid_grant"},
		"the challenge as the verifier, S256":  {s256, []string{"code_verifier", pkceChallenge()}, right, 400, "invalid_grant"},
		"the verifier in other case":           {s256, []string{"code_verifier", strings.ToLower(pkceVerifier)}, right, 400, "invalid_grant"},
		"a verifier with more after it":        {s256, []string{"code_verifier", pkceVerifier + " "}, right, 400, "invalid_grant"},
		"no verifier, S256":                    {s256, []string{"code_verifier", ""}, right, 400, "invalid_grant"},
		"no verifier, plain":                   {plain, []string{"code_verifier", ""}, right, 400, "invalid_grant"},
		"a verifier without a challenge":       {bare, []string{"code_verifier", pkceVerifier}, bare, 400, "invalid_grant"},
		"another redirect_uri":                 {s256, []string{"redirect_uri", there + "/"}, right, 400, "invalid_grant"},
		"no redirect_uri":                      {s256, []string{"redirect_uri", ""}, right, 400, "invalid_grant"},
		"another client":                       {s256, []string{"client_id", "other"}, right, 400, "invalid_grant"},
		"no client":                            {s256, []string{"client_id", ""}, right, 401, "invalid_client"},
		"another code":                         {s256, []string{"code", "0f10e7e5-7000-4000-8000-000000000009"}, right, 400, "invalid_grant"},
		"no code":                              {s256, []string{"code", ""}, right, 400, "invalid_grant"},
		"an unknown grant_type":                {s256, []string{"grant_type", "password"}, right, 400, "unsupported_grant_type"},
		"client_credentials, of which is none": {s256, []string{"grant_type", "client_credentials"}, right, 400, "unsupported_grant_type"},
		"no grant_type":                        {s256, []string{"grant_type", ""}, right, 400, "unsupported_grant_type"},
		"the code as a refresh token":          {s256, []string{"grant_type", "refresh_token"}, right, 400, "invalid_grant"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := clocked(t)
			a := r.anApp(envPath, "app")
			code, _ := a.code(t, row.asked...)
			// All is right, except what the row changes.
			wrong := append(append([]string{}, row.right...), row.wrong...)
			requireRefused(t, a.exchange(t, code, wrong...), row.status, row.code)
			requireTokens(t, a.exchange(t, code, row.right...))
		})
	}

	t.Run("a client that does not say who it is learns how", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		code, _ := a.code(t)
		got := a.exchange(t, code, "client_id", "")
		assert.True(t, strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Basic"),
			"clients say who they are by Basic, RFC 6749 section 5.2: %s", got.header.Get("WWW-Authenticate"))
	})

	// RFC 7636 section 4.4.1: what the server does not know, it refuses.
	t.Run("a challenge by an unknown method", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		got := a.send(t, http.MethodGet, authorize("session", "code_challenge", pkceVerifier, "code_challenge_method", "S512"), sdk, "")
		assert.False(t, got.Get("authorizeResponse.code").Exists(), got.text)
	})
}

// Mutation testing asks whether a feature notices a code that is never spent.
func TestTokenExchangesAReusableCodeAgain(t *testing.T) {
	flows := shipped.Flows(t)
	for i, f := range flows {
		reusable := *f
		reusable.ReusableCodes = f.Name == "session"
		flows[i] = &reusable
	}
	a := replaying(t, mockserver.Config{Flows: flows}).anApp(envPath, "app")
	code, _ := a.code(t)
	first := a.exchange(t, code)
	requireTokens(t, first)
	second := a.exchange(t, code)
	requireTokens(t, second)
	assert.NotEqual(t, first.Get("access_token").String(), second.Get("access_token").String())
}

func TestTokenForgetsACode(t *testing.T) {
	for name, row := range map[string]struct {
		after time.Duration
		ok    bool
	}{
		"to the last moment": {codeLives, true},
		"and not later":      {codeLives + 1, false},
		"nor a day later":    {24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(envPath, "app")
			code, _ := a.code(t)
			clock.pass(row.after)
			got := a.exchange(t, code)
			if row.ok {
				requireTokens(t, got)
				return
			}
			requireRefused(t, got, 400, "invalid_grant")
		})
	}
	t.Run("and a try that is refused does not prolong it", func(t *testing.T) {
		r, clock := clocked(t)
		a := r.anApp(envPath, "app")
		code, _ := a.code(t)
		for range 4 {
			clock.pass(codeLives / 4)
			requireRefused(t, a.exchange(t, code, "redirect_uri", "", "code_verifier", "x"), 400, "invalid_grant")
		}
		clock.pass(1)
		requireRefused(t, a.exchange(t, code), 400, "invalid_grant")
	})
}

func TestTokenRefusesWhatIsNoForm(t *testing.T) {
	r, _ := clocked(t)
	const form = "application/x-www-form-urlencoded"
	for name, row := range map[string]struct {
		method, contentType, body string
		status                    int
		code                      string
	}{
		"a GET":              {http.MethodGet, "", "", 405, "invalid_request"},
		"a GET with a form":  {http.MethodGet, form, "grant_type=authorization_code&client_id=app", 405, "invalid_request"},
		"a PUT":              {http.MethodPut, form, "grant_type=authorization_code&client_id=app", 405, "invalid_request"},
		"broken escapes":     {http.MethodPost, form, "grant_type=%zz", 400, "invalid_request"},
		"a semicolon":        {http.MethodPost, form, "grant_type=authorization_code;client_id=app", 400, "invalid_request"},
		"nothing":            {http.MethodPost, form, "", 401, "invalid_client"},
		"binary":             {http.MethodPost, form, "\x00\xff\x89PNG", 401, "invalid_client"},
		"JSON":               {http.MethodPost, "application/json", `{"grant_type":"authorization_code","client_id":"app"}`, 401, "invalid_client"},
		"another charset":    {http.MethodPost, form + "; charset=UTF-8", "grant_type=x&client_id=app", 400, "unsupported_grant_type"},
		"a type that is bad": {http.MethodPost, "application/x-www-form-urlencoded; =", "client_id=app", 400, "invalid_request"},
		"10 MiB":             {http.MethodPost, form, "client_id=app&code=" + strings.Repeat("x", 10<<20), 400, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.send(t, row.method, envPath+"/as/token", map[string]string{"Content-Type": row.contentType}, row.body)
			requireRefused(t, got, row.status, row.code)
			if row.status == http.StatusMethodNotAllowed {
				assert.Equal(t, http.MethodPost, got.header.Get("Allow"))
			}
		})
	}
	t.Run("and what stands in the query is no form", func(t *testing.T) {
		a := r.anApp(envPath, "app")
		code, _ := a.code(t)
		got := r.send(t, http.MethodPost, envPath+"/as/token?grant_type=authorization_code&client_id=app&code="+code,
			map[string]string{"Content-Type": form}, "")
		requireRefused(t, got, 401, "invalid_client")
		requireTokens(t, a.exchange(t, code))
	})
	for name, header := range map[string]string{
		"Basic that is not base64": "Basic !", "Basic of nothing": "Basic ", "Basic without a colon": "Basic YXBw",
		"another scheme": "Digest username=app", "an id with a broken escape": "Basic " + base64.StdEncoding.EncodeToString([]byte("%zz:s")),
	} {
		t.Run(name, func(t *testing.T) {
			a := r.anApp(envPath, "app")
			code, _ := a.code(t)
			a.basic = header
			requireRefused(t, a.exchange(t, code), 401, "invalid_client")
			a.basic = ""
			requireTokens(t, a.exchange(t, code))
		})
	}
}

// Of many that come with the same code or the same refresh token at once, one
// is answered.
func TestTokenIsHandedOutOnce(t *testing.T) {
	r, _ := clocked(t)
	socket := r.onSocket(t)
	for where, on := range map[string]*replay{"in process": r, "on a socket": socket} {
		for name, ask := range map[string]func(a *app) url.Values{
			"a code": func(a *app) url.Values {
				code, _ := a.code(t)
				return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {a.id}}
			},
			"a refresh token": func(a *app) url.Values {
				return url.Values{
					"grant_type": {"refresh_token"}, "refresh_token": {a.tokens(t).Get("refresh_token").String()}, "client_id": {a.id},
				}
			},
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				body := ask(on.anApp(envPath, "app")).Encode()
				begin := make(chan struct{})
				var group sync.WaitGroup
				var mu sync.Mutex
				got := map[string]int{}
				for range 32 {
					group.Go(func() {
						<-begin
						w := &walker{replay: on}
						a, err := w.exchange(t, http.MethodPost, on.base+envPath+"/as/token",
							map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body)
						mu.Lock()
						defer mu.Unlock()
						if err != nil {
							got[err.Error()]++
							return
						}
						got[a.Get("error").String()]++
					})
				}
				close(begin)
				group.Wait()
				assert.Equal(t, map[string]int{"": 1, "invalid_grant": 31}, got)
			})
		}
	}
}

func TestTokenRefreshes(t *testing.T) {
	for where, realm := range realms {
		t.Run("and rotates "+where, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(realm, "app")
			first := a.tokens(t, "scope", "openid email")
			verify := a.verifier(t, clock.now)
			before, err := verify.Verify(t.Context(), first.Get("id_token").String())
			require.NoError(t, err)

			clock.pass(2 * accessLives)
			second := a.refresh(t, first.Get("refresh_token").String())
			requireTokens(t, second)
			assert.Equal(t, "openid email", second.Get("scope").String())
			assert.NotEqual(t, first.Get("refresh_token").String(), second.Get("refresh_token").String())
			assert.NotEqual(t, first.Get("access_token").String(), second.Get("access_token").String())

			after, err := verify.Verify(t.Context(), second.Get("id_token").String())
			require.NoError(t, err)
			assert.Equal(t, before.Subject, after.Subject)
			assert.Equal(t, clock.at, after.IssuedAt.UTC(), "it is a new one")
			var old, fresh struct {
				SignedOn int64  `json:"auth_time"`
				Session  string `json:"sid"`
			}
			require.NoError(t, before.Claims(&old))
			require.NoError(t, after.Claims(&fresh))
			assert.Equal(t, old, fresh, "of the same sign-on")

			requireRefused(t, a.refresh(t, first.Get("refresh_token").String()), 400, "invalid_grant")
			requireTokens(t, a.refresh(t, second.Get("refresh_token").String()))
		})
	}

	for name, ask := range map[string]func(a *app, token string) reply{
		"another client":       func(a *app, token string) reply { return a.anApp(envPath, "other").refresh(t, token) },
		"another token":        func(a *app, _ string) reply { return a.refresh(t, "0f10e7e5-7000-4000-8000-000000000009") },
		"no token":             func(a *app, _ string) reply { return a.refresh(t, "") },
		"the token as a code":  func(a *app, token string) reply { return a.exchange(t, token) },
		"another grant's name": func(a *app, token string) reply { return a.exchange(t, "", "refresh_token", token) },
	} {
		t.Run("and refuses "+name+", which spends nothing", func(t *testing.T) {
			r, _ := clocked(t)
			a := r.anApp(envPath, "app")
			token := a.tokens(t).Get("refresh_token").String()
			requireRefused(t, ask(a, token), 400, "invalid_grant")
			requireTokens(t, a.refresh(t, token))
		})
	}
	t.Run("and refuses who does not say who it is", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		token := a.tokens(t).Get("refresh_token").String()
		requireRefused(t, a.anApp(envPath, "").refresh(t, token), 401, "invalid_client")
	})
	t.Run("and forgets what is over", func(t *testing.T) {
		r, clock := clocked(t)
		a := r.anApp(envPath, "app")
		kept, over := a.tokens(t).Get("refresh_token").String(), a.tokens(t).Get("refresh_token").String()
		clock.pass(refreshLives)
		requireTokens(t, a.refresh(t, kept))
		clock.pass(1)
		requireRefused(t, a.refresh(t, over), 400, "invalid_grant")
	})
	t.Run("and who asks about a token does not prolong it", func(t *testing.T) {
		r, clock := clocked(t)
		a := r.anApp(envPath, "app")
		token := a.tokens(t).Get("refresh_token").String()
		clock.pass(refreshLives / 2)
		require.Equal(t, "true", a.introspect(t, token).Get("active").Raw)
		clock.pass(refreshLives/2 + 1)
		assert.Equal(t, "false", a.introspect(t, token).Get("active").Raw)
		requireRefused(t, a.refresh(t, token), 400, "invalid_grant")
	})
}

// A refresh token says itself what it stands for: however many there are, none is
// forgotten, and what is spent stays so.
func TestRefreshTokensAreNotForgotten(t *testing.T) {
	const limit = 10
	a := replaying(t, mockserver.Bounded(mockserver.Config{}, limit, 0)).anApp(envPath, "app")
	first := a.tokens(t, "scope", "openid profile", "nonce", "n-1")
	for range 2 * limit {
		a.tokens(t)
	}
	second := a.refresh(t, first.Get("refresh_token").String())
	requireTokens(t, second)
	requireRefused(t, a.refresh(t, first.Get("refresh_token").String()), 400, "invalid_grant")
	assert.Equal(t, "openid profile", second.Get("scope").String())
	for claim, got := range map[string][2]gjson.Result{
		"id":     {claimsOf(t, first.Get("id_token").String()), claimsOf(t, second.Get("id_token").String())},
		"access": {claimsOf(t, first.Get("access_token").String()), claimsOf(t, second.Get("access_token").String())},
	} {
		for _, same := range []string{"iss", "sub", "aud", "sid", "acr", "env", "org", "auth_time", "nonce", "email", "client_id", "scope"} {
			assert.Equal(t, got[0].Get(same).Raw, got[1].Get(same).Raw, "%s of the %s token", same, claim)
		}
	}
}

// claimsOf reads the claims of a token without a look at its signature.
func claimsOf(tb testing.TB, token string) gjson.Result {
	tb.Helper()
	part := strings.Split(token, ".")
	require.Len(tb, part, 3)
	return gjson.ParseBytes(unbase64(tb, part[1]))
}
