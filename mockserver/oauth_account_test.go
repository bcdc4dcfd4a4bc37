package mockserver_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
)

func TestUserinfo(t *testing.T) {
	for where, realm := range realms {
		t.Run("tells about the user "+where, func(t *testing.T) {
			r, _ := clocked(t)
			a := r.anApp(realm, "app")
			for _, user := range []string{"ben", "ann"} {
				s := a.signOn(t, "sign-on")
				end := s.press(t, "SIGNON", rightly(user))
				tokens := a.exchange(t, end.Get("authorizeResponse.code").String())
				requireTokens(t, tokens)
				got := a.userinfo(t, tokens.Get("access_token").String())
				require.Equal(t, http.StatusOK, got.status, got.text)
				assert.Equal(t, user, got.Get("preferred_username").String())
				assert.Equal(t, people[user]["givenName"], got.Get("given_name").String())
				assert.Equal(t, people[user]["familyName"], got.Get("family_name").String())
				assert.Equal(t, people[user]["email"], got.Get("email").String())
				assert.Equal(t, mockserver.DefaultEnvironment, got.Get("env").String())
				assert.NotEmpty(t, got.Get("org").String())
				assert.Equal(t, "NA", got.Get(`p1\.region`).String())
				assert.NotContains(t, got.text, people[user]["password"])
				assert.Contains(t, claimsText(t, tokens.Get("id_token").String()), got.Get("sub").String())
			}
		})
	}

	r, clock := clocked(t)
	a := r.anApp(envPath, "app")
	tokens := a.tokens(t)
	access, id := tokens.Get("access_token").String(), tokens.Get("id_token").String()
	another, _ := clocked(t)
	for name, header := range map[string]string{
		"another server's":    "Bearer " + another.anApp(envPath, "app").tokens(t).Get("access_token").String(),
		"no token":            "",
		"an empty one":        "Bearer ",
		"garbage":             "Bearer x.y.z",
		"another scheme":      "Basic " + access,
		"no scheme":           access,
		"an ID token":         "Bearer " + id,
		"a refresh token":     "Bearer " + tokens.Get("refresh_token").String(),
		"a token and more":    "Bearer " + access + " x",
		"a token of 1 MiB":    "Bearer " + strings.Repeat("x", 1<<20),
		"many dots":           "Bearer " + strings.Repeat(".", 1<<16),
		"a token in brackets": "Bearer <" + access + ">",
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			got := r.send(t, http.MethodGet, envPath+"/as/userinfo", map[string]string{"Authorization": header}, "")
			requireRefused(t, got, http.StatusUnauthorized, "invalid_token")
			assert.True(t, strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer"), got.header.Get("WWW-Authenticate"))
		})
	}
	t.Run("takes a token that was sent in another case of the scheme", func(t *testing.T) {
		got := r.send(t, http.MethodGet, envPath+"/as/userinfo", map[string]string{"Authorization": "bearer " + access}, "")
		assert.Equal(t, http.StatusOK, got.status, "RFC 9110 section 11.1: a scheme has no case")
	})
	t.Run("takes a POST", func(t *testing.T) {
		got := r.send(t, http.MethodPost, envPath+"/as/userinfo", map[string]string{"Authorization": "Bearer " + access}, "")
		assert.Equal(t, http.StatusOK, got.status, "OpenID Connect Core section 5.3.1")
	})
	t.Run("takes a token in a form", func(t *testing.T) {
		form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
		got := r.send(t, http.MethodPost, envPath+"/as/userinfo", form, "access_token="+access)
		assert.Equal(t, http.StatusOK, got.status, "RFC 6750 section 2.2")
		assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, got.Get("sub").String())
		requireRefused(t, r.send(t, http.MethodPost, envPath+"/as/userinfo", form, "access_token=x"), 401, "invalid_token")
	})
	t.Run("refuses one that is over", func(t *testing.T) {
		clock.pass(accessLives)
		assert.Equal(t, http.StatusOK, a.userinfo(t, access).status, "to the last moment")
		clock.pass(time.Second)
		requireRefused(t, a.userinfo(t, access), http.StatusUnauthorized, "invalid_token")
	})
}

