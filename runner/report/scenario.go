package report

import (
	"fmt"
	"slices"
	"time"

	"flowtest/steps/conformance"
)

// A Status is the result of a step or a scenario.
type Status uint8

// The statuses. A scenario has the most severe of its steps.
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

var statusNames = [...]string{
	"unknown", "passed", "flaky", "known", "skipped", "not run", "undefined", "ambiguous", "failed",
}

// String returns the status as reports write it, for people and in JSON.
func (s Status) String() string {
	if s > Failed {
		s = 0
	}
	return statusNames[s]
}

// MarshalText implements [encoding.TextMarshaler].
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Status) UnmarshalText(text []byte) error {
	if at := slices.Index(statusNames[:], string(text)); at > 0 {
		*s = Status(at) //nolint:gosec // one of a few
		return nil
	}
	return fmt.Errorf("report: %q is not a status, want passed, flaky, known, skipped, not run, undefined, "+
		"ambiguous or failed", text)
}

// Bad reports whether a person must look at it: it failed, or flowtest could not run it.
func (s Status) Bad() bool { return s == Failed || s == Undefined || s == Ambiguous }

// A Step is one sentence of a scenario and its result.
type Step struct {
	Text     string        `json:"text"` // with its keyword, redacted
	Line     int           `json:"line"`
	Status   Status        `json:"status"`
	Error    string        `json:"error,omitempty"` // redacted; "" if it passed
	Duration time.Duration `json:"nanoseconds"`

	// Keyword is what Text begins with, as in "Given ", if that is known.
	Keyword string `json:"-"`

	// Table and DocString are what is below the sentence, redacted.
	Table     [][]string `json:"table,omitempty"`
	DocString *string    `json:"docString,omitempty"`

	// Steps are those of a sentence of a file; File is where such a
	// step is written, "" if that is the file of the scenario.
	Steps []Step `json:"steps,omitempty"`
	File  string `json:"file,omitempty"`

	// Definition is the place in [Plan.Definitions], from 1, of what the sentence means; 0 if
	// that is not known.
	Definition int `json:"definition,omitempty"`
}

// A Scenario is one scenario that has finished, or that never began.
type Scenario struct {
	Feature string   `json:"feature"`        // the feature's name
	Rule    string   `json:"rule,omitempty"` // the name of the rule that it belongs to
	Name    string   `json:"name"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Tags    []string `json:"tags,omitempty"`
	Status  Status   `json:"status"`

	// Attempt is the last one, without origin and note.
	Attempt

	// Number is its place among all scenarios of the run, from 1 and over all shards, so that a
	// merge has their order; 0 if that is not known.
	Number int `json:"number,omitempty"`

	// Recurs says that another scenario of the file has the same rule and name.
	Recurs bool `json:"recurs,omitempty"`

	// Repeat is which time it ran, from 1, where the run repeats.
	Repeat int `json:"repeat,omitempty"`

	// Platform is that as whose SDK it ran, where the run has several.
	Platform string `json:"platform,omitempty"`

	// Earlier are the attempts that failed before this one, the first of them first. What they
	// broke counts in no matrix: the last attempt is the scenario's. Empty if nothing was
	// retried, or where a report that was read kept none of them.
	Earlier []Attempt `json:"-"`

	// Flow is the name of the flow that it drives, "" if it names none.
	Flow string `json:"flow,omitempty"`

	// Environment says that it failed for network, rate limit or tenant
	// set-up, and not for the flow or the feature.
	Environment bool `json:"environment,omitempty"`

	// Conformance is what the catalogue says about the journey, redacted; nil if the run does not
	// judge it, or where a fault was injected.
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
	Stale       NoteKind = "stale"       // an entry of known-failures.yaml that is outdated
	Unexercised NoteKind = "unexercised" // a requirement that applied to no hop, where it had to
	Retried     NoteKind = "retried"     // a failure after which the scenario ran again
	OutOfTime   NoteKind = "limit"       // the time limit of the run is over
)

// An Attempt is a try of a scenario: the last one, or one that failed and after
// which the scenario ran once more.
type Attempt struct {
	// Origin is whose failure it was where another attempt followed, as in
	// "network". Note is the sentence for people that is among the notes of the
	// scenario too, redacted.
	Origin string `json:"origin,omitempty"`
	Note   string `json:"note,omitempty"`

	Steps    []Step        `json:"steps,omitempty"`
	Hops     []Hop         `json:"-"` // the last ones of an attempt that failed; all of them with evidence
	HopCount int           `json:"hopCount"`
	Began    time.Time     `json:"began,omitzero"` // zero if it never began
	Duration time.Duration `json:"nanoseconds"`
}

// FailedStep returns the first step that did not pass, or nil.
func (a *Attempt) FailedStep() *Step {
	for i := range a.Steps {
		if st := &a.Steps[i]; st.Status != Passed && st.Status != Skipped && st.Status != NotRun {
			return st
		}
	}
	return nil
}
