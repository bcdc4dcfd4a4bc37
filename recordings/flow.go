// Package recordings is what was said, at rest: the hops of a flow as a folder
// that a person can read, review and edit. It knows what lies on disk and how a
// request is matched; it knows neither how one is sent nor who answers.
package recordings

import "net/http"

// Format is the recording format that this package reads.
const Format = 1

// FileName is the file that makes a folder a recording.
const FileName = "recording.yaml"

// A Source says where a recording is from; reports always say which.
type Source string

// The three sources.
const (
	Recorded   Source = "recorded"   // taken from a running flow
	Documented Source = "documented" // made after the samples of the documentation
	Synthetic  Source = "synthetic"  // made after what the wire is known to do
)

// A Flow is one recording: a graph whose nodes are screens and whose edges are hops.
type Flow struct {
	// Dir is the folder within the file system it was loaded from.
	Dir string

	// Name is the flow's name, as features call it.
	Name string

	// Description is a line for people. Optional.
	Description string

	// Source says where the recording is from.
	Source Source

	// Policy is the flow policy id that an authorize request names in
	// acr_values to start this flow. Optional; the name serves too.
	Policy string

	// Client is the client id whose authorize requests start this flow where
	// acr_values does not choose. Optional.
	Client string

	// Meta says when and of what the recording was made. Nil where nobody
	// recorded it. Optional.
	Meta *Meta

	// Hops stand in the order of the file. It is never empty, and its first
	// start hop is the one taken where no query asks for another.
	Hops []*Hop
}

// A Hop is one request of a flow and its response.
type Hop struct {
	Name     string
	From     []*Hop // the screens that it leaves; empty for a hop that starts the flow
	To       *Hop   // the screen that is answered again, instead of Response; or nil
	Request  Request
	Response Response
	Line     int // where it stands in recording.yaml
}

// Answer returns what the hop is answered with: its own response or that of
// the screen it goes back to.
func (h *Hop) Answer() *Response {
	if h.To != nil {
		return &h.To.Response
	}
	return &h.Response
}

// Starts reports whether the hop starts the flow.
func (h *Hop) Starts() bool { return len(h.From) == 0 }

// Screen returns the screen at which the flow stands after the hop, or nil
// where the flow stays where it was or has ended.
func (h *Hop) Screen() *Hop {
	switch {
	case h.To != nil:
		return h.To
	case h.Response.screen():
		return h
	default:
		return nil
	}
}

// Stays reports whether the flow stays at the screen that the hop left: it was
// refused, or rewound.
func (h *Hop) Stays() bool {
	r := &h.Response
	refused := r.Status >= http.StatusBadRequest && r.Status < http.StatusInternalServerError
	return h.To == nil && (refused && !r.dead() || r.rewinds())
}

// A Response is what the service answers to a hop.
type Response struct {
	Status  int
	Headers map[string]string
	Cookies []Cookie // the session cookies that it sets

	JSON     *Body // the answer to X-Requested-With: ping-sdk, and to both where it is no screen
	Detailed *Body // the answer without that header
	HTML     *Body // a page
}

// Body returns the body for the shape that was asked for, or nil where that
// shape was not recorded. An answer that is no screen looks the same in both.
func (r *Response) Body(detailed bool) *Body {
	switch {
	case r.HTML != nil:
		return r.HTML
	case detailed:
		return shape(r.Detailed, r.JSON)
	default:
		return shape(r.JSON, r.Detailed)
	}
}

// shape returns the body that was asked for, or the other where that is no screen.
func shape(asked, other *Body) *Body {
	if asked == nil && other != nil && !other.screen {
		return other
	}
	return asked
}

// Empty reports whether the response has no body in any shape.
func (r *Response) Empty() bool { return r.JSON == nil && r.Detailed == nil && r.HTML == nil }

func (r *Response) screen() bool {
	ok := r.Status >= 200 && r.Status < 300
	return ok && (r.JSON != nil && r.JSON.screen || r.Detailed != nil && r.Detailed.screen)
}

func (r *Response) dead() bool {
	return r.JSON != nil && r.JSON.dead || r.Detailed != nil && r.Detailed.dead
}

func (r *Response) rewinds() bool {
	return r.JSON != nil && r.JSON.rewinds || r.Detailed != nil && r.Detailed.rewinds
}