func TestIntrospect(t *testing.T) {
	for where, realm := range realms {
		t.Run("tells about tokens that are alive "+where, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(realm, "app")
			tokens := a.tokens(t)
			access, refresh := tokens.Get("access_token").String(), tokens.Get("refresh_token").String()
			got := a.introspect(t, access)
			require.Equal(t, http.StatusOK, got.status, got.text)
			assert.Equal(t, "true", got.Get("active").Raw)
			assert.Equal(t, "app", got.Get("client_id").String())
			assert.Equal(t, "openid profile", got.Get("scope").String())
			assert.Equal(t, a.issuer(), got.Get("iss").String())
			assert.Equal(t, clock.at.Add(accessLives).Unix(), got.Get("exp").Int())
			assert.NotEmpty(t, got.Get("sub").String())
			assert.Equal(t, "true", a.introspect(t, refresh).Get("active").Raw)

			secret := r.anApp(realm, "")
			secret.basic = basicAuth("app", "secret")
			assert.Equal(t, "true", secret.introspect(t, access).Get("active").Raw, "by HTTP Basic")

			clock.pass(accessLives + time.Second)
			assert.JSONEq(t, `{"active":false}`, a.introspect(t, access).text, "and nothing else of what is over")
			assert.Equal(t, "true", a.introspect(t, refresh).Get("active").Raw)
		})
	}
	r, _ := clocked(t)
	a := r.anApp(envPath, "app")
	tokens := a.tokens(t)
	for name, token := range map[string]string{
		"an ID token": tokens.Get("id_token").String(), "an unknown one": "x", "none": "", "a code": first(a.code(t)),
	} {
		t.Run("says no to "+name, func(t *testing.T) {
			got := a.introspect(t, token)
			assert.Equal(t, http.StatusOK, got.status)
			assert.JSONEq(t, `{"active":false}`, got.text)
		})
	}
	t.Run("refuses who does not say who it is", func(t *testing.T) {
		requireRefused(t, r.anApp(envPath, "").introspect(t, tokens.Get("access_token").String()), 401, "invalid_client")
	})
	t.Run("takes only POST", func(t *testing.T) {
		requireRefused(t, r.send(t, http.MethodGet, envPath+"/as/introspect?token=x&client_id=app", nil, ""), 405, "invalid_request")
	})
}

func first(code, _ string) string { return code }

func TestRevoke(t *testing.T) {
	for where, realm := range realms {
		t.Run(where, func(t *testing.T) {
			r, _ := clocked(t)
			a := r.anApp(realm, "app")
			revoke := func(t *testing.T, token string) {
				t.Helper()
				got := a.form(t, "/as/revoke", url.Values{"token": {token}})
				require.Equal(t, http.StatusOK, got.status, got.text)
				assert.Empty(t, got.text)
			}
			t.Run("an access token", func(t *testing.T) {
				tokens, other := a.tokens(t), a.tokens(t)
				access := tokens.Get("access_token").String()
				for range 2 { // a second time is no error
					revoke(t, access)
					requireRefused(t, a.userinfo(t, access), 401, "invalid_token")
					assert.JSONEq(t, `{"active":false}`, a.introspect(t, access).text)
				}
				assert.Equal(t, http.StatusOK, a.userinfo(t, other.Get("access_token").String()).status, "another one stays")
			})
			t.Run("a refresh token", func(t *testing.T) {
				tokens := a.tokens(t)
				token := tokens.Get("refresh_token").String()
				revoke(t, token)
				assert.Equal(t, "false", a.introspect(t, token).Get("active").Raw)
				requireRefused(t, a.refresh(t, token), 400, "invalid_grant")
			})
			t.Run("one that is unknown", func(t *testing.T) {
				for _, token := range []string{"", "x", "x.y.z", strings.Repeat("x", 1<<16)} {
					revoke(t, token)
				}
			})
			t.Run("by a GET", func(t *testing.T) {
				tokens := a.tokens(t)
				got := r.send(t, http.MethodGet, realm+"/as/revoke?token="+tokens.Get("access_token").String(), nil, "")
				requireRefused(t, got, 405, "invalid_request")
				assert.Equal(t, http.StatusOK, a.userinfo(t, tokens.Get("access_token").String()).status)
			})
		})
	}

	// RFC 7009 section 2.1: the server checks that the token was issued to the
	// client that asks.
	t.Run("another client's token", func(t *testing.T) {
		r, _ := clocked(t)
		a := r.anApp(envPath, "app")
		tokens := a.tokens(t)
		access, refresh := tokens.Get("access_token").String(), tokens.Get("refresh_token").String()
		for _, token := range []string{access, refresh} {
			r.anApp(envPath, "other").form(t, "/as/revoke", url.Values{"token": {token}})
		}
		assert.Equal(t, http.StatusOK, a.userinfo(t, access).status, "the access token stays")
		requireTokens(t, a.refresh(t, refresh))
	})
}

