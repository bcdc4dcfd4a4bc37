package conformance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps/conformance"
)

// Whether the SDKs are asked about changes nothing of what the documented
// protocol says.
func TestTheSDKsAreJudgedBesideTheProtocol(t *testing.T) {
	journeys := carried()
	journeys["json"], journeys["detailed"] = jsonJourney(), detailedJourney()
	for name, j := range journeys {
		t.Run(name, func(t *testing.T) {
			var alone conformance.Judge
			both := conformance.Judge{SDKs: true}
			for i, h := range j.hops(t) {
				got, want := both.Hop(h), alone.Hop(h)
				assert.Nil(t, want.SDK, "hop %d: not asked for", i+1)
				assert.Equal(t, want.Passed, got.Passed, "hop %d", i+1)
				assert.Equal(t, want.Findings, got.Findings, "hop %d", i+1)
				if assert.NotNil(t, got.SDK, "hop %d", i+1) {
					assert.Nil(t, got.SDK.SDK)
					for _, r := range got.SDK.Passed.List() {
						assert.NotZero(t, r.SDK, "hop %d: %s is of the protocol", i+1, r.ID)
					}
					for _, f := range got.SDK.Findings {
						assert.NotZero(t, f.Requirement.SDK, "hop %d: %s is of the protocol", i+1, f.Requirement.ID)
					}
				}
			}
		})
	}
}

func TestAJourneyKeepsWhatTheSDKsCarry(t *testing.T) {
	for _, asked := range []bool{false, true} {
		judge := conformance.Judge{SDKs: asked}
		var got conformance.Journey
		var want []conformance.Verdicts
		for _, h := range pollJourney().hops(t) {
			v := judge.Hop(h)
			got.Add(&v)
			if asked {
				want = append(want, *v.SDK)
			}
		}
		assert.Equal(t, want, got.SDK)
		assert.Positive(t, got.Hops)
	}
}

// Two requirements ask for the type of an answer, and another answer may have
// another.
func TestEveryAnswerIsHeldAgainstItsOwnContentType(t *testing.T) {
	j := jsonJourney()
	j[1].answer["Content-Type"] = []string{"text/plain"}
	for i, v := range j.judge(t) {
		var found []string
		for _, f := range v.Findings {
			if f.Requirement.ID == "JSON-INTRO-2" {
				found = append(found, f.Found)
			}
		}
		if i == 1 {
			assert.Equal(t, []string{"text/plain"}, found)
		} else {
			assert.Empty(t, found, "hop %d", i+1)
		}
	}
}
