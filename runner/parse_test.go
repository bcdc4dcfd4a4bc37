package runner_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner"
)

const (
	mayFollow      = `a step (Given, When, Then, And, But, *), a tag (@), Examples:, Scenario:, Scenario Outline: or Rule:`
	mayFollowStep  = `a row of a table (|), a text block ("""), ` + mayFollow
	beforeScenario = "Feature: A\n  Scenario: one\n    When I start the flow\n"
)

// The parser's own words are lists of token types. What a person reads names the
// line, the keyword that was meant and what may be there.
func TestWhatTheParserSaysIsWrittenForPeople(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"a misspelt title": {
			beforeScenario + "  Scenrio: two\n",
			`a.feature:4:3: "Scenrio: two" begins with no keyword (did you mean "Scenario:"?), want ` + mayFollowStep,
		},
		"a misspelt step": {
			beforeScenario + `    Whhn I fill in "password" with "hunter2"` + "\n",
			`a.feature:4:5: "Whhn I fill in "password" with "hunter2"" begins with no keyword (did you mean "When"?), want ` + mayFollowStep,
		},
		"two letters in the wrong order": {
			beforeScenario + "    Tehn the flow completes\n",
			`a.feature:4:5: "Tehn the flow completes" begins with no keyword (did you mean "Then"?), want ` + mayFollowStep,
		},
		"a colon that is missing": {
			beforeScenario + "  Scenario Outline two\n",
			`a.feature:4:3: "Scenario Outline two" begins with no keyword (did you mean "Scenario Outline:"?), want ` + mayFollowStep,
		},
		"nothing like a keyword": {
			beforeScenario + "  1234567890\n",
			`a.feature:4:3: "1234567890" begins with no keyword, want ` + mayFollowStep,
		},
		"a keyword at the wrong place": {
			beforeScenario + "  Background:\n",
			`a.feature:4:3: "Background:" is not allowed here, want ` + mayFollowStep,
		},
		"no feature, of which what follows is no further mistake": {
			"Scenario: one\n  When I start the flow\n",
			`a.feature:1:1: "Scenario:" is not allowed here, want # language:, a tag (@) or Feature:`,
		},
		"another language": {
			"# language: de\nFunktionalität: A\n  Szenario: eins\n    Wenn I start the flow\n  Szenaro: zwei\n",
			`a.feature:5:3: "Szenaro: zwei" begins with no keyword (did you mean "Szenario:"?), want ` +
				`a row of a table (|), a text block ("""), a step (Angenommen, Wenn, Dann, Und, Aber, *), a tag (@), ` +
				`Beispiele:, Szenario:, Szenariogrundriss: or Rule:`,
		},
		"an unknown language": {
			"# language: xx\nFeature: A\n",
			`a.feature:1:1: there is no language "xx", want one such as en or de: without a line # language the keywords are English`,
		},
		"a text block without an end": {
			beforeScenario + "      \"\"\"\n      hunter2\n",
			`a.feature:6: the file ends inside a text block, want the """ or ` + "```" + ` that closes it`,
		},
		"a tag of nothing": {
			beforeScenario + "  @last\n",
			`a.feature:5: the file ends after a tag, want what the tag belongs to: Scenario:, Scenario Outline: or Rule:`,
		},
		"a tag in two words": {
			"Feature: A\n  @a b\n  Scenario: one\n",
			`a.feature:2:3: a tag holds a space or a word has no @ before it, want tags such as @smoke @mfa`,
		},
		"rows of different lengths": {
			beforeScenario + "      | a | b |\n      | c |\n",
			`a.feature:5:7: this row has another number of cells than the first row of its table, ` +
				`want as many: write \| for a | that belongs to a value`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			src := []runner.Source{feature("a.feature", row.text)}
			require.EqualError(t, refused(t, runner.Suite{Features: src}), row.want)
		})
	}
}