func TestSignoff(t *testing.T) {
	r, _ := clocked(t)
	for where, realm := range realms {
		for name, row := range map[string]struct {
			method   string
			query    url.Values
			status   int
			location string
		}{
			"and stays":         {http.MethodGet, nil, 200, ""},
			"and goes back":     {http.MethodGet, url.Values{"post_logout_redirect_uri": {"https://app.example.com/bye"}}, 302, "https://app.example.com/bye"},
			"and keeps a query": {http.MethodGet, url.Values{"post_logout_redirect_uri": {"https://app.example.com/bye?a=b"}}, 302, "https://app.example.com/bye?a=b"},
			"and says the state": {
				http.MethodGet,
				url.Values{"post_logout_redirect_uri": {"https://app.example.com/bye?a=b"}, "state": {"s t&u"}},
				302,
				"https://app.example.com/bye?a=b&state=s+t%26u",
			},
			"by a form": {
				http.MethodPost,
				url.Values{"post_logout_redirect_uri": {"https://app.example.com/bye"}, "state": {"s"}},
				302,
				"https://app.example.com/bye?state=s",
			},
			"and stays where the way back is no link": {http.MethodGet, url.Values{"post_logout_redirect_uri": {"bye"}, "state": {"s"}}, 200, ""},
			"and stays where it is broken":            {http.MethodGet, url.Values{"post_logout_redirect_uri": {"http://[::1"}, "state": {"s"}}, 200, ""},
			"and refuses a PUT":                       {http.MethodPut, nil, 405, ""},
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				to, header, body := realm+"/as/signoff?"+row.query.Encode(), map[string]string{}, ""
				if row.method == http.MethodPost {
					to, body = realm+"/as/signoff", row.query.Encode()
					header["Content-Type"] = "application/x-www-form-urlencoded"
				}
				got := r.send(t, row.method, to, header, body)
				require.Equal(t, row.status, got.status, got.text)
				assert.Equal(t, row.location, got.header.Get("Location"))
				if row.status < 400 {
					assert.Equal(t, map[string]string{"ST": "", "ST-NO-SS": ""}, got.cookies)
				}
			})
		}
	}

	// A browser takes a cookie of another site, to be set or to be cleared,
	// where it says only SameSite=None; and it clears the one that it has by
	// the same name, domain and path.
	t.Run("and clears the cookies with the attributes with which they were set", func(t *testing.T) {
		for _, base := range []string{"https://auth.example.com", "http://localhost:8910"} {
			over := &replay{r.Server, r.RoundTripper, base}
			set := cookiesOf(t, over.start(t, "sign-on").press(t, "SIGNON", rightly("ann")))
			cleared := cookiesOf(t, over.send(t, http.MethodGet, envPath+"/as/signoff", nil, ""))
			require.Len(t, cleared, 2)
			for name, c := range cleared {
				assert.Negative(t, c.MaxAge, name)
				was := *set[name]
				was.Value, was.MaxAge, was.Raw = c.Value, c.MaxAge, c.Raw
				assert.Equal(t, was, *c, "%s at %s", name, base)
			}
		}
	})

	t.Run("and the jar of a client is empty afterwards", func(t *testing.T) {
		site := httptest.NewTLSServer(r.Server)
		t.Cleanup(site.Close)
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		c := client{Client: &http.Client{Transport: site.Client().Transport, Jar: jar}}
		c.get(t, site.URL+authorize("session"), http.StatusOK)
		base, err := url.Parse(site.URL)
		require.NoError(t, err)
		names := func() (out []string) {
			for _, cookie := range jar.Cookies(base) {
				out = append(out, cookie.Name)
			}
			return out
		}
		require.Subset(t, names(), []string{"ST", "ST-NO-SS"})
		c.get(t, site.URL+envPath+"/as/signoff", http.StatusOK)
		assert.NotContains(t, names(), "ST")
		assert.NotContains(t, names(), "ST-NO-SS")
	})
}

// cookiesOf reads the cookies of an answer, which must not set one twice.
func cookiesOf(t *testing.T, a reply) map[string]*http.Cookie {
	t.Helper()
	out := map[string]*http.Cookie{}
	for _, line := range a.header.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		require.NoError(t, err, line)
		require.NotContains(t, out, c.Name)
		out[c.Name] = c
	}
	return out
}
