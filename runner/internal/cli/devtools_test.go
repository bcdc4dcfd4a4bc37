package cli_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// A panel is the network panel of a tab: it keeps what a page sends.
type panel struct {
	tab *websdk.Tab

	mu       sync.Mutex
	requests map[string]*panelEntry // by Chromium's id of the request
	order    []*panelEntry
	bodies   sync.WaitGroup // those that were asked for
}

// A panelEntry is a line of the network panel.
type panelEntry struct {
	request, sent      gjson.Result // requestWillBeSent, and its extra information
	response, received gjson.Result // responseReceived, and its extra information
	failed             string
	body               string
	base64             bool
}

// browseIn opens a page in a tab and returns what it sent until it was done.
func browseIn(t *testing.T, tab *websdk.Tab, page *websdk.Page) []*panelEntry {
	t.Helper()
	p := &panel{tab: tab, requests: map[string]*panelEntry{}}
	tab.Listen = p.take
	tab.Call("Network.enable", nil)
	page.Browse(tab)
	tab.Console() // what was said before is here
	p.bodies.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.order)
}

// take takes an event.
func (p *panel) take(m gjson.Result) {
	params := m.Get("params")
	id := params.Get("requestId").String()
	if !strings.HasPrefix(m.Get("method").String(), "Network.") || id == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.requests[id]
	if e == nil {
		e = &panelEntry{}
		p.requests[id] = e
	}
	switch m.Get("method").String() {
	case "Network.requestWillBeSent":
		e.request = params
		p.order = append(p.order, e)
	case "Network.requestWillBeSentExtraInfo":
		e.sent = params
	case "Network.responseReceived":
		e.response = params
	case "Network.responseReceivedExtraInfo":
		e.received = params
	case "Network.loadingFinished":
		p.bodies.Add(1)
		p.tab.Send("Network.getResponseBody", map[string]any{"requestId": id}, func(m gjson.Result) {
			defer p.bodies.Done()
			p.mu.Lock()
			defer p.mu.Unlock()
			e.body, e.base64 = m.Get("result.body").String(), m.Get("result.base64Encoded").Bool()
		})
	case "Network.loadingFailed":
		e.failed = params.Get("errorText").String()
	}
}

// inHAR writes the network panel as HAR 1.2, as DevTools save it: with sensitive
// data, or without cookies and authorization.
func inHAR(t *testing.T, panel []*panelEntry, sensitive bool) []byte {
	t.Helper()
	entries := []any{}
	for _, e := range panel {
		entries = append(entries, e.har(t, sensitive))
	}
	text, err := json.MarshalIndent(map[string]any{"log": map[string]any{
		"version": "1.2", "creator": map[string]any{"name": "WebInspector", "version": "537.36"},
		"pages": []any{}, "entries": entries,
	}}, "", "  ")
	require.NoError(t, err)
	return text
}

func (e *panelEntry) har(t *testing.T, sensitive bool) map[string]any {
	t.Helper()
	sent, received := e.request.Get("request.headers"), e.response.Get("response.headers")
	if e.sent.Exists() {
		sent = e.sent.Get("headers")
	}
	if e.received.Exists() {
		received = e.received.Get("headers")
	}
	seconds := e.request.Get("wallTime").Float()
	link := e.request.Get("request.url").String()
	u, err := url.Parse(link)
	require.NoError(t, err)
	query := []any{}
	for name, values := range u.Query() {
		query = append(query, map[string]any{"name": name, "value": values[0]})
	}
	request := map[string]any{
		"method": e.request.Get("request.method").String(), "url": link, "httpVersion": "http/1.1",
		"headers": headersOf(sent, sensitive), "queryString": query, "cookies": []any{}, "headersSize": -1, "bodySize": 0,
	}
	if data := e.request.Get("request.postData"); data.Exists() {
		request["postData"] = map[string]any{"mimeType": sent.Get("content-type").String(), "text": data.String()}
		request["bodySize"] = len(data.String())
	}
	content := map[string]any{"size": len(e.body), "mimeType": e.response.Get("response.mimeType").String()}
	if e.body != "" {
		content["text"] = e.body
	}
	if e.base64 {
		content["encoding"] = "base64"
	}
	response := map[string]any{
		"status": e.response.Get("response.status").Int(), "statusText": e.response.Get("response.statusText").String(),
		"httpVersion": "http/1.1", "headers": headersOf(received, sensitive), "cookies": []any{}, "content": content,
		"redirectURL": received.Get("Location").String(), "headersSize": -1, "bodySize": -1,
	}
	if e.failed != "" {
		response["_error"] = e.failed
	}
	return map[string]any{
		"_resourceType":   strings.ToLower(e.request.Get("type").String()),
		"startedDateTime": time.UnixMicro(int64(seconds * 1e6)).UTC().Format("2006-01-02T15:04:05.000Z"),
		"time":            1000 * (e.response.Get("timestamp").Float() - e.request.Get("timestamp").Float()),
		"request":         request, "response": response, "cache": map[string]any{},
		"timings": map[string]any{"send": 0, "wait": 0, "receive": 0},
	}
}

// headersOf lists headers. Without sensitive data DevTools leave these three out.
func headersOf(h gjson.Result, sensitive bool) []any {
	out := []any{}
	all := h.Map()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !sensitive && slices.Contains([]string{"cookie", "set-cookie", "authorization"}, strings.ToLower(name)) {
			continue
		}
		out = append(out, map[string]any{"name": name, "value": all[name].String()})
	}
	return out
}

// inBase64 writes every body of a HAR as Base64, as programs do that save bytes.
func inBase64(t *testing.T, text []byte) []byte {
	t.Helper()
	var whole map[string]any
	require.NoError(t, json.NewDecoder(bytes.NewReader(text)).Decode(&whole))
	log, ok := whole["log"].(map[string]any)
	require.True(t, ok)
	list, ok := log["entries"].([]any)
	require.True(t, ok)
	n := 0
	for _, e := range list {
		entry, _ := e.(map[string]any)
		response, _ := entry["response"].(map[string]any)
		content, _ := response["content"].(map[string]any)
		if body, ok := content["text"].(string); ok && content["encoding"] == nil {
			content["text"], content["encoding"] = base64.StdEncoding.EncodeToString([]byte(body)), "base64"
			n++
		}
	}
	require.Positive(t, n)
	out, err := json.Marshal(whole)
	require.NoError(t, err)
	return out
}

func (e *panelEntry) String() string {
	return fmt.Sprintf("%s %s → %d %s", e.request.Get("request.method"), e.request.Get("request.url"),
		e.response.Get("response.status").Int(), e.failed)
}
