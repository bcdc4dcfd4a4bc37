package steps_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/steps"
)

// thens is every row of this package whose sentence is a Then.
func thens() map[string]sentence {
	all := map[string]sentence{}
	for _, rows := range []map[string]sentence{
		outcomes, screens, fields, values, comparisons, paths, pages, claims, conformances, passkeys,
		moreValues, moreOutcomes, moreFields, responses, directory, executions,
	} {
		maps.Copy(all, rows)
	}
	return all
}

func TestEveryThenIsSeenToHoldAndToReject(t *testing.T) {
	for _, d := range steps.Definitions() {
		if d.Keyword != "Then" {
			continue
		}
		t.Run(d.Pattern, func(t *testing.T) {
			holds, rejects := false, false
			for _, row := range thens() {
				if !d.Matches(text(row.sentence)) {
					continue
				}
				holds = holds || row.want == ""
				// That no flow was started says nothing about the sentence.
				rejects = rejects || row.want != "" && !strings.HasPrefix(row.want, "the flow has not been started")
			}
			assert.True(t, holds, "no row shows what this sentence accepts")
			assert.True(t, rejects, "no row shows that this sentence rejects something")
		})
	}
}

func TestEveryThenNeedsAFlowThatWasStarted(t *testing.T) {
	for _, d := range steps.Definitions() {
		if d.Keyword != "Then" {
			continue
		}
		t.Run(d.Example, func(t *testing.T) {
			row := sentence{
				before: []string{given}, sentence: d.Example,
				want: `the flow has not been started: write "When I start the flow" before this step`,
			}
			row.check(t)
		})
	}
}

// Each row's check asks that it sends nothing.
func TestAThenNeverSends(t *testing.T) {
	for name, row := range thens() {
		assert.True(t, row.asserts(), name)
	}
	p := play(t, answering(says(http.StatusOK, form())), given, starts)
	assert.Equal(t, 1, p.sent, "what the last sentence sends is counted")
}
