package feature_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/feature"
	"flowtest/steps"
)

// loaderOf returns a loader that knows the sentences of a file.
func loaderOf(text string) (*feature.Loader, error) {
	s, err := feature.ReadSentences("s.yaml", []byte(text))
	if err != nil {
		return nil, err
	}
	l := feature.NewLoader(append(append([]steps.Definition{}, steps.Definitions()...), s.Definitions()...))
	return l, l.Use(s)
}

func TestMistakesInSentences(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, want string }{
		"no list":      {"a: b\n", `s.yaml:1:1: the file is not a list, want entries that begin with "- sentence:"`},
		"no steps":     {"- sentence: a\n", `s.yaml:1:3: entry 1 needs a sentence and its steps`},
		"an odd key":   {"- sentence: a\n  step: b\n", `s.yaml:2:3: entry 1 has the unknown key "step", want one of sentence, steps, doc: did you mean "steps"?`},
		"a line break": {"- sentence: \"a\\nb\"\n  steps: When I start the flow\n", "s.yaml:1:3: entry 1.sentence has a backtick or a line break, want one line without"},
		"no keyword":   {"- sentence: a\n  steps: |\n    When I start the flow\n    I press \"X\"\n", "s.yaml:4: \"I press"},
		"an unknown parameter": {
			"- sentence: a {flow}\n  steps: |\n    Given the flow \"{flo}\"\n    And \"${user.x}\" is \"${flo}\"\n",
			`s.yaml:3: the sentence has no parameter {flo}, want flow: did you mean "flow"?`,
		},
		"a parameter in a table": {
			"- sentence: a\n  steps: |\n    When I fill in:\n      | key | {value} |\n", `s.yaml:3: the sentence has no parameter {value}, the sentence has none`,
		},
		"an undefined step": {
			"- sentence: a\n  steps: |\n\n    When I start a flow\n",
			`s.yaml:4: step "I start a flow" is undefined: no sentence is like this; the nearest is: When I start the flow`,
		},
		"a sentence that uses itself": {
			"- sentence: a {x}\n  steps: Given b \"{x}\"\n- sentence: b {x}\n  steps: Given c\n- sentence: c\n  steps: Given a 1\n",
			`s.yaml:1: the sentence uses itself: a "x" → b "x" → c → a "x"`,
		},
		"two of the same": {
			"- sentence: I start the flow\n  steps: Given the flow \"a\"\n- sentence: b\n  steps: When I start the flow\n",
			`s.yaml:4: step "I start the flow" is ambiguous: it has several definitions: ^I start the flow$ and ^I start the flow$`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loaderOf(row.text)
			require.Error(t, err)
			if name == "no keyword" {
				assert.Contains(t, err.Error(), row.want)
				return
			}
			assert.Equal(t, row.want, err.Error())
		})
	}
}

func TestTheStepsOfASentence(t *testing.T) {
	t.Parallel()
	l, err := loaderOf(`
- sentence: I sign on to "{flow}" as {user} with {password}
  steps: |
    Given the flow "{flow}"
    And the user {user}
    When I start the flow
    And I submit the form with:
      | password | {password} ${user.password} {"a":1} |
    And I fill in "x" with "{password}"
- sentence: the status is {n}, twice
  steps: |
    Then the response status is {n}
    And the status was {n}
- sentence: the status was {n}
  steps: Then the response status is {n}
- sentence: there are {n} devices of {type}
  steps: Then the user has {n} active {type} devices
`)
	require.NoError(t, err)
	list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(
		"Feature: A\nScenario: A\nGiven I sign on to \"f\" as \"al ice\" with \"a\\\"b\\\\\"\nThen the status is 200, twice\nAnd the status was \"x\"\n",
	)}}, "a.feature", "")
	require.NoError(t, err)
	l.Define(list...)
	require.Len(t, list, 1)
	var texts []string
	for _, st := range list[0].Expanded().Steps {
		texts = append(texts, st.Text)
		if st.Text == "I submit the form with:" {
			assert.Equal(t, `a"b\ ${user.password} {"a":1}`, st.Table().Rows[0].Cells[1].Value)
			assert.Equal(t, 3, st.Line, "that of the feature")
		}
	}
	assert.Equal(t, []string{
		`the flow "f"`, `the user "al ice"`, `I start the flow`, `I submit the form with:`, `I fill in "x" with "a\"b\\"`,
		`the response status is 200`, `the response status is 200`, `the status was "x"`,
	}, texts)
	assert.Equal(t, []string{"f"}, list[0].Flows())
	assert.True(t, list[0].Steps[1].Asserts())
	assert.False(t, list[0].Steps[0].Asserts())
	assert.Equal(t, `undefined: its step "the response status is \"x\"" (s.yaml:15) is undefined: no sentence is like this; `+
		`the nearest is: Then the response status is 400`, list[0].Steps[2].Fault())
	outer := list[0].Steps[1].Inner()[1]
	assert.Equal(t, []any{"s.yaml", 15}, []any{outer.Def.File, outer.Inner()[0].Line})
}

// Whatever such a file holds is read or refused with its place.
func FuzzSentences(f *testing.F) {
	for _, text := range []string{
		"- sentence: a {x}\n  steps: |\n    Given b \"{x}\"\n", "- {sentence: a, steps: \"* b\"}", "- sentence: \"{a}{b}\"\n  steps: |\n    When I fill in:\n      | {a} | {b} |\n",
		"- sentence: a\n  steps: |\n    Given the flow \"x\"\n      \"\"\"\n      {\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := loaderOf(text); err == nil {
			list, _ := l.Load(fstest.MapFS{"a.feature": {Data: []byte("Feature: A\nScenario: A\nGiven a \"x\"\n")}}, "a.feature", "")
			l.Define(list...)
		} else {
			assert.Regexp(t, `^s\.yaml:\d+`, err.Error())
		}
	})
}

// Suites that run at the same time may share a file: a loader changes nothing of it.
func TestLoadersShareAFileOfSentences(t *testing.T) {
	t.Parallel()
	s, err := feature.ReadSentences("s.yaml", []byte("- sentence: I begin\n  steps: When I start the flow\n"))
	require.NoError(t, err)
	list := slices.Concat(steps.Definitions(), s.Definitions())
	meanings := map[*feature.Meaning]bool{}
	for range 2 {
		l := feature.NewLoader(list)
		require.NoError(t, l.Use(s))
		meanings[l.Match.Defs[len(list)-1].Meaning] = true
	}
	assert.Len(t, meanings, 2)
	assert.NotContains(t, meanings, (*feature.Meaning)(nil))
}
