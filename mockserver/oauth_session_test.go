package mockserver_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// silently asks for a code without a screen, with the cookies of a browser.
func (a *app) silently(tb testing.TB, flow, cookie string, more ...string) reply {
	tb.Helper()
	query := url.Values{
		"client_id": {a.id}, "acr_values": {flow}, "response_mode": {"pi.flow"}, "response_type": {"code"},
		"scope": {"openid profile"}, "prompt": {"none"},
	}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	header := map[string]string{"X-Requested-With": "ping-sdk", "Cookie": cookie}
	return a.send(tb, http.MethodGet, a.realm+"/as/authorize?"+query.Encode(), header, "")
}

// The cookie that the end of a flow sets is known to the next authorize request.
func TestPromptNoneAnswersWithACodeWhereTheSessionIsLive(t *testing.T) {
	for where, realm := range realms {
		t.Run(where, func(t *testing.T) {
			r, clock := clocked(t)
			a := r.anApp(realm, "app")
			s := a.signOn(t, "sign-on")
			end := s.press(t, "SIGNON", rightly("ben"))
			require.Equal(t, "COMPLETED", end.Get("status").String(), end.text)
			st := end.cookies["ST"]
			require.NotEmpty(t, st)
			clock.pass(time.Hour) // longer than a code lives

			for name, cookie := range map[string]string{"ST": "ST=" + st, "ST-NO-SS": "other=1; ST-NO-SS=" + st} {
				got := a.silently(t, "sign-on", cookie, "state", "s-"+name)
				require.Equal(t, http.StatusOK, got.status, got.text)
				assert.Equal(t, "COMPLETED", got.Get("status").String(), got.text)
				assert.Equal(t, "s-"+name, got.Get("authorizeResponse.state").String())
				assert.Equal(t, st, got.Get("session.id").String())
				tokens := a.exchange(t, got.Get("authorizeResponse.code").String())
				requireTokens(t, tokens)
				user := a.userinfo(t, tokens.Get("access_token").String())
				assert.Equal(t, "ben", user.Get("preferred_username").String())
			}
			assert.False(t, a.silently(t, "sign-on", "ST="+st).Get("authorizeResponse.state").Exists())
			assert.Equal(t, "FAILED", a.silently(t, "errors", "ST="+st).Get("status").String(), "what is recorded for it comes first")
			assert.Equal(t, "login_required", a.silently(t, "sign-on", "ST=another").Get("error.code").String())

			a.send(t, http.MethodGet, realm+"/as/signoff", map[string]string{"Cookie": "ST=" + st}, "")
			assert.Equal(t, "login_required", a.silently(t, "sign-on", "ST="+st).Get("error.code").String())
		})
	}
}

// An app that signs its user off by the ID token, without the cookie, ends the session too.
func TestSignOffEndsTheSessionOfTheIDToken(t *testing.T) {
	r, _ := clocked(t)
	a := r.anApp(envPath, "app")
	code, session := a.code(t)
	hint := a.exchange(t, code).Get("id_token").String()
	require.Equal(t, "COMPLETED", a.silently(t, "sign-on", "ST="+session).Get("status").String())
	a.send(t, http.MethodGet, envPath+"/as/signoff?id_token_hint="+url.QueryEscape(hint), nil, "")
	assert.Equal(t, "login_required", a.silently(t, "sign-on", "ST="+session).Get("error.code").String())
}

// A code that is used twice may have been stolen: no token made from it stays valid.
//
// Source: RFC 6749 section 4.1.2.
func TestACodeThatIsUsedTwiceRevokesItsTokens(t *testing.T) {
	r, _ := clocked(t)
	a := r.anApp(envPath, "app")
	others := a.tokens(t)
	code, _ := a.code(t)
	first := a.exchange(t, code)
	requireTokens(t, first)
	second := a.refresh(t, first.Get("refresh_token").String())
	requireTokens(t, second)
	require.Equal(t, http.StatusOK, a.userinfo(t, second.Get("access_token").String()).status)

	requireRefused(t, a.exchange(t, code), 400, "invalid_grant")
	for _, tokens := range []reply{first, second} {
		assert.Equal(t, http.StatusUnauthorized, a.userinfo(t, tokens.Get("access_token").String()).status)
		assert.False(t, a.introspect(t, tokens.Get("access_token").String()).Get("active").Bool())
		assert.False(t, a.introspect(t, tokens.Get("refresh_token").String()).Get("active").Bool())
		requireRefused(t, a.refresh(t, tokens.Get("refresh_token").String()), 400, "invalid_grant")
	}
	assert.Equal(t, http.StatusOK, a.userinfo(t, others.Get("access_token").String()).status, "tokens of another code stay")
	requireTokens(t, a.refresh(t, others.Get("refresh_token").String()))
}

// A hop for a browser whose session lives goes on with this session, unless the request
// asks for another sign-on.
func TestAHopThatNeedsASession(t *testing.T) {
	r, clock := clocked(t)
	a := r.anApp(envPath, "app")
	s := a.signOn(t, "sso")
	st := s.press(t, "SIGNON", rightly("ben")).cookies["ST"]
	require.NotEmpty(t, st)
	clock.pass(time.Minute)
	for name, row := range map[string]struct {
		cookie string
		more   []string
		want   string // the status of the answer, "" for the form
	}{
		"a session":               {"ST=" + st, []string{"prompt", ""}, "COMPLETED"},
		"a session, silently":     {"ST=" + st, nil, "COMPLETED"},
		"a session that is young": {"ST=" + st, []string{"prompt", "", "max_age", "60"}, "COMPLETED"},
		"a session that is old":   {"ST=" + st, []string{"prompt", "", "max_age", "59"}, ""},
		"another sign-on":         {"ST=" + st, []string{"prompt", "login"}, ""},
		"an unknown session":      {"ST=another", []string{"prompt", ""}, ""},
		"no session, silently":    {"", nil, "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			got := a.silently(t, "sso", row.cookie, row.more...)
			assert.Equal(t, row.want, got.Get("status").String(), got.text)
			if row.want == "COMPLETED" {
				assert.Equal(t, st, got.Get("session.id").String())
				tokens := a.exchange(t, got.Get("authorizeResponse.code").String())
				assert.Equal(t, noon.Unix(), claimsOf(t, tokens.Get("id_token").String()).Get("auth_time").Int(), "no new sign-on")
			}
		})
	}
}
