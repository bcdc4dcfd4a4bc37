package mockserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// inspected asks the inspection, as a browser on this machine does.
func inspected(tb testing.TB, s *mockserver.Server, path string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodGet, path, http.NoBody)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:8910"
	w := httptest.NewRecorder()
	s.Inspect().ServeHTTP(w, r)
	return w
}

// inspectedJSON returns the JSON of the inspection.
func inspectedJSON(tb testing.TB, s *mockserver.Server) gjson.Result {
	tb.Helper()
	w := inspected(tb, s, "/inspect.json")
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	require.Equal(tb, "application/json;charset=utf-8", w.Header().Get("Content-Type"))
	require.True(tb, json.Valid(w.Body.Bytes()))
	return gjson.ParseBytes(w.Body.Bytes())
}

// inspectedPage returns the page of the inspection.
func inspectedPage(tb testing.TB, s *mockserver.Server) *goquery.Document {
	tb.Helper()
	w := inspected(tb, s, "/")
	require.Equal(tb, http.StatusOK, w.Code, w.Body)
	require.Equal(tb, "text/html;charset=utf-8", w.Header().Get("Content-Type"))
	doc, err := goquery.NewDocumentFromReader(w.Body)
	require.NoError(tb, err)
	return doc
}

// afterAFewJourneys is a server through which three people went: one signed on
// at the second try, one missed and stands where they stood, and one asked for
// what no recording has.
func afterAFewJourneys(tb testing.TB) *replay {
	tb.Helper()
	r := replaying(tb, mockserver.Config{Inspect: true})
	ann := r.start(tb, "sign-on")
	ann.press(tb, "SIGNON", signing("ann", "mistaken"))
	ann.press(tb, "TROUBLE", nil)
	ann.press(tb, "CANCEL", nil)
	require.Equal(tb, "COMPLETED", ann.press(tb, "SIGNON", rightly("ann")).Get("status").String())
	ben := r.start(tb, "registration")
	ben.press(tb, "REGISTER", nil)
	ben.press(tb, "LEAVE", map[string]any{"reason": "too long"})
	require.Equal(tb, http.StatusNotFound, r.send(tb, http.MethodGet, authorize("mfa"), nil, "").status)
	return r
}

