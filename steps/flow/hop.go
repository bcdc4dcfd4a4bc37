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
	Header    http.Header // as it was sent, its secrets included
	Body      []byte      // nil at the start
}

// A Hop is one request of a journey and its response.
type Hop struct {
	Number   int // from 1
	Request  *Request
	Detailed bool      // whether detailed responses were asked for
	Began    time.Time // when it was first sent
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
	top  *top
}

// Get returns what stands at a gjson path of the response. What is not there,
// and every path of a body that is not JSON, does not exist; that is no error.
func (h *Hop) Get(path string) gjson.Result {
	if path == "" || !h.body().valid {
		return gjson.Result{}
	}
	return gjson.GetBytes(h.Body, path)
}

// NodeID returns the id of the node that answered, or "".
func (h *Hop) NodeID() string { return h.body().id.String() }

// Message returns what the flow reports to the person, trimmed: the leading
// blank of many messages is the service's own.
func (h *Hop) Message() string {
	b := h.body()
	for _, m := range []gjson.Result{b.message, b.err.Get("message"), b.errorMessage, b.errorDescription} {
		if m.Type == gjson.String {
			return strings.TrimSpace(m.Str)
		}
	}
	return ""
}

// Code returns the code of an error as text, trimmed: on the wire it is a
// string or a number.
func (h *Hop) Code() string {
	b := h.body()
	for _, c := range []gjson.Result{b.code, b.err.Get("code")} {
		if c.Exists() && !c.IsObject() && !c.IsArray() {
			return strings.TrimSpace(c.String())
		}
	}
	return ""
}

// IsObject reports whether the body is a JSON object, as every answer of a flow is.
func (h *Hop) IsObject() bool { return h.body().valid }

// Capability returns the name of the capability that answered, or "".
func (h *Hop) Capability() string { return h.body().capability.String() }

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

// top holds the properties on which every hop is judged, so that its body is
// read once for all of them.
type top struct {
	valid                                              bool // a JSON object
	id, interactionID, token, eventName                gjson.Result
	connection, connector, capability                  gjson.Result
	form, formData, screen, links                      gjson.Result
	code, message, err, errorMessage, errorDescription gjson.Result
	status, authorizeResponse, resumeURL               gjson.Result
}

// body returns the hop's top, read when it is first asked for.
func (h *Hop) body() *top {
	if h.top != nil {
		return h.top
	}
	h.top = &top{}
	if !h.isJSON() || !gjson.ValidBytes(h.Body) {
		return h.top
	}
	t := h.top
	t.valid = true
	gjson.ParseBytes(h.Body).ForEach(func(key, value gjson.Result) bool {
		if at := t.place(key.Str); at != nil && !at.Exists() {
			*at = value
		}
		return true
	})
	return t
}

// place returns where a property is kept, or nil where it is not.
func (t *top) place(key string) *gjson.Result {
	switch key {
	case "id":
		return &t.id
	case "interactionId":
		return &t.interactionID
	case "interactionToken":
		return &t.token
	case "eventName":
		return &t.eventName
	case "connectionId":
		return &t.connection
	case "connectorId":
		return &t.connector
	case "capabilityName":
		return &t.capability
	case "form":
		return &t.form
	case "formData":
		return &t.formData
	case "screen":
		return &t.screen
	case "_links":
		return &t.links
	default:
		return t.verdict(key)
	}
}

// verdict returns where a property is kept that tells how the flow goes on.
func (t *top) verdict(key string) *gjson.Result {
	switch key {
	case "code":
		return &t.code
	case "message":
		return &t.message
	case "error":
		return &t.err
	case "errorMessage":
		return &t.errorMessage
	case "error_description":
		return &t.errorDescription
	case "status":
		return &t.status
	case "authorizeResponse":
		return &t.authorizeResponse
	case "resumeUrl":
		return &t.resumeURL
	default:
		return nil
	}
}
