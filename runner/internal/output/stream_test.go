package output_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// A memory is a reporter that keeps what it is given.
type memory struct {
	plan      report.Plan
	scenarios []*report.Scenario
	run       *report.Run
	begins    int
}

func (m *memory) Begin(p report.Plan)         { m.plan = p; m.begins++ }
func (m *memory) Scenario(s *report.Scenario) { m.scenarios = append(m.scenarios, s) }
func (m *memory) End(r *report.Run)           { m.run = r }
func (m *memory) Names() (out []string) {
	for _, s := range m.scenarios {
		out = append(out, s.Name)
	}
	return out
}

// streamOf returns what Messages writes of a story.
func streamOf(tb testing.TB, s *story) []byte {
	tb.Helper()
	var b bytes.Buffer
	m := stream.NewWriter(&b)
	s.tell(m)
	require.NoError(tb, m.Err())
	return b.Bytes()
}

// lines decodes a stream, a message a line.
func lines(tb testing.TB, text []byte) (out []map[string]any) {
	tb.Helper()
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		require.NoError(tb, json.Unmarshal([]byte(line), &m), line)
		require.Len(tb, m, 1, line)
		out = append(out, m)
	}
	return out
}

// kinds counts the messages by their kind.
func kinds(messages []map[string]any) map[string]int {
	out := map[string]int{}
	for _, m := range messages {
		for kind := range m {
			out[kind]++
		}
	}
	return out
}

func TestTheStreamHasEveryMessage(t *testing.T) {
	t.Parallel()
	got := kinds(lines(t, streamOf(t, sampleRun())))
	hops, plan, requirements, scenarios, end := 9, 1, 4, 10, 1
	earlier := 3 // attempts of two scenarios
	passed := 2  // lists of what was met, written once
	assert.Equal(t, map[string]int{
		"meta": 1, "testRunStarted": 1, "testRunFinished": 1, "stepDefinition": 2, "source": 1,
		"gherkinDocument": 2, // one is made up for the file without a text
		"pickle":          scenarios, "testCase": scenarios, "testCaseStarted": scenarios + earlier, "testCaseFinished": scenarios + earlier,
		"testStepStarted": 33, "testStepFinished": 33,
		"attachment": hops + plan + requirements + passed + scenarios + earlier + end,
	}, got)
}

// Formatters read the stream in this order: what a run is made of, its start, what happens.
func TestTheStreamIsInOrder(t *testing.T) {
	t.Parallel()
	started := false
	for _, m := range lines(t, streamOf(t, sampleRun())) {
		text := fmt.Sprint(m)
		_, start := m["testRunStarted"]
		started = started || start
		if strings.Contains(text, "flowtest.requirement+json") {
			assert.True(t, started, text)
		}
		if _, ok := m["stepDefinition"]; ok {
			assert.False(t, started, text)
		}
	}
}

func TestTheStreamHasTheResultOfEachStep(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		"Alice signs on":          {"PASSED", "PASSED", "PASSED", "PASSED", "PASSED"},
		"The form has its fields": {"PASSED", "PASSED", "FAILED", "SKIPPED"},
		"A sentence nobody knows": {"PASSED", "UNDEFINED"},
		"It is skipped":           {"PASSED", "SKIPPED"},
		"It never begins":         {"SKIPPED", "SKIPPED"},
		"A file without its text": {"FAILED"},
	}
	got := map[string][]string{}
	names, cases := map[string]string{}, map[string]string{}
	for _, m := range lines(t, streamOf(t, sampleRun())) {
		text, err := json.Marshal(m)
		require.NoError(t, err)
		var e struct {
			Pickle           *struct{ ID, Name string }
			TestCase         *struct{ ID, PickleID string }
			TestCaseStarted  *struct{ ID, TestCaseID string }
			TestStepFinished *struct {
				TestCaseStartedID string
				TestStepResult    struct{ Status, Message string }
			}
		}
		require.NoError(t, json.Unmarshal(text, &e))
		switch {
		case e.Pickle != nil:
			names[e.Pickle.ID] = e.Pickle.Name
		case e.TestCase != nil:
			names[e.TestCase.ID] = names[e.TestCase.PickleID]
		case e.TestCaseStarted != nil:
			cases[e.TestCaseStarted.ID] = names[e.TestCaseStarted.TestCaseID]
		case e.TestStepFinished != nil:
			name := cases[e.TestStepFinished.TestCaseStartedID]
			got[name] = append(got[name], e.TestStepFinished.TestStepResult.Status)
			if name == "It never begins" {
				assert.Equal(t, "not run: the run had ended", e.TestStepFinished.TestStepResult.Message)
			}
		}
	}
	for name, statuses := range want {
		assert.Equal(t, statuses, got[name], name)
	}
}

