package flow

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"flowtest/steps/davinci"
)

// The causes of requests that have no response.
var (
	errURL      = errors.New("the request cannot be made of this URL")
	errTooLong  = fmt.Errorf("no answer within %s", HopTimeout)
	errScenario = errors.New("no answer within the scenario's time limit")
)

// carried is what the headers of a request hand back, each "" if they do not.
type carried struct {
	interactionID string
	token         string
	bearer        string // the continue token

	form    bool     // the body is a form of an application, which says who it is
	instead *url.URL // where the request goes in place of the URL that its exchange keeps, or nil
}

// send carries the request of a hop, takes in what came back and moves the journey on.
func (j *Journey) send(ctx context.Context, h *Hop, c carried) (*Hop, error) {
	x := h.Exchange
	h.Number, h.Detailed, x.Began = j.config.Before+len(j.hops)+1, j.config.Detailed, time.Now()
	for {
		if err := j.exchange(ctx, x, c, x.URL.Path); err != nil {
			return nil, err
		}
		reader := davinci.Reader{Waits: j.screen != nil, Hide: hide(j.config.Redactor)}
		h.Answer = reader.Read(x.Status, x.ResponseHeader, x.Response)
		if h.Failure == nil || h.Failure.Origin != davinci.FromRateLimit {
			break
		}
		again, err := comeBack(ctx, h)
		if err != nil {
			return nil, &NetworkError{x.Method, x.URL.Path, err}
		}
		if !again {
			break
		}
		j.config.Redactor.Add(h.Secrets()...)
		h.Retries++
	}
	x.Took = time.Since(x.Began)
	j.config.Redactor.AddLater(func() []string { return h.Secrets() }) // of the answer that it has by then
	j.keep(h)
	return h, j.receive(h)
}

// keep adds a hop, and discards the oldest answers if they have too many bytes.
func (j *Journey) keep(h *Hop) {
	j.hops = append(j.hops, h)
	j.kept += sizeOf(h)
	if j.kept <= MaxKept {
		return
	}
	if j.config.LettingGo != nil {
		j.config.LettingGo()
	}
	for ; j.kept > MaxKept && j.oldest < len(j.hops)-1; j.oldest++ {
		old := j.hops[j.oldest]
		j.kept -= sizeOf(old)
		for _, s := range old.Secrets() {
			j.config.Redactor.Add(strings.Clone(s)) // which is a part of the body
		}
		old.letGo()
	}
}

// sizeOf returns how many bytes of an answer a journey keeps.
func sizeOf(h *Hop) int {
	n := len(h.Body)
	for name, values := range h.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// exchange sends a request once and reads the response. Errors name the request by
// the path that is shown.
func (j *Journey) exchange(ctx context.Context, x *davinci.Exchange, c carried, shown string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, HopTimeout, errTooLong)
	defer cancel()
	fail := func(err error) error { return &NetworkError{x.Method, shown, err} }
	var body io.Reader
	if x.Body != nil {
		body = bytes.NewReader(x.Body)
	}
	req, err := http.NewRequestWithContext(ctx, x.Method, x.URL.String(), body)
	if err != nil {
		return fail(errURL)
	}
	if c.instead != nil {
		req.URL = c.instead
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent())
	req.Header.Set("X-Requested-Platform", cmp.Or(j.config.Platform, davinci.JavaScript))
	if !j.config.Detailed {
		req.Header.Set("X-Requested-With", "ping-sdk")
	}
	for name, value := range j.config.Headers {
		req.Header.Set(name, value) // net/http sends no User-Agent where it is empty
		if value == "" && http.CanonicalHeaderKey(name) != "User-Agent" {
			req.Header.Del(name)
		}
	}
	if c.form {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if j.config.auth() == authBasic {
			own := j.config.ClientSecret.Reveal()
			req.SetBasicAuth(url.QueryEscape(j.config.ClientID), url.QueryEscape(own)) // RFC 6749 section 2.3.1
		}
	} else if body != nil {
		req.Header.Set("Content-Type", "application/json")
		setHandle(req.Header, "Interactionid", c.interactionID)
		setHandle(req.Header, "Interactiontoken", c.token)
	}
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	x.Header = req.Header
	resp, err := j.client.Do(req)
	if err != nil {
		return fail(cause(ctx, err))
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to read
	x.Status, x.ResponseHeader = resp.StatusCode, resp.Header
	x.Response, err = read(resp)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail(fmt.Errorf("the response was cut off after %d bytes: %w", len(x.Response), err))
	case err != nil:
		return fail(cause(ctx, err))
	case len(x.Response) > MaxResponse:
		return fmt.Errorf("flow: %s %s: the response has more than 1 MiB, which no DaVinci answer has", x.Method, shown)
	}
	return nil
}

// userAgent returns the name by which the log of a tenant knows the requests:
// flowtest with the version that the program was built of.
var userAgent = sync.OnceValue(func() string {
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
			if m.Path == "flowtest" && m.Version != "" {
				version = strings.Trim(m.Version, "()")
			}
		}
	}
	return "flowtest/" + version
})

// setHandle sets a header if there is a handle to send.
func setHandle(header http.Header, name, value string) {
	if value != "" {
		header.Set(name, value)
	}
}

// read takes in a body, and one byte more than is allowed if there is one.
func read(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= MaxResponse {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, MaxResponse+1))
	return b.Bytes(), err
}

