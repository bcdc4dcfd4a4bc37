package mockserver

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"syscall"

	"github.com/jarcoal/httpmock"

	"flowtest/mockserver/internal/wire"
)

var anyURL = regexp.MustCompile("")

// Responder returns an httpmock responder that answers with s, so that a replay can
// be used beside other stubs of an [httpmock.MockTransport]:
//
//	mock.RegisterRegexpResponder(http.MethodGet, regexp.MustCompile(`^https://auth\.`), server.Responder())
//
// It needs no socket and never reaches the network, whatever host a request names.
func (s *Server) Responder() httpmock.Responder { return responder(s) }

// Transport returns a transport that answers every request with s, in this
// process and without a socket. It never reaches the network, whatever host a
// request names.
func (s *Server) Transport() http.RoundTripper { return newTransport(s.Responder()) }

// newTransport returns a transport that answers every request with respond.
func newTransport(respond httpmock.Responder) http.RoundTripper {
	mock := httpmock.NewMockTransport()
	// httpmock finds a responder that fits faster than the one for all the rest.
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mock.RegisterRegexpResponder(method, anyURL, respond)
	}
	mock.RegisterNoResponder(respond)
	return mock
}

// responder answers with a handler. A handler that panics with
// [http.ErrAbortHandler] drops the connection: before an answer that is an error
// of the request, and within one an error of the body.
func responder(h http.Handler) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		w := wire.NewMemory()
		if r.Body == nil {
			r.Body = http.NoBody
		}
		whole := serves(h, w, r)
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
		switch {
		case whole:
			return w.Response(r), nil
		case r.Context().Err() != nil:
			return nil, context.Cause(r.Context())
		case w.Status == 0:
			return nil, syscall.ECONNRESET
		}
		resp := w.Response(r)
		if n, err := strconv.ParseInt(w.Head.Get("Content-Length"), 10, 64); err == nil {
			resp.ContentLength = n
		}
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(w.Body.Bytes()), cutOff{}))
		return resp, nil
	}
}

// serves reports whether the handler wrote a whole answer.
func serves(h http.Handler, w http.ResponseWriter, r *http.Request) (whole bool) {
	defer func() {
		// The documentation of ErrAbortHandler: it is panicked with as it is.
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // see above
			panic(p)
		}
	}()
	h.ServeHTTP(w, r)
	return true
}

// cutOff is the rest of a body that does not come.
type cutOff struct{}

// Read implements [io.Reader].
func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
