// Package report is what came of a run, in every format: a stream of finished
// scenarios and, at the end, the run. It knows no wire and no feature file.
package report

import (
	"net/http"
	"time"

	"flowtest/steps/conformance"
)

// A Status says what came of a step or a scenario.
type Status uint8

// The statuses. A scenario has the gravest of its steps.
const (
	Passed Status = iota + 1
	Skipped
	NotRun
	Undefined
	Ambiguous
	Failed
)

// String returns the status as reports write it.
func (s Status) String() string {
	switch s {
	case Passed:
		return "passed"
	case Skipped:
		return "skipped"
	case NotRun:
		return "not run"
	case Undefined:
		return "undefined"
	case Ambiguous:
		return "ambiguous"
	case Failed:
		return "failed"
	default:
		return "unknown"
	}
}

// A Step is one sentence of a scenario and what came of it.
type Step struct {
	Text     string // with its keyword, redacted
	Line     int
	Status   Status
	Error    string // redacted; "" where it passed
	Duration time.Duration
}

// A Hop is one request of a journey and its response, in short.
type Hop struct {
	Number   int
	Request  string // "POST …/capabilities/customHTMLTemplate, action SIGNON"
	Response string // "400 refused, \"Invalid username and/or password\""
	Where    string // "node 65u7m8cm28, form \"Sign On Form\""
	Duration time.Duration

	// Step is the index of the step that sent it. Asserted are the indexes of
	// the steps that looked at it.
	Step     int
	Asserted []int

	// Evidence is what went over the wire; nil where nobody asked for it.
	Evidence *Evidence
}

// Evidence is a hop in full, redacted.
type Evidence struct {
	Method, URL     string
	RequestHeader   http.Header
	RequestBody     []byte // nil where there was none
	Status          int
	Header          http.Header
	Body            []byte
	Outcome         string // paused, rewound, refused, completed or failed
	Detailed        bool   // detailed responses were asked for
	Began           time.Time
	Findings        []conformance.Finding
	Screen          *Screen // nil unless the flow pauses here
	Origin, Message string  // of a failure: whose it is and what it says
}

// A Screen is what a person would see, as far as the response tells.
type Screen struct {
	Name, Node, Capability string
	Fields                 []Field
	HTML                   string // of a detailed response
}

// A Field is one entry of a screen.
type Field struct {
	Key, Type, Label string
	Required         bool
	Button           bool
	Options          []string // the labels of what can be chosen
}

// A Scenario is one scenario that has finished, or that never began.
type Scenario struct {
	Feature  string // the feature's name
	Name     string
	File     string
	Line     int
	Tags     []string
	Status   Status
	Steps    []Step
	Hops     []Hop // the last ones of a scenario that did not pass; all of them with evidence
	HopCount int
	Began    time.Time // zero where it never began
	Duration time.Duration

	// Flow is the name of the flow that it drives, "" where it names none.
	Flow string

	// Environment says that it failed for network, rate limit or tenant
	// set-up, and not for the flow or the feature.
	Environment bool
}

// FailedStep returns the first step that did not pass, or nil.
func (s *Scenario) FailedStep() *Step {
	for i := range s.Steps {
		if st := &s.Steps[i]; st.Status != Passed && st.Status != Skipped && st.Status != NotRun {
			return st
		}
	}
	return nil
}

// A Plan is what a run is about to do.
type Plan struct {
	Target    string // the target's name
	Live      bool
	Where     string // a line for people: where flows and recordings are from
	Scenarios int
}

// A Run is what came of all of it.
type Run struct {
	Plan     Plan
	Counts   [Failed + 1]int // by status
	Hops     int
	Duration time.Duration

	// Environment counts those of the failed that failed for network, rate
	// limit or tenant set-up.
	Environment int

	// Interrupted says that the run was stopped before its end.
	Interrupted bool
}

// Total returns how many scenarios were chosen.
func (r *Run) Total() int {
	n := 0
	for _, c := range r.Counts {
		n += c
	}
	return n
}

// Add counts a scenario.
func (r *Run) Add(s *Scenario) {
	r.Counts[s.Status]++
	r.Hops += s.HopCount
	if s.Status == Failed && s.Environment {
		r.Environment++
	}
}

// A Reporter takes in a run as it happens. Its methods are called one after
// the other, scenarios in the order of the feature files.
type Reporter interface {
	Begin(p Plan)
	Scenario(s *Scenario)
	End(r *Run)
}

// Discard reports nothing.
type Discard struct{}

// Begin implements [Reporter].
func (Discard) Begin(Plan) {}

// Scenario implements [Reporter].
func (Discard) Scenario(*Scenario) {}

// End implements [Reporter].
func (Discard) End(*Run) {}
