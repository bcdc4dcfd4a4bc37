package proxy_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/proxy"
	"flowtest/steps/davinci"
)

const flowPath = "/env-1/davinci/connections/conn1/capabilities/customHTMLTemplate"

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := proxy.New(proxy.Config{Upstream: parsed(t, "https://auth.example.com/env-1/as")})
	require.EqualError(t, err, strings.Join([]string{
		"proxy: upstream has more than scheme, host and port, want an origin such as https://auth.pingone.com",
		"proxy: public is not set, want an origin such as https://auth.pingone.com",
		"proxy: no transport is set, and there is no default",
		"proxy: nothing receives the exchanges",
	}, "\n"))
	_, err = proxy.New(proxy.Config{
		Upstream: parsed(t, "https://auth.example.com"), Public: parsed(t, "https://AUTH.example.com:443/"),
		Transport: http.NewFileTransport(nil), Take: func(davinci.Exchange) {},
	})
	assert.EqualError(t, err, "proxy: upstream and public are both https://AUTH.example.com:443/: the proxy would call itself")
}

// Whatever leads to the live side leads to the proxy, and nothing else does.
func TestLinks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ give, want string }{
		"JSON":                         {`{"href":"LIVE/env-1/x?next=true"}`, `{"href":"PROXY/env-1/x?next=true"}`},
		"JSON with escaped slashes":    {`{"href":"https:\/\/HOST\/x"}`, `{"href":"http:\/\/FRONT\/x"}`},
		"JSON with escaped characters": {`{"v":"\u003ca href=\u0022LIVE/x\u0022"}`, `{"v":"\u003ca href=\u0022PROXY/x\u0022"}`},
		"in a query":                   {`/x?to=https%3A%2F%2FESCAPED%2Fx&y`, `/x?to=http%3A%2F%2FFRONTESCAPED%2Fx&y`},
		"HTML":                         {`<a href="LIVE/x">LIVE</a>`, `<a href="PROXY/x">PROXY</a>`},
		"HTML without a scheme":        {`<script src="//HOST/a.js">`, `<script src="//FRONT/a.js">`},
		"at the end of a sentence":     {`see LIVE.`, `see PROXY.`},
		"several":                      {`LIVE LIVE/a,LIVE`, `PROXY PROXY/a,PROXY`},
		"upper case":                   {`HTTPS://HOST/x`, `http://FRONT/x`},
		"another port":                 {`LIVE0/x`, `LIVE0/x`},
		"a longer host":                {`LIVE.evil.example/x LIVE-2/x LIVE@evil.example`, `LIVE.evil.example/x LIVE-2/x LIVE@evil.example`},
		"another scheme":               {`xLIVE http://HOST/`, `xLIVE http://HOST/`},
		"the issuer stays":             {`{"issuer":"LIVE/env-1/as","jwks_uri":"LIVE/env-1/as/jwks"}`, `{"issuer":"LIVE/env-1/as","jwks_uri":"PROXY/env-1/as/jwks"}`},
		"and iss with it":              {`{"iss" : "LIVE/as"} ?a=b&iss=LIVE/as`, `{"iss" : "LIVE/as"} ?a=b&iss=LIVE/as`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var text string
			s := before(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Link", text)
				_, _ = io.WriteString(w, text)
			}))
			host, front := strings.TrimPrefix(s.live.URL, "https://"), strings.TrimPrefix(s.front.URL, "http://")
			fill := strings.NewReplacer(
				"FRONTESCAPED", strings.ReplaceAll(front, ":", "%3A"), "ESCAPED", strings.ReplaceAll(host, ":", "%3A"),
				"LIVE", s.live.URL, "HOST", host, "PROXY", s.front.URL, "FRONT", front)
			text = fill.Replace(test.give)
			got := s.send(t, "GET", "/anything", nil, "")
			assert.Equal(t, fill.Replace(test.want), got.text)
			assert.Equal(t, fill.Replace(test.want), got.header.Get("Link"), "in a header")

			s.send(t, "GET", "/env-1/as/authorize", nil, "")
			require.Len(t, s.exchanges(), 1, "only what is of a flow is handed on")
			assert.Equal(t, text, string(s.exchanges()[0].Response), "what the live side said")
			assert.Equal(t, text, s.exchanges()[0].ResponseHeader.Get("Link"), "what the live side said")
		})
	}
}

