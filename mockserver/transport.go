package mockserver

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/jarcoal/httpmock"
)

var anyURL = regexp.MustCompile("")

// Transport returns a transport that answers every request with s, in this
// process and without a socket. It never reaches the network, whatever host a
// request names.
func (s *Server) Transport() http.RoundTripper {
	return newTransport(func(r *http.Request) (*http.Response, error) {
		w := &memory{header: http.Header{}}
		if r.Body == nil {
			r.Body = http.NoBody
		}
		s.ServeHTTP(w, r)
		return w.response(r), r.Body.Close()
	})
}

// newTransport returns a transport that answers every request with respond.
func newTransport(respond httpmock.Responder) http.RoundTripper {
	mock := httpmock.NewMockTransport()
	// A responder that fits is found sooner than that none does.
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mock.RegisterRegexpResponder(method, anyURL, respond)
	}
	mock.RegisterNoResponder(respond)
	return mock
}

// memory is a response while it is written.
type memory struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (m *memory) Header() http.Header { return m.header }

// WriteHeader implements [http.ResponseWriter].
func (m *memory) WriteHeader(status int) {
	if m.status == 0 {
		m.status = status
	}
}

// Write implements [http.ResponseWriter].
func (m *memory) Write(p []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.body.Write(p)
}

func (m *memory) response(r *http.Request) *http.Response {
	m.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(m.status) + " " + http.StatusText(m.status), StatusCode: m.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.header, Body: io.NopCloser(bytes.NewReader(m.body.Bytes())),
		ContentLength: int64(m.body.Len()), Request: r,
	}
}
