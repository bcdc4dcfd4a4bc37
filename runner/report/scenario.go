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

	// Keyword is the keyword at the start of Text, such as "Given ", if known.
	Keyword string `json:"-"`

	// Table and DocString are the table and the text block below the sentence,
	// redacted.
	Table     [][]string `json:"table,omitempty"`
	DocString *string    `json:"docString,omitempty"`

	// Steps are the steps of a sentence of a file. File is the file of such a step, ""
	// for the file of the scenario.
	Steps []Step `json:"steps,omitempty"`
	File  string `json:"file,omitempty"`

	// Definition is the index in [Plan.Definitions], from 1, of the sentence's definition; 0
	// if unknown.
	Definition int `json:"definition,omitempty"`
}

// A Scenario is a scenario that has finished, or that never began.
type Scenario struct {
	Feature string   `json:"feature"`        // the feature's name
	Rule    string   `json:"rule,omitempty"` // the name of its rule
	Name    string   `json:"name"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Tags    []string `json:"tags,omitempty"`
	Status  Status   `json:"status"`

	// Attempt is the last one, without origin and note.
	Attempt

	// Number is its index among all scenarios of the run, from 1 and over all shards, which
	// gives a merge their order; 0 if unknown.
	Number int `json:"number,omitempty"`

	// Recurs says that another scenario of the file has the same rule and name.
	Recurs bool `json:"recurs,omitempty"`

	// Repeat is the number of this run of the scenario, from 1, if the run repeats
	// scenarios.
	Repeat int `json:"repeat,omitempty"`

	// Platform is the platform of the SDK as which it ran, if the run has several.
	Platform string `json:"platform,omitempty"`

	// Earlier are the failed attempts before this one, the oldest first. Requirements that
	// they broke count in no matrix. Empty if nothing was retried, or if a report that was
	// read has none.
	Earlier []Attempt `json:"-"`

	// Flow is the name of the flow that it drives, "" if unknown.
	Flow string `json:"flow,omitempty"`

	// Environment says that it failed because of the network, a rate limit or the
	// tenant set-up, and not because of the flow or the feature.
	Environment bool `json:"environment,omitempty"`

	// Conformance has the redacted results for the journey; nil if the run does not check it, or
	// if a fault was injected.
	Conformance *conformance.Journey `json:"-"`

	// Notes are sentences for people about the whole scenario: a broken requirement,
	// why a failure is known, a pass that proves little.
	Notes []Note `json:"notes,omitempty"`
}

// A Note is a sentence about a whole scenario or a whole run.
type Note struct {
	Kind NoteKind `json:"kind"`
	Text string   `json:"text"`
}

// A NoteKind says what a note is about.
type NoteKind string

// The kinds of notes.
const (
	Breaks      NoteKind = "conformance" // a broken requirement that fails the scenario
	WhyKnown    NoteKind = "known"       // the entry of known-failures.yaml that lists the failure
	Meaningless NoteKind = "meaningless" // a pass that proves nothing
	Stale       NoteKind = "stale"       // an entry of known-failures.yaml that is outdated
	Unexercised NoteKind = "unexercised" // a required requirement that applied to no hop
	Retried     NoteKind = "retried"     // a failure after which the scenario ran again
	OutOfTime   NoteKind = "limit"       // the time limit of the run is over
)

// An Attempt is one run of a scenario: the last one, or one that failed and was
// retried.
type Attempt struct {
	// Origin says who caused the failure if another attempt followed, as in "network".
	// Note is a sentence for people, redacted; it is also in the notes of the scenario.
	Origin string `json:"origin,omitempty"`
	Note   string `json:"note,omitempty"`

	Steps    []Step        `json:"steps,omitempty"`
	Hops     []Hop         `json:"-"` // the last ones of a failed attempt; all of them with evidence
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
