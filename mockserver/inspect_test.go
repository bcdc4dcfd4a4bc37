package mockserver_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
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
// at the second try, one missed and is where they were, and one asked for
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
	assert.Len(t, got.Get("flows").Array(), len(shipped.Flows(t)))

	flow := got.Get(`flows.#(name=="sign-on")`)
	assert.Equal(t, "documented", flow.Get("source").String())
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
	assert.Contains(t, missed.Get("problem").String(), `has no answer to pressing "LEAVE" with the fields reason at the screen "Registration Form" (registration-form); recorded there: `)

	misses := got.Get("misses").Array()
	require.Len(t, misses, 2)
	assert.Equal(t, "mfa", misses[0].Get("flow").String())
	assert.Empty(t, misses[0].Get("signOn").String(), "none had begun")
	assert.Equal(t, "authorize request", misses[0].Get("sent").String())
	assert.Contains(t, misses[0].Get("problem").String(), `of the flow "mfa" has the hop "sign-on-form" as a JSON response only`)
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
	r := replaying(t, mockserver.Bounded(mockserver.Config{Inspect: true, Now: func() time.Time { return now }}, 0, time.Minute))
	s := r.start(t, "sign-on")
	state := func() string { return inspectedJSON(t, r.Server).Get("signOns.0.state").String() }

	now = now.Add(time.Minute)
	assert.Equal(t, "running", state())
	handles := s.token
	s.token = "stale"
	requireUnauthorized(t, s.press(t, "TROUBLE", nil)) // this keeps it awake, and leaves it where it is
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
