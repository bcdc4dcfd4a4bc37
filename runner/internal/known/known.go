// Package known handles lists of known failures and accepted mutants. It reads the file,
// applies it to scenarios, exports or mutants, and finds outdated entries. It does not run
// anything.
package known

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"flowtest/runner/report"
	"flowtest/steps/secret"
)

// A List has the known failures or accepted mutants of a file, usually known-failures.yaml
// or mutants.yaml. It is for one run, and may be used by several goroutines at once.
type List struct {
	file    string
	now     time.Time
	mu      sync.Mutex
	entries []*entry
	exports []*entry // those about exports of flows
	mutants []*entry
	fresh   []Failure
}

// A Failure is a failure that no entry lists.
type Failure struct {
	Journey, Flow     string
	Requirement, Step string // one of them
	Found             string // the finding in one line, never empty

	number int // of the scenario
}

// New returns an empty list.
func New(now time.Time) *List { return &List{now: now} }

// failures returns the failures of a scenario.
func failures(s *report.Scenario, judged bool) []Failure {
	var out []Failure
	add := func(requirement, step, found string) {
		out = append(out, Failure{s.Name, s.Flow, requirement, step, found, s.Number})
	}
	if st := s.FailedStep(); st != nil {
		first, _, _ := strings.Cut(strings.TrimSpace(st.Error), "\n")
		add("", strings.TrimSpace(st.Text), cmp.Or(strings.TrimSpace(first), "it fails"))
	}
	if s.Conformance == nil || !judged {
		return out
	}
	for _, f := range s.Conformance.Failed() {
		if !slices.ContainsFunc(out, func(b Failure) bool { return b.Requirement == f.Requirement.ID }) {
			add(f.Requirement.ID, "", f.String())
		}
	}
	return out
}

// lists reports whether the entry is about that failure.
func (e *entry) lists(f Failure) bool {
	if f.Requirement != "" {
		return e.Requirement == f.Requirement
	}
	return e.isStep(f.Step)
}

// isStep reports whether the entry names that step. The keyword is optional, and
// [redacted] in the entry matches any text.
func (e *entry) isStep(step string) bool {
	_, text, _ := strings.Cut(step, " ")
	want := strings.TrimSpace(e.Step)
	return want != "" && (HiddenMatch(want, step) || HiddenMatch(want, strings.TrimSpace(text)))
}

// HiddenMatch reports whether a text matches the wanted one, in which each [redacted]
// matches any text.
func HiddenMatch(want, text string) bool {
	first, rest, hidden := strings.Cut(want, secret.Redacted)
	if !hidden {
		return want == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	for hidden {
		var part string
		if part, rest, hidden = strings.Cut(rest, secret.Redacted); !hidden {
			return strings.HasSuffix(text, part)
		}
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return true
}

// reached reports whether the scenario went far enough to show whether it still fails.
// judged says whether broken requirements fail it.
func (e *entry) reached(s *report.Scenario, judged bool) bool {
	if s.Environment || s.Status != report.Passed && s.Status != report.Failed {
		return false
	}
	if e.Requirement != "" {
		return judged && s.Conformance != nil && s.FailedStep() == nil
	}
	return !slices.ContainsFunc(s.Steps, func(st report.Step) bool {
		return st.Status == report.Skipped && e.isStep(strings.TrimSpace(st.Text))
	})
}

// Apply applies the list to a scenario that has ended. If all its failures are listed,
// its status becomes known. A scenario that failed because of the environment keeps
// that status unless it broke a requirement that is not listed, because that would fail
// again. judged says whether broken requirements fail a scenario.
func (k *List) Apply(s *report.Scenario, judged bool) {
	if k == nil {
		k = &List{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var mine []*entry
	for _, e := range k.entries {
		if e.Journey != s.Name || *e.Flow != s.Flow && s.Flow != "" {
			continue
		}
		e.seen = true // by name only, because it may have ended before it named a flow
		if *e.Flow == s.Flow {
			e.reaches = e.reaches || e.reached(s, judged)
			mine = append(mine, e)
		}
	}
	if s.Status != report.Failed {
		return
	}
	environment := s.Environment
	known := !environment
	var why []report.Note
	for _, f := range failures(s, judged) {
		if environment && f.Step != "" {
			continue
		}
		i := slices.IndexFunc(mine, func(e *entry) bool { return e.lists(f) && k.now.Before(e.expires) })
		if i < 0 {
			known, s.Environment = false, false
			k.fresh = append(k.fresh, f)
			continue
		}
		e := mine[i]
		e.held = true
		why = append(why, report.Note{Kind: report.WhyKnown, Text: fmt.Sprintf("known: %s (%s, until %s, %s:%d)",
			e.Reason, e.Owner, e.Expires, k.file, e.line)})
	}
	if known && len(why) > 0 {
		s.Status = report.Known
		s.Notes = append(s.Notes, why...)
	}
}

// New returns the failures that no entry lists, each once, in the order of the
// scenarios.
func (k *List) New() []Failure {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := slices.Clone(k.fresh)
	slices.SortStableFunc(out, func(a, b Failure) int { return cmp.Compare(a.number, b.number) })
	seen := map[Failure]bool{}
	return slices.DeleteFunc(out, func(f Failure) bool {
		f.Found, f.number = "", 0
		again := seen[f]
		seen[f] = true
		return again
	})
}

// Stale returns a note for every entry that is outdated. Only if everything ran does it
// report entries that match nothing.
func (k *List) Stale(everything bool) []report.Note {
	if k == nil {
		return nil
	}
	var out []report.Note
	for _, e := range k.entries {
		what := e.Requirement + e.Step
		var text string
		switch {
		case !k.now.Before(e.expires):
			text = e.expired()
		case e.reaches && !e.held:
			text = fmt.Sprintf("the journey %q no longer fails %q: remove the entry", e.Journey, what)
		case !e.seen && everything:
			text = e.gone()
		default:
			continue
		}
		out = append(out, report.Note{Kind: report.Stale, Text: fmt.Sprintf("%s:%d: %s", k.file, e.line, text)})
	}
	return out
}
