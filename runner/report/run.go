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

// A Plan is what a run is about to do.
type Plan struct {
	Target    string `json:"target"` // the target's name
	Live      bool   `json:"live,omitempty"`
	Where     string `json:"where,omitempty"` // a line for people: where flows and recordings are from
	Scenarios int    `json:"scenarios"`

	// Synthetic are the flows of which nothing was recorded: a replay answers from what
	// was made of an export, or by hand. Empty for a live run.
	Synthetic []string `json:"synthetic,omitempty"`

	// Paths are the arguments that chose the features, as they were given. Empty: the
	// features of the configuration, or those that flowtest ships.
	Paths []string `json:"paths,omitempty"`

	// Run names the run, and all its shards alike. Empty: it has no name, and
	// a merge compares only target, shards and features.
	Run string `json:"run,omitempty"`

	// Shard is which part of Shards this is, from 1; both are 0 for a whole run.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`

	// Began is when the run began. Zero: the reporter takes the time of its Begin.
	Began time.Time `json:"began,omitzero"`

	// DryRun says that nothing is sent: only the plan is reported.
	DryRun bool `json:"dryRun,omitempty"`

	// Version is that of flowtest.
	Version string `json:"version,omitempty"`

	// Repeat are the flags with which a scenario runs again as it did. Empty:
	// none but the target, where that is live.
	Repeat []string `json:"repeat,omitempty"`

	// Source returns the text of a feature file by the name that reports show, redacted, or "" if
	// there is none. It is asked once or a few times for each file. Nil: the reports have no text
	// of features.
	Source func(file string) string `json:"-"`

	// Definitions are what sentences mean, for [Step.Definition].
	Definitions []Definition `json:"-"`

	// Requirements is the catalogue that the hops are checked against, so that a report can say
	// what was not exercised. Empty: those of the findings.
	Requirements []*conformance.Requirement `json:"-"`
}

// A Definition is one sentence of the vocabulary.
type Definition struct {
	Pattern string // a regular expression
	File    string // where it is written; "" if that is not known
	Line    int
}

// A Run is the result of a whole run.
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

	// Conformance is the catalogue checked against every journey; nil if the run judges none.
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
