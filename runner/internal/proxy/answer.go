package proxy

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A liveError reports an answer that cannot be passed on. It holds nothing that
// was sent or came back.
type liveError struct{ why string }

// Error implements error.
func (e *liveError) Error() string { return e.why }

// modify passes on the answer of the live side, and then rewrites it as an answer of the
// proxy.
func (p *Proxy) modify(r *http.Response) error {
	keep, ok := r.Request.Context().Value(key{}).(*passage)
	if !ok {
		return errors.New("proxy: a request that did not come through ServeHTTP")
	}
	if r.StatusCode == http.StatusSwitchingProtocols {
		return &liveError{"the live side changed to another protocol, which was not requested"}
	}
	if err := p.body(r, keep); err != nil {
		return err
	}
	keep.front.headers(r.Header)
	return nil
}

// body reads the body, hands the exchange on and rewrites the links of the body. What belongs to
// no flow and is not text, or too large to be looked at, streams through.
func (p *Proxy) body(r *http.Response, keep *passage) error {
	flow := keep.exchange != nil
	if !flow && (r.Request.Method == http.MethodHead || !isText(r.Header.Get("Content-Type"))) {
		return nil
	}
	plain, err := decoded(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(plain, MaxBody+1))
	if err != nil {
		return brokeOff(len(text), err)
	}
	if len(text) > MaxBody {
		if flow {
			return &liveError{fmt.Sprintf("the live side's answer is over %d MiB", MaxBody>>20)}
		}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(text), plain), r.Body}
		r.ContentLength = -1
		r.Header.Del("Content-Length")
		return nil
	}
	_ = r.Body.Close() // it was read to its end
	if x := keep.exchange; flow {
		x.Began, x.Took = keep.began, time.Since(keep.began)
		x.Status, x.ResponseHeader = r.StatusCode, r.Header.Clone()
		stripTravel(x.ResponseHeader)
		if len(text) > 0 {
			x.Response = bytes.Clone(text)
		}
		p.handOn(x)
	}
	out := keep.front.out.inBody(text, r.Header.Get("Content-Type"))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(out)), int64(len(out))
	if r.StatusCode != http.StatusNoContent && r.StatusCode != http.StatusNotModified {
		r.Header.Set("Content-Length", strconv.Itoa(len(out)))
	}
	return nil
}

// decoded undoes the compression of an answer, although none was requested.
func decoded(r *http.Response) (io.Reader, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		r.Header.Del("Content-Encoding")
		return r.Body, nil
	case "gzip", "x-gzip":
		r.Header.Del("Content-Encoding")
		plain, err := gzip.NewReader(r.Body)
		if errors.Is(err, io.EOF) {
			return http.NoBody, nil
		}
		if err != nil {
			return nil, brokeOff(0, err)
		}
		return plain, nil
	default:
		return nil, &liveError{"the live side compressed its answer in a way that was not requested"}
	}
}

func brokeOff(n int, err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return &liveError{"the live side's answer has a Content-Encoding and is not compressed"}
	}
	return &liveError{fmt.Sprintf("the live side broke off its answer after %d bytes", n)}
}

// failed answers a request for which the live side gave no answer that could be passed on.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	p.refuse(w, r, http.StatusBadGateway, why(err))
}

// why returns what happened to a request, in our own words: those of a transport may quote what
// was sent.
func why(err error) string {
	if own, ok := errors.AsType[*liveError](err); ok {
		return own.why
	}
	if errors.Is(err, context.Canceled) {
		return "the app closed the connection"
	}
	if wait, ok := errors.AsType[net.Error](err); ok && wait.Timeout() {
		return "the live side did not answer in time"
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return "the live side could not be reached"
	}
	if strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "x509: ") {
		return "no TLS connection to the live side could be made"
	}
	return "the live side broke off before it had answered"
}

// refuse answers in the proxy's own name, so that a page of another origin may
// read it too. It holds nothing that was sent.
func (p *Proxy) refuse(w http.ResponseWriter, r *http.Request, status int, message string) {
	p.refused.Add(1)
	p.log.Warn("not passed on", "method", r.Method, "path", r.URL.Path, "status", status, "why", message)
	h := w.Header()
	if from := r.Header.Get("Origin"); from != "" {
		h.Set("Access-Control-Allow-Origin", from)
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Add("Vary", "Origin")
	}
	text, err := json.Marshal(map[string]any{
		"code": "flowtestProxy", "message": "flowtest proxy: " + message, "httpResponseCode": status,
	})
	if err != nil {
		text = []byte("{}")
	}
	h.Set("Content-Type", "application/json;charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // an app that has gone away needs none
}
