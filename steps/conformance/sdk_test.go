package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/conformance"
)

func TestTheSDKCatalogueIsWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range conformance.SDKCatalogue() {
		assert.Regexp(t, `^SDK-(WEB|ANDROID|IOS)-[A-Z0-9-]+$`, r.ID)
		assert.False(t, seen[r.ID], "%s stands twice", r.ID)
		seen[r.ID] = true
		assert.Equal(t, conformance.Should, r.Level, "%s must not fail a run by itself", r.ID)
		assert.NotZero(t, r.SDK, r.ID)
		assert.Equal(t, r.SDK.String(), r.Page, r.ID)
		assert.NotEmpty(t, r.Section, r.ID)
		assert.NotZero(t, r.Shapes, r.ID)
		assert.NotZero(t, r.Outcomes, r.ID)
		assert.True(t, strings.HasSuffix(r.Sentence, "."), "%s is no sentence: %q", r.ID, r.Sentence)
		assert.Same(t, r, conformance.Lookup(r.ID))
		assert.NotContains(t, conformance.Catalogue(), r, "%s is in both catalogues", r.ID)
	}
	assert.Nil(t, conformance.Lookup("SDK-WEB-NONE"))
	assert.LessOrEqual(t, len(conformance.Catalogue())+len(seen), 64*len(conformance.Set{}), "a Set is too small for both catalogues")
	for _, r := range conformance.Catalogue() {
		assert.Zero(t, r.SDK, r.ID)
	}
}

// A set must not take a requirement of one catalogue for one of the other.
func TestBothCataloguesShareNoPlace(t *testing.T) {
	var s conformance.Set
	for _, r := range conformance.Catalogue() {
		s.Add(r)
	}
	assert.Equal(t, conformance.Catalogue(), s.List())
}

func TestJourneysThatAnSDKCarriesHaveNoFindingOfIt(t *testing.T) {
	for name, j := range carried() {
		t.Run(name, func(t *testing.T) {
			for i, v := range j.judgeSDKs(t) {
				for _, f := range v.Findings {
					if slices.Contains(carriers[name], f.Requirement.SDK) {
						t.Errorf("hop %d: %s: %s is %s, want %s", i+1, f.Requirement.ID, f.Path, f.Found, f.Wanted)
					}
				}
				for _, s := range carriers[name] {
					assert.Equal(t, conformance.Passed, v.OfSDK(s), "hop %d, %s", i+1, s)
				}
			}
		})
	}
}

func TestEachSDKRequirementHasAHopThatPassesAndAMutationThatBreaksOnlyIt(t *testing.T) {
	all, used := sdkMutations(), map[string]bool{}
	for _, r := range conformance.SDKCatalogue() {
		t.Run(r.ID, func(t *testing.T) {
			prefix, rest := split(r.ID)
			key := r.ID
			m, ok := all[key]
			if !ok {
				key = rest
				m, ok = all[key]
			}
			require.True(t, ok, "the requirement has no mutation")
			used[key] = true
			j := carried()[m.journey]
			require.NotNil(t, j, "no journey %q", m.journey)
			require.Contains(t, carriers[m.journey], r.SDK, "the SDK does not carry the journey to begin with")
			assert.True(t, sdkPassesSomewhere(t, r), "no hop of the carried journeys passes it")

			before := sdkFindings(t, j)
			broken := j.clone()
			m.change(&broken[m.hop])
			want := []string{r.ID}
			for _, a := range m.also {
				want = append(want, prefix+a)
			}
			var own []string
			for id := range sdkFindings(t, broken) {
				if strings.HasPrefix(id, prefix) {
					own = append(own, id)
					continue
				}
				_, kind := split(id)
				alike := kind == rest || slices.Contains(m.also, kind) || slices.Contains(m.others, kind) || before[id] != nil
				assert.True(t, alike, "the unrelated %s turned too", id)
			}
			slices.Sort(own)
			slices.Sort(want)
			assert.Equal(t, want, own)
			for _, f := range sdkFindings(t, broken)[r.ID] {
				assert.NotEmpty(t, f.Path)
				assert.NotEmpty(t, f.Found)
				assert.NotEmpty(t, f.Wanted)
				assert.Contains(t, f.Wanted, ":", "it has to say why")
				assert.Contains(t, []conformance.Result{conformance.Review, conformance.Warning}, f.Result)
			}
		})
	}
	for key := range all {
		assert.True(t, used[key], "the mutation %s has no requirement", key)
	}
}

// split takes the SDK off an id.
func split(id string) (prefix, rest string) {
	_, after, _ := strings.Cut(id, "-")
	_, rest, _ = strings.Cut(after, "-")
	return strings.TrimSuffix(id, rest), rest
}

// sdkFindings returns what is found of a journey, by requirement.
func sdkFindings(t *testing.T, j journey) map[string][]conformance.Finding {
	t.Helper()
	out := map[string][]conformance.Finding{}
	for _, v := range j.judgeSDKs(t) {
		for _, f := range v.Findings {
			out[f.Requirement.ID] = append(out[f.Requirement.ID], f)
		}
	}
	return out
}

func sdkPassesSomewhere(t *testing.T, r *conformance.Requirement) bool {
	t.Helper()
	for _, j := range carried() {
		for _, v := range j.judgeSDKs(t) {
			if slices.Contains(v.Passed.List(), r) {
				return true
			}
		}
	}
	return false
}

func BenchmarkBothCataloguesForEachHop(b *testing.B) {
	for name, j := range map[string]journey{"json": jsonJourney(), "carried": plainJourney(), "detailed": detailedJourney()} {
		b.Run(name, func(b *testing.B) {
			hops := j.hops(b)
			b.ReportAllocs()
			for b.Loop() {
				judge := conformance.Judge{SDKs: true}
				for _, h := range hops {
					judge.Hop(h)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(hops)), "µs/hop")
		})
	}
}
