package mockserver_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
)

func TestCookiesHaveTheAttributesThatWereRecorded(t *testing.T) {
	const text = "format: 1\nsource: synthetic\nflow: f\nhops:\n  - name: end\n    request: {path: /as/authorize}\n" +
		"    response: {status: 200, json: end.json, cookies: ['ST; Path=/as; Max-Age=60; Secure; SameSite=None', ST-NO-SS, 'cart[1]; Path=/']}\n"
	flows, err := recordings.LoadAll(fstest.MapFS{
		"f/recording.yaml": {Data: []byte(text)},
		"f/end.json":       {Data: []byte(`{"authorizeResponse":{"code":"{{code}}"}}`)},
	}, ".")
	require.NoError(t, err)
	s, err := mockserver.New(mockserver.Config{Flows: flows})
	require.NoError(t, err)
	for base, want := range map[string][]string{
		"https://a.test": {"; Path=/as; Max-Age=60; Secure; SameSite=None", "; Path=/; HttpOnly; Secure", "; Path=/"},
		"http://a.test":  {"; Path=/as; Max-Age=60", "; Path=/; HttpOnly", "; Path=/"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			base+"/as/authorize?response_mode=pi.flow&client_id=c", nil)
		require.NoError(t, err)
		resp, err := s.Transport().RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		var got []string
		for _, line := range resp.Header["Set-Cookie"] {
			_, attributes, _ := strings.Cut(line, ";")
			got = append(got, ";"+attributes)
		}
		assert.Equal(t, want, got, base)
	}
}

func TestBracesOfTheServiceAreServedAsTheyCame(t *testing.T) {
	const text = "format: 1\nsource: synthetic\nflow: f\nhops:\n  - name: end\n    request: {path: /as/authorize}\n" +
		"    response: {status: 500, html: end.html, headers: {X-Text: '{{literal:braces}}code}}'}}\n"
	flows, err := recordings.LoadAll(fstest.MapFS{
		"f/recording.yaml": {Data: []byte(text)},
		"f/end.html":       {Data: []byte("<script>{{literal:braces}}{user.email}}}</script>{{minted.a:hex7}} {{minted.b:jwt}} {{minted.c:png}} {{minted.d}}")},
	}, ".")
	require.NoError(t, err)
	s, err := mockserver.New(mockserver.Config{Flows: flows})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"https://a.test/as/authorize?response_mode=pi.flow&client_id=c", nil)
	require.NoError(t, err)
	resp, err := s.Transport().RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Regexp(t, `^<script>\{\{\{user\.email\}\}\}</script>[0-9a-f]{7} eyJ[\w-]+\.[\w-]+\.[\w-]+ data:image/png;base64,iVBOR\S+ [0-9a-f-]{36}$`,
		string(body))
	assert.Equal(t, "{{code}}", resp.Header.Get("X-Text"))
}
