package flow

import (
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

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

	page  *Page
	top   *top
	known *secret.Redactor // of the journey, nil where nobody knows its secrets
}

// Get returns what stands at a gjson path of the response. What is not there,
// and every path of a body that is not JSON, does not exist; that is no error.
func (h *Hop) Get(path string) gjson.Result {
	if path == "" || !h.body().valid {
		return gjson.Result{}
	}
	return gjson.Get(h.body().text, path)
}

// Properties returns what stands at the top of the response in its order,
// nothing of a body that is not JSON. A name that stands there twice comes
// twice, and the first of them counts.
func (h *Hop) Properties() iter.Seq2[string, gjson.Result] {
	return func(yield func(string, gjson.Result) bool) {
		for i := range h.body().properties {
			if p := &h.top.properties[i]; !yield(p.name, p.value) {
				return
			}
		}
	}
}

// Cookies returns the cookies that the response sets, in their order. What is no
// cookie is passed over. The slice and what is in it are the hop's.
func (h *Hop) Cookies() []*http.Cookie { return h.body().cookies }

// NodeID returns the id of the node that answered, or "".
func (h *Hop) NodeID() string { return h.body().get("id").String() }

// Message returns what the flow reports to the person, trimmed: the leading
// blank of many messages is the service's own.
func (h *Hop) Message() string {
	b := h.body()
	for _, m := range []gjson.Result{
		b.get("message"), b.get("error").Get("message"), b.get("errorMessage"), b.get("error_description"),
	} {
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
	for _, c := range []gjson.Result{b.get("code"), b.get("error").Get("code")} {
		if c.Exists() && !c.IsObject() && !c.IsArray() {
			return strings.TrimSpace(c.String())
		}
	}
	return ""
}

// IsObject reports whether the body is a JSON object, as every answer of a flow is.
func (h *Hop) IsObject() bool { return h.body().valid }

// Capability returns the name of the capability that answered, or "".
func (h *Hop) Capability() string { return h.body().get("capabilityName").String() }

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