func TestInspectJSON(t *testing.T) {
	t.Parallel()
	r := afterAFewJourneys(t)
	got := inspectedJSON(t, r.Server)
	assert.Equal(t, int64(1), got.Get("format").Int())
	assert.Len(t, got.Get("flows").Array(), len(shippedFlows(t)))

	flow := got.Get(`flows.#(name=="sign-on")`)
	assert.Equal(t, string(recordings.Documented), flow.Get("source").String())
	assert.JSONEq(t, `{"screens":{"count":2,"of":4},"buttons":{"count":3,"of":7},"hops":{"count":5,"of":8}}`,
		flow.Get("reached").Raw)
	assert.JSONEq(t, `["unknown-user","registration-form","reset-form"]`, flow.Get("never").Raw)
	assert.JSONEq(t, `{"name":"sign-on-form","shown":2,"buttons":[
		{"action":"SIGNON","pressed":2},{"action":"REGISTER","pressed":0},{"action":"TROUBLE","pressed":1}]}`,
		flow.Get(`screens.#(name=="sign-on-form")`).Raw)
	assert.JSONEq(t, `{"name":"back-to-sign-on","from":["registration-form","trouble","reset-form"],"action":"CANCEL",
		"to":"sign-on-form","taken":1}`, flow.Get(`hops.#(name=="back-to-sign-on")`).Raw)
	assert.JSONEq(t, `{"name":"sign-on-form","from":[],"action":"","to":"sign-on-form","taken":1}`,
		flow.Get(`hops.#(name=="sign-on-form")`).Raw)

	untouched := got.Get(`flows.#(name=="forms")`)
	assert.Len(t, untouched.Get("never").Array(), len(untouched.Get("hops").Array()))

	signOns := got.Get("signOns").Array()
	require.Len(t, signOns, 2)
	ben, ann := signOns[0], signOns[1]
	assert.Regexp(t, `^[0-9a-f]{8}$`, ann.Get("id").String())
	assert.Equal(t, "sign-on", ann.Get("flow").String())
	assert.Equal(t, "finished", ann.Get("state").String())
	assert.Empty(t, ann.Get("at").String())
	assert.False(t, ann.Get("partial").Exists())
	assert.Equal(t, "running", ben.Get("state").String())
	assert.Equal(t, "registration-form", ben.Get("at").String())
	assert.Equal(t, []string{
		` authorize request → sign-on-form 200 sign-on-form `,
		`sign-on-form action "SIGNON", eventType "submit", fields password username → wrong-password 400 sign-on-form `,
		`sign-on-form action "TROUBLE", eventType "submit" → trouble 200 trouble `,
		`trouble action "CANCEL", eventType "submit" → back-to-sign-on 200 sign-on-form `,
		`sign-on-form action "SIGNON", eventType "submit", fields password username → completed 200  `,
	}, asks(ann))
	require.Len(t, asks(ben), 3)
	missed := ben.Get("hops.2")
	assert.Equal(t, `action "LEAVE", eventType "submit", fields reason`, missed.Get("sent").String())
	assert.Empty(t, missed.Get("hop").String())
	assert.Equal(t, "registration-form", missed.Get("to").String())
	assert.Contains(t, missed.Get("problem").String(), `stands at "registration-form" and no recorded hop answers action "LEAVE"`)

	misses := got.Get("misses").Array()
	require.Len(t, misses, 2)
	assert.Equal(t, "mfa", misses[0].Get("flow").String())
	assert.Empty(t, misses[0].Get("signOn").String(), "none had begun")
	assert.Equal(t, "authorize request", misses[0].Get("sent").String())
	assert.Contains(t, misses[0].Get("problem").String(), `hop "sign-on-form" of flow "mfa" is recorded in JSON alone`)
	assert.Equal(t, ben.Get("id").String(), misses[1].Get("signOn").String())
	assert.Equal(t, missed.Get("problem").String(), misses[1].Get("problem").String())
}

// asks writes the hops of a sign-on, a line each.
func asks(signOn gjson.Result) []string {
	var lines []string
	for _, hop := range signOn.Get("hops").Array() {
		lines = append(lines, strings.Join([]string{
			hop.Get("at").String(), hop.Get("sent").String(), "→", hop.Get("hop").String(),
			hop.Get("status").String(), hop.Get("to").String(), hop.Get("problem").String(),
		}, " "))
	}
	return lines
}

// A list that has nothing in it is a list all the same.
func TestInspectJSONBeforeAnythingWasAsked(t *testing.T) {
	t.Parallel()
	flow := recorded(t, "end", "hops: [{name: only, request: {path: /as/authorize}, response: {status: 400, json: x.json}}]\n",
		map[string]string{"x.json": `{"code":"x"}`})
	r := replaying(t, mockserver.Config{
		Flows: []*recordings.Flow{flow}, Inspect: true,
		Now: func() time.Time { return time.Date(2026, 1, 2, 4, 4, 5, 678_900_000, time.FixedZone("", 3600)) },
	})
	assert.JSONEq(t, `{"format":1,"time":"2026-01-02T03:04:05.678Z","flows":[{"name":"end","source":"synthetic","screens":[],
		"hops":[{"name":"only","from":[],"action":"","to":"","taken":0}],
		"reached":{"screens":{"count":0,"of":0},"buttons":{"count":0,"of":0},"hops":{"count":0,"of":1}},
		"never":["only"]}],"signOns":[],"misses":[]}`, inspectedJSON(t, r.Server).Raw)
	assert.Contains(t, inspectedPage(t, r.Server).Find("main").Text(), "None: a recorded hop answered every request.")

	r.send(t, http.MethodGet, authorize("end"), sdk, "")
	got := inspectedJSON(t, r.Server)
	assert.JSONEq(t, `[]`, got.Get("flows.0.never").Raw)
	assert.Equal(t, "finished", got.Get("signOns.0.state").String(), "it never came to a screen")
	assert.Empty(t, got.Get("signOns.0.hops.0.to").String())
}

