package flow

import "net/http"

// An Observer reads the hops of a journey that somebody else drove: a
// recording, or an app behind a proxy. The zero value is before the start.
type Observer struct {
	hops  int
	waits bool // the flow waits at a screen
}

// Hop returns what a request and its response were, judged as if a [Journey]
// had sent it. The hop keeps body and header.
func (o *Observer) Hop(r *Request, detailed bool, status int, header http.Header, body []byte) *Hop {
	o.hops++
	h := &Hop{Number: o.hops, Request: r, Detailed: detailed, Status: status, Header: header, Body: body}
	h.classify(o.waits)
	switch h.Outcome {
	case Paused:
		h.Screen = newScreen(h)
		o.waits = true
	case Completed, Failed:
		o.waits = false
	case Refused, Rewound:
	}
	return h
}
