package mockserver_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
)

// usualIdle is how long an interaction may rest by default.
const usualIdle = 15 * time.Minute

// people are the users that the replays below know.
var people = map[string]map[string]string{
	"ann": {
		"username": "ann", "password": "ann's secret", "newPassword": "ann's next secret",
		"email": "ann@example.com", "givenName": "Ann", "familyName": "Arbor", "otp": "111111",
	},
	"ben": {
		"username": "ben", "password": "ben's secret", "newPassword": "ben's next secret",
		"email": "ben@example.com", "givenName": "Ben", "familyName": "Brook", "otp": "222222",
	},
}

// recorded loads a recording from text: what is below "flow:", and bodies by name.
func recorded(tb testing.TB, name, yaml string, bodies map[string]string) *recordings.Flow {
	tb.Helper()
	fsys := fstest.MapFS{name + "/recording.yaml": {Data: []byte("format: 1\nsource: synthetic\nflow: " + name + "\n" + yaml)}}
	for file, text := range bodies {
		fsys[name+"/"+file] = &fstest.MapFile{Data: []byte(text)}
	}
	flow, err := recordings.Load(fsys, name)
	require.NoError(tb, err)
	return flow
}

// screenBody is a screen of a form or, in detailed, of HTML.
func screenBody(node string, detailed bool) string {
	own := `"form":{"name":"` + node + `","components":{"fields":[]}},"_links":{"next":{"href":` +
		`"{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"}}`
	if detailed {
		own = `"screen":{"name":"HTTP"}`
	}
	return `{"id":"` + node + `","connectionId":"connection","capabilityName":"customHTMLTemplate",` +
		`"interactionId":"{{interactionId}}","interactionToken":"{{interactionToken}}",` + own + `}`
}

// A replay is a server under test and the way to it.
type replay struct {
	*mockserver.Server
	http.RoundTripper
	base string // scheme and host
}

// replaying answers in this process.
func replaying(tb testing.TB, config mockserver.Config) *replay {
	tb.Helper()
	if config.Flows == nil {
		config.Flows = shipped.Flows(tb)
	}
	if config.Users == nil {
		config.Users = people
	}
	server, err := mockserver.New(config)
	require.NoError(tb, err)
	return &replay{server, server.Transport(), "https://auth.example.com"}
}

// onSocket answers over a socket of this machine.
func (r *replay) onSocket(tb testing.TB) *replay {
	tb.Helper()
	site := httptest.NewServer(r.Server)
	tb.Cleanup(site.Close)
	return &replay{r.Server, site.Client().Transport, site.URL}
}

// A reply is an answer that was read.
type reply struct {
	status  int
	header  http.Header
	cookies map[string]string
	text    string
	gjson.Result
}

// send sends a request to a path, or to a whole link.
func (r *replay) send(tb testing.TB, method, to string, header map[string]string, body string) reply {
	tb.Helper()
	if strings.HasPrefix(to, "/") {
		to = r.base + to
	}
	q, err := http.NewRequestWithContext(tb.Context(), method, to, strings.NewReader(body))
	require.NoError(tb, err)
	for name, value := range header {
		q.Header.Set(name, value)
	}
	p, err := r.RoundTrip(q)
	require.NoError(tb, err)
	defer func() { assert.NoError(tb, p.Body.Close()) }()
	text, err := io.ReadAll(p.Body)
	require.NoError(tb, err)
	a := reply{p.StatusCode, p.Header, map[string]string{}, string(text), gjson.ParseBytes(text)}
	for _, cookie := range p.Cookies() {
		a.cookies[cookie.Name] = cookie.Value
	}
	return a
}

const envPath = "/" + mockserver.DefaultEnvironment

// authorize is the path and query that start a flow; more is added to the query.
func authorize(flow string, more ...string) string {
	query := url.Values{"client_id": {"app"}, "response_mode": {"pi.flow"}, "acr_values": {flow}}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return envPath + "/as/authorize?" + query.Encode()
}

// sdk is the header that asks for JSON.
var sdk = map[string]string{"X-Requested-With": "ping-sdk"}

// A signOn is one journey through a flow. It sends its handles in headers.
type signOn struct {
	*replay
	detailed         bool
	id, token, link  string
	node, connection string
}

// start starts a flow, which has to pause at a screen.
func (r *replay) start(tb testing.TB, flow string) *signOn {
	tb.Helper()
	s := &signOn{replay: r}
	a := r.send(tb, http.MethodGet, authorize(flow), sdk, "")
	require.Equal(tb, http.StatusOK, a.status, a.text)
	s.keep(a)
	return s
}

// startDetailed does it without the header.
func (r *replay) startDetailed(tb testing.TB, flow string) *signOn {
	tb.Helper()
	s := &signOn{replay: r, detailed: true}
	a := r.send(tb, http.MethodGet, authorize(flow), nil, "")
	require.Equal(tb, http.StatusOK, a.status, a.text)
	s.keep(a)
	return s
}

// keep notes the handles of a screen, as a client does.
func (s *signOn) keep(a reply) {
	if a.status != http.StatusOK || !a.Get("form").Exists() && !a.Get("screen").Exists() {
		return
	}
	s.id, s.token = a.Get("interactionId").String(), a.Get("interactionToken").String()
	s.node, s.connection = a.Get("id").String(), a.Get("connectionId").String()
	s.link = a.Get("_links.next.href").String()
	if s.link == "" {
		s.link = s.base + envPath + "/davinci/connections/" + s.connection + "/capabilities/" + a.Get("capabilityName").String()
	}
}

// headers are the handles and the shape that is asked for.
func (s *signOn) headers() map[string]string {
	h := map[string]string{"interactionId": s.id, "interactionToken": s.token, "Content-Type": "application/json"}
	if !s.detailed {
		maps.Copy(h, sdk)
	}
	return h
}

// press answers the screen in the dialect of the SDKs.
func (s *signOn) press(tb testing.TB, action string, formData map[string]any) reply {
	tb.Helper()
	return s.post(tb, pressing(action, "submit", formData))
}

// post sends a body to the link of the screen.
func (s *signOn) post(tb testing.TB, body string) reply {
	tb.Helper()
	a := s.send(tb, http.MethodPost, s.link, s.headers(), body)
	s.keep(a)
	return a
}

// pressing is the body of a next request in the dialect of the SDKs.
func pressing(action, eventType string, formData map[string]any) string {
	data := map[string]any{"actionKey": action}
	if formData != nil {
		data["formData"] = formData
	}
	return encoded(map[string]any{"eventName": "continue", "parameters": map[string]any{"eventType": eventType, "data": data}})
}

// encoded writes a value as JSON.
func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // the tests make their own values
	}
	return string(text)
}

// signing are the fields of a sign-on form.
func signing(username, password string) map[string]any {
	return map[string]any{"username": username, "password": password}
}

// rightly are they with the user's own password.
func rightly(user string) map[string]any {
	return signing(people[user]["username"], people[user]["password"])
}

// requireUnauthorized requires the answer to handles that are not valid.
func requireUnauthorized(tb testing.TB, a reply) {
	tb.Helper()
	require.Equal(tb, http.StatusUnauthorized, a.status, a.text)
	assert.JSONEq(tb, `{"cause":null,"logLevel":"error","serviceName":null,"message":"Unauthorized!",`+
		`"errorMessage":"Unauthorized!","success":false,"httpResponseCode":401,"code":1999}`, a.text)
	assert.Empty(tb, a.header.Get(mockserver.UnmatchedHeader), "handles are no fault of the recording")
}
