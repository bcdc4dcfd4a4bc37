package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

// devTools speak the DevTools protocol with a headless Chromium, over a pipe of its
// own, and keep what a page sends as the network panel does.
type devTools struct {
	to       *os.File
	messages chan gjson.Result
	last     int                    // id of the last command
	answers  map[int64]gjson.Result // of commands that somebody waits for
	requests map[string]*panelEntry // by Chromium's id of the request
	order    []*panelEntry
	bodies   map[int64]*panelEntry // commands that ask for a body
}

// A devCommand is one of the DevTools protocol.
type devCommand struct {
	method string
	params map[string]any
}

// A panelEntry is a line of the network panel.
type panelEntry struct {
	request, sent      gjson.Result // requestWillBeSent, and its extra information
	response, received gjson.Result // responseReceived, and its extra information
	failed             string
	body               string
	base64             bool
}

// browseWith opens a page in Chromium and returns the network panel when done is
// closed. The commands are sent before the page is opened.
func browseWith(t *testing.T, page string, done <-chan struct{}, before ...devCommand) []*panelEntry {
	t.Helper()
	theirs, to, err := os.Pipe()
	require.NoError(t, err)
	from, ours, err := os.Pipe()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var said strings.Builder
	cmd := websdk.Chromium(ctx, t, "--ignore-certificate-errors", "--remote-debugging-pipe", "about:blank")
	cmd.Stderr, cmd.ExtraFiles = &said, []*os.File{theirs, ours}
	require.NoError(t, cmd.Start())
	require.NoError(t, errors.Join(theirs.Close(), ours.Close()))
	d := &devTools{
		to: to, messages: make(chan gjson.Result, 1024), answers: map[int64]gjson.Result{},
		requests: map[string]*panelEntry{}, bodies: map[int64]*panelEntry{},
	}
	go func() {
		defer close(d.messages)
		lines := bufio.NewReader(from)
		for {
			text, err := lines.ReadString(0)
			if err != nil {
				return
			}
			d.messages <- gjson.Parse(strings.TrimSuffix(text, "\x00"))
		}
	}()
	d.open(t, page, before)
	d.until(t, func() bool {
		select {
		case <-done:
			return len(d.bodies) == 0
		default:
			return false
		}
	})
	d.send(t, "", "Browser.close", nil)
	_ = cmd.Wait() // it ends as it was asked to, with whatever code
	require.NoError(t, errors.Join(to.Close(), from.Close()))
	return d.order
}

// send sends a command and returns its id.
func (d *devTools) send(t *testing.T, session, method string, params map[string]any) int64 {
	t.Helper()
	d.last++
	message := map[string]any{"id": d.last, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	require.NoError(t, err)
	_, err = d.to.Write(append(text, 0))
	require.NoError(t, err)
	return int64(d.last)
}

// call sends a command and waits for its answer.
func (d *devTools) call(t *testing.T, session, method string, params map[string]any) gjson.Result {
	t.Helper()
	id := d.send(t, session, method, params)
	d.until(t, func() bool { return d.answers[id].Exists() })
	require.False(t, d.answers[id].Get("error").Exists(), "%s: %s", method, d.answers[id])
	return d.answers[id].Get("result")
}

// open opens a page of which the network panel keeps everything.
func (d *devTools) open(t *testing.T, page string, before []devCommand) {
	t.Helper()
	target := d.call(t, "", "Target.createTarget", map[string]any{"url": "about:blank"}).Get("targetId").String()
	session := d.call(t, "", "Target.attachToTarget", map[string]any{"targetId": target, "flatten": true}).Get("sessionId").String()
	d.call(t, session, "Network.enable", nil)
	d.call(t, session, "Page.enable", nil)
	for _, c := range before {
		d.call(t, session, c.method, c.params)
	}
	d.call(t, session, "Page.navigate", map[string]any{"url": page})
}

// until takes messages until enough is there.
func (d *devTools) until(t *testing.T, enough func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !enough() {
		select {
		case m, ok := <-d.messages:
			require.True(t, ok, "chromium ended before the page did")
			d.take(t, m)
		case <-look.C:
		case <-deadline:
			require.Fail(t, "the page did not come to its end in a minute")
		}
	}
}

// take takes an answer or an event.
func (d *devTools) take(t *testing.T, m gjson.Result) {
	t.Helper()
	if id := m.Get("id"); id.Exists() {
		if e := d.bodies[id.Int()]; e != nil {
			e.body, e.base64 = m.Get("result.body").String(), m.Get("result.base64Encoded").Bool()
			delete(d.bodies, id.Int())
			return
		}
		d.answers[id.Int()] = m
		return
	}
	params := m.Get("params")
	id := params.Get("requestId").String()
	if !strings.HasPrefix(m.Get("method").String(), "Network.") || id == "" {
		return
	}
	e := d.requests[id]
	if e == nil {
		e = &panelEntry{}
		d.requests[id] = e
	}
	switch m.Get("method").String() {
	case "Network.requestWillBeSent":
		e.request = params
		d.order = append(d.order, e)
	case "Network.requestWillBeSentExtraInfo":
		e.sent = params
	case "Network.responseReceived":
		e.response = params
	case "Network.responseReceivedExtraInfo":
		e.received = params
	case "Network.loadingFinished":
		d.bodies[d.send(t, m.Get("sessionId").String(), "Network.getResponseBody", map[string]any{"requestId": id})] = e
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
