// Package tenant sends requests to the management API of a PingOne environment as a worker
// app. It checks whether the environment is set up for the flows of a target; that only
// reads. It does not know features or recordings.
package tenant

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// Limits on what a client sends and reads.
const (
	requestTimeout = 20 * time.Second
	maxAnswer      = 16 << 20
	maxTries       = 4
	maxPause       = 10 * time.Second // between two tries
	maxPages       = 1000
)

// A Client sends requests to the management API. All of them use the same token. It may
// be used by several goroutines at once.
type Client struct {
	http        http.Client
	worker      target.Worker
	environment string
	known       *secret.Redactor

	mu    sync.Mutex
	token string
	until time.Time
}

// NewClient returns a client for the environment of a target with a worker app. It adds
// the secrets that it uses or receives to the redactor.
func NewClient(to http.RoundTripper, l *target.Live, known *secret.Redactor) *Client {
	known.Add(l.Worker.ClientSecret.Reveal())
	return &Client{
		http: http.Client{
			Transport: to,
			// A redirect must not send the token to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		worker: *l.Worker, environment: l.EnvironmentID, known: known,
	}
}

// A RefusedError is an answer of PingOne that is not a success.
type RefusedError struct {
	Method, Path string // the path without the query
	Status       int
	Code         string // of the body, or ""
	Message      string // of the body, redacted, or ""
}

// Error implements error.
func (e *RefusedError) Error() string {
	text := fmt.Sprintf("%s %s was answered with %d", e.Method, e.Path, e.Status)
	switch {
	case e.noSuchPath():
		return text + ", which is how the API answers for an unknown path"
	case e.Message != "":
		return text + " " + e.Code + ": " + e.Message
	case e.Code != "":
		return text + " " + e.Code
	}
	return text
}

// Origin says who caused the answer, 0 if the request was wrong.
func (e *RefusedError) Origin() davinci.Origin {
	switch {
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		return davinci.FromTenant
	case e.Status == http.StatusTooManyRequests:
		return davinci.FromRateLimit
	case e.Status >= http.StatusInternalServerError:
		return davinci.FromNetwork
	}
	return 0
}

// Mend says what to do about the answer, "" if that is not known.
//
//	role  that the request needs
func (e *RefusedError) Mend(role string) string {
	switch {
	case e.noSuchPath():
		return "check worker.apiUrl of the target"
	case e.Status == http.StatusForbidden:
		return fmt.Sprintf("needs the role %q: add it to the worker app, Applications > the worker app > Roles", role)
	case e.Status == http.StatusUnauthorized:
		return "check worker.clientId and clientSecret of the target"
	}
	return ""
}

// Missing reports whether an error says that the requested object does not exist.
func Missing(err error) bool {
	refused, ok := errors.AsType[*RefusedError](err)
	return ok && refused.Status == http.StatusNotFound
}

// noSuchPath reports whether the API does not know the path. It then complains about
// the Authorization header.
func (e *RefusedError) noSuchPath() bool {
	return e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "key=value pair")
}

// Get returns the answer to a GET of a path below the environment, which may have a query. The
// error is a *[RefusedError] if the answer is not a success.
func (c *Client) Get(ctx context.Context, path string) (gjson.Result, error) {
	return c.ask(ctx, request{method: http.MethodGet, address: c.address(path)})
}

// Write sends a request that changes something, and returns its answer, which is empty if it has
// no body. It does not repeat a POST that the service may have carried out.
//
//	path  below the environment
//	kind  the media type of the body; "" means application/json
//	body  written as JSON; nil means none
//
// The error is a *[RefusedError] if the answer is not a success.
func (c *Client) Write(ctx context.Context, method, path, kind string, body any) (gjson.Result, error) {
	r := request{method: method, address: c.address(path), kind: cmp.Or(kind, "application/json")}
	if body != nil {
		var err error
		if r.body, err = json.Marshal(body); err != nil {
			return gjson.Result{}, err
		}
	}
	return c.ask(ctx, r)
}

func (c *Client) address(path string) string {
	return c.worker.API + "/environments/" + c.environment + path
}

// A request is a request to the management API that was not sent yet.
type request struct {
	method, address, kind string
	body                  []byte
}

// again reports whether the request may be repeated after a status of 500 or more, or after
// no answer.
func (r *request) again() bool { return r.method != http.MethodPost }

// Items returns the entries at _embedded.name of all pages of a list. The last page is
// the one without a link to a next one, however many entries it has.
func (c *Client) Items(ctx context.Context, path, name string) (items []gjson.Result, err error) {
	seen := map[string]bool{}
	for next := c.address(path); next != ""; {
		if seen[next] || len(seen) == maxPages {
			return nil, fmt.Errorf("the list %s does not end: a page links to one that was already read, or there are "+
				"more than %d", pathOf(path), maxPages)
		}
		seen[next] = true
		page, err := c.ask(ctx, request{method: http.MethodGet, address: next})
		if err != nil {
			return nil, err
		}
		items = append(items, page.Get("_embedded."+name).Array()...)
		next = page.Get("_links.next.href").Str
		if next != "" && !strings.HasPrefix(next, c.worker.API+"/") {
			return nil, fmt.Errorf("the next page of %s is outside %s, so it was not requested",
				pathOf(path), c.worker.API)
		}
	}
	return items, nil
}

