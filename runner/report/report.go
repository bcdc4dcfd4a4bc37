// Package report is what came of a run, in every format: a stream of finished
// scenarios and, at the end, the run. It knows no wire and no feature file.
package report

import (
	"fmt"
	"net/http"
	"time"

	"flowtest/steps/conformance"
)

// A Status says what came of a step or a scenario.
type Status uint8

// The statuses. A scenario has the gravest of its steps.
const (
	Passed Status = iota + 1
	Flaky         // it passed after it had failed for network or rate limit
	Known         // it failed as known-failures.yaml says it does
	Skipped
	NotRun
	Undefined
	Ambiguous
	Failed
)

// String returns the status as reports write it, for people and in JSON.
func (s Status) String() string {
	switch s {
	case Passed:
		return "passed"
	case Flaky:
		return "flaky"
	case Known:
		return "known"
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

// MarshalText implements [encoding.TextMarshaler].
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Status) UnmarshalText(text []byte) error {
	for known := Passed; known <= Failed; known++ {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("report: %q is no status, want passed, flaky, known, skipped, not run, undefined, "+
		"ambiguous or failed", text)
}

// Bad reports whether somebody has to look at it: it failed, or nobody can
// know what it means.
func (s Status) Bad() bool { return s == Failed || s == Undefined || s == Ambiguous }

// A Step is one sentence of a scenario and what came of it.
type Step struct {
	Text     string        `json:"text"` // with its keyword, redacted
	Line     int           `json:"line"`
	Status   Status        `json:"status"`
	Error    string        `json:"error,omitempty"` // redacted; "" where it passed
	Duration time.Duration `json:"nanoseconds"`

	// Keyword is what Text begins with, as in "Given ", where that is known.
	Keyword string `json:"-"`

	// Table and DocString are what stands below the sentence, redacted.
	Table     [][]string `json:"table,omitempty"`
	DocString *string    `json:"docString,omitempty"`

	// Definition is the place in [Plan.Definitions], from 1, of what the
	// sentence means; 0 where that is not known.
	Definition int `json:"definition,omitempty"`
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
	Screen          *Screen // nil unless the flow pauses here
	Origin, Message string  // of a failure: whose it is and what it says

	// Passed are the requirements of our catalogue that applied and hold.
	// Findings are the others, and what passed of a catalogue that is not ours.
	Passed   conformance.Set
	Findings []conformance.Finding

	// RequestCut and Cut are how many bytes a report left out at the end of
	// the bodies, because they were larger than it keeps.
	RequestCut, Cut int
}

// A Screen is what a person would see, as far as the response tells.
type Screen struct {
	Name       string  `json:"name,omitempty"`
	Node       string  `json:"node,omitempty"`
	Capability string  `json:"capability,omitempty"`
	Fields     []Field `json:"fields,omitempty"`
	HTML       string  `json:"html,omitempty"` // of a detailed response
}

// A Field is one entry of a screen.
type Field struct {
	Key      string   `json:"key,omitempty"`
	Type     string   `json:"type,omitempty"`
	Label    string   `json:"label,omitempty"`
	Required bool     `json:"required,omitempty"`
	Button   bool     `json:"button,omitempty"`
	Options  []string `json:"options,omitempty"` // the labels of what can be chosen
}

// A Scenario is one scenario that has finished, or that never began.
type Scenario struct {
	Feature  string        `json:"feature"` // the feature's name
	Name     string        `json:"name"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	Tags     []string      `json:"tags,omitempty"`
	Status   Status        `json:"status"`
	Steps    []Step        `json:"steps,omitempty"`
	Hops     []Hop         `json:"-"` // the last ones of a scenario that did not pass; all of them with evidence
	HopCount int           `json:"hopCount"`
	Began    time.Time     `json:"began,omitzero"` // zero where it never began
	Duration time.Duration `json:"nanoseconds"`

	// Number is its place among all scenarios of the run, from 1 and over all
	// shards, so that a merge has their order; 0 where that is not known.
	Number int `json:"number,omitempty"`

	// Repeat is which time it ran, from 1, where the run repeats; Attempts is
	// how often it was tried, 1 where nothing was retried.
	Repeat   int `json:"repeat,omitempty"`
	Attempts int `json:"attempts,omitempty"`

	// Earlier are the attempts that failed before this one, the first of them
	// first. What they broke counts in no matrix: the last attempt is the
	// scenario's. Empty where nothing was retried, or where a report that was
	// read kept none of them.
	Earlier []Attempt `json:"-"`

	// Flow is the name of the flow that it drives, "" where it names none.
	Flow string `json:"flow,omitempty"`

	// Environment says that it failed for network, rate limit or tenant
	// set-up, and not for the flow or the feature.
	Environment bool `json:"environment,omitempty"`

	// Conformance is what the catalogue says of the journey, redacted; nil
	// where nobody asked, or where faults befell it.
	Conformance *conformance.Journey `json:"-"`

	// Notes are sentences for people on the whole scenario: a requirement that
	// its journey breaks, why a failure is known, a pass that means little.
	Notes []Note `json:"notes,omitempty"`
}

// A Note is a sentence on a whole scenario or a whole run.
type Note struct {
	Kind NoteKind `json:"kind"`
	Text string   `json:"text"`
}

// A NoteKind says what a note is about.
type NoteKind string

// The kinds of notes.
const (
	Breaks      NoteKind = "conformance" // a requirement that is broken, and that fails the scenario
	WhyKnown    NoteKind = "known"       // the entry of known-failures.yaml that a failure is listed in
	Meaningless NoteKind = "meaningless" // a pass that shows nothing
	Stale       NoteKind = "stale"       // an entry of known-failures.yaml that does not hold any more
	Unexercised NoteKind = "unexercised" // a requirement that applied to no hop, where it had to
	Retried     NoteKind = "retried"     // a failure after which the scenario ran again
	OutOfTime   NoteKind = "limit"       // the time limit of the run is over
)

// FailedStep returns the first step that did not pass, or nil.
func (s *Scenario) FailedStep() *Step { return failedStep(s.Steps) }

func failedStep(steps []Step) *Step {
	for i := range steps {
		if st := &steps[i]; st.Status != Passed && st.Status != Skipped && st.Status != NotRun {
			return st
		}
	}
	return nil
}

// A Plan is what a run is about to do.
type Plan struct {
	Target    string `json:"target"` // the target's name
	Live      bool   `json:"live,omitempty"`
	Where     string `json:"where,omitempty"` // a line for people: where flows and recordings are from
	Scenarios int    `json:"scenarios"`

	// Run names the run, and all its shards alike. Empty: it has no name, and
	// a merge goes by target, shards and features alone.
	Run string `json:"run,omitempty"`

	// Shard is which part of Shards this is, from 1; both are 0 for a whole run.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`

	// Began is when the run began. Zero: when the reporter was told of it.
	Began time.Time `json:"began,omitzero"`

	// DryRun says that nothing is sent: the plan alone is reported.
	DryRun bool `json:"dryRun,omitempty"`

	// Version is that of flowtest.
	Version string `json:"version,omitempty"`

	// Repeat are the flags with which a scenario runs again as it did. Empty:
	// none but the target, where that is live.
	Repeat []string `json:"repeat,omitempty"`

	// Source returns the text of a feature file by the name that reports show,
	// redacted, or "" where there is none. It is asked once or a few times for
	// each file. Nil: the reports have no text of features.
	Source func(file string) string `json:"-"`

	// Definitions are what sentences mean, for [Step.Definition].
	Definitions []Definition `json:"-"`

	// Requirements is the catalogue that the hops are held against, so that a
	// report can say what was not exercised. Empty: those of the findings.
	Requirements []*conformance.Requirement `json:"-"`
}

// A Definition is one sentence of the vocabulary.
type Definition struct {
	Pattern string // a regular expression
	File    string // where it is written; "" where that is not known
	Line    int
}

// A Run is what came of all of it.
type Run struct {
	Plan     Plan            `json:"plan"`
	Counts   [Failed + 1]int `json:"-"` // by status
	Hops     int             `json:"hops"`
	Duration time.Duration   `json:"nanoseconds"`

	// Environment counts those of the failed that failed for network, rate
	// limit or tenant set-up.
	Environment int `json:"environment"`

	// Interrupted says that the run was stopped before its end.
	Interrupted bool `json:"interrupted,omitempty"`

	// Conformance is the catalogue held against every journey; nil where
	// nobody asked.
	Conformance *conformance.Matrix `json:"-"`

	// Notes are sentences on the run as a whole. Failed says that one of them
	// fails it, whatever its scenarios did.
	Notes  []Note `json:"notes,omitempty"`
	Failed bool   `json:"failed,omitempty"`

	// Missing are the shards that a merge did not get.
	Missing []int `json:"missing,omitempty"`
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
