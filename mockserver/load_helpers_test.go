package mockserver_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
)

// A knocker sends requests straight to a handler, and makes next to no garbage
// of its own, so that what is measured is the handler's.
type knocker struct {
	handler http.Handler
	header  http.Header
	status  int
	body    bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (k *knocker) Header() http.Header { return k.header }

// WriteHeader implements [http.ResponseWriter].
func (k *knocker) WriteHeader(status int) { k.status = status }

// Write implements [http.ResponseWriter].
func (k *knocker) Write(p []byte) (int, error) { return k.body.Write(p) }

func newKnocker(handler http.Handler) *knocker {
	return &knocker{handler: handler, header: http.Header{}}
}

// knock sends a request; its answer is in k until the next one.
func (k *knocker) knock(r *http.Request) int {
	clear(k.header)
	k.status = http.StatusOK
	k.body.Reset()
	k.handler.ServeHTTP(k, r)
	return k.status
}

// A knocked is a request that can be sent again.
type knocked struct {
	*http.Request
	body bodyOf
}

type bodyOf struct{ *strings.Reader }

// Close implements [io.Closer].
func (bodyOf) Close() error { return nil }

// newKnocked makes a request of the web SDK.
func newKnocked(tb testing.TB, method, to string, header map[string]string, body string) *knocked {
	tb.Helper()
	k := &knocked{httptest.NewRequestWithContext(tb.Context(), method, to, http.NoBody), bodyOf{strings.NewReader(body)}}
	k.Body, k.ContentLength = k.body, int64(len(body))
	for name, value := range header {
		k.Header.Set(name, value)
	}
	return k
}

// again makes the request ready to be sent once more.
func (k *knocked) again(body string) *http.Request {
	k.body.Reset(body)
	return k.Request
}

// fullQuery is what the web SDK sends to the authorize endpoint.
func fullQuery(flow string) url.Values {
	return url.Values{
		"client_id": {"d5d75171-e74b-45ea-ad66-a93fc73174f4"}, "acr_values": {flow}, "response_mode": {"pi.flow"},
		"response_type": {"code"}, "scope": {"openid profile email"}, "redirect_uri": {appRedirect},
		"state": {"MTI3MTQxMjM3MTIwNDgyMTA5MzYxNzI"}, "nonce": {"n-0S6_WzA2Mj"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}
}

// wrongPassword is a next request that is refused and leaves the screen where it is.
var wrongPassword = pressing("SIGNON", "submit", signing("ann", "mistaken"))

// A standing sign-on stands at a screen and is pressed through a knocker.
type standing struct{ id, token, link string }

// standingAt reads the handles off an answer.
func standingAt(body []byte) standing {
	return standing{
		gjson.GetBytes(body, "interactionId").String(), gjson.GetBytes(body, "interactionToken").String(),
		gjson.GetBytes(body, "_links.next.href").String(),
	}
}

func (s standing) headers() map[string]string {
	return map[string]string{
		"X-Requested-With": "ping-sdk", "Content-Type": "application/json",
		"interactionId": s.id, "interactionToken": s.token,
	}
}

// stand starts the flow sign-on.
func (k *knocker) stand(tb testing.TB) standing {
	tb.Helper()
	q := newKnocked(tb, http.MethodGet, "https://auth.example.com"+envPath+"/as/authorize?"+fullQuery("sign-on").Encode(), sdk, "")
	require.Equal(tb, http.StatusOK, k.knock(q.Request), k.body.String())
	return standingAt(k.body.Bytes())
}

// heap returns the bytes that are in use after everything else was collected.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold is let go at the second time
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// allocated returns the bytes that were ever taken.
func allocated() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

const mib = 1 << 20

// loaded is a replay of the shipped recordings for load tests.
func loaded(tb testing.TB, config mockserver.Config) *mockserver.Server {
	tb.Helper()
	return replaying(tb, config).Server
}

// codeIn finds the code of an answer.
func codeIn(text string) string {
	_, rest, _ := strings.Cut(text, `"code": "`)
	code, _, _ := strings.Cut(rest, `"`)
	return code
}
