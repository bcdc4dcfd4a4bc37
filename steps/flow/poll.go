package flow

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"flowtest/steps/davinci"
)

// Poll answers a polling screen once. Without a challenge it waits as long as
// the screen asks and then says that the flow may go on. With one it asks, in
// the screen's interval and as often as the screen allows, until the challenge
// is complete, and then says how it ended: approved, timedOut, expired or
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
	p := j.screen.Polling()
	if p == nil {
		return nil, &NotPollingError{Screen: j.screen.Name}
	}
	status, err := j.poll(ctx, p)
	if err != nil {
		return nil, err
	}
	return j.post(ctx, "polling", "", `{`+davinci.Quote(p.Key)+`:`+davinci.Quote(status)+`}`)
}

// PollRetries returns how often the screen lets a client poll.
func (j *Journey) PollRetries() int {
	if j.screen == nil {
		return 0
	}
	if p := j.screen.Polling(); p != nil {
		return p.Retries
	}
	return 0
}

// poll returns what there is to say to the flow: after an interval where there is
// no challenge, and otherwise when the challenge is complete or was asked for as
// often as it may be.
func (j *Journey) poll(ctx context.Context, p *davinci.Polling) (string, error) {
	if p.Challenge == "" {
		return davinci.PollContinue, wait(ctx, p.Interval)
	}
	for n := range p.Retries {
		if n > 0 {
			if err := wait(ctx, p.Interval); err != nil {
				return "", err
			}
		}
		status, err := j.challengeStatus(ctx, p.Challenge)
		if status != "" || err != nil {
			return status, err
		}
	}
	return davinci.PollTimedOut, nil
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
	return davinci.ReadChallenge(resp.StatusCode, body), nil
}
