package stream

import (
	"encoding/json"
	"testing"
	"time"

	messages "github.com/cucumber/messages/go/v34"
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

// A pickle is written as Go's library writes it, with its line.
func TestPicklesAreWrittenAsTheLibraryWritesThem(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]*messages.Pickle{
		"everything": {
			Id: "1", Uri: "a/ü.feature", Name: "a \"name\"", Language: "en", AstNodeIds: []string{"2", "3"},
			Location: &messages.Location{Line: 7},
			Tags:     []*messages.PickleTag{{Name: "@a", AstNodeId: "4"}, {Name: "@b", AstNodeId: "5"}},
			Steps: []*messages.PickleStep{
				{AstNodeIds: []string{"6"}, Id: "8", Type: messages.PickleStepType_ACTION, Text: "I <start> & go\non"},
				{AstNodeIds: []string{}, Id: "9", Argument: &messages.PickleStepArgument{
					DocString: &messages.PickleDocString{MediaType: "json", Content: "of\n\tlines"},
				}},
				{AstNodeIds: []string{}, Id: "10", Argument: &messages.PickleStepArgument{
					DataTable: &messages.PickleTable{Rows: []*messages.PickleTableRow{
						{Cells: []*messages.PickleTableCell{{Value: "|"}, {Value: ""}}}, {Cells: []*messages.PickleTableCell{}},
					}},
				}},
			},
		},
		"nothing": {
			Location: &messages.Location{Line: 7}, AstNodeIds: []string{},
			Steps: []*messages.PickleStep{}, Tags: []*messages.PickleTag{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := json.Marshal(p)
			require.NoError(t, err)
			var got jsonText
			appendPickle(&got, p, 7)
			assert.JSONEq(t, string(want), string(got))
		})
	}
}