// What the app sends arrives as if it had asked the live side.
func TestRequestsArriveAsTheAppMeantThem(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body string
	s := before(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		got, body = r, string(text)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		_, _ = io.WriteString(w, "{}")
	}))
	escaped := strings.NewReplacer(":", "%3A", "/", "%2F").Replace(s.front.URL + "/x")
	sent := http.Header{
		"Origin": {"http://localhost:3000"}, "Referer": {s.front.URL + "/page"}, "Content-Type": {"application/json"},
		"Cookie": {"ST=s"}, "Accept-Encoding": {"gzip, br"}, "X-Forwarded-For": {"1.2.3.4"}, "Connection": {"x-hop"},
		"X-Hop": {"1"}, "Interactionid": {"one"}, "If-None-Match": {"tag"},
	}
	answer := s.send(t, "POST", flowPath+"?a;b&to="+escaped, sent, `{"self":"`+s.front.URL+`/x"}`)
	require.Equal(t, http.StatusOK, answer.status, answer.text)
	host := strings.TrimPrefix(s.live.URL, "https://")
	assert.Equal(t, host, got.Host)
	assert.Equal(t, "a;b&to="+strings.NewReplacer(":", "%3A", "/", "%2F").Replace(s.live.URL+"/x"), got.URL.RawQuery)
	assert.Equal(t, "http://localhost:3000", got.Header.Get("Origin"), "the app's own origin is what the live side knows")
	assert.Equal(t, "http://localhost:3000", answer.header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, s.live.URL+"/page", got.Header.Get("Referer"))
	assert.Equal(t, "identity", got.Header.Get("Accept-Encoding"))
	for _, name := range []string{"X-Forwarded-For", "X-Hop", "If-None-Match"} {
		assert.Empty(t, got.Header.Get(name), name)
	}
	assert.Equal(t, `{"self":"`+s.live.URL+`/x"}`, body)

	require.Len(t, s.exchanges(), 1)
	x := s.exchanges()[0]
	assert.Equal(t, s.live.URL+flowPath+"?"+got.URL.RawQuery, x.URL.String())
	assert.Equal(t, body, string(x.Body))
	assert.Equal(t, "{}", string(x.Response))
	assert.Equal(t, []string{"one"}, x.Header["Interactionid"])
	assert.Empty(t, x.Header.Get("Accept-Encoding")+x.Header.Get("X-Hop")+x.Header.Get("X-Forwarded-For"))
	assert.False(t, x.Began.IsZero())
	assert.Positive(t, x.Took)
	assert.NotContains(t, all(&x), s.front.URL)

	own := s.send(t, "POST", flowPath, http.Header{"Origin": {s.front.URL}}, "{}")
	assert.Equal(t, s.live.URL, got.Header.Get("Origin"), "a page of the live side's own")
	assert.Equal(t, s.front.URL, own.header.Get("Access-Control-Allow-Origin"))
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, `{"id":"node1"}`)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	asJSON := func(more ...string) http.Header {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(more); i += 2 {
			h.Add(more[i], more[i+1])
		}
		return h
	}
	const flowtest = `{"code":"flowtestProxy","httpResponseCode":502,"message":"flowtest proxy: `
	for name, test := range map[string]struct {
		live   http.Handler
		path   string
		status int
		want   string
		taken  int
		header map[string]string
	}{
		"compressed without being asked": {
			said(asJSON("Content-Encoding", "gzip"), 200, packed.String()), flowPath, 200, `{"id":"node1"}`, 1,
			map[string]string{"Content-Encoding": "", "Content-Length": "14"},
		},
		"compressed in another way": {
			said(asJSON("Content-Encoding", "br"), 200, "xx"), flowPath, 502,
			flowtest + `the live side compressed its answer in a way that was not requested"}`, 0, nil,
		},
		"compressed and broken": {
			said(asJSON("Content-Encoding", "gzip"), 200, "no gzip at all, indeed"), flowPath, 502,
			flowtest + `the live side's answer has a Content-Encoding and is not compressed"}`, 0, nil,
		},
		"an answer without a body": {said(http.Header{}, 204, ""), flowPath, 204, "", 1, nil},
		"a refusal":                {said(asJSON(), 400, `{"code":"x"}`), flowPath, 400, `{"code":"x"}`, 1, nil},
		"a picture streams through": {
			said(http.Header{"Content-Type": {"image/png"}}, 200, "\xff\xd8"), "/a.png", 200, "\xff\xd8", 0,
			map[string]string{"Content-Type": "image/png"},
		},
		"a large script streams through": {
			said(http.Header{"Content-Type": {"text/javascript"}}, 200, strings.Repeat("x", 3*proxy.MaxBody)), "/a.js", 200,
			strings.Repeat("x", 3*proxy.MaxBody), 0, nil,
		},
		"an answer of a flow that is too large": {
			said(asJSON(), 200, strings.Repeat("x", proxy.MaxBody+1)), flowPath, 502,
			flowtest + `the live side's answer is over 1 MiB"}`, 0, nil,
		},
		"headers that bind the browser to the live host": {
			said(asJSON("Strict-Transport-Security", "max-age=1", "Alt-Svc", "h3"), 200, "{}"), flowPath, 200, "{}", 1,
			map[string]string{"Strict-Transport-Security": "", "Alt-Svc": ""},
		},
		"a live side that dies in the middle": {
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, `{"secret":"s3cr3t`)
				assert.NoError(t, http.NewResponseController(w).Flush())
				panic(http.ErrAbortHandler)
			}), flowPath, 502, flowtest + `the live side broke off its answer after 17 bytes"}`, 0,
			map[string]string{"Access-Control-Allow-Origin": "http://localhost:3000"},
		},
		"a live side that dies before": {
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), flowPath, 502,
			flowtest + `the live side broke off before it had answered"}`, 0, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := before(t, test.live)
			got := s.send(t, "POST", test.path+"?code=s3cr3t", http.Header{"Origin": {"http://localhost:3000"}}, `{"password":"s3cr3t"}`)
			assert.Equal(t, test.status, got.status)
			if len(test.want) > 1000 {
				assert.Len(t, got.text, len(test.want))
			} else {
				assert.Equal(t, test.want, got.text)
			}
			for name, want := range test.header {
				assert.Equal(t, want, got.header.Get(name), name)
			}
			assert.Len(t, s.exchanges(), test.taken)
			assert.NotContains(t, s.log.String(), "s3cr3t")
			assert.Equal(t, test.status == 502, strings.Contains(s.log.String(), "not passed on"), "%s", s.log)
		})
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	s := before(t, said(nil, 200, "{}"))
	up := s.send(t, "GET", flowPath, http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}}, "")
	assert.Equal(t, http.StatusNotImplemented, up.status)
	assert.Equal(t, "flowtest proxy: the proxy forwards only HTTP, no upgrade and no tunnel", gjson.Get(up.text, "message").String())
	large := s.send(t, "POST", flowPath, nil, strings.Repeat("x", proxy.MaxBody+1))
	assert.Equal(t, http.StatusRequestEntityTooLarge, large.status)
	assert.Equal(t, "flowtest proxy: the request body is over 1 MiB", gjson.Get(large.text, "message").String())
	s.live.Close()
	gone := s.send(t, "POST", flowPath, nil, "{}")
	assert.Equal(t, http.StatusBadGateway, gone.status)
	assert.Equal(t, "flowtest proxy: the live side could not be reached", gjson.Get(gone.text, "message").String())
	assert.Empty(t, s.exchanges())
	assert.NotContains(t, gone.text, "127.0.0.1")
}

