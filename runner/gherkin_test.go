package runner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/report"
)

func TestRulesAndBackgrounds(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("rules.feature", `Feature: Rules
  Background:
    Given the flow "sign-on"

  Rule: One
    Background:
      And the user "alice"
    Scenario: both backgrounds come first
      When I start the flow

  Rule: Two
    Scenario: of another rule only the feature's
      When I start the flow
`)}})
	require.Len(t, out.scenarios, 2)
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 3, Status: report.Passed},
		{Text: `And the user "alice"`, Line: 7, Status: report.Passed},
		{Text: `When I start the flow`, Line: 9, Status: report.Passed},
	}, timeless(t, out.scenarios[0].Steps))
	assert.Equal(t, []report.Step{
		{Text: `Given the flow "sign-on"`, Line: 3, Status: report.Passed},
		{Text: `When I start the flow`, Line: 13, Status: report.Passed},
	}, timeless(t, out.scenarios[1].Steps))
	assert.Equal(t, "Rules", out.scenarios[0].Feature)
}

// timeless takes the durations out of steps.
// timeless returns steps without their durations, and without their keywords,
// which their texts begin with.
func timeless(tb testing.TB, steps []report.Step) []report.Step {
	tb.Helper()
	out := []report.Step{}
	for _, s := range steps {
		assert.True(tb, strings.HasPrefix(s.Text, s.Keyword), s.Text)
		s.Duration, s.Definition, s.Keyword = 0, 0, ""
		out = append(out, s)
	}
	return out
}

func TestLocalizedFeaturesKeepTheirKeywords(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("de.feature", `# language: de
Funktionalität: Anmeldung
  Grundlage:
    Angenommen the flow "sign-on"
    Und the user "alice"

  Szenario: Alice meldet sich an
    Wenn I start the flow
    Dann the flow pauses at "Sign On Form"
    Aber the form does not offer "RESEND"
    Und the form offers "SIGNON"

  Szenariogrundriss: <Taste>
    Wenn I start the flow
    * the form offers "<Taste>"

    Beispiele:
      | Taste   |
      | TROUBLE |
`), feature("ja.feature", `# language: ja
機能: サインオン
  シナリオ: 最初の画面
    前提the flow "sign-on"
    もしI start the flow
    ならばthe flow pauses at "Sign On Form"
    かつthe form offers "SIGNON"
`)}})
	assert.Equal(t, []string{"Alice meldet sich an:7", "TROUBLE (row 1):19", "最初の画面:3"}, out.chose())
	for _, s := range out.scenarios {
		assert.Equal(t, report.Passed, s.Status, s.FailedStep())
	}
	assert.Equal(t, "Anmeldung", out.scenarios[0].Feature)
	var texts []string
	for _, s := range out.scenarios {
		for i := range s.Steps {
			texts = append(texts, s.Steps[i].Text)
		}
	}
	assert.Equal(t, []string{
		`Angenommen the flow "sign-on"`, `Und the user "alice"`, `Wenn I start the flow`,
		`Dann the flow pauses at "Sign On Form"`, `Aber the form does not offer "RESEND"`, `Und the form offers "SIGNON"`,
		`Angenommen the flow "sign-on"`, `Und the user "alice"`, `Wenn I start the flow`, `* the form offers "TROUBLE"`,
		`前提the flow "sign-on"`, `もしI start the flow`, `ならばthe flow pauses at "Sign On Form"`, `かつthe form offers "SIGNON"`,
	}, texts)
}

func TestAndButAndStarHaveTheKindOfTheStepBefore(t *testing.T) {
	for name, row := range map[string]struct {
		steps string
		want  report.Status
		fault string
	}{
		"and after given":        {"Given the flow \"sign-on\"\nAnd the user \"alice\"", report.Passed, ""},
		"but after then":         {"Given the flow \"sign-on\"\nWhen I start the flow\nThen the form offers \"SIGNON\"\nBut the form does not offer \"X\"", report.Passed, ""},
		"a star is of any kind":  {"* the flow \"sign-on\"\n* I start the flow\n* the form offers \"SIGNON\"", report.Passed, ""},
		"and after a star":       {"* the flow \"sign-on\"\nAnd I start the flow", report.Passed, ""},
		"and in place of when":   {"Given the flow \"sign-on\"\nAnd I start the flow\nAnd the form offers \"SIGNON\"", report.Passed, ""},
		"when in place of then":  {"Given the flow \"sign-on\"\nGiven I start the flow\nWhen the flow completes", report.Failed, ""},
		"then in place of given": {"Then the flow \"sign-on\"", report.Passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, out := ran(t, runner.Suite{Features: []runner.Source{
				feature("a.feature", "Feature: A\nScenario: A\n"+row.steps+"\n"),
			}})
			assert.Equal(t, row.want, out.scenarios[0].Status, out.scenarios[0].FailedStep())
			if row.fault != "" {
				assert.Equal(t, row.fault, out.scenarios[0].FailedStep().Error)
			}
		})
	}
}