func TestInspectSaysWhatHasExpired(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := replaying(t, mockserver.Config{Inspect: true, Idle: time.Minute, Now: func() time.Time { return now }})
	s := r.start(t, "sign-on")
	state := func() string { return inspectedJSON(t, r.Server).Get("signOns.0.state").String() }

	now = now.Add(time.Minute)
	assert.Equal(t, "running", state())
	handles := s.token
	s.token = "stale"
	requireUnauthorized(t, s.press(t, "TROUBLE", nil)) // this keeps it awake, and is no hop
	now = now.Add(time.Minute)
	assert.Equal(t, "running", state())
	now = now.Add(time.Second)
	assert.Equal(t, "expired", state())
	s.token = handles
	requireUnauthorized(t, s.press(t, "TROUBLE", nil))
	assert.Equal(t, "expired", state())
}

// A changed recording goes on with the counts of the hops that it still has.
func TestInspectAfterReplace(t *testing.T) {
	t.Parallel()
	demo := func(last string) []*recordings.Flow {
		return []*recordings.Flow{recorded(t, "demo", `hops:
  - {name: first, request: {path: /as/authorize}, response: {status: 200, json: first.json}}
  - {name: `+last+`, from: first, request: {action: GO}, response: {status: 400, json: x.json}}
`, map[string]string{"first.json": screenBody("first", false), "x.json": `{"code":"x"}`})}
	}
	r := replaying(t, mockserver.Config{Flows: demo("old"), Inspect: true})
	s := r.start(t, "demo")
	s.press(t, "GO", nil)
	require.NoError(t, r.Replace(demo("new")))
	got := inspectedJSON(t, r.Server)
	assert.JSONEq(t, `["new"]`, got.Get("flows.0.never").Raw)
	assert.Equal(t, int64(1), got.Get("flows.0.hops.0.taken").Int())
	assert.Equal(t, "old", got.Get("signOns.0.hops.1.hop").String())

	s.press(t, "GO", nil) // goes on as it began
	assert.JSONEq(t, `["new"]`, inspectedJSON(t, r.Server).Get("flows.0.never").Raw)
	r.start(t, "demo").press(t, "GO", nil)
	assert.JSONEq(t, `[]`, inspectedJSON(t, r.Server).Get("flows.0.never").Raw)
}

