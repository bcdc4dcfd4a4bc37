package runner

import (
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// Recorded is one journey of a run.
type Recorded struct {
	Flow     string
	Scenario Place
	Repeat   int         // which run of the scenario
	Hops     []*flow.Hop // none if the environment failed before the first one

	// Generated has the names, by value, of the unique values that the scenario typed
	// and of the codes in messages.
	Generated map[string]string

	// Users are the users that the scenario created: attributes by username.
	Users map[string]map[string]string

	// Refused are the usernames of those who were disabled or locked before the
	// journey: the flow does not accept their passwords.
	Refused []string

	// Log is the execution log of the journey, nil if it was not read because the target has
	// no worker app or the scenario ran before.
	Log *davinci.Log

	// Cut says that the journey is not complete: the run was stopped, the environment
	// failed, or answers were dropped, see [flow.MaxKept].
	Cut bool
}

// record passes the journeys of the scenario to Suite.Record.
func (it *item) record() {
	if it.suite.Record == nil || it.world == nil {
		return
	}
	logged := logs(it)
	it.recording.Lock()
	defer it.recording.Unlock()
	cut := it.cause != nil && (it.cutOff || it.stopped)
	for i, d := range it.world.Driven() {
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
				d.Refused, logged[i], cut || broken || missing,
			})
		}
	}
}

// ofLog is the kind of a note on the execution log.
const ofLog report.NoteKind = "log"

// logs reads the execution logs of the journeys, nil for those that were not read. Of the times
// that a scenario runs to be recorded the first has one.
func logs(it *item) []*davinci.Log {
	driven := it.world.Driven()
	all := make([]*davinci.Log, len(driven))
	for i, d := range driven {
		if it.scenario.repeat > 1 || it.over() != nil {
			break
		}
		var err error
		if all[i], err = it.backend.Logged(it.context, d); err != nil {
			it.result.Notes = append(it.result.Notes, report.Note{
				Kind: ofLog, Text: "the log of the journey was not read: " + err.Error(),
			})
		}
	}
	return all
}

// story adds what the execution log says about a failure: which node failed, and what ran before it.
func story(it *item, out *report.Scenario) {
	if out.Status != report.Failed || it.world == nil || it.world.Journey == nil || it.over() != nil {
		return
	}
	driven := it.world.Driven()
	if text := it.backend.Story(it.context, driven[len(driven)-1], it.cause); text != "" {
		out.Notes = append(out.Notes, report.Note{Kind: ofLog, Text: text})
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
