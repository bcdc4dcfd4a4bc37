package runner

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/feature"
	"flowtest/steps"
)

// godog tries each sentence that it knows on each step, so that it is given those of the batch.
func TestABatchKnowsTheSentencesThatItUses(t *testing.T) {
	t.Parallel()
	all := steps.Definitions()
	with := func(at ...int) *item {
		s := &feature.Scenario{}
		for _, i := range at {
			s.Steps = append(s.Steps, feature.Step{Def: &feature.Definition{Definition: &all[i], Index: i}})
		}
		s.Steps = append(s.Steps, feature.Step{Def: &feature.Definition{Definition: &steps.Definition{}, Own: true}})
		return &item{attempt: attempt{scenario: planned{Scenario: s}}}
	}
	var got []string
	for _, d := range used([]*item{with(7, 2), with(2), with()}) {
		got = append(got, d.Pattern)
	}
	assert.Equal(t, []string{all[2].Pattern, all[7].Pattern}, got)
}
