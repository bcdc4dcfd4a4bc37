package stream

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/report"
)

// What is written by hand is what the package of Go's library would write, and
// what the reader's types have places for.
func TestScenariosAreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 5, time.UTC)
	text := "of\nlines"
	full := report.Scenario{
		Feature: "F \"quoted\"", Name: "N", File: "a/b.feature", Line: 7, Tags: []string{"@a", "@ü"}, Status: report.Failed,
		Attempt: report.Attempt{Steps: []report.Step{
			{Text: "Given x", Line: 8, Status: report.Passed, Duration: time.Second, Definition: 3, DocString: &text},
			{Text: "Then y", Line: 9, Status: report.Failed, Error: "found\n\tthis", Table: [][]string{{"a", "|b|"}, {}}},
		}, HopCount: 3, Began: at, Duration: time.Minute}, Number: 4, Repeat: 2, Flow: "f", Environment: true,
		Notes: []report.Note{{Kind: report.Breaks, Text: "hop 1 breaks"}},
	}
	verdicts := []wireVerdicts{{Passed: "A B"}, {PassedAs: 2, Hop: 3, Findings: []Finding{{Requirement: "C"}}}}
	for name, row := range map[string]struct {
		s   report.Scenario
		sdk []wireVerdicts
	}{
		"everything": {full, verdicts},
		"nothing":    {report.Scenario{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(&wireScenario{Scenario: &row.s, Attached: len(row.s.Hops), SDK: row.sdk})
			require.NoError(t, err)
			var got jsonText
			appendScenario(&got, &row.s, row.sdk)
			assert.JSONEq(t, string(want), string(got))
		})
	}
	for name, screen := range map[string]report.Screen{
		"a screen": {Name: "S", Node: "n", Capability: "c", HTML: "p", Fields: []report.Field{
			{Key: "k", Type: "TEXT", Label: "l", Required: true, Button: true, Options: []string{"a", "b"}}, {},
		}},
		"an empty screen": {},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(&screen)
			require.NoError(t, err)
			var got jsonText
			appendScreen(&got, &screen)
			assert.JSONEq(t, string(want), string(got))
		})
	}
}