// cause returns why a request has no response, without its URL: its query is not
// for logs.
func cause(ctx context.Context, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if strings.HasPrefix(err.Error(), "failed to parse Location header") {
		return errors.New("redirected to something that is not a URL") // net/http quotes it, and its query with it
	}
	for _, malformed := range []string{"malformed MIME header", "malformed HTTP"} {
		if _, what, ok := strings.Cut(err.Error(), malformed); ok {
			what, _, _ = strings.Cut(what, ` "`) // net/http quotes the header, and a cookie with it
			return errors.New("the response is not HTTP: " + malformed + strings.TrimSuffix(what, ":"))
		}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		return errScenario
	}
	return err
}

// comeBack waits as long as a rate limited answer asks, and reports false if it names no time or
// one that the journey does not have.
func comeBack(ctx context.Context, h *Hop) (bool, error) {
	pause, ok := retryAfter(h.Header.Get("Retry-After"))
	if !ok {
		h.Failure.Message += " and names no time (Retry-After)"
		return false, nil
	}
	deadline, limited := ctx.Deadline()
	if left := time.Until(deadline); limited && pause > left {
		h.Failure.Message += fmt.Sprintf(" in %s, and the scenario has %s left",
			pause.Round(time.Second), left.Round(time.Second))
		return false, nil
	}
	return true, wait(ctx, pause)
}

// retryAfter reads the header Retry-After: seconds, or a date. It is never less
// than a second, for at once would be a flood.
func retryAfter(text string) (pause time.Duration, ok bool) {
	// More than 31 bits is 68 years, and would overflow a Duration before 64.
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return max(time.Second, time.Duration(seconds)*time.Second), true
	}
	at, err := http.ParseTime(text)
	return max(time.Second, time.Until(at)), err == nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// receive moves the journey to where the hop leads.
func (j *Journey) receive(h *Hop) error {
	switch h.Outcome {
	case davinci.Paused:
		j.screen = h.Screen()
		clear(j.filled)
		j.handle.refresh(h, j.authorize)
	case davinci.Rewound:
		j.handle.token = cmp.Or(property(h, "interactionToken"), j.handle.token)
		j.handle.interactionID = cmp.Or(property(h, "interactionId"), j.handle.interactionID)
		return nil
	case davinci.Completed, davinci.Failed:
		j.screen = nil
	case davinci.Refused:
		return nil
	}
	for i := range j.unsent { // the flow has left the screen
		j.unsent[i].Lost = true
	}
	if j.screen != nil {
		return j.handle.broken
	}
	return nil
}

// A handle is what the next request has to hand back.
type handle struct {
	interactionID string
	token         string
	nodeID        string
	eventName     string
	next          *url.URL // nil if the screen had no link to follow
	broken        error    // why next is nil
	resume        *url.URL // where to come back from an identity provider; nil if the screen had no such link
	lost          error    // why resume is nil
}

// refresh takes id, token and link from a new screen. The interactionId stays if an answer does
// not repeat it, and a subflow may hand out another.
func (a *handle) refresh(h *Hop, authorize *url.URL) {
	a.nodeID, a.eventName = strings.Clone(h.NodeID()), strings.Clone(h.EventName())
	a.token = property(h, "interactionToken")
	a.interactionID = cmp.Or(property(h, "interactionId"), a.interactionID)
	a.next, a.broken = link(h, authorize)
	a.resume, a.lost = follow(h, "continue", authorize)
}

// property returns a copy of a property: a request that held a part of the body
// before it would keep all of it in memory.
func property(h *Hop, name string) string { return strings.Clone(h.Property(name).String()) }

// link returns the URL of the next request: in JSON mode the next link as it
// is, in detailed mode one built from connectionId and capabilityName.
func link(h *Hop, authorize *url.URL) (*url.URL, error) {
	if h.Detailed {
		connection, name := h.Property("connectionId").String(), h.Capability()
		if connection == "" || name == "" {
			return nil, errors.New("flow: a detailed screen has no connectionId or capabilityName " +
				"to build the next link from")
		}
		u := *authorize
		root := strings.TrimSuffix(u.Path, "/as/authorize")
		u.Path = root + "/davinci/connections/" + connection + "/capabilities/" + name
		u.RawPath = ""
		return &u, nil
	}
	return follow(h, "next", authorize)
}

// follow returns the URL of a link of an answer. Its error holds no query.
func follow(h *Hop, name string, authorize *url.URL) (*url.URL, error) {
	return linked(strings.Clone(h.Property("_links").Get(name+".href").String()), name, authorize)
}

// linked returns the URL of a link to the service that answers authorize.
func linked(href, name string, authorize *url.URL) (*url.URL, error) {
	u, err := url.Parse(href)
	switch {
	case err != nil:
		return nil, fmt.Errorf("flow: the %s link is not a URL", name)
	case u.Host == "" && u.Path == "":
		return nil, fmt.Errorf("flow: the %s link has no host, want an absolute URL", name)
	case u.Host == "":
		return nil, fmt.Errorf("flow: %s link %s: the %[1]s link has no host, want an absolute URL", name, u.Path)
	case u.Scheme != authorize.Scheme || !davinci.SameHost(u, authorize):
		return nil, fmt.Errorf("flow: %s link %s://%s%s: the %[1]s link leads away from %[5]s://%s, "+
			"and credentials go nowhere else", name, u.Scheme, u.Host, u.Path, authorize.Scheme, authorize.Host)
	}
	return u, nil
}
