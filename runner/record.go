package runner

import (
	"maps"
	"slices"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// Recorded is one journey that a run drove.
type Recorded struct {
	Flow, User string
	Detailed   bool
	Scenario   Place
	Repeat     int // which of the times that the scenario ran
	Take       davinci.Exchanges

	// Cut says that the journey ended because the run was stopped or the
	// environment failed, and not where the flow or the feature ends it.
	Cut bool
}

// record hands on the journeys of the scenario.
func (it *item) record() {
	if it.suite.Record == nil || it.world == nil {
		return
	}
	it.recording.Lock()
	defer it.recording.Unlock()
	cut := it.cause != nil && (it.cutOff || it.stopped)
	at := Place{File: it.scenario.File, Name: it.scenario.Name, Line: it.scenario.Line}
	for _, d := range it.world.Driven() {
		if len(d.Hops) > 0 {
			broken := it.cause != nil && it.environmental(d.Hops[len(d.Hops)-1])
			it.suite.Record(Recorded{
				d.Flow, d.User, d.Detailed, at, it.planned.repeat, flow.Exchanges(d.Hops), cut || broken,
			})
		} else if it.cause != nil && it.environmental(nil) {
			it.suite.Record(Recorded{
				Flow: d.Flow, User: d.User, Detailed: d.Detailed, Scenario: at, Repeat: it.planned.repeat, Cut: true,
			})
		}
	}
}

// Flows returns the names of the flows that the chosen scenarios drive, sorted.
func (s *Suite) Flows() ([]string, error) {
	p, err := s.choose()
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, sc := range p.scenarios {
		for _, name := range sc.Flows() {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}
