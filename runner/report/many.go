package report

import "errors"

// many hands everything to several reporters.
type many []Reporter

// Many returns a reporter that hands everything to each of the given ones, in
// their order. Its Err joins theirs.
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
