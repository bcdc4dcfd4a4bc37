package mockserver_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

func TestReplayAcceptsTheHandles(t *testing.T) {
	type given struct {
		headers, cookies map[string]string
		body             string // the interactionId of the body
	}
	handles := func(id, token string) map[string]string {
		return map[string]string{"interactionId": id, "interactionToken": token}
	}
	for name, row := range map[string]struct {
		give func(own, other *signOn) given
		ok   bool
	}{
		"only in headers": {func(own, _ *signOn) given { return given{headers: handles(own.id, own.token)} }, true},
		"only in cookies": {func(own, _ *signOn) given { return given{cookies: handles(own.id, own.token)} }, true},
		"in both": {func(own, _ *signOn) given {
			return given{handles(own.id, own.token), handles(own.id, own.token), own.id}
		}, true},
		"the id in the body and the token in a header": {func(own, _ *signOn) given {
			return given{headers: map[string]string{"interactionToken": own.token}, body: own.id}
		}, true},
		"the id in the body and the token in a cookie": {func(own, _ *signOn) given {
			return given{cookies: map[string]string{"interactionToken": own.token}, body: own.id}
		}, true},
		"the id in a cookie and the token in a header": {func(own, _ *signOn) given {
			return given{headers: map[string]string{"interactionToken": own.token}, cookies: map[string]string{"interactionId": own.id}}
		}, true},
		"the word undefined in the headers and the cookies beside": {func(own, _ *signOn) given {
			return given{headers: handles("undefined", "undefined"), cookies: handles(own.id, own.token)}
		}, true},
		"the word undefined in the header and the id in the body": {func(own, _ *signOn) given {
			return given{headers: handles("undefined", own.token), body: own.id}
		}, true},
		"empty headers and the cookies beside": {func(own, _ *signOn) given {
			return given{headers: handles("", ""), cookies: handles(own.id, own.token)}
		}, true},
		"headers before the cookies of another sign-on": {func(own, other *signOn) given {
			return given{headers: handles(own.id, own.token), cookies: handles(other.id, other.token)}
		}, true},

		"none":                         {func(_, _ *signOn) given { return given{} }, false},
		"only the word undefined":      {func(_, _ *signOn) given { return given{headers: handles("undefined", "undefined")} }, false},
		"only the id":                  {func(own, _ *signOn) given { return given{headers: map[string]string{"interactionId": own.id}} }, false},
		"the id in only the body":      {func(own, _ *signOn) given { return given{body: own.id} }, false},
		"only the token":               {func(own, _ *signOn) given { return given{headers: map[string]string{"interactionToken": own.token}} }, false},
		"an unknown id":                {func(own, _ *signOn) given { return given{headers: handles(mockserver.DefaultEnvironment, own.token)} }, false},
		"the token of another sign-on": {func(own, other *signOn) given { return given{headers: handles(own.id, other.token)} }, false},
		"a token with a digit less":    {func(own, _ *signOn) given { return given{headers: handles(own.id, own.token[1:])} }, false},
		"a stale header and a fresh cookie": {func(own, other *signOn) given {
			return given{headers: handles(own.id, other.token), cookies: handles(own.id, own.token)}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inProcess := replaying(t, mockserver.Config{})
			for where, r := range map[string]*replay{"in process": inProcess, "on a socket": inProcess.onSocket(t)} {
				own, other := r.start(t, "sign-on"), r.start(t, "sign-on")
				g := row.give(own, other)
				header := maps.Clone(sdk)
				maps.Copy(header, g.headers)
				var cookies []string
				for name, value := range g.cookies {
					cookies = append(cookies, name+"="+value)
				}
				header["Cookie"] = strings.Join(cookies, "; ")
				body := map[string]any{"parameters": map[string]any{"data": map[string]any{"actionKey": "TROUBLE"}}}
				if g.body != "" {
					body["interactionId"] = g.body
				}
				a := r.send(t, http.MethodPost, own.link, header, encoded(body))
				if !row.ok {
					requireUnauthorized(t, a)
					assert.Equal(t, http.StatusOK, own.press(t, "TROUBLE", nil).status, "%s: the sign-on goes on all the same", where)
					continue
				}
				require.Equal(t, http.StatusOK, a.status, "%s: %s", where, a.text)
				assert.Equal(t, own.id, a.Get("interactionId").String(), where)
				assert.Equal(t, http.StatusOK, other.press(t, "TROUBLE", nil).status, "%s: the other is not disturbed", where)
			}
		})
	}
}

