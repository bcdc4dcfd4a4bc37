package har_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/har"
	"flowtest/steps/davinci"
)

// One sign-on is found by whatever its client sends: the web SDK headers and a
// body, mobile ones cookies, Ping's sample only headers.
func TestJourneys(t *testing.T) {
	t.Parallel()
	const (
		a, n, c, s = "GET authorize", "POST customHTMLTemplate", "POST status", "POST start"
		noID       = "it carries no interactionId, and several sign-ons are at its screen: " +
			"save the file with sensitive data, because cookies are left out without it"
		noScreen = "it carries no interactionId and answers no screen of the file: " +
			"save the file with sensitive data, because cookies are left out without it, and from the start of the sign-on"
		at = ", POST /env-1/davinci/connections/conn1/capabilities/customHTMLTemplate: "
	)
	cookie := func(m message, id string) message {
		return m.in("request.headers", header("Cookie", "ST=x; interactionId="+id+"; interactionToken=t"))
	}
	set := func(m message, id string) message {
		return m.in("response.headers", header("Set-Cookie", "interactionToken=t\ninteractionId="+id+"; Path=/"))
	}
	push := func(second, mode string) message {
		return made(second, "POST", site+"/as/par", "client_id=app&response_mode="+mode, 201, `{"request_uri":"urn:1"}`).
			in("request.headers", header("content-type", "application/x-www-form-urlencoded"))
	}
	for name, test := range map[string]struct {
		give     []message
		want     [][]string
		problems []string
	}{
		"headers":      {[]message{start("01", "one"), next("02", "one")}, [][]string{{a, n}}, nil},
		"only cookies": {[]message{start("01", "one"), cookie(next("02", ""), "one")}, [][]string{{a, n}}, nil},
		"the id is in cookies from the start": {
			[]message{set(start("01", ""), "one"), set(start("02", ""), "two"), cookie(next("03", ""), "one"), cookie(next("04", ""), "two")},
			[][]string{{a, n}, {a, n}},
			nil,
		},
		"the body": {
			[]message{start("01", "one"), next("02", "").in("request.postData.text", `{"interactionId":"one"}`)},
			[][]string{{a, n}},
			nil,
		},
		"a header that says undefined, and cookies": {
			[]message{
				start("01", "one"), start("02", "two"),
				next("03", "").in("request.headers", header("interactionid", "undefined", "cookie", "interactionId=one")),
			}, [][]string{{a, n}, {a}}, nil,
		},
		"back from an identity provider": {
			[]message{social("01", "one"), back("02", "t0ken", "one")}, [][]string{{a, "POST callback"}}, nil,
		},
		"back from an identity provider, without cookies": {
			[]message{social("01", "one"), start("02", "two"), back("03", "t0ken", "")}, [][]string{{a, "POST callback"}, {a}}, nil,
		},
		"back from an identity provider, and the token was left out": {
			[]message{social("01", "one"), back("02", "", "one"), next("03", "one")},
			[][]string{{a}},
			[]string{
				"entry 2, POST /env-1/davinci/connections/conn1/callback: it comes back from an identity provider and has no " +
					"continue token: save the file with sensitive data, because the header Authorization is left out without it; " +
					"its sign-on is kept up to here",
				"entry 3" + at + "an exchange before it is missing, and its sign-on is kept up to that one",
			},
		},
		"back from the SDK of an identity provider": {
			[]message{social("01", "one"), start("02", "two"), native("03", "idToken", site+"/rp/native?flowId=x", "one")},
			[][]string{{a, "POST native"}, {a}},
			nil,
		},
		"back from the SDK of an identity provider, without cookies": {
			[]message{social("01", "one"), start("02", "two"), native("03", "accessToken", site+"/rp/native?flowId=x", "")},
			[][]string{{a, "POST native"}, {a}},
			nil,
		},
		"a token of a provider goes to the app's own service": {
			[]message{social("01", "one"), native("02", "idToken", "https://api.example.com/session", ""), next("03", "one")},
			[][]string{{a, n}},
			nil,
		},
		"a token of a provider goes to a service while no screen leads to one": {
			[]message{start("01", "one"), native("02", "idToken", site+"/session", ""), next("03", "one")},
			[][]string{{a, n}},
			nil,
		},
		"an empty request to elsewhere": {
			[]message{social("01", "one"), back("02", "", "one").in("request.url", site+"/davinci/other"), next("03", "one")},
			[][]string{{a, n}},
			nil,
		},
		"several at once": {
			[]message{start("01", "one"), start("02", "two"), next("03", "two"), next("04", "one"), next("05", "two")},
			[][]string{{a, n}, {a, n, n}},
			nil,
		},
		"each authorize begins anew, whatever cookies the browser has": {
			[]message{start("01", "one"), next("02", "one"), cookie(start("03", "two"), "one"), next("04", "two")},
			[][]string{{a, n}, {a, n}},
			nil,
		},
		"entries in any order": {[]message{next("03", "one"), start("01", "one")}, [][]string{{a, n}}, nil},
		"unreadable dates leave the order": {
			[]message{start("01", "one").in("startedDateTime", "yesterday"), next("02", "one").in("startedDateTime", nil)},
			[][]string{{a, n}},
			nil,
		},
		"cookies were left out, and one sign-on stands there": {
			[]message{start("01", "one"), next("02", "")}, [][]string{{a, n}}, nil,
		},
		"cookies were left out of the first answer": {
			[]message{start("01", ""), next("02", "one"), start("03", ""), next("04", "two"), next("05", "one")},
			[][]string{{a, n, n}, {a, n}},
			nil,
		},
		"cookies were left out, and two stand there": {
			[]message{start("01", "one"), start("02", "two"), next("03", "")},
			[][]string{{a}, {a}},
			[]string{"entry 3" + at + noID},
		},
		"cookies were left out, and none stands there": {
			[]message{start("01", "one"), next("02", "").in("request.postData.text", `{"id":"other"}`)},
			[][]string{{a}},
			[]string{"entry 2" + at + noScreen},
		},
		"a challenge": {
			[]message{
				start("01", "one").in("response.content.text", strings.Replace(screen("one", "node1"), "{", `{"challenge":"chal-9",`, 1)),
				made("02", "POST", site+"/davinci/user/credentials/challenge/chal-9/status", "{}", 200, `{"isChallengeComplete":false}`),
				made("03", "POST", site+"/davinci/user/credentials/challenge/chal-9/status", "{}", 200, `{"isChallengeComplete":true}`),
				next("04", "one"),
			}, [][]string{{a, c, c, n}}, nil,
		},
		"a pushed request": {
			[]message{
				push("01", "pi.flow"),
				made("02", "GET", site+"/as/authorize?client_id=app&request_uri=urn:1", "", 200, screen("one", "node1")), next("03", "one"),
			}, [][]string{{a, n}}, nil,
		},
		"a browser that is sent through a flow is of none": {
			[]message{start("01", "one"), made("02", "GET", site+"/davinci/connections/conn1/capabilities/loginFirstFactor", "", 302, ""), next("03", "one")},
			[][]string{{a, n}},
			nil,
		},
		"an unused pushed request": {
			[]message{push("01", "pi.flow"), start("02", "one")},
			[][]string{{a}},
			[]string{"entry 1, POST /env-1/as/par: no authorize request with its request_uri follows"},
		},
		"a pushed request of another kind": {[]message{push("01", "query"), start("02", "one")}, [][]string{{a}}, nil},
		"authorize by POST": {
			[]message{
				made("01", "POST", site+"/as/authorize", "response_mode=pi.flow", 200, screen("one", "node1")).
					in("request.headers", header("content-type", "application/x-www-form-urlencoded")), next("02", "one"),
			}, [][]string{{"POST authorize", n}}, nil,
		},
		"a policy is a start as well, as the widget has it": {
			[]message{made("01", "POST", site+"/davinci/policy/pol-1/start", "{}", 200, screen("one", "node1")), next("02", "one")},
			[][]string{{s, n}},
			nil,
		},
		"a custom domain": {
			[]message{
				made("01", "GET", "https://login.example.com/as/authorize?response_mode=pi.flow", "", 200, screen("one", "node1")),
				made("02", "POST", "https://login.example.com/davinci/connections/conn1/capabilities/customHTMLTemplate", `{"interactionId":"one"}`, 200, "{}"),
			}, [][]string{{a, n}}, nil,
		},
		"a request that was not answered is passed over": {
			[]message{start("01", "one"), next("02", "one").in("response.status", 0).in("response._error", "net::ERR_ABORTED"), next("03", "one")},
			[][]string{{a, n}},
			[]string{"entry 2" + at + "it was not answered: the browser aborted it or kept it back, because of CORS or because the page was left"},
		},
		"an error leaves the screen": {
			[]message{
				start("01", "one"),
				next("02", "").in("response.status", 400).in("response.content.text", `{"id":"node9","connectionId":"conn9","capabilityName":"checkPassword"}`),
				next("03", ""),
			}, [][]string{{a, n, n}}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, test.give...)
			stories := [][]string{}
			for _, journey := range got.Journeys {
				stories = append(stories, story(journey))
			}
			assert.Equal(t, test.want, stories)
			if test.problems == nil {
				test.problems = []string{}
			}
			assert.Equal(t, test.problems, said(got.Problems))
		})
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	got := read(
		t, start("01", "one"), made("02", "OPTIONS", form, "", 204, ""), made("03", "OPTIONS", form, "", 204, ""),
		made("04", "GET", site+"/as/.well-known/openid-configuration", "", 200, "{}"),
		made("05", "GET", "https://cdn.example.net/app.js", "", 200, "x").in("response.content.size", "wrong type"),
		made("06", "GET", "data:image/png;base64,xx", "", 200, "x"), message{"time": 1},
	)
	assert.Equal(t, []har.Ignored{
		{Host: "auth.example.com", Kind: har.Preflight, Count: 2},
		{Host: "no host", Kind: har.Other, Count: 2},
		{Host: "auth.example.com", Kind: har.OAuth, Count: 1},
		{Host: "cdn.example.net", Kind: har.Other, Count: 1},
	}, got.Ignored)
}

