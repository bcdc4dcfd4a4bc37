package flow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"flowtest/steps/davinci"
)

// send carries one request, takes in what came back and moves the journey on.
func (j *Journey) send(ctx context.Context, r *Request) (*Hop, error) {
	begin := time.Now()
	h := &Hop{Number: len(j.hops) + 1, Request: r, Detailed: j.config.Detailed, Began: begin}
	for {
		if err := j.exchange(ctx, h); err != nil {
			return nil, err
		}
		if h.Failure == nil || h.Failure.Origin != davinci.FromRateLimit {
			break
		}
		again, err := comeBack(ctx, h)
		if err != nil {
			return nil, &NetworkError{r.Method, r.URL.Path, err}
		}
		if !again {
			break
		}
		j.config.Redactor.Add(h.Secrets()...)
		h.Retries++
	}
	h.Duration = time.Since(begin)
	j.config.Redactor.AddLater(h.Secrets)
	j.hops = append(j.hops, h)
	return h, j.take(h)
}

// exchange sends the hop's request once and reads the response.
func (j *Journey) exchange(ctx context.Context, h *Hop) error {
	limit := j.config.HopTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &timeLimitError{limit})
	defer cancel()
	r := h.Request
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL.String(), body)
	if err != nil {
		return &NetworkError{r.Method, r.URL.Path, errors.New("the request cannot be made of this URL")}
	}
	j.setHeaders(req)
	r.Header = req.Header
	resp, err := j.client.Do(req)
	if err != nil {
		return j.networkError(ctx, r, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to read
	answer, err := read(resp)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the response was cut off after %d bytes: %w", len(answer), err)
		}
		return j.networkError(ctx, r, err)
	}
	if len(answer) > MaxResponse {
		return &TooLargeError{r.Method, r.URL.Path}
	}
	reader := davinci.Reader{Waits: j.screen != nil, Hide: hide(j.config.Redactor)}
	h.Answer = reader.Read(resp.StatusCode, resp.Header, answer)
	return nil
}

// read takes in a body, and one byte more than is allowed where there is one.
func read(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= MaxResponse {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, MaxResponse+1))
	return b.Bytes(), err
}

// The headers interactionId and interactionToken, as net/http sends them.
const (
	headerInteractionID    = "Interactionid"
	headerInteractionToken = "Interactiontoken"
)

// setHeaders adds what chooses the shape and what proves the interaction.
func (j *Journey) setHeaders(req *http.Request) {
	req.Header.Set("Accept", "application/json")
	if !j.config.Detailed {
		req.Header.Set("X-Requested-With", "ping-sdk")
	}
	if req.Body == nil {
		return
	}
	req.Header.Set("Content-Type", "application/json")
	if j.handle.interactionID != "" {
		req.Header.Set(headerInteractionID, j.handle.interactionID)
	}
	if j.handle.token != "" {
		req.Header.Set(headerInteractionToken, j.handle.token)
	}
}

// networkError takes the URL out of an error: its query is not for logs.
func (j *Journey) networkError(ctx context.Context, r *Request, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if strings.HasPrefix(err.Error(), "failed to parse Location header") {
		err = errors.New("redirected to something that is not a URL") // net/http quotes it, and its query with it
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		err = context.Cause(ctx)
	}
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("no answer within the scenario's time limit")
	}
	return &NetworkError{r.Method, r.URL.Path, err}
}

// comeBack waits as long as a rate limited answer asks, and reports false
// where it names no time or one that the journey does not have.
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

// take moves the journey to where the hop leads.
func (j *Journey) take(h *Hop) error {
	switch h.Outcome {
	case davinci.Paused:
		j.screen = h.Screen()
		clear(j.filled)
		j.left()
		return j.refresh(h)
	case davinci.Rewound:
		if t := h.InteractionToken(); t != "" {
			j.handle.token = t
		}
	case davinci.Completed, davinci.Failed:
		j.screen = nil
		j.left()
	case davinci.Refused:
	}
	return nil
}

// refresh takes id, token and link from a new screen. The interactionId stays
// for the whole run where an answer does not repeat it.
func (j *Journey) refresh(h *Hop) error {
	j.handle.nodeID, j.handle.eventName, j.handle.token = h.NodeID(), h.EventName(), h.InteractionToken()
	if id := h.InteractionID(); id != "" {
		j.handle.interactionID = id
	}
	j.handle.next, j.handle.broken = j.link(h)
	return j.handle.broken
}

// link returns the URL of the next request: in JSON mode the next link as it
// stands, in detailed mode one built from connectionId and capabilityName.
func (j *Journey) link(h *Hop) (*url.URL, error) {
	if j.config.Detailed {
		connection, name := h.Property("connectionId").String(), h.Capability()
		if connection == "" || name == "" {
			return nil, &LinkError{
				"", "a detailed screen has no connectionId or capabilityName to build the next link from",
			}
		}
		u := *j.authorize
		root := strings.TrimSuffix(u.Path, "/as/authorize")
		u.Path = root + "/davinci/connections/" + connection + "/capabilities/" + name
		u.RawPath = ""
		return &u, nil
	}
	u, err := url.Parse(h.NextLink())
	switch {
	case err != nil:
		return nil, &LinkError{"", "the next link is no URL"}
	case u.Host == "":
		return nil, &LinkError{u.Path, "the next link has no host, want an absolute URL"}
	case u.Scheme != j.authorize.Scheme || u.Host != j.authorize.Host:
		return nil, &LinkError{
			u.Scheme + "://" + u.Host + u.Path,
			"the next link leads away from " + j.authorize.Scheme + "://" + j.authorize.Host +
				", and credentials go nowhere else",
		}
	}
	return u, nil
}
