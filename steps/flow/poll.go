package flow

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"flowtest/steps/davinci"
)

// Poll answers a polling screen once. Without a challenge it waits for the screen's interval and
// then posts that the flow may continue. With a challenge it polls, at the screen's interval and
// as often as the screen allows, until the challenge is complete, and then posts how it ended:
// approved, timedOut, expired or error. Polling a challenge is not a hop, because it does not
// change the flow. The returned hop is Rewound if the flow goes on waiting.
//
// With a context of [davinci.WantEnd] the challenge must end in that way. If it ends in
// another way, Poll posts nothing to the flow.
//
// The error says that the flow is not at a screen, that the screen has no POLLING field, or
// how the challenge ended instead, and otherwise is that of [Journey.Start].
//
// Source: how the SDKs drive a POLLING field.
func (j *Journey) Poll(ctx context.Context) (*Hop, error) {
	if j.screen == nil {
		return nil, noScreen(j.Last(), "poll")
	}
	p := pollingOf(j.screen)
	if p == nil {
		return nil, fmt.Errorf("flow: poll: the screen %q does not poll", j.screen.Name)
	}
	end := davinci.WantedEnd(ctx)
	if end != "" && p.challenge == "" {
		return nil, fmt.Errorf("flow: poll: the screen %q polls without a challenge, which could end %q",
			j.screen.Name, end)
	}
	status, err := p.status(ctx, j)
	if err != nil {
		return nil, err
	}
	if end != "" && status != end {
		return nil, fmt.Errorf("flow: poll: the challenge ended %q, want %q", status, end)
	}
	return j.post(ctx, "polling", "", `{`+davinci.Quote(p.key)+`:`+davinci.Quote(status)+`}`)
}

// PollRetries returns how often the screen lets a client poll.
func (j *Journey) PollRetries() int {
	if j.screen == nil {
		return 0
	}
	if p := pollingOf(j.screen); p != nil {
		return p.retries
	}
	return 0
}

// What a poll says to the flow. A challenge that is complete may say more.
//
// Source: what the SDKs post for a POLLING field.
const (
	pollContinue = "continue" // of a field without a challenge
	pollTimedOut = "timedOut"
	pollExpired  = "expired"
	pollFailed   = "error"
)

// A polling is what a screen asks of a client that polls.
type polling struct {
	key       string // of the field that takes what the poll says
	challenge string // whose state decides what it says, "" for none
	interval  time.Duration
	retries   int // how often a client may poll
}

// pollingOf returns what the screen asks of a client that polls, nil if it has no field of type
// POLLING.
//
// Source: how the SDKs drive a POLLING field, with their values if it has none.
func pollingOf(s *davinci.Screen) *polling {
	i := slices.IndexFunc(s.Fields, func(f davinci.Field) bool { return f.Type == "POLLING" })
	if i < 0 {
		return nil
	}
	f := &s.Fields[i]
	p := &polling{key: f.Key, interval: 2 * time.Second, retries: 60}
	if f.Raw.Get("pollChallengeStatus").Bool() {
		p.challenge = f.Raw.Get("challenge").String()
	}
	// More than 31 bits is 24 days, and would overflow a Duration before 64.
	if ms, err := strconv.ParseUint(f.Raw.Get("pollInterval").String(), 10, 31); err == nil {
		p.interval = time.Duration(ms) * time.Millisecond
	}
	if n, err := strconv.Atoi(f.Raw.Get("pollRetries").String()); err == nil && n > 0 {
		p.retries = n
	}
	return p
}

// status returns what there is to say to the flow: after an interval if there is no challenge,
// and otherwise when the challenge is complete or was polled as often as allowed.
func (p *polling) status(ctx context.Context, j *Journey) (string, error) {
	if p.challenge == "" {
		return pollContinue, wait(ctx, p.interval)
	}
	for n := range p.retries {
		if n > 0 {
			if err := wait(ctx, p.interval); err != nil {
				return "", err
			}
		}
		status, err := p.ask(ctx, j)
		if status != "" || err != nil {
			return status, err
		}
	}
	return pollTimedOut, nil
}

// ask asks once. The status is "" while the challenge is not complete. That the
// service is down, sends away or asks to come back later says nothing about the
// challenge and is an error.
//
// Source: the challenge status request of the web SDK, which sends the
// only the interactionId, and how it reads the answer.
func (p *polling) ask(ctx context.Context, j *Journey) (string, error) {
	above := strings.TrimSuffix(j.authorize.Path, "/as/authorize") + "/davinci/user/credentials/challenge/"
	host, shown := j.authorize.Scheme+"://"+j.authorize.Host, above+"…/status"
	to, err := url.Parse(host + above + url.PathEscape(p.challenge) + "/status")
	if err != nil {
		return "", &NetworkError{http.MethodPost, shown, errURL}
	}
	x := &davinci.Exchange{Method: http.MethodPost, URL: to, Body: []byte("{}")}
	if err := j.exchange(ctx, x, carried{interactionID: j.handle.interactionID}, shown); err != nil {
		return "", err
	}
	switch status := x.Status; {
	case status == http.StatusTooManyRequests, status < 200, status >= 300 && status < 400, status >= 500:
		err := fmt.Errorf("answered with status %d, want the state of the challenge", status)
		return "", &NetworkError{x.Method, shown, err}
	}
	return readChallenge(x.Status, x.Response), nil
}

// readChallenge returns what the state of a challenge says to the flow, or "" if the challenge is
// not complete. It takes the answer to a status request.
//
// Source: how the web SDK reads that answer.
func readChallenge(status int, body []byte) string {
	top := davinci.Reader{}.Read(status, nil, body)
	switch valid := top.IsObject(); {
	case valid && status == http.StatusBadRequest && top.Property("serviceName").Str == "challengeExpired":
		return pollExpired
	case !valid || status >= http.StatusBadRequest:
		return pollFailed
	case !top.Property("isChallengeComplete").Bool():
		return ""
	default:
		return cmp.Or(top.Property("status").Str, pollFailed)
	}
}
