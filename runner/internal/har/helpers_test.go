package har_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/har"
	"flowtest/steps/davinci"
)

func TestMain(m *testing.M) { shipped.Main(m) }

const (
	site = "https://auth.example.com/env-1"
	form = site + "/davinci/connections/conn1/capabilities/customHTMLTemplate"
	day  = "2026-03-04T05:06:"
)

// A message is an entry of a HAR, to be changed by a test.
type message map[string]any

// in sets a member, named by its path.
func (m message) in(path string, value any) message {
	part := strings.Split(path, ".")
	at := m
	for _, name := range part[:len(part)-1] {
		inner, ok := at[name].(message)
		if !ok {
			inner = message{}
			at[name] = inner
		}
		at = inner
	}
	at[part[len(part)-1]] = value
	return m
}

func header(pairs ...string) []message {
	out := []message{}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, message{"name": pairs[i], "value": pairs[i+1]})
	}
	return out
}

// made is an entry as HAR 1.2 has it; second is when it began.
func made(second, method, to, sent string, status int, came string) message {
	m := message{
		"startedDateTime": day + second + "Z", "time": 12.5,
		"request": message{
			"method": method, "url": to, "httpVersion": "HTTP/1.1", "cookies": []any{}, "headers": header(),
			"queryString": []any{}, "headersSize": -1, "bodySize": len(sent),
		},
		"response": message{
			"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": []any{},
			"headers":     header("Content-Type", "application/json"),
			"content":     message{"size": len(came), "mimeType": "application/json", "text": came},
			"redirectURL": "", "headersSize": -1, "bodySize": len(came),
		},
		"cache": message{}, "timings": message{"send": 0, "wait": 12.5, "receive": 0},
	}
	if sent != "" {
		m.in("request.postData", message{"mimeType": "application/json", "text": sent})
	}
	return m
}

// screen is what answers with a form of the sign-on id; "" names none.
func screen(id, node string) string {
	if id != "" {
		id = `"interactionId":"` + id + `",`
	}
	return `{` + id + `"id":"` + node + `","connectionId":"conn1","capabilityName":"customHTMLTemplate","form":{},` +
		`"_links":{"next":{"href":"https://auth.example.test/davinci/connections/conn1/capabilities/customHTMLTemplate"}}}`
}

func start(second, id string) message {
	return made(second, "GET", site+"/as/authorize?client_id=app&response_mode=pi.flow", "", 200, screen(id, "node1"))
}

// social is a start whose screen leads to an identity provider.
func social(second, id string) message {
	shown := strings.NewReplacer(
		`"_links":{`, `"_links":{"continue":{"href":"`+site+`/davinci/connections/conn1/callback"},`,
		`"form":{}`, `"form":{"components":{"fields":[{"type":"SOCIAL_LOGIN_BUTTON","idpType":"GOOGLE","label":"Google"}]}}`,
	).Replace(screen(id, "node1"))
	return made(second, "GET", site+"/as/authorize?client_id=app&response_mode=pi.flow", "", 200, shown)
}

// back comes back from there, with the token and the cookie where they are not empty.
func back(second, token, id string) message {
	m := made(second, "POST", site+"/davinci/connections/conn1/callback", "{}", 200, `{"status":"COMPLETED"}`)
	var headers []string
	if token != "" {
		headers = append(headers, "authorization", "Bearer "+token)
	}
	if id != "" {
		headers = append(headers, "cookie", "interactionId="+id)
	}
	return m.in("request.headers", header(headers...))
}

// native posts the token of a provider's own SDK.
func native(second, property, to, id string) message {
	m := made(second, "POST", to, `{"`+property+`":"t0ken"}`, 200, `{"status":"COMPLETED"}`)
	if id != "" {
		m.in("request.headers", header("cookie", "interactionId="+id))
	}
	return m
}

// next answers the form with the interactionId in the header.
func next(second, id string) message {
	m := made(second, "POST", form, `{"id":"node1"}`, 200, `{"status":"COMPLETED"}`)
	if id != "" {
		m.in("request.headers", header("interactionid", id))
	}
	return m
}

// file is a HAR with entries.
func file(tb testing.TB, entries ...message) string {
	tb.Helper()
	if entries == nil {
		entries = []message{}
	}
	out, err := json.Marshal(message{"log": message{
		"version": "1.2", "creator": message{"name": "WebInspector", "version": "537.36"},
		"pages": []any{}, "entries": entries,
	}})
	require.NoError(tb, err)
	return string(out)
}

// read reads entries that hold a sign-on.
func read(t *testing.T, entries ...message) *har.Archive {
	t.Helper()
	a, err := har.Read(strings.NewReader(file(t, entries...)))
	require.NoError(t, err)
	return a
}

// story is a journey in short: method and last word of the path of each exchange.
func story(journey davinci.Exchanges) []string {
	out := make([]string, len(journey))
	for i, x := range journey {
		out[i] = x.Method + " " + x.URL.Path[strings.LastIndex(x.URL.Path, "/")+1:]
	}
	return out
}

func said(problems []har.Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

// exchange is one as a transport would see it.
func exchange(tb testing.TB, second int, method, to, sent string, status int, came string) davinci.Exchange {
	tb.Helper()
	u, err := url.Parse(to)
	require.NoError(tb, err)
	x := davinci.Exchange{
		Began: time.Date(2026, 3, 4, 5, 6, second, 789_000_001, time.UTC), Took: 12*time.Millisecond + 345*time.Microsecond,
		Method: method, URL: u,
		Header: http.Header{"X-Requested-With": {"ping-sdk"}, "Accept": {"application/json"}},
		Status: status, ResponseHeader: http.Header{"Content-Type": {"application/json;charset=utf-8"}},
		Response: []byte(came),
	}
	if sent != "" {
		x.Body = []byte(sent)
		x.Header.Set("Content-Type", "application/json")
	}
	return x
}

// keep writes a file that a person may look at where the environment asks for it.
func keep(t *testing.T, name string, text []byte) {
	t.Helper()
	if dir := os.Getenv("FLOWTEST_KEEP"); dir != "" {
		require.NoError(t, os.WriteFile(dir+"/"+name, text, 0o600))
	}
}

// notInShort skips a test that reads tens of megabytes in one goroutine: the race
// detector has nothing to find there, and takes ten times as long.
func notInShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
}
