package report

import "errors"

// A Reporter receives the events of a run. Its methods are called one at a time, and scenarios
// arrive in the order of the feature files.
type Reporter interface {
	Begin(p Plan)
	Scenario(s *Scenario)
	End(r *Run)
}

// A Watcher follows running scenarios. It may be called by several goroutines at once.
// The number is that of the scenario within the run.
type Watcher interface {
	// Start says that a scenario has begun. Only its file, line, name and Began are
	// set.
	Start(number int, s *Scenario)

	// Pause says that it does not run for a while, and has not ended.
	Pause(number int)

	// Finish says that it has ended, whether or not it ever began.
	Finish(number int, s *Scenario)
}

// Discard reports nothing.
type Discard struct{}

// Begin implements [Reporter].
func (Discard) Begin(Plan) {}

// Scenario implements [Reporter].
func (Discard) Scenario(*Scenario) {}

// End implements [Reporter].
func (Discard) End(*Run) {}

type many []Reporter

// Many returns a reporter that passes everything to each of the given reporters, in their order.
// Its Err joins their errors.
func Many(reporters ...Reporter) Reporter { return many(reporters) }

// Begin implements [Reporter].
func (m many) Begin(p Plan) {
	for _, r := range m {
		r.Begin(p)
	}
}

// Scenario implements [Reporter].
func (m many) Scenario(s *Scenario) {
	for _, r := range m {
		r.Scenario(s)
	}
}

// End implements [Reporter].
func (m many) End(run *Run) {
	for _, r := range m {
		r.End(run)
	}
}

// Err returns what went wrong while the reporters wrote.
func (m many) Err() error {
	var all []error
	for _, r := range m {
		if r, ok := r.(interface{ Err() error }); ok {
			all = append(all, r.Err())
		}
	}
	return errors.Join(all...)
}
