package runner

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowtest/mockserver"
	"flowtest/runner/internal/feature"
)

// faults returns the faults of the run with their seed, and the line for people
// with both. The error is a *[UsageError] that joins what is wrong with the tags
// of the scenarios.
func (s *Suite) faults(scenarios []*feature.Scenario) (faults mockserver.Faults, where string, err error) {
	var mistakes, tags []string
	for _, sc := range scenarios {
		_, used, err := mockserver.TaggedFaults(sc.Tags)
		if err != nil {
			mistakes = append(mistakes, fmt.Sprintf("%s:%d: %v", sc.File, sc.Line, err))
		}
		tags = append(tags, used...)
	}
	faults = s.Faults
	slices.Sort(tags)
	tags = slices.Compact(tags)
	switch {
	case len(mistakes) > 0:
		return faults, "", &UsageError{errors.New(strings.Join(mistakes, "\n"))}
	case faults.None() && len(tags) == 0:
		return faults, s.Where, nil
	case s.Target.Live != nil:
		return faults, "", &UsageError{s.onLive(tags)}
	}
	if faults.Seed == 0 {
		faults.Seed = mockserver.NewSeed()
	}
	list := []string{}
	if s.Where != "" {
		list = append(list, s.Where)
	}
	what := faults.String()
	if faults.None() {
		what = "by tags"
	}
	list = append(list, fmt.Sprintf("faults %s (seed %d)", what, faults.Seed))
	return faults, strings.Join(list, " · "), nil
}

// onLive says that a live target has faults of its own alone.
func (s *Suite) onLive(tags []string) error {
	if !s.Faults.None() {
		return fmt.Errorf("faults apply only to a replay, and the target %q is live", s.Target.Name)
	}
	return fmt.Errorf("%s applies only to a replay, and the target %q is live: "+
		"choose other scenarios, as with --tags \"not (%s)\"",
		strings.Join(tags, ", "), s.Target.Name, strings.Join(tags, " or "))
}

// faultsOf returns the faults of a scenario: those of its tags, or else of the run.
func (r *running) faultsOf(s *feature.Scenario) mockserver.Faults {
	faults, used, err := mockserver.TaggedFaults(s.Tags)
	if err != nil || len(used) == 0 { // there is no error: the run would not have begun
		return r.faults
	}
	faults.Seed = r.faults.Seed
	return faults
}

// faultAt names the faults that were injected into a hop, where the scenario drove
// one journey alone: a replay counts the hops of each.
func (it *item) faultAt(hop int) string {
	if it.backend == nil || len(it.world.Driven()) != 1 {
		return ""
	}
	if list := it.backend.FaultsAt(hop); len(list) > 0 {
		return " (fault " + strings.Join(list, ", fault ") + ")"
	}
	return ""
}
