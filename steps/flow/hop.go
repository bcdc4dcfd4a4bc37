package flow

import (
	"net/http"
	"net/url"
	"time"

	"flowtest/steps/davinci"
	"flowtest/steps/secret"
)

// A Request is what a hop sent.
type Request struct {
	Method    string
	URL       *url.URL
	Action    string // the key of the button that was pressed
	EventType string
	Header    http.Header // as it was sent, its secrets included
	Body      []byte      // nil at the start
}

// A Hop is one request of a journey and its response.
type Hop struct {
	*davinci.Answer

	Number   int // from 1
	Request  *Request
	Detailed bool      // whether detailed responses were asked for
	Began    time.Time // when it was first sent
	Duration time.Duration
	Retries  int // how often the service asked to come back later
}

// Observe reads the hops of a take as if a client of flowtest had sent it.
func Observe(take davinci.Exchanges, detailed bool) []*Hop {
	var o Observer
	out := make([]*Hop, 0, len(take))
	for i := range take {
		x := &take[i]
		r := &Request{Method: x.Method, URL: x.URL, Header: x.Header, Body: x.Body}
		out = append(out, o.Hop(r, detailed, x.Status, x.ResponseHeader, x.Response))
	}
	return out
}

// Exchanges returns the exchanges that hops were: [Observe] reads them again.
func Exchanges(hops []*Hop) davinci.Exchanges {
	out := make(davinci.Exchanges, 0, len(hops))
	for _, h := range hops {
		out = append(out, davinci.Exchange{
			Began: h.Began, Took: h.Duration,
			Method: h.Request.Method, URL: h.Request.URL, Header: h.Request.Header, Body: h.Request.Body,
			Status: h.Status, ResponseHeader: h.Header, Response: h.Body,
		})
	}
	return out
}

// An Observer reads the hops of a journey that somebody else drove: a
// recording, or an app behind a proxy. The zero value is before the start.
type Observer struct {
	hops  int
	waits bool // the flow waits at a screen
}

// Hop returns a request and its response as a hop, read as if a [Journey] had
// sent it. The hop keeps body and header.
func (o *Observer) Hop(r *Request, detailed bool, status int, header http.Header, body []byte) *Hop {
	o.hops++
	reader := davinci.Reader{Waits: o.waits, Hide: hide(nil)}
	h := &Hop{Answer: reader.Read(status, header, body), Number: o.hops, Request: r, Detailed: detailed}
	switch h.Outcome {
	case davinci.Paused:
		o.waits = true
	case davinci.Completed, davinci.Failed:
		o.waits = false
	case davinci.Refused, davinci.Rewound:
	}
	return h
}

// hide returns what takes the secrets that known knows, and those of an answer,
// out of a text. Known may be nil.
func hide(known *secret.Redactor) func(string, []string) string {
	return func(text string, secrets []string) string {
		r := &secret.Redactor{Parent: known}
		r.Add(secrets...)
		return r.Redact(text)
	}
}
