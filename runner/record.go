package runner

import (
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/flow"
)

// Recorded is one journey that a run drove.
type Recorded struct {
	Flow     string
	Scenario Place
	Repeat   int         // which of the times that the scenario ran
	Hops     []*flow.Hop // none where the environment failed before the first one

	// Generated are the unique values that the scenario typed: their names by value.
	// So are the codes that messages brought to a new user.
	Generated map[string]string

	// Users are those that the scenario made: attributes by username.
	Users map[string]map[string]string

	// Cut says that the journey ended because the run was stopped or the
	// environment failed, and not where the flow or the feature ends it, or that
	// answers are missing in it, see [flow.MaxKept].
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
	for _, d := range it.world.Driven() {
		var last *flow.Hop
		if len(d.Hops) > 0 {
			last = d.Hops[len(d.Hops)-1]
		}
		broken := it.cause != nil && it.origin(last).Environmental()
		missing := len(d.Hops) > 0 && d.Hops[0].LetGo > 0
		if last != nil || broken {
			at := placeOf(it.scenario.Scenario)
			it.suite.Record(Recorded{
				d.Flow, at, it.scenario.repeat, d.Hops, it.world.Generated(), newUsers(it.world),
				cut || broken || missing,
			})
		}
	}
}

// newUsers returns the users that the scenario made: attributes by username.
func newUsers(w *steps.World) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, u := range w.NewUsers() {
		attributes := map[string]string{}
		for _, name := range u.Names() {
			attributes[name], _ = u.Lookup(name)
		}
		all[attributes["username"]] = attributes
	}
	return all
}

// ofUsers is the kind of a note on users that the scenario made and that are there still.
const ofUsers report.NoteKind = "users"

// removeUsers removes the users that the scenario made, whatever its result is.
func removeUsers(it *item) {
	if it.backend == nil {
		return
	}
	for _, text := range it.backend.End(it.context) {
		it.notes = append(it.notes, report.Note{Kind: ofUsers, Text: text})
	}
}
