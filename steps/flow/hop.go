package flow

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A Request is what a hop sent.
type Request struct {
	Method    string
	URL       *url.URL
	Action    string // the key of the button that was pressed
	EventType string
	Body      []byte // nil at the start
}

// A Hop is one request of a journey and its response.
type Hop struct {
	Number   int // from 1
	Request  *Request
	Status   int
	Header   http.Header
	Body     []byte
	Duration time.Duration
	Retries  int // how often the service asked to come back later

	Outcome Outcome
	Failure *Failure // what failed; nil unless Outcome is Failed

	// Screen is the screen at which the flow pauses, nil unless Outcome is Paused.
	Screen *Screen

	page *Page
}

// Get returns what stands at a gjson path of the response. What is not there,
// and every path of a body that is not JSON, does not exist; that is no error.
func (h *Hop) Get(path string) gjson.Result {
	if path == "" || !h.isJSON() {
		return gjson.Result{}
	}
	return gjson.GetBytes(h.Body, path)
}

// NodeID returns the id of the node that answered, or "".
func (h *Hop) NodeID() string { return h.Get("id").String() }

// Message returns what the flow reports to the person, trimmed: the leading
// blank of many messages is the service's own.
func (h *Hop) Message() string {
	for _, path := range []string{"message", "error.message", "errorMessage", "error_description"} {
		if m := h.Get(path); m.Type == gjson.String {
			return strings.TrimSpace(m.Str)
		}
	}
	return ""
}

// Code returns the code of an error as text, trimmed: on the wire it is a
// string or a number.
func (h *Hop) Code() string {
	for _, path := range []string{"code", "error.code"} {
		if c := h.Get(path); c.Exists() && !c.IsObject() && !c.IsArray() {
			return strings.TrimSpace(c.String())
		}
	}
	return ""
}

func (h *Hop) isJSON() bool {
	for _, c := range h.Body {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		default:
			return c == '{'
		}
	}
	return false
}