func TestReplayRefusesAStaleToken(t *testing.T) {
	s := replaying(t, mockserver.Config{}).start(t, "sign-on")
	stale := *s
	require.Equal(t, http.StatusOK, s.press(t, "TROUBLE", nil).status)
	requireUnauthorized(t, stale.press(t, "TROUBLE", nil))
	assert.Equal(t, http.StatusOK, s.press(t, "CANCEL", nil).status, "the screen is where it was")
	requireUnauthorized(t, stale.press(t, "TROUBLE", nil)) // back at the same screen, and yet with another token
}

func TestReplayGeneratesNewValues(t *testing.T) {
	const uuid = `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
	inProcess := replaying(t, mockserver.Config{})
	for where, r := range map[string]*replay{"in process": inProcess, "on a socket": inProcess.onSocket(t)} {
		t.Run(where, func(t *testing.T) {
			seen := map[string]bool{}
			fresh := func(value string) {
				t.Helper()
				require.NotEmpty(t, value)
				assert.False(t, seen[value], "generated before: %s", value)
				seen[value] = true
			}
			for range 3 {
				first := r.send(t, http.MethodGet, authorize("sign-on", "state", "s t"), sdk, "")
				id, token := first.Get("interactionId").String(), first.Get("interactionToken").String()
				assert.Regexp(t, uuid, id)
				assert.Regexp(t, `^[0-9a-f]{256}$`, token)
				fresh(id)
				fresh(token)
				assert.Equal(t, map[string]string{"interactionId": id, "interactionToken": token}, first.cookies)
				assert.Equal(t, mockserver.DefaultEnvironment, first.Get("companyId").String())
				assert.Equal(t, r.base+envPath+"/davinci/connections/"+first.Get("connectionId").String()+
					"/capabilities/customHTMLTemplate", first.Get("_links.next.href").String())
				assert.NotContains(t, first.text, "{{")

				s := &signOn{replay: r}
				s.keep(first)
				refused := s.press(t, "SIGNON", signing("ann", "mistaken"))
				require.Equal(t, http.StatusBadRequest, refused.status)
				assert.Equal(t, id, refused.Get("interactionId").String())
				fresh(refused.Get("correlationId").String())
				assert.Equal(t, refused.Get("correlationId").String(), refused.Get("details.0.rawResponse.id").String())
				assert.NotContains(t, refused.text, token)

				second := s.press(t, "TROUBLE", nil)
				assert.Equal(t, id, second.Get("interactionId").String(), "the id stays for the whole sign-on")
				assert.Equal(t, map[string]string{"interactionId": id, "interactionToken": s.token}, second.cookies)
				fresh(s.token)
				require.Equal(t, http.StatusOK, s.press(t, "CANCEL", nil).status)
				fresh(s.token)

				end := s.press(t, "SIGNON", rightly("ann"))
				require.Equal(t, http.StatusOK, end.status, end.text)
				assert.Equal(t, id, end.Get("interactionId").String())
				assert.Equal(t, "s t", end.Get("authorizeResponse.state").String())
				assert.Equal(t, mockserver.DefaultEnvironment, end.Get("environment.id").String())
				fresh(end.Get("authorizeResponse.code").String())
				fresh(end.Get("sessionToken").String())
				fresh(end.Get("session.id").String())
				fresh(end.Get("interactionToken").String())
				assert.Equal(t, end.Get("session.id").String(), end.cookies["ST"])
				assert.Equal(t, end.cookies["ST"], end.cookies["ST-NO-SS"])
				assert.Equal(t, end.Get("interactionToken").String(), end.cookies["interactionToken"])
				assert.NotContains(t, end.text, "{{")
			}
		})
	}
}

func TestReplaySetsCookies(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	set := func(base string) []string {
		over := &replay{r.Server, r.RoundTripper, base}
		s := over.start(t, "sign-on")
		var lines []string
		for _, line := range s.press(t, "SIGNON", rightly("ann")).header.Values("Set-Cookie") {
			name, rest, _ := strings.Cut(line, "=")
			_, attributes, _ := strings.Cut(rest, "; ")
			lines = append(lines, name+": "+attributes)
		}
		return lines
	}
	assert.ElementsMatch(t, []string{
		"interactionId: Path=/; Max-Age=900; HttpOnly", "interactionToken: Path=/; Max-Age=900; HttpOnly",
		"ST: Path=/; HttpOnly; Secure; SameSite=None", "ST-NO-SS: Path=/; HttpOnly; Secure",
	}, set("https://auth.example.com"))
	assert.ElementsMatch(t, []string{
		"interactionId: Path=/; Max-Age=900; HttpOnly", "interactionToken: Path=/; Max-Age=900; HttpOnly",
		"ST: Path=/; HttpOnly", "ST-NO-SS: Path=/; HttpOnly",
	}, set("http://localhost:8080"))
}

func TestReplayKeepsTheScreenAfterARefusal(t *testing.T) {
	for name, start := range map[string]func(*replay) *signOn{
		"in JSON":     func(r *replay) *signOn { return r.start(t, "sign-on") },
		"in detailed": func(r *replay) *signOn { return r.startDetailed(t, "sign-on") },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(replaying(t, mockserver.Config{}))
			token, link := s.token, s.link
			for range 3 {
				a := s.press(t, "SIGNON", signing("ann", "mistaken"))
				require.Equal(t, http.StatusBadRequest, a.status)
				assert.Equal(t, "checkPassword", a.Get("capabilityName").String())
				assert.Empty(t, a.cookies, "what stays valid is not sent again")
				assert.Equal(t, []string{token, link}, []string{s.token, s.link})
			}
			assert.Equal(t, "COMPLETED", s.press(t, "SIGNON", rightly("ann")).Get("status").String())
		})
	}
}

func TestReplayRewinds(t *testing.T) {
	s := replaying(t, mockserver.Config{}).start(t, "mfa")
	require.Equal(t, http.StatusOK, s.press(t, "SIGNON", rightly("ann")).status)
	phone := map[string]any{"type": "MOBILE", "id": "f7b4ed5f-db65-43a5-94e8-b3a2922a019b", "value": "Alice's phone"}
	push := s.press(t, "", map[string]any{"device": phone})
	require.Equal(t, http.StatusOK, push.status, push.text)
	before := *s
	poll := pressing("", "polling", map[string]any{"poll": "continue"})
	for range 2 {
		a := s.post(t, poll)
		require.Equal(t, http.StatusOK, a.status, a.text)
		assert.Equal(t, "rewindStateToLastRenderedUI", a.Get("eventName").String())
		assert.Empty(t, a.cookies)
		assert.Equal(t, before, *s, "the screen, its link and its token stay")
	}
	require.Equal(t, "Choose a Device", s.press(t, "CANCEL", nil).Get("nodeTitle").String(), "the buttons of the screen are live, too")
	require.Equal(t, push.Get("id").String(), s.press(t, "", map[string]any{"device": phone}).Get("id").String())
	assert.Equal(t, "COMPLETED", s.post(t, poll).Get("status").String(), "the third poll of this sign-on")
}

func TestReplayEndsASignOn(t *testing.T) {
	for name, row := range map[string]struct {
		flow, action string
		fields       map[string]any
		status       int
	}{
		"with a code":                         {"sign-on", "SIGNON", rightly("ann"), 200},
		"with a failure in a 200":             {"errors", "FAILED", nil, 200},
		"with a server error":                 {"errors", "SERVER_ERROR", nil, 500},
		"with a page that is not JSON":        {"errors", "UNAVAILABLE", nil, 503},
		"with what looks finished, and isn't": {"errors", "NO_CODE", nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			s := replaying(t, mockserver.Config{}).start(t, row.flow)
			end := s.press(t, row.action, row.fields)
			require.Equal(t, row.status, end.status, end.text)
			requireUnauthorized(t, s.press(t, row.action, row.fields))
			if token := end.Get("interactionToken").String(); token != "" {
				s.token = token
			}
			requireUnauthorized(t, s.press(t, row.action, row.fields))
		})
	}

	t.Run("before it began", func(t *testing.T) {
		r := replaying(t, mockserver.Config{})
		end := r.send(t, http.MethodGet, authorize("session"), sdk, "")
		require.Equal(t, "COMPLETED", end.Get("status").String())
		requireUnauthorized(t, r.send(t, http.MethodPost, envPath+"/davinci/connections/a/capabilities/b",
			map[string]string{"interactionId": end.cookies["interactionId"], "interactionToken": end.cookies["interactionToken"]}, "{}"))
	})
}

// sequence has a screen that answers one request in three ways, in this order:
// a refusal, another screen, and the end.
func sequence(tb testing.TB) *recordings.Flow {
	tb.Helper()
	return recorded(tb, "sequence", `hops:
  - name: first
    request: {path: /as/authorize}
    response: {status: 200, json: first.json, detailed: first.detailed.json}
  - name: refused
    from: first
    request: {action: GO, formData: {code: "*"}}
    response: {status: 400, json: refused.json}
  - name: second
    from: first
    request: {action: GO, formData: {code: "*"}}
    response: {status: 200, json: second.json}
  - name: completed
    from: first
    request: {action: GO, formData: {code: "*"}}
    response: {status: 200, json: completed.json}
  - name: back
    from: second
    request: {action: BACK}
    to: first
`, map[string]string{
		"first.json": screenBody("first", false), "first.detailed.json": screenBody("first", true),
		"second.json": screenBody("second", false), "refused.json": `{"id":"refused","message":"Wrong code"}`,
		"completed.json": `{"id":"end","authorizeResponse":{"code":"{{code}}","state":"{{state}}"}}`,
	})
}

func TestReplayAnswersInTheirOrder(t *testing.T) {
	code := map[string]any{"code": "123456"}
	r := replaying(t, mockserver.Config{Flows: []*recordings.Flow{sequence(t)}})

	t.Run("whatever stands between them, and each sign-on by itself", func(t *testing.T) {
		a, b := r.start(t, "sequence"), r.start(t, "sequence")
		next := func(s *signOn) string { return s.press(t, "GO", code).Get("id").String() }
		assert.Equal(t, []string{"refused", "second", "refused"}, []string{next(a), next(a), next(b)})
		assert.Equal(t, http.StatusNotFound, b.press(t, "BACK", nil).status, "what was never recorded takes no turn")
		require.Equal(t, "first", a.press(t, "BACK", nil).Get("id").String())
		assert.Equal(t, []string{"second", "end"}, []string{next(b), next(a)})
	})

	t.Run("and the last one repeats", func(t *testing.T) {
		s := replaying(t, mockserver.Config{Flows: []*recordings.Flow{recorded(t, "repeats", `hops:
  - {name: first, request: {path: /as/authorize}, response: {status: 200, json: first.json}}
  - {name: once, from: first, request: {action: GO}, response: {status: 400, json: once.json}}
  - {name: ever, from: first, request: {action: GO}, response: {status: 400, json: ever.json}}
`, map[string]string{"first.json": screenBody("first", false), "once.json": `{"id":"once"}`, "ever.json": `{"id":"ever"}`})}}).start(t, "repeats")
		var got []string
		for range 4 {
			got = append(got, s.press(t, "GO", nil).Get("id").String())
		}
		assert.Equal(t, []string{"once", "ever", "ever", "ever"}, got)
	})

	t.Run("and one that was not recorded in this shape takes no turn", func(t *testing.T) {
		s := r.start(t, "sequence")
		require.Equal(t, "refused", s.press(t, "GO", code).Get("id").String())
		s.detailed = true
		require.Equal(t, http.StatusNotFound, s.press(t, "GO", code).status)
		s.detailed = false
		assert.Equal(t, "second", s.press(t, "GO", code).Get("id").String())
	})

	t.Run("at the start, a sign-on has but one turn", func(t *testing.T) {
		for range 2 {
			assert.Equal(t, "first", r.start(t, "sequence").node)
		}
	})
}
