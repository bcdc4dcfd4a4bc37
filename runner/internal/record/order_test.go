package record_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/internal/record"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// Scenarios run beside each other and end in any order. Where journeys contradict each other the
// first is kept, so the recording would depend on which of them was the quickest.
func TestJourneysAreInTheOrderOfTheFiles(t *testing.T) {
	t.Parallel()
	var s runner.Suite
	r := record.NewRun(&s)
	for _, at := range []struct {
		file         string
		line, repeat int
		path         string
	}{
		{"b.feature", 3, 1, "/5"},
		{"a.feature", 9, 2, "/4"},
		{"a.feature", 3, 1, "/1"},
		{"a.feature", 9, 1, "/2"},
		{"a.feature", 9, 1, "/3"}, // a second journey of the scenario
	} {
		s.Record(runner.Recorded{
			Flow: "sign-on", Scenario: runner.Place{File: at.file, Line: at.line}, Repeat: at.repeat,
			Hops: []*flow.Hop{{Exchange: &davinci.Exchange{Method: "GET", URL: &url.URL{Path: at.path}}}},
		})
	}
	var got []string
	for _, journey := range r.Journeys(func(line string) { t.Error(line) })["sign-on"] {
		require.Len(t, journey, 1)
		got = append(got, journey[0].URL.Path)
	}
	assert.Equal(t, []string{"/1", "/2", "/3", "/4", "/5"}, got)
}
