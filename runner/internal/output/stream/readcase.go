package stream

import (
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// A wireScenario is a scenario, how many hops were attached to it, and how many
// attempts come before it.
type wireScenario struct {
	*report.Scenario

	Before   int            `json:"earlier,omitempty"`
	Attached int            `json:"attached"`
	SDK      []wireVerdicts `json:"sdk,omitempty"`
}

// A wireAttempt is an attempt and how many hops were attached to it.
type wireAttempt struct {
	*report.Attempt

	Attached int `json:"attached"`
}

// attempt reads an attempt that was followed by another.
func (s *reader) attempt(body []byte) {
	w := wireAttempt{Attempt: &report.Attempt{}}
	if !s.decode(body, &w) {
		return
	}
	w.Hops, s.hops = s.hops, nil
	s.lost.Hops += max(0, w.Attached-len(w.Hops))
	s.earlier = append(s.earlier, *w.Attempt)
}

// scenario returns a scenario as far as it was read, or nil.
func (s *reader) scenario(body []byte) *report.Scenario {
	w := wireScenario{Scenario: &report.Scenario{}}
	if !s.decode(body, &w) {
		return nil
	}
	sc := w.Scenario
	sc.Hops, s.hops = s.hops, nil
	s.lost.Hops += max(0, w.Attached-len(sc.Hops))
	// Where lines are missing, some before them may be those of another scenario.
	if n := len(s.earlier) - max(0, w.Before); n < 0 {
		s.lost.Attempts -= n
	} else {
		s.earlier = s.earlier[n:]
	}
	sc.Earlier, s.earlier = s.earlier, nil
	sc.Conformance = journeyOf(sc)
	if sdk := verdictsOf(w.SDK, s.known, s.lists); sdk != nil && sc.Conformance != nil {
		sc.Conformance.SDK = sdk
	}
	s.got++
	if end := sc.Began.Add(sc.Duration); end.After(s.last) {
		s.last = end
	}
	return sc
}

// journeyOf returns the results of the catalogue for a journey, from the evidence of its hops, or
// nil if no hop was checked.
func journeyOf(s *report.Scenario) *conformance.Journey {
	j := &conformance.Journey{Name: s.Name, File: s.File, Line: s.Line, Flow: s.Flow}
	judged := false
	for i := range s.Hops {
		e := s.Hops[i].Evidence
		if e == nil {
			continue
		}
		v := conformance.Verdicts{Passed: e.Passed}
		judged = judged || e.Passed != (conformance.Set{}) || len(e.Findings) > 0
		for k := range e.Findings {
			f := &e.Findings[k]
			switch {
			case conformance.Lookup(f.Requirement.ID) != f.Requirement: // of another catalogue than ours
			case f.Result == conformance.Passed:
				v.Passed.Add(f.Requirement)
			default:
				v.Findings = append(v.Findings, *f)
			}
		}
		j.Add(&v)
	}
	if !judged {
		return nil
	}
	return j
}
