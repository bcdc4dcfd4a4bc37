package check

import (
	"fmt"
	"path"

	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// Conforms walks every recording in both shapes and checks each hop against the catalogue,
// without running a feature. User has the attributes of the user who signs on. It returns the
// results, and a line "DIR/recording.yaml:LINE: …" for each MUST that a recorded hop breaks.
func Conforms(flows []*recordings.Flow, user map[string]string) (m *conformance.Matrix, faults []string) {
	m = &conformance.Matrix{}
	for _, f := range flows {
		lines := map[string]int{}
		for _, h := range f.Hops {
			lines[h.Name] = h.Line
		}
		seen := map[string]bool{} // several journeys have the same hops
		for _, detailed := range []bool{false, true} {
			shape := conformance.JSON
			if detailed {
				shape = conformance.Detailed
			}
			journeys, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: user})
			for _, journey := range journeys {
				j := judge(f, journey, detailed)
				m.Add(j)
				for _, b := range j.Failed() {
					b.Hide(func(s string) string { return s })
					hop := journey[b.Hop-1].Hop
					if key := fmt.Sprint(hop, b.Requirement.ID, shape); !seen[key] {
						seen[key] = true
						faults = append(faults, fmt.Sprintf("%s:%d: hop %q (%s) breaks %s: %s (%s)",
							path.Join(f.Dir, recordings.FileName), max(1, lines[hop]), hop, shape,
							b.String(), b.Requirement.Sentence, b.Requirement.Page))
					}
				}
			}
		}
	}
	return m, faults
}

// judge checks one journey against the catalogue.
func judge(f *recordings.Flow, journey davinci.Exchanges, detailed bool) *conformance.Journey {
	j := &conformance.Journey{Name: journey[len(journey)-1].Hop, Flow: f.Name, File: f.Dir}
	judge := conformance.Judge{SDKs: true}
	for _, h := range flow.Observe(journey, detailed) {
		v := judge.Hop(h)
		j.Add(&v)
	}
	return j
}