// Cookies become the proxy's, so that a browser keeps them.
func TestCookies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ give, plain, tls string }{
		"as it is":          {"interactionId=1; Path=/; HttpOnly; Max-Age=900", "interactionId=1; Path=/; HttpOnly; Max-Age=900", "interactionId=1; Path=/; HttpOnly; Max-Age=900"},
		"of the whole site": {"a=1; Domain=.example.com; Path=/", "a=1; Path=/", "a=1; Path=/"},
		"secure":            {"a=1; Secure; SameSite=Lax", "a=1; SameSite=Lax", "a=1; Secure; SameSite=Lax"},
		"of other sites":    {"ST=1; SameSite=None; Secure; Partitioned", "ST=1", "ST=1; SameSite=None; Secure; Partitioned"},
		"lower case":        {"ST=1;samesite=none;secure;domain=x", "ST=1", "ST=1;samesite=none;secure"},
		"a value like one":  {"a=secure; Path=/domain", "a=secure; Path=/domain", "a=secure; Path=/domain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			live := httptest.NewServer(said(http.Header{"Set-Cookie": {test.give}}, 200, "{}"))
			t.Cleanup(live.Close)
			for public, want := range map[string]string{"http://localhost:1": test.plain, "https://localhost:1": test.tls} {
				var taken davinci.Exchange
				p, err := proxy.New(proxy.Config{
					Upstream: parsed(t, live.URL), Public: parsed(t, public), Transport: live.Client().Transport,
					Take: func(x davinci.Exchange) { taken = x },
				})
				require.NoError(t, err)
				w := httptest.NewRecorder()
				p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, public+"/as/authorize", nil))
				assert.Equal(t, []string{want}, w.Header()["Set-Cookie"], public)
				assert.Equal(t, []string{test.give}, taken.ResponseHeader["Set-Cookie"], "as the live side set it")
			}
		})
	}
}