// A journey whose parameters were pushed begins as one that has them itself.
func TestPushedParameters(t *testing.T) {
	t.Parallel()
	const urn, of = "urn:example:1", "?client_id=app&request_uri=urn%3Aexample%3A1"
	push := exchange(t, 1, "POST", site+"/as/par", "client_id=app&client_secret=s3cret&client_assertion=a&response_mode=pi.flow"+
		"&acr_values=pol&state=x+y", 201, `{"request_uri":"`+urn+`"}`)
	push.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	posted := exchange(t, 2, "POST", site+"/as/authorize", of[1:], 200, screen("one", "node1"))
	posted.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, test := range map[string]struct {
		give []davinci.Exchange
		want string
	}{
		"by the app": {
			[]davinci.Exchange{push, exchange(t, 2, "GET", site+"/as/authorize"+of, "", 200, screen("one", "node1"))},
			"acr_values=pol&client_id=app&response_mode=pi.flow&state=x+y",
		},
		"by the app, and then posted": {[]davinci.Exchange{push, posted}, "acr_values=pol&client_id=app&response_mode=pi.flow&state=x+y"},
		"by its server": {
			[]davinci.Exchange{exchange(t, 2, "GET", site+"/as/authorize"+of, "", 200, screen("one", "node1"))},
			"client_id=app&response_mode=pi.flow",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := test.give[len(test.give)-1].URL.String()
			got := har.Group(test.give)
			require.Empty(t, got.Problems)
			require.Len(t, got.Journeys, 1)
			require.Len(t, got.Journeys[0], 1)
			x := got.Journeys[0][0]
			assert.Equal(t, "GET "+site+"/as/authorize?"+test.want, x.Method+" "+x.URL.String())
			assert.Empty(t, x.Body)
			assert.Equal(t, before, test.give[len(test.give)-1].URL.String(), "what was given stays as it was")
		})
	}
}