// ask repeats a request until it succeeds or fails in a way that another try would not
// change.
func (c *Client) ask(ctx context.Context, r request) (gjson.Result, error) {
	for try := 1; ; try++ {
		body, pause, err := c.once(ctx, r)
		if err == nil || pause < 0 || try == maxTries {
			return body, err
		}
		select {
		case <-ctx.Done():
			return body, context.Cause(ctx)
		case <-time.After(min(max(pause, time.Duration(try)*time.Second/2), maxPause)):
		}
	}
}

// once sends the request once. The pause is how long to wait before another try,
// negative if another try would be useless.
func (c *Client) once(ctx context.Context, r request) (body gjson.Result, pause time.Duration, err error) {
	token, err := c.bearer(ctx)
	if err != nil {
		return body, pauseOf(err, nil, true), err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.address, bytes.NewReader(r.body))
	if err != nil {
		return body, -1, errors.New("the address of a request is not a URL")
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	body, header, err := c.send(req)
	if refused, ok := errors.AsType[*RefusedError](err); ok && refused.Status == http.StatusUnauthorized {
		c.forget(token)
		return body, 0, err
	}
	return body, pauseOf(err, header, r.again()), err
}

// pauseOf returns how long to wait before the next try after err, negative for no next
// try.
func pauseOf(err error, header http.Header, again bool) time.Duration {
	refused, ok := errors.AsType[*RefusedError](err)
	switch {
	case !ok && again && transient(err):
		return 0
	case !ok:
		return -1
	case refused.Status == http.StatusTooManyRequests, again && refused.Status >= http.StatusInternalServerError:
		seconds, _ := strconv.Atoi(header.Get("Retry-After"))
		return time.Duration(max(seconds, 0)) * time.Second
	}
	return -1
}

// transient reports whether the next try may succeed after an error of the network: a
// connection that was refused or cut off, or an answer that took too long.
func transient(err error) bool {
	for _, one := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, one) {
			return true
		}
	}
	network, ok := errors.AsType[net.Error](err)
	return ok && network.Timeout()
}

// bearer returns the token. It requests a new one if there is none or it expires soon.
func (c *Client) bearer(ctx context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != "" && time.Now().Before(c.until) {
		return c.token, nil
	}
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.worker.Token, form)
	if err != nil {
		return "", errors.New("the token endpoint is not a URL")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(c.worker.ClientID), url.QueryEscape(c.worker.ClientSecret.Reveal()))
	body, _, err := c.send(req)
	if err != nil {
		return "", err
	}
	token := body.Get("access_token").Str
	if token == "" {
		return "", fmt.Errorf("the answer to POST %s has no access_token", req.URL.Path)
	}
	c.known.Add(token)
	const early = time.Minute
	c.token = token
	c.until = time.Now().Add(time.Duration(body.Get("expires_in").Int())*time.Second - early)
	return token, nil
}

// forget drops a token that was refused, unless another request already did.
func (c *Client) forget(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token == token {
		c.token = ""
	}
}

// send sends a request and reads its answer, which is JSON.
func (c *Client) send(req *http.Request) (body gjson.Result, header http.Header, err error) {
	ctx, cancel := context.WithTimeout(req.Context(), requestTimeout)
	defer cancel()
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req.WithContext(ctx))
	if err != nil {
		return body, nil, withoutURL(req, err)
	}
	defer func() { _ = resp.Body.Close() }() // the body was read as far as needed
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return body, nil, withoutURL(req, err)
	case len(text) > maxAnswer:
		return body, nil, fmt.Errorf("the answer to %s %s is larger than %d MiB", req.Method, req.URL.Path,
			maxAnswer>>20)
	}
	if json.Valid(text) {
		body = gjson.ParseBytes(text)
	}
	switch {
	case resp.StatusCode == http.StatusNoContent, resp.StatusCode == http.StatusCreated && len(text) == 0,
		resp.StatusCode == http.StatusOK && len(text) == 0 && req.Method != http.MethodGet:
		return body, resp.Header, nil
	case resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated:
		return body, resp.Header, c.refused(req, resp.StatusCode, body)
	case !body.IsObject():
		return body, nil, fmt.Errorf("the answer to %s %s is not a JSON object", req.Method, req.URL.Path)
	}
	return body, resp.Header, nil
}

// refused returns the error for an answer that is not a success, of the API or of the
// token endpoint.
func (c *Client) refused(req *http.Request, status int, body gjson.Result) error {
	const shown = 160
	text := func(names ...string) string {
		for _, name := range names {
			if v := body.Get(name).Str; v != "" {
				return words.Cut(c.known.Redact(strings.Join(strings.Fields(v), " ")), shown)
			}
		}
		return ""
	}
	return &RefusedError{
		req.Method, req.URL.Path, status, text("code", "error"), text("details.0.message", "message",
			"error_description"),
	}
}

// withoutURL returns an error of the network without the URL in its text.
func withoutURL(req *http.Request, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return fmt.Errorf("%s %s://%s%s had no answer: %w", req.Method, req.URL.Scheme, req.URL.Host, req.URL.Path, err)
}

// pathOf returns the path without the query.
func pathOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}
