package report

import (
	"net/http"
	"time"

	"flowtest/steps/conformance"
)

// A Hop is one request of a journey and its response, in short.
type Hop struct {
	Number   int           `json:"hop"`
	Request  string        `json:"sent"`            // "POST …/capabilities/customHTMLTemplate, action SIGNON"
	Response string        `json:"answered"`        // "400 refused, \"Invalid username and/or password\""
	Where    string        `json:"where,omitempty"` // "node 65u7m8cm28, form \"Sign On Form\""
	Duration time.Duration `json:"nanoseconds"`

	// Step is the index of the step that sent it. Asserted are the indexes of the steps
	// that checked it.
	Step     int   `json:"step"`
	Asserted []int `json:"asserted,omitempty"`

	// Evidence is the request and response in full; nil if the run keeps none.
	Evidence *Evidence `json:"-"`
}

// Evidence is a hop in full, redacted.
type Evidence struct {
	Method        string      `json:"-"`
	URL           string      `json:"-"`
	RequestHeader http.Header `json:"-"`
	RequestBody   []byte      `json:"-"` // nil if there was none
	Status        int         `json:"-"`
	Header        http.Header `json:"-"`
	Body          []byte      `json:"-"`
	Outcome       string      `json:"outcome,omitempty"`  // paused, rewound, refused, completed or failed
	Detailed      bool        `json:"detailed,omitempty"` // detailed responses were requested
	Began         time.Time   `json:"began,omitzero"`
	Screen        *Screen     `json:"screen,omitempty"`  // nil unless the flow pauses here
	Origin        string      `json:"origin,omitempty"`  // of a failure: who caused it,
	Message       string      `json:"message,omitempty"` // and its message

	// Passed are the requirements of our catalogue that applied and passed. Findings
	// are all others, and everything from another catalogue.
	Passed   conformance.Set       `json:"-"`
	Findings []conformance.Finding `json:"-"`

	// RequestCut and Cut are the numbers of bytes left out at the end of bodies that
	// were too large for a report.
	RequestCut int `json:"-"`
	Cut        int `json:"-"`
}

// A Screen is the screen that a person would see, as far as the response shows it.
type Screen struct {
	Name       string  `json:"name,omitempty"`
	Node       string  `json:"node,omitempty"`
	Capability string  `json:"capability,omitempty"`
	Fields     []Field `json:"fields,omitempty"`

	// HTML is the HTML of a detailed response without scripts and without anything that
	// a browser would load.
	HTML string `json:"html,omitempty"`
}

// A Field is one entry of a screen.
type Field struct {
	Key      string   `json:"key,omitempty"`
	Type     string   `json:"type,omitempty"`
	Label    string   `json:"label,omitempty"`
	Required bool     `json:"required,omitempty"`
	Button   bool     `json:"button,omitempty"`
	Options  []string `json:"options,omitempty"` // the labels of the options
}
