package runner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner"
	"flowtest/runner/report"
)

// A team that runs only JSON cannot exercise what is said of detailed responses.
func TestRequireExercisedOfTheShapesThatRan(t *testing.T) {
	const begin = "Feature: A\n  Scenario: one\n    Given the flow \"sign-on\"\n"
	const json, detailed = begin + "    When I start the flow\n", begin + "    And detailed responses\n    When I start the flow\n"
	both := []runner.Source{feature("a.feature", json), feature("b.feature", detailed)}
	for name, row := range map[string]struct {
		suite runner.Suite
		last  string // the last note
		other string // how no id begins
	}{
		"JSON": {
			runner.Suite{Features: both[:1], RequireExercised: "MUST"},
			" requirements of the detailed mode are not demanded: no journey asked for detailed responses", "DETAILED-",
		},
		"detailed": {
			runner.Suite{Features: both[1:], RequireExercised: "MUST"},
			" requirements of the JSON mode are not demanded: every journey asked for detailed responses", "JSON-",
		},
		"both": {runner.Suite{Features: both, RequireExercised: "MUST"}, " applied to no hop: ", ""},
		"named": {
			runner.Suite{Features: both[:1], RequireExercised: "DETAILED-STEP3-1"},
			"DETAILED-STEP3-1b (MUST) applied to no hop: ", "JSON-",
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, _ := ran(t, row.suite)
			list := notes(run.Notes, report.Unexercised)
			assert.True(t, run.Failed)
			assert.Contains(t, list[len(list)-1], row.last)
			for _, text := range list {
				assert.False(t, row.other != "" && strings.HasPrefix(text, row.other), text)
			}
		})
	}
}
