package runner

import (
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/feature"
	"flowtest/runner/report"
	"flowtest/steps"
)

// kept keeps the scenarios of a run.
type kept struct {
	report.Discard

	list []*report.Scenario
}

// Scenario implements report.Reporter.
func (k *kept) Scenario(s *report.Scenario) { k.list = append(k.list, s) }

// The vocabulary itself has no two sentences that mean the same, so these are
// of this test.
func TestAnAmbiguousStepIsNotRun(t *testing.T) {
	define := func(keyword, pattern, example string) steps.Definition {
		return steps.Definition{
			Keyword: keyword, Pattern: pattern, Expr: func() *regexp.Regexp { return regexp.MustCompile(pattern) },
			Handler: func() error { return assert.AnError }, Example: example,
		}
	}
	l := feature.NewLoader([]steps.Definition{
		define("Given", `^a (\w+)$`, "Given a thing"),
		define("Given", `^(\w+) thing$`, "Given a thing"),
		define("Then", `^a thing$`, "Then a thing"),
	})
	list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(
		"Feature: A\nScenario: A\nGiven one thing\nAnd a thing\nThen a thing\nScenario: B\n* a thing\n",
	)}}, "a.feature", "")
	require.NoError(t, err)
	l.Define(list...)
	items := itemsOf(t, list)
	out := &kept{}
	items[0].out.to = out
	items[0].batch(t.Context(), 0, []planned{{Scenario: list[0]}, {Scenario: list[1]}})

	require.Len(t, out.list, 2)
	all := `ambiguous: it has several definitions: ^a (\w+)$ and ^(\w+) thing$ and ^a thing$`
	assert.Equal(t, []report.Step{
		{Keyword: "Given ", Text: "Given one thing", Line: 3, Status: report.Skipped},
		{Keyword: "And ", Text: "And a thing", Line: 4, Status: report.Ambiguous, Error: all},
		{Keyword: "Then ", Text: "Then a thing", Line: 5, Status: report.Ambiguous, Error: all},
	}, out.list[0].Steps)
	assert.Equal(t, report.Ambiguous, out.list[0].Status)
	assert.Equal(t, all, out.list[1].FailedStep().Error, "any keyword is taken")
	assert.Equal(t, 2, items[0].out.run.Counts[report.Ambiguous])
	assert.Zero(t, items[0].out.run.Hops)
}