// A proxy needs no body to be there, nor a header to be well made.
func FuzzProxy(f *testing.F) {
	f.Add("application/json", `{"a":"https://127.0.0.1:1/x"}`, "a=b; Secure")
	f.Add("text/html; =", `<a href="//127.0.0.1:1">https%3A%2F%2F127.0.0.1%3A1`, ";;;")
	f.Fuzz(func(t *testing.T, kind, text, cookie string) {
		live := said(http.Header{"Content-Type": {kind}, "Set-Cookie": {cookie}}, 200, text)
		p, err := proxy.New(proxy.Config{
			Upstream: parsed(t, "https://127.0.0.1:1"), Public: parsed(t, "http://127.0.0.1:2"),
			Transport: direct{live}, Take: func(x davinci.Exchange) {
				require.LessOrEqual(t, len(x.Response), proxy.MaxBody)
				require.Equal(t, text, string(x.Response))
			},
		})
		require.NoError(t, err)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/as/authorize", strings.NewReader(text)))
		require.Contains(t, []int{200, 413, 502}, w.Code)
	})
}

// direct is a transport without a wire.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	p := w.Result()
	p.Request = r
	return p, nil
}

func ExampleNew() {
	_, err := proxy.New(proxy.Config{})
	fmt.Println(strings.Count(err.Error(), "\n")+1, "mistakes")
	// Output: 4 mistakes
}

// What is passed on is what the endpoints of a flow were asked and said: tokens, keys
// and pages pass through unread.
func TestOnlyTheEndpointsOfAFlowAreHandedOn(t *testing.T) {
	t.Parallel()
	s := before(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{}`)
	}))
	var want []string
	for _, sent := range []struct {
		method, path string
		handedOn     bool
	}{
		{"GET", "/env-1/as/authorize", true},
		{"GET", "/as/authorize", true},
		{"POST", "/env-1/as/par", true},
		{"POST", flowPath, true},
		{"POST", "/env-1/davinci/policy/pol1/start", true},
		{"POST", "/env-1/davinci/user/credentials/challenge/c1/status", true},
		{"GET", flowPath, false},
		{"OPTIONS", flowPath, false},
		{"POST", "/env-1/davinci/connections", false},
		{"GET", "/davinci/latest/davinci.js", false},
		{"POST", "/env-1/as/token", false},
		{"GET", "/env-1/as/resume", false},
		{"GET", "/env-1/as/.well-known/openid-configuration", false},
	} {
		assert.Equal(t, http.StatusOK, s.send(t, sent.method, sent.path, nil, "").status, sent.path)
		if sent.handedOn {
			want = append(want, sent.method+" "+sent.path)
		}
	}
	var got []string
	for _, x := range s.exchanges() {
		got = append(got, x.Method+" "+x.URL.Path)
	}
	assert.Equal(t, want, got)
}

// Only the bearer token and the empty body show a client that comes back from an
// identity provider: the path is the service's choice.
func TestAReturnFromAnIdentityProviderIsHandedOn(t *testing.T) {
	t.Parallel()
	s := before(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
	const path = "/env/davinci/connections/c1/callback"
	s.send(t, http.MethodPost, path, http.Header{"Authorization": {"Bearer t0ken"}}, "{}")
	s.send(t, http.MethodPost, path, http.Header{"Authorization": {"Bearer t0ken"}}, `{"a":1}`)
	s.send(t, http.MethodPost, path, nil, "{}")
	taken := s.exchanges()
	require.Len(t, taken, 1)
	assert.Equal(t, "t0ken", taken[0].ContinueToken())
	assert.Equal(t, parsed(t, s.live.URL).Host, taken[0].URL.Host)
}

// A mobile app asks the link of a provider where to post the token of the provider's own SDK.
// The proxy answers with an address of its own, and passes on what the app posts there.
func TestATokenOfAProviderIsHandedOn(t *testing.T) {
	t.Parallel()
	var s *stage
	s = before(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"_links":{"next":{"href":"`+s.live.URL+`/env/rp/native?flowId=f1"}}}`)
	}))
	properties := []string{"idToken", "accessToken"}
	for _, property := range properties {
		where := s.send(t, http.MethodGet, "/env/rp/authenticate?flowId=f1", http.Header{"Accept": {"application/json"}}, "")
		to, ok := strings.CutPrefix(gjson.Get(where.text, "_links.next.href").String(), s.front.URL)
		require.True(t, ok, where.text)
		s.send(t, http.MethodPost, to, http.Header{"Content-Type": {"application/json"}}, `{"`+property+`": "t0ken of it"}`)
		s.send(t, http.MethodPost, to, nil, `{"`+property+`":"t0ken of it","more":1}`)
	}
	taken := s.exchanges()
	require.Len(t, taken, 2, "where to post it was asked, and other bodies are none of a flow")
	for i, x := range taken {
		property, token := davinci.NativeToken(x.Body)
		assert.Equal(t, properties[i]+" t0ken of it", property+" "+token)
		assert.Equal(t, s.live.URL+"/env/rp/native?flowId=f1", x.URL.String())
	}
}
