package mockserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
)

// FuzzHandler sends whatever a client may send. Where live is set, the handles
// of a sign-on that is at its first screen go with it, so that what lies
// after them is reached, too. The header is lines of "Name: value".
func FuzzHandler(f *testing.F) {
	r := replaying(f, mockserver.Bounded(mockserver.Config{}, 8, 0))
	const connection = envPath + "/davinci/connections/38371f93b20695287f3d5bcb1a1da669/capabilities/customHTMLTemplate"
	const start = "client_id=app&response_mode=pi.flow&acr_values="
	f.Add("GET", envPath+"/as/authorize", start+"sign-on&state=s", "X-Requested-With: ping-sdk", []byte(nil), false)
	f.Add("GET", "/as/authorize", start+"session&state=%22%5C%00", "", []byte(nil), false)
	f.Add("GET", "/as/authorize", start+"errors&request_uri=urn:example:par:expired", "Host: a b", []byte(nil), false)
	f.Add("GET", "/as/authorize", start+"mfa", "", []byte(nil), false)
	f.Add("POST", envPath+"/as/authorize", "", "Content-Type: application/x-www-form-urlencoded", []byte(start+"mfa"), false)
	f.Add("POST", envPath+"/as/authorize", "", "Content-Type: multipart/form-data; boundary=x", []byte("--x\r\n"), false)
	f.Add("GET", envPath+"/as/.well-known/openid-configuration", "", "", []byte(nil), false)
	f.Add("OPTIONS", connection, "", "Origin: http://localhost\nAccess-Control-Request-Method: POST", []byte(nil), false)
	f.Add("POST", connection, "", "", []byte(pressing("SIGNON", "submit", rightly("ann"))), true)
	f.Add("POST", connection, "next=true", "X-Requested-With: ping-sdk", []byte(pressing("SIGNON", "submit", signing("ann", "x"))), true)
	f.Add("POST", connection, "", "", []byte(`{"parameters":{"buttonType":"form-submit","buttonValue":"SIGNON","username":"ann","password":"x"}}`), true)
	f.Add("POST", connection, "", "", []byte(`{"parameters":{"data":{"actionKey":[],"formData":[{"a":1}]}}}`), true)
	f.Add("POST", envPath+"/davinci/connections///capabilities", "", "Cookie: interactionId=a; interactionToken=\"b", []byte(`{`), true)
	f.Add("POST", envPath+"/as/token", "", "Content-Type: application/x-www-form-urlencoded\nAuthorization: Basic !", []byte("grant_type=authorization_code&code=x"), false)
	const form = "Content-Type: application/x-www-form-urlencoded\nOrigin: https://app.example.com"
	for path, body := range map[string]string{
		"/as/par": start + "sign-on&redirect_uri=https%3A%2F%2Fapp.example.com", "/as/introspect": "token=x", "/as/revoke": "token=x",
		"/as/signoff": "id_token_hint=a.b.c", "/as/token": "grant_type=refresh_token&refresh_token=x&client_id=app",
		"/davinci/user/credentials/challenge/x/status": "{}", "/davinci/policy/x/start": "{}", "/as/userinfo": "", "/as/jwks": "",
	} {
		f.Add("POST", envPath+path, "", form, []byte(body), false)
		f.Add("GET", path, body, "Authorization: Bearer a.b.c", []byte(nil), false)
	}
	f.Fuzz(func(t *testing.T, method, path, query, header string, body []byte, live bool) {
		q := &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "auth.example.com", Header: http.Header{},
			Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}
		for line := range strings.Lines(header) {
			if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": "); ok {
				q.Header.Add(name, value)
			}
		}
		if host := q.Header.Get("Host"); host != "" {
			q.Host = host
		}
		if live {
			s := r.start(t, "sign-on")
			q.Header.Set("interactionId", s.id)
			q.Header.Set("interactionToken", s.token)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, q.WithContext(t.Context()))
		require.GreaterOrEqual(t, w.Code, 200)
		require.LessOrEqual(t, w.Code, 599)
		if text := w.Body.Bytes(); strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			require.True(t, json.Valid(text), "%s", text)
			if w.Code == http.StatusOK {
				require.NotContains(t, gjson.GetBytes(text, "_links").Raw, "{{")
			}
		}
	})
}
