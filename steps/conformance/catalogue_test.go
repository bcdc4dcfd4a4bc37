package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
)

func TestTheCatalogueIsWellFormed(t *testing.T) {
	catalogue := conformance.Catalogue()
	assert.GreaterOrEqual(t, len(catalogue), 60)
	seen := map[string]bool{}
	for _, r := range catalogue {
		assert.Regexp(t, `^(JSON|DETAILED|MODEL)-`, r.ID)
		assert.False(t, seen[r.ID], "%s stands twice", r.ID)
		seen[r.ID] = true
		assert.NotZero(t, r.Level, r.ID)
		assert.NotZero(t, r.Shapes, r.ID)
		assert.NotZero(t, r.Outcomes, r.ID)
		assert.NotEmpty(t, r.Page, r.ID)
		assert.NotEmpty(t, r.Section, r.ID)
		assert.True(t, strings.HasSuffix(r.Sentence, "."), "%s is no sentence: %q", r.ID, r.Sentence)
		assert.Same(t, r, conformance.Lookup(r.ID))
	}
}

func TestEveryRowOfTheTableIsInTheCatalogue(t *testing.T) {
	for _, p := range davinci.Properties() {
		found := slices.ContainsFunc(conformance.Catalogue(), func(r *conformance.Requirement) bool {
			return strings.HasPrefix(r.ID, "MODEL-"+p.Path+"-")
		})
		assert.True(t, found, "no requirement for %s", p.Path)
	}
}

func TestConformingJourneysHaveNoFinding(t *testing.T) {
	for name, j := range conforming() {
		t.Run(name, func(t *testing.T) {
			for i, v := range j.judge(t) {
				for _, f := range v.Findings {
					t.Errorf("hop %d: %s %s: %s is %s, want %s", i+1, f.Requirement.ID, f.Result, f.Path, f.Found, f.Wanted)
				}
			}
		})
	}
}

func conforming() map[string]journey {
	return map[string]journey{
		"json": jsonJourney(), "detailed": detailedJourney(),
		"tokens": tokenJourney(false), "detailed tokens": tokenJourney(true),
		"failed": failedJourney(false), "detailed failed": failedJourney(true),
	}
}

func TestEachRequirementHasAHopThatPassesAndAMutationThatBreaksOnlyIt(t *testing.T) {
	all := mutations()
	for _, r := range conformance.Catalogue() {
		t.Run(r.ID, func(t *testing.T) {
			m, ok := all[r.ID]
			require.True(t, ok, "the requirement has no mutation")
			j := conforming()[m.journey]
			require.NotNil(t, j, "no journey %q", m.journey)
			assert.True(t, passesSomewhere(t, r), "no hop of the conforming journeys passes it")

			broken := j.clone()
			m.change(&broken[m.hop])
			var turned []string
			for _, v := range broken.judge(t) {
				for _, f := range v.Findings {
					turned = append(turned, f.Requirement.ID)
					if f.Requirement == r {
						assert.NotEmpty(t, f.Path)
						assert.NotEmpty(t, f.Found)
						assert.NotEmpty(t, f.Wanted)
						assert.NotEqual(t, f.Wanted, f.Found)
					}
				}
			}
			slices.Sort(turned)
			want := append([]string{r.ID}, m.also...)
			slices.Sort(want)
			assert.Equal(t, want, slices.Compact(turned))
		})
	}
	for id := range all {
		assert.NotNil(t, conformance.Lookup(id), "the mutation %s has no requirement", id)
	}
}

func passesSomewhere(t *testing.T, r *conformance.Requirement) bool {
	t.Helper()
	for _, j := range withOptional() {
		for _, v := range j.judge(t) {
			if slices.Contains(v.Passed.List(), r) {
				return true
			}
		}
	}
	return false
}

// withOptional adds what only some requests do.
func withOptional() map[string]journey {
	all := conforming()
	for _, name := range []string{"json", "detailed"} {
		j := all[name].clone()
		j[0].ask("redirect_uri", "")
		all[name+" without redirect_uri"] = j
	}
	return all
}
