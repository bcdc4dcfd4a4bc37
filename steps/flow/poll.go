package flow

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// What a poll says to the flow. A challenge that is complete may say more.
//
// Source: what the SDKs post for a POLLING field.
const (
	pollGoOn    = "continue" // of a field without a challenge
	pollLate    = "timedOut"
	pollExpired = "expired"
	pollFailed  = "error"
)

// Poll answers a polling screen once. Without a challenge it waits as long as
// the screen asks and then says that the flow may go on. With one it asks, in
// the screen's interval and as often as the screen allows, until the challenge
// is complete, and then says what became of it: approved, timedOut, expired or
// error. The asking is no hop: it leaves the flow where it is. The hop that
// came back is Rewound where the flow has to wait on.
//
// The error is a *[NotPollingError] where the screen has no POLLING field, a
// *[NoScreenError] where the flow waits at none, and otherwise as that of
// [Journey.Press].
//
// Source: how the SDKs drive a POLLING field.
func (j *Journey) Poll(ctx context.Context) (*Hop, error) {
	if j.screen == nil {
		return nil, j.noScreen("poll")
	}
	f := j.screen.polling()
	if f == nil {
		return nil, &NotPollingError{Screen: j.screen.Name}
	}
	status, err := j.poll(ctx, f.challenge(), f.pollInterval())
	if err != nil {
		return nil, err
	}
	return j.post(ctx, "polling", "", `{`+quote(f.Key)+`:`+quote(status)+`}`)
}

// PollRetries returns how often the screen lets a client poll.
func (j *Journey) PollRetries() int {
	const usual = 60
	if j.screen == nil || j.screen.polling() == nil {
		return 0
	}
	n, err := strconv.Atoi(j.screen.polling().Raw.Get("pollRetries").String())
	if err != nil || n <= 0 {
		return usual
	}
	return n
}

// poll returns what there is to say to the flow: after an interval where there is
// no challenge, and otherwise when the challenge is complete or was asked for as
// often as it may be.
func (j *Journey) poll(ctx context.Context, challenge string, interval time.Duration) (string, error) {
	if challenge == "" {
		return pollGoOn, wait(ctx, interval)
	}
	for n := range j.PollRetries() {
		if n > 0 {
			if err := wait(ctx, interval); err != nil {
				return "", err
			}
		}
		status, err := j.challengeStatus(ctx, challenge)
		if status != "" || err != nil {
			return status, err
		}
	}
	return pollLate, nil
}

// challengeStatus asks once. The status is "" while the challenge is not
// complete. That the service is down, sends away or asks to come back later
// says nothing about the challenge and is an error.
//
// Source: the challenge status request of the web SDK, which sends the
// interactionId alone, and how it reads the answer.
func (j *Journey) challengeStatus(ctx context.Context, challenge string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, j.config.HopTimeout, &timeLimitError{j.config.HopTimeout})
	defer cancel()
	above := strings.TrimSuffix(j.authorize.Path, "/as/authorize") + "/davinci/user/credentials/challenge/"
	shown := &Request{Method: http.MethodPost, URL: &url.URL{Path: above + "…/status"}} // as errors show it
	to := j.authorize.Scheme + "://" + j.authorize.Host + above + url.PathEscape(challenge) + "/status"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("{}"))
	if err != nil {
		return "", j.networkError(ctx, shown, err)
	}
	j.setHeaders(req)
	req.Header.Del(headerInteractionToken)
	resp, err := j.client.Do(req)
	if err != nil {
		return "", j.networkError(ctx, shown, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing is left to read
	body, err := read(resp)
	if err != nil {
		return "", j.networkError(ctx, shown, err)
	}
	switch {
	case len(body) > MaxResponse:
		return "", &TooLargeError{shown.Method, shown.URL.Path}
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode < 200,
		resp.StatusCode >= 300 && resp.StatusCode < 400, resp.StatusCode >= 500:
		err := fmt.Errorf("answered with status %d, want the state of the challenge", resp.StatusCode)
		return "", &NetworkError{shown.Method, shown.URL.Path, err}
	}
	return readChallenge(resp.StatusCode, body), nil
}

// readChallenge returns what the state of a challenge says to the flow, or ""
// where it is not complete.
func readChallenge(status int, body []byte) string {
	top := gjson.ParseBytes(body)
	switch valid := gjson.ValidBytes(body) && top.IsObject(); {
	case valid && status == http.StatusBadRequest && top.Get("serviceName").Str == "challengeExpired":
		return pollExpired
	case !valid || status >= http.StatusBadRequest:
		return pollFailed
	case !top.Get("isChallengeComplete").Bool():
		return ""
	case top.Get("status").Str != "":
		return top.Get("status").Str
	default:
		return pollFailed
	}
}

func (s *Screen) polling() *Field {
	for i := range s.Fields {
		if s.Fields[i].Type == "POLLING" {
			return &s.Fields[i]
		}
	}
	return nil
}

// challenge returns the challenge whose state decides a poll, or "".
func (f *Field) challenge() string {
	if !f.Raw.Get("pollChallengeStatus").Bool() {
		return ""
	}
	return f.Raw.Get("challenge").String()
}

// pollInterval returns how long the field lets a client wait between polls.
func (f *Field) pollInterval() time.Duration {
	const usual = 2 * time.Second
	// More than 31 bits is 24 days, and would overflow a Duration before 64.
	ms, err := strconv.ParseUint(f.Raw.Get("pollInterval").String(), 10, 31)
	if err != nil {
		return usual
	}
	return time.Duration(ms) * time.Millisecond
}
