package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/runner/internal/cli"
)

// get asks for a page with a client that follows redirects.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, string(text)
}

func TestServeInspect(t *testing.T) {
	t.Parallel()
	s := serve(t, "--inspect")
	at := s.url(t, "the requests are shown at")
	assert.Regexp(t, `^http://127\.0\.0\.1:\d+/flowtest/inspect/$`, at)
	status, _ := get(t, s.url(t, "sign-on"))
	require.Equal(t, http.StatusOK, status)

	status, page := get(t, at)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, page, "<h1>What the replay was asked</h1>")
	status, same := get(t, strings.TrimSuffix(at, "/"))
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, same, "<h1>What the replay was asked</h1>")
	status, text := get(t, at+"inspect.json")
	assert.Equal(t, http.StatusOK, status)
	assert.Equal(t, "sign-on-form", gjson.Get(text, "signOns.0.at").String())
	assert.Equal(t, cli.ExitPassed, s.stop())
}

func TestServeInspectsOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	s := serve(t)
	for _, line := range s.out {
		assert.NotContains(t, line, "inspect")
	}
	base, _, _ := strings.Cut(s.url(t, "discovery"), "/as/")
	base = base[:strings.LastIndex(base, "/")]
	for _, path := range []string{"/flowtest/inspect", "/flowtest/inspect/", "/flowtest/inspect/inspect.json"} {
		status, body := get(t, base+path)
		assert.Equal(t, http.StatusNotFound, status, path)
		assert.Equal(t, "NOT_FOUND", gjson.Get(body, "code").String(), path)
	}
	assert.Equal(t, cli.ExitPassed, s.stop())
}

func TestServeInspectIsOnlyForThisMachine(t *testing.T) {
	t.Parallel()
	for _, listen := range []string{"0.0.0.0:0", ":0"} {
		var out, talk strings.Builder
		code := cli.Main(t.Context(), cli.Process{
			Args: []string{"serve", "--inspect", "--tls", "--listen", listen}, Stdout: &out, Stderr: &talk, Env: noEnvironment,
		})
		assert.Equal(t, cli.ExitUsage, code)
		assert.Regexp(t, `^flowtest: error: serve: --inspect is only for this machine, and \S+:\d+ can be reached from others\n`+
			`flowtest: hint: listen on a loopback address, as without --listen: 127\.0\.0\.1:8910\n$`, talk.String())
		assert.Empty(t, out.String())
	}
}

// A password that an app sends in the place of a name is neither logged nor shown.
func TestServeHidesSecretsThatAppsSendAsNames(t *testing.T) {
	t.Parallel()
	const password = "demo-Passw0rd-1"
	s := serve(t, "--inspect")
	screen := func() (next string, header http.Header) {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url(t, "sign-on"), nil)
		require.NoError(t, err)
		q.Header.Set("X-Requested-With", "ping-sdk")
		p, err := http.DefaultClient.Do(q)
		require.NoError(t, err)
		defer func() { _ = p.Body.Close() }()
		text, err := io.ReadAll(p.Body)
		require.NoError(t, err)
		body := gjson.ParseBytes(text)
		header = q.Header.Clone()
		header.Set("interactionId", body.Get("interactionId").String())
		header.Set("interactionToken", body.Get("interactionToken").String())
		return body.Get("_links.next.href").String(), header
	}
	next, header := screen()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, next, strings.NewReader(
		`{"parameters":{"eventType":"action","data":{"actionKey":"`+password+`","formData":{"`+password+`":"x"}}}}`))
	require.NoError(t, err)
	q.Header = header
	p, err := http.DefaultClient.Do(q)
	require.NoError(t, err)
	_ = p.Body.Close()
	_, text := get(t, s.url(t, "the requests")+"inspect.json")
	_, page := get(t, s.url(t, "the requests"))
	assert.Contains(t, text, "[redacted]")
	assert.True(t, gjson.Valid(text))
	assert.Contains(t, s.talk.String(), "[redacted]")
	for _, shown := range []string{text, page, s.talk.String()} {
		assert.NotContains(t, shown, password)
	}
	s.stop()
}