// Exchanges of a proxy are sorted in the same way.
func TestGroup(t *testing.T) {
	t.Parallel()
	first := exchange(t, 1, "GET", site+"/as/authorize?response_mode=pi.flow", "", 200, screen("one", "node1"))
	other := exchange(t, 2, "POST", site+"/as/token", "", 200, "{}")
	second := exchange(t, 3, "POST", form, `{"interactionId":"one"}`, 200, "{}")
	lost := exchange(t, 4, "POST", form, `{"interactionId":"two"}`, 200, "{}")
	got := har.Group([]davinci.Exchange{second, first, other, lost, {Method: "GET"}})
	require.Len(t, got.Journeys, 1)
	assert.Equal(t, davinci.Exchanges{first, second}, got.Journeys[0])
	assert.Len(t, got.Ignored, 2)
	require.Len(t, got.Problems, 1)
	assert.Equal(t, 4, got.Problems[0].Entry)
}

// A request_uri that was refused is what chose the answer, and one that was accepted
// only stands for what was pushed.
func TestARequestURIThatIsRefusedStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		came   string
		want   string
	}{
		"accepted": {200, screen("one", "node1"), ""},
		"refused":  {302, "", "urn:1"},
		"an error": {400, "{}", "urn:1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := exchange(t, 1, "GET", site+"/as/authorize?response_mode=pi.flow&client_id=app&request_uri=urn:1", "", test.status, test.came)
			g := har.Group([]davinci.Exchange{x})
			require.Len(t, g.Journeys, 1)
			assert.Equal(t, test.want, g.Journeys[0][0].URL.Query().Get("request_uri"))
			assert.Equal(t, "pi.flow", g.Journeys[0][0].URL.Query().Get("response_mode"))
		})
	}
}
