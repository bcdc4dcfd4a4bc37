package runner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
)

// The parser, which is not ours, ends the process at a line that does not fit its
// buffer, and reads U+FFFD where a byte is no UTF-8: that would be sent.
func TestTextThatTheParserCannotRead(t *testing.T) {
	const begin, end = "Feature: x\n  Scenario: s\n    Given the flow \"", "\"\n"
	for name, row := range map[string]struct{ text, want string }{
		"a doc string": {
			begin + "x\n      \"\"\"\n" + strings.Repeat("      ab\n", 20000) + "      \"\"\"\n",
			"a.feature:4: the doc string has 180000 bytes in 20000 lines, want at most 524288 in 16384: " +
				"the Gherkin parser takes quadratic time",
		},
		"a step":    {begin + strings.Repeat("a", 65600) + end, "a.feature:3: the line has 65621 bytes, want at most 65534: the Gherkin parser reads no longer lines"},
		"a comment": {"# " + strings.Repeat("a", 65600), "a.feature:1: the line has 65602 bytes"},
		"Latin-1":   {"Feature: x\n  Scenario: Jos\xe9\n", "a.feature:2:16: the byte 0xE9 is not UTF-8, want a file that is saved as UTF-8"},
		"cut short": {"Feature: \u00fcber \xe2\x82", "a.feature:1:15: the byte 0xE2 is not UTF-8"},
		"UTF-16":    {"\xff\xfeF\x00e\x00", "a.feature:1:1: the text, which is UTF-16, is not UTF-8"},
		"only CR":   {"Feature: x\r  Scenario: s\r", "a.feature:1: its lines end with only a carriage return, want a line feed"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, refused(t, runner.Suite{Features: []runner.Source{feature("a.feature", row.text)}}), row.want)
		})
	}
	longest := "Feature: x\n  " + strings.Repeat("d", 65532) + "\n\n  Scenario: s\n    Given the flow \"sign-on\"\n"
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", longest)}})
	assert.Len(t, out.scenarios, 1)
}

// What is hidden may be longer than what was there: a report is written all the
// same.
func TestALineThatRedactionMakesTooLong(t *testing.T) {
	text := "Feature: x\n  " + strings.Repeat("7", 7000) + "\n\n  Scenario: s\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
		"    And I fill in \"password\" with \"7\"\n"
	folder, err := output.NewFolder(t.TempDir())
	require.NoError(t, err)
	_, err = (&runner.Suite{
		Features: []runner.Source{feature("a.feature", text)}, Target: replayTarget(t), Recordings: shipped.Flows(t),
		Reporter: folder, Evidence: true,
	}).Run(t.Context())
	require.NoError(t, err)
	require.NoError(t, folder.Err())
}

func TestAByteOrderMarkIsNoText(t *testing.T) {
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", "\ufeffFeature: x\n  Scenario: s\n    Given the flow \"sign-on\"\n")}})
	require.Len(t, out.scenarios, 1)
	assert.Equal(t, report.Passed, out.scenarios[0].Status)
}

// A few kilobytes of an outline may come to gigabytes with their rows put in.
func TestAnOutlineThatIsTooLongWithItsRows(t *testing.T) {
	outline := func(name, step, cell string, rows int) string {
		return "Feature: x\n\n  Scenario Outline: " + name + "\n    Given the flow \"sign-on\"\n" + step + "    Examples:\n      | a | b |\n" +
			strings.Repeat("      | "+cell+" | b |\n", rows)
	}
	long := strings.Repeat("y", 30_000)
	for name, row := range map[string]struct{ text, want string }{
		"in its name": {
			outline(strings.Repeat("<a>", 1000), "", long, 1),
			"a.feature:3: with a row filled in, a line has up to 30003000 bytes, want at most 65534, as in a feature file",
		},
		"in a step": {outline("<b>", "    Then <a><b><a><a>\n", long, 1), "a.feature:3: with a row filled in, a line has up to 90013 bytes"},
		"in a text block": {
			outline("<b>", "    Then it is\n      \"\"\"\n      "+strings.Repeat("<a>", 3000)+"\n      \"\"\"\n", long, 1),
			"a.feature:3: the outline with its rows filled in is larger than a file may be, want at most 64 MiB",
		},
		"in all rows": {
			outline("<b>", "    Then it is\n      | "+strings.Repeat("<a>", 100)+" |\n", strings.Repeat("y", 1000), 700),
			"a.feature:3: the outline with its rows filled in is larger than a file may be",
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, refused(t, runner.Suite{Features: []runner.Source{feature("a.feature", row.text)}}), row.want)
		})
	}
	_, out := ran(t, runner.Suite{Features: []runner.Source{feature("a.feature", outline("<a><a>", "", long, 2))}})
	assert.Len(t, out.scenarios, 2)
}
