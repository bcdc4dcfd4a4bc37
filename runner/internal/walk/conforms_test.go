package walk_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/walk"
	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// walked checks every hop of every shipped recording against the catalogue.
func walked(t *testing.T) *conformance.Matrix {
	t.Helper()
	flows := shipped.Flows(t)
	m := &conformance.Matrix{}
	for _, f := range flows {
		for _, detailed := range []bool{false, true} {
			journeys, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: map[string]string{"username": "ada"}})
			for _, journey := range journeys {
				m.Add(judged(f, journey, detailed))
			}
		}
	}
	return m
}

func judged(f *recordings.Flow, journey davinci.Exchanges, detailed bool) *conformance.Journey {
	j := &conformance.Journey{Flow: f.Name, Name: journey[len(journey)-1].Hop}
	var judge conformance.Judge
	for _, h := range flow.Observe(journey, detailed) {
		v := judge.Hop(h)
		j.Add(&v)
	}
	return j
}

func TestTheShippedRecordingsBreakNoMust(t *testing.T) {
	for _, j := range walked(t).Journeys {
		for _, f := range j.Findings {
			assert.Less(t, f.Result, conformance.Violated, "%s, way to %s, hop %d: %s", j.Flow, j.Name, f.Hop, &f)
		}
	}
}

func TestTheShippedRecordingsExerciseEveryMustOfBothPages(t *testing.T) {
	m := walked(t)
	for _, r := range conformance.Catalogue() {
		if r.Level == conformance.Must && m.Result(r) == conformance.NotExercised {
			t.Errorf("no shipped hop exercises %s: %s", r.ID, r.Sentence)
		}
	}
}