func TestInspectPage(t *testing.T) {
	t.Parallel()
	r := afterAFewJourneys(t)
	doc := inspectedPage(t, r.Server)
	text := func(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

	assert.Equal(t, "flowtest: 7 recordings, 2 sign-ons, 2 misses", doc.Find("title").Text())
	cells := func(row *goquery.Selection) string {
		return strings.Join(row.Children().Map(func(_ int, cell *goquery.Selection) string { return text(cell) }), " | ")
	}
	counts := map[string]string{}
	doc.Find("dl div").Each(func(_ int, e *goquery.Selection) { counts[text(e.Find("dt"))] = text(e.Find("dd")) })
	assert.Equal(t, map[string]string{"sign-ons running": "1", "finished": "1", "expired": "0", "misses": "2"}, counts)

	rows := map[string]string{}
	doc.Find("#recordings + div tbody tr").Each(func(_ int, row *goquery.Selection) { rows[text(row.Find("th"))] = cells(row) })
	assert.Equal(t, "sign-on | documented | 2 of 4 | 3 of 7 | 5 of 8", rows["sign-on"])
	assert.Len(t, rows, len(shippedFlows(t)))

	signOns := doc.Find("section[aria-labelledby=sign-ons] details")
	require.Equal(t, 2, signOns.Length())
	assert.Contains(t, text(signOns.First().Find("summary")), "running 1 missed 3 hops, stands at registration-form")
	_, isOpen := signOns.First().Attr("open")
	assert.True(t, isOpen, "what missed is shown at once")
	assert.Contains(t, text(signOns.Last().Find("summary")), "finished 5 hops")
	assert.Contains(t, cells(signOns.Last().Find("tbody tr").Last()),
		` | sign-on-form | action "SIGNON", eventType "submit", fields password username | completed | 200 | ended`)
	assert.Equal(t, 2, doc.Find("#misses + div tbody tr").Length())
}

// What a screen reader, a keyboard and a strict browser need.
func TestInspectPageIsPlain(t *testing.T) {
	t.Parallel()
	r := afterAFewJourneys(t)
	doc := inspectedPage(t, r.Server)
	lang, _ := doc.Find("html").Attr("lang")
	assert.Equal(t, "en", lang)
	assert.Equal(t, 1, doc.Find("h1").Length())
	assert.Equal(t, 1, doc.Find("main").Length())
	assert.Zero(t, doc.Find("script, link, img, iframe, form, object, embed, [style], [onclick], [src]").Length())
	ids := map[string]int{}
	doc.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id, _ := e.Attr("id")
		ids[id]++
		assert.Equal(t, 1, ids[id], id)
	})
	doc.Find("a").Each(func(_ int, e *goquery.Selection) {
		to, _ := e.Attr("href")
		if id, ok := strings.CutPrefix(to, "#"); ok {
			assert.Contains(t, ids, id)
			return
		}
		assert.Contains(t, []string{"./", "inspect.json"}, to, "nothing leads away from here")
	})
	doc.Find("[aria-labelledby]").Each(func(_ int, e *goquery.Selection) {
		id, _ := e.Attr("aria-labelledby")
		assert.Contains(t, ids, id)
	})
	captions := map[string]int{}
	doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		caption := strings.TrimSpace(table.Find("caption").Text())
		captions[caption]++
		assert.NotEmpty(t, caption)
		assert.Equal(t, 1, captions[caption], "%q names two tables", caption)
		columns := table.Find("thead th")
		assert.Equal(t, columns.Length(), table.Find("thead th[scope=col]").Length(), caption)
		table.Find("tbody tr").Each(func(_ int, row *goquery.Selection) {
			assert.Equal(t, columns.Length(), row.Children().Length(), caption)
		})
		assert.Equal(t, 1, table.ParentFiltered(`.wide[role=region][tabindex="0"]`).Length(), "%s can be scrolled by keyboard", caption)
	})
	assert.Len(t, captions, 2+2*len(shippedFlows(t))+2-flowsWithoutScreens(t))
}

func flowsWithoutScreens(tb testing.TB) int {
	tb.Helper()
	n := 0
	for _, f := range shippedFlows(tb) {
		n++
		for _, h := range f.Hops {
			if h.Screen() != nil {
				n--
				break
			}
		}
	}
	return n
}

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

func TestInspectAnswersThisMachineAlone(t *testing.T) {
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
					assert.Equal(t, "The inspection answers this machine alone, under a name of this machine.\n", w.Body.String())
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
// or a client's value may stand, and looks for it, and for every handle, cookie,
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

// What a client writes is text, whatever it looks like, and there is an end to it.
func TestInspectPageEscapesAndIsBounded(t *testing.T) {
	t.Parallel()
	r := replaying(t, mockserver.Config{Inspect: true})
	s := r.start(t, "sign-on")
	s.press(t, "<script>alert(1)</script>", map[string]any{"</td><b>x": 1, strings.Repeat("k", 1<<19): 1})
	for range 150 {
		r.start(t, "sign-on")
	}
	w := inspected(t, r.Server, "/")
	assert.Less(t, w.Body.Len(), 1<<18)
	doc, err := goquery.NewDocumentFromReader(w.Body)
	require.NoError(t, err)
	assert.Zero(t, doc.Find("script, b").Length())
	assert.Contains(t, doc.Find("#misses + div").Text(), `action "<script>alert(1)</script>"`)
	assert.Equal(t, 100, doc.Find("section[aria-labelledby=sign-ons] details").Length())
	assert.Contains(t, doc.Find("section[aria-labelledby=sign-ons]").Text(), "The last 100 of 151; the JSON has all.")
	assert.Len(t, inspectedJSON(t, r.Server).Get("signOns").Array(), 151)
}
