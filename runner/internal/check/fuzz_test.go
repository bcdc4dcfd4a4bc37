package check_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/check"
)

var placed = regexp.MustCompile(`(?m)^a\.feature(:\d+|: not a feature)`)

// Whatever lies in a feature file, a check comes to an end and names the place of
// what it finds.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		"", "Feature: A\n", beforeScenario + "  Scenrio: two\n", "# language: ja\n機能: A\n  シナリ: 一\n",
		beforeScenario + `    Whhn I fill in "password" with "hunter2"`, "Feature: A\n  Scenrio: b\n    Given the flow \"x\"\n",
		"Feature: A\n  Scenario Outline: b\n    Given the flow \"<a>${user.<a>}\"\n    Examples:\n      | a |\n      | ${ |\n",
		"@\nFeature:\n  Rule:\n\"\"\"\n```\n|\\|", "\xff\xfe\x00", "# language: xx", "Feature: A\r\n  Scenario\r\n", "Feature: A\r  Scenario: b\r",
	} {
		f.Add(text)
	}
	to, flows := replayTarget(f), shipped.Flows(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := check.Features(&runner.Suite{Features: []runner.Source{feature("a.feature", text)}, Target: to, Recordings: flows})
		for _, line := range append(got.Faults, got.Warnings...) {
			assert.Regexp(t, placed, line)
		}
	})
}
