package diff_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/diff"
)

var update = flag.Bool("update", false, "write what the writers print into testdata")

// writers by the ending of their goldens.
var writers = map[string]func(io.Writer, ...*diff.Difference) error{
	"txt": diff.Text, "md": diff.Markdown, "json": diff.JSON,
}

// rich returns differences of every sort, and one of none.
func rich(t *testing.T) []*diff.Difference {
	t.Helper()
	after := shipped(t, "sign-on").edit(t, withoutReset...).edit(t,
		edit{yaml, "policy: 5012727d02503c3c246e6a660e020812", "policy: aaaabbbbccccdddd1111222233334444"},
		edit{form, `"key": "username"`, `"key": "login"`},
		edit{form, `"username": ""`, `"login": ""`},
		edit{page, `"propertyName": "username"`, `"propertyName": "login"`},
		edit{html, `name="username"`, `name="login"`},
		edit{form, `"label": "Sign On"`, `"label": "Log in | <b>now</b>"`},
		edit{form, `"label": "Having trouble signing on?"`, "\"label\": \"Having trouble?\"\n}, {\"type\": \"FLOW_LINK\", \"key\": \"HELP\", \"label\": \"`Help` @all\""},
		edit{wrong, `"code": " Invalid username and/or password"`, `"code": "invalidPassword"`},
		edit{yaml, "json: trouble.json, detailed: trouble.detailed.json", "json: trouble.json"},
		edit{"trouble.detailed.json", "", "-"}, edit{"trouble.html", "", "-"},
		edit{yaml, "[ST, ST-NO-SS]", "[ST]"})
	const file = "features/sign-on/sign-on.feature"
	touches := map[diff.Touch][]diff.Place{
		{"sign-on", "Sign On Form"}: {{File: file, Line: 37, Scenario: "After a wrong password the right one still signs on"}, {File: file, Line: 14, Scenario: "Alice signs on"}},
		{"sign-on", "vd6qrg8bkx"}:   {{File: file, Line: 14, Scenario: "Alice signs on"}},
		{"sign-on", ""}:             {{File: file, Line: 14, Scenario: "Alice signs on"}},
		{"other", ""}:               {{File: file, Line: 2, Scenario: "Of another flow"}},
		{"other", "Sign On Form"}:   {{File: file, Line: 3, Scenario: "Of another flow"}},
		{"sign-on", "Other Form"}:   {{File: file, Line: 1, Scenario: "Never shown"}},
	}
	return []*diff.Difference{
		diff.Compare(shipped(t, "sign-on").load(t), after.load(t), diff.Options{Touches: touches}),
		diff.Compare(shipped(t, "forms").load(t), shipped(t, "forms").load(t), diff.Options{Touches: touches}),
	}
}

func TestWriters(t *testing.T) {
	for ending, write := range writers {
		t.Run(ending, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, write(&got, rich(t)...))
			golden := filepath.Join("testdata", "rich."+ending)
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestTheSameDifferenceIsWrittenTheSame(t *testing.T) {
	var first bytes.Buffer
	require.NoError(t, diff.JSON(&first, rich(t)...))
	for range 10 {
		var again bytes.Buffer
		require.NoError(t, diff.JSON(&again, rich(t)...))
		require.Equal(t, first.String(), again.String())
	}
}

func TestJSONSaysItsVersionAndHasEveryList(t *testing.T) {
	var got bytes.Buffer
	require.NoError(t, diff.JSON(&got))
	assert.JSONEq(t, `{"version":1,"worst":"none","differences":[]}`, got.String())

	got.Reset()
	none := diff.Compare(shipped(t, "mfa").load(t), shipped(t, "mfa").load(t), diff.Options{})
	require.NoError(t, diff.JSON(&got, none))
	assert.JSONEq(t, `{"version":1,"worst":"none","differences":[
		{"flow":"mfa","worst":"none","breaking":0,"additive":0,"cosmetic":0,"spots":[],"notes":[],"notRecorded":[]}]}`, got.String())
	assert.True(t, json.Valid(got.Bytes()))
}

func TestAWriterThatFailsIsReported(t *testing.T) {
	for ending, write := range writers {
		assert.ErrorIs(t, write(full{}, rich(t)...), errFull, ending)
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
