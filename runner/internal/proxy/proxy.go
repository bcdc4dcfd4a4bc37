// Package proxy runs between an app and a live environment: a reverse proxy whose links lead
// back to itself, and which passes on every exchange of a flow as it would be without the
// proxy. It does not know what a flow answers, nor what happens to the exchanges.
//
// What it cannot do: what is signed stays as it is, so an ID token names the live
// issuer, and a proof or assertion that a client makes for the proxy's own URLs is
// refused by the live side. A page on another host of the service, such as the
// hosted sign-on, is left to that host.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"flowtest/steps/davinci"
)

// MaxBody bounds the body of every request, and of an answer of a flow.
const MaxBody = 1 << 20

// A Config says what a Proxy connects.
type Config struct {
	// Upstream is the origin of the live authorization host, such as
	// https://auth.pingone.com: no path. Required.
	Upstream *url.URL

	// Public is the origin at which the app reaches the proxy, such as
	// http://localhost:8765. A request that names the proxy otherwise, by another
	// name or address of the machine, gets links to what it named. A page has to be
	// on the same site for a browser to send it cookies: localhost and 127.0.0.1
	// are two, ports make no difference. Required.
	Public *url.URL

	// Transport carries every request. Required: there is no default, so that
	// forgetting it is an error and never traffic.
	Transport http.RoundTripper

	// Take receives every exchange of a flow before the app gets the answer, one at a time. The
	// exchange is its own. Required.
	Take func(davinci.Exchange)

	// Log gets a line for every request that could not be passed on. Nil means
	// none. Optional.
	Log *slog.Logger
}

// A Proxy is an [http.Handler] and may be used by several goroutines at once.
//
// Every request goes to the live side, since an app needs its tokens, keys and pages too. Only
// exchanges with the endpoints of a flow are passed on: the others have tokens and are not part
// of any recording.
type Proxy struct {
	back     *httputil.ReverseProxy
	upstream *url.URL
	public   *front
	log      *slog.Logger
	refused  atomic.Int64

	mu   sync.Mutex // held while take is called
	take func(davinci.Exchange)

	named  sync.Mutex
	fronts map[string]*front // by the other hosts that requests named
}

// NotPassedOn returns how many requests could not be passed on so far.
func (p *Proxy) NotPassedOn() int { return int(p.refused.Load()) }

// New makes a Proxy. Its error joins what the configuration lacks.
func New(c Config) (*Proxy, error) {
	var wrong []error
	lack := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("proxy: "+format, args...)) }
	for _, end := range []struct {
		name string
		u    *url.URL
	}{{"upstream", c.Upstream}, {"public", c.Public}} {
		if why := unfit(end.u); why != "" {
			lack("%s %s, want an origin such as https://auth.pingone.com", end.name, why)
		}
	}
	if c.Transport == nil {
		lack("no transport is set, and there is no default")
	}
	if c.Take == nil {
		lack("nothing receives the exchanges")
	}
	if len(wrong) == 0 && sameOrigin(c.Upstream, c.Public) {
		lack("upstream and public are both %s: the proxy would call itself", c.Public)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	p := &Proxy{
		upstream: c.Upstream, public: newFront(c.Upstream, c.Public), take: c.Take, log: c.Log,
		fronts: map[string]*front{},
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.back = &httputil.ReverseProxy{
		Transport:      c.Transport,
		Rewrite:        rewrite,
		ModifyResponse: p.modify,
		ErrorHandler:   p.failed,
		// Its own words may quote what was sent.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	return p, nil
}

// unfit says why a URL is not an origin, or "".
func unfit(u *url.URL) string {
	switch {
	case u == nil:
		return "is not set"
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Sprintf("has the scheme %q", u.Scheme)
	case u.Host == "":
		return "has no host"
	case u.User != nil:
		return "has a user in it"
	case strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "":
		return "has more than scheme, host and port"
	default:
		return ""
	}
}

// A passage is what is kept of a request until its answer is there.
type passage struct {
	front    *front
	began    time.Time
	exchange *davinci.Exchange // nil if it belongs to no flow
}

// key is where a request's context holds its passage.
type key struct{}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect || r.Header.Get("Upgrade") != "" {
		p.refuse(w, r, http.StatusNotImplemented, "the proxy forwards only HTTP, no upgrade and no tunnel")
		return
	}
	sent, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if err != nil {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			const status = http.StatusRequestEntityTooLarge
			p.refuse(w, r, status, fmt.Sprintf("the request body is over %d MiB", MaxBody>>20))
			return
		}
		p.refuse(w, r, http.StatusBadRequest, "the request body broke off")
		return
	}
	keep := &passage{front: p.front(r.Host), began: time.Now()}
	sent = keep.front.in.inBody(sent, r.Header.Get("Content-Type"))
	to := r.Clone(context.WithValue(r.Context(), key{}, keep))
	setBody(to, sent)
	keep.front.asUpstream(to)
	if x := begun(to, sent); x.Endpoint() != davinci.NoEndpoint {
		keep.exchange = x
	}
	p.back.ServeHTTP(w, to)
}

// setBody gives a request another body.
func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength, r.TransferEncoding = http.NoBody, int64(len(body)), nil
	if len(body) > 0 {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
	}
	r.Header.Del("Content-Length")
}

// rewrite makes the request that goes out.
func rewrite(r *httputil.ProxyRequest) {
	// ReverseProxy leaves out parameters that it cannot read; the live side judges.
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	// The body has to be readable, and whole: a part of it, or word that it has not changed, is
	// not an answer that could be passed on.
	r.Out.Header.Set("Accept-Encoding", "identity")
	for _, name := range []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		r.Out.Header.Del(name)
	}
}

// begun makes the exchange of a request that is rewritten for the live side.
func begun(r *http.Request, body []byte) *davinci.Exchange {
	u := *r.URL
	x := &davinci.Exchange{Method: r.Method, URL: &u, Header: r.Header.Clone()}
	if len(body) > 0 {
		x.Body = body
	}
	stripTravel(x.Header)
	return x
}

// handOn hands an exchange on.
func (p *Proxy) handOn(x *davinci.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(*x)
}

// stripTravel removes the headers that tell how a body goes over one wire: the app's with the
// proxy is not that with the live side.
func stripTravel(h http.Header) {
	for name := range strings.SplitSeq(strings.Join(h.Values("Connection"), ","), ",") {
		h.Del(strings.TrimSpace(name))
	}
	for _, name := range []string{
		"Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Forwarded", "Keep-Alive",
		"Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding",
		"Upgrade", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
	} {
		h.Del(name)
	}
}
