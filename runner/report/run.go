// Package report holds what a run reports: its plan, its scenarios with their
// steps and hops, and the run as a whole. A [Reporter] receives them as they
// finish. The package writes no file and knows no format; see the command
// flowtest for those.
//
// Implement [Reporter], and set it as the Reporter of a suite; embed [Discard] for the methods
// that you do not need.
package report

import (
	"time"

	"flowtest/steps/conformance"
)

// A Plan describes a run before it begins.
type Plan struct {
	Target    string `json:"target"` // the target's name
	Live      bool   `json:"live,omitempty"`
	Where     string `json:"where,omitempty"` // a line for people: where flows and recordings are from
	Scenarios int    `json:"scenarios"`

	// Synthetic are the flows whose recordings were made from an export, or by hand,
	// and not recorded. Empty for a live run.
	Synthetic []string `json:"synthetic,omitempty"`

	// Paths are the arguments that chose the features. Empty means the features of the
	// configuration, or those that flowtest ships.
	Paths []string `json:"paths,omitempty"`

	// Run is the name of the run, the same for all its shards. Empty means no name; a
	// merge then compares only target, shards and features.
	Run string `json:"run,omitempty"`

	// Shard is the part of the run, from 1 to Shards; both are 0 for a whole run.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`

	// Began is when the run began. Zero means the time at which the reporter's Begin is
	// called.
	Began time.Time `json:"began,omitzero"`

	// DryRun says that nothing is sent: only the plan is reported.
	DryRun bool `json:"dryRun,omitempty"`

	// Version is the version of flowtest.
	Version string `json:"version,omitempty"`

	// Repeat are the flags that run a scenario again in the same way. Empty means none,
	// except the target if that is live.
	Repeat []string `json:"repeat,omitempty"`

	// Source returns the redacted text of a feature file by its name in reports, "" if there is
	// none. It is called once or a few times for each file. Nil means that reports have no text
	// of features.
	Source func(file string) string `json:"-"`

	// Definitions are the definitions of sentences, for [Step.Definition].
	Definitions []Definition `json:"-"`

	// Requirements is the catalogue against which hops are checked, so that a report can list
	// requirements that were not exercised. Empty means those of the findings.
	Requirements []*conformance.Requirement `json:"-"`
}

// A Definition is one sentence of the vocabulary.
type Definition struct {
	Pattern string // a regular expression
	File    string // the file with its code; "" if unknown
	Line    int
}

// A Run is the result of a whole run.
type Run struct {
	Plan     Plan            `json:"plan"`
	Counts   [Failed + 1]int `json:"-"` // by status
	Hops     int             `json:"hops"`
	Duration time.Duration   `json:"nanoseconds"`

	// Environment counts the scenarios that failed because of the network, a rate limit
	// or the tenant set-up.
	Environment int `json:"environment"`

	// Interrupted says that the run was stopped before its end.
	Interrupted bool `json:"interrupted,omitempty"`

	// Conformance has the results of checking every journey against the catalogue; nil if the
	// run checks none.
	Conformance *conformance.Matrix `json:"-"`

	// Notes are sentences about the whole run. Failed says that one of them fails the
	// run, whatever its scenarios did.
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