// A writer that counts its calls, and what was there after each.
type calls struct {
	bytes.Buffer
	ends []int
}

func (c *calls) Write(p []byte) (int, error) {
	n, err := c.Buffer.Write(p)
	c.ends = append(c.ends, c.Len())
	return n, err
}

func TestEachScenarioIsWrittenAsItFinishes(t *testing.T) {
	t.Parallel()
	var w calls
	sample := sampleRun()
	sample.tell(stream.NewWriter(&w))
	assert.Len(t, w.ends, len(sample.scenarios)+2)
	for i, end := range w.ends[:len(w.ends)-1] {
		var got memory
		_, lost, err := stream.Read(bytes.NewReader(w.Bytes()[:end]), &got)
		require.NoError(t, err)
		assert.Len(t, got.scenarios, i, "a run that is killed here")
		assert.True(t, lost.End)
		assert.Equal(t, len(sample.scenarios)-i, lost.Scenarios)
	}
}

// The features of a large run are not all kept, and come back with the same ids.
func TestFilesThatComeBackHaveTheirIDs(t *testing.T) {
	t.Parallel()
	asked := 0
	big := "Feature: Big\n\n" + strings.Repeat("  # "+strings.Repeat("x", 1000)+"\n", 3000) + "\n  Scenario: A\n    Given x\n\n  Scenario: B\n    Given x\n"
	plan := report.Plan{Began: sampleBegan, Source: func(string) string { asked++; return big }}
	one := func(file string, line int) *report.Scenario {
		return &report.Scenario{
			Feature: "Big", Name: "A", File: file, Line: line, Status: report.Passed,
			Attempt: report.Attempt{Steps: []report.Step{{Text: "Given x", Line: line + 1, Status: report.Passed}}},
		}
	}
	s := &story{plan: plan, scenarios: []*report.Scenario{one("a.feature", 3004), one("b.feature", 3004), one("a.feature", 3007)}}
	messages := lines(t, streamOf(t, s))
	assert.Equal(t, 3, asked, "a.feature was forgotten for b.feature")
	assert.Equal(t, 2, kinds(messages)["source"])
	assert.Equal(t, 2, kinds(messages)["gherkinDocument"])
	known := map[string]bool{}
	for _, m := range messages {
		if d, ok := m["gherkinDocument"]; ok {
			collectIDs(d, known)
		}
	}
	pickles := 0
	for _, m := range messages {
		if p, ok := m["pickle"].(map[string]any); ok {
			pickles++
			ids, ok := p["astNodeIds"].([]any)
			require.True(t, ok)
			for _, id := range ids {
				assert.True(t, known[fmt.Sprint(id)], "the pickle is of node %v, which no document has", id)
			}
		}
	}
	assert.Equal(t, 3, pickles)
}

func collectIDs(v any, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["id"].(string); ok {
			into[id] = true
		}
		for _, x := range v {
			collectIDs(x, into)
		}
	case []any:
		for _, x := range v {
			collectIDs(x, into)
		}
	}
}

func TestMessagesStopAtTheFirstError(t *testing.T) {
	t.Parallel()
	b := &broken{left: 2}
	m := stream.NewWriter(b)
	sampleRun().tell(m)
	require.ErrorIs(t, m.Err(), errFull)
	assert.Equal(t, 3, b.calls)
}
