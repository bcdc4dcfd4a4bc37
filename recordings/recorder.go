package recordings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"flowtest/steps/davinci"
)

// A Recorder is an [http.RoundTripper] that sends requests with another one and keeps
// the requests to the endpoints of a flow with their responses. Other requests are sent
// and not kept. It may be used by several goroutines at once; use one for each journey.
//
// The exchanges contain secrets: keep them in memory, and never write them to a disk.
// flowtest record and flowtest import make recordings from such exchanges, without the
// secrets.
type Recorder struct {
	// Next sends the requests. There is no default, so that nothing is sent by
	// mistake. Required.
	Next http.RoundTripper

	mu        sync.Mutex
	exchanges davinci.Exchanges
}

// RoundTrip implements [http.RoundTripper]. It reads the whole response of a
// request that it keeps. The error is that of Next, of reading the response, or
// says that Next is missing or that the response has more than [MaxBody] bytes.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	if r.Next == nil {
		return nil, errors.New("recordings: the Recorder has no Next to send the request with")
	}
	if davinci.EndpointOf(req.Method, req.URL.Path) == davinci.NoEndpoint {
		return r.Next.RoundTrip(req)
	}
	x := davinci.Exchange{Began: time.Now(), Method: req.Method, URL: req.URL, Header: req.Header.Clone()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err = errors.Join(err, req.Body.Close()); err != nil {
			return nil, err
		}
		req = req.Clone(req.Context()) // a RoundTripper must not change the request
		req.Body, x.Body = io.NopCloser(bytes.NewReader(body)), body
	}
	resp, err := r.Next.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	if len(body) > MaxBody {
		return nil, fmt.Errorf("recordings: %s %s answered with more than %d bytes", req.Method, req.URL.Path, MaxBody)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	x.Took, x.Status, x.ResponseHeader, x.Response = time.Since(x.Began), resp.StatusCode, resp.Header.Clone(), body
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, x)
	return resp, nil
}

// Exchanges returns the exchanges so far, in the order in which they ended.
func (r *Recorder) Exchanges() davinci.Exchanges {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.exchanges)
}
