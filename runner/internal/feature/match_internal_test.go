package feature

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps"
)

func TestTheFirstWordsRuleOutNoMatch(t *testing.T) {
	t.Parallel()
	texts := []string{"", "a", "b", "ab", "abc", "xab", "abab", "I start the flow", "then I start the flow", "I START"}
	for _, d := range steps.Definitions() {
		texts = append(texts, strings.TrimSpace(d.Example), d.Pattern)
	}
	var defs []steps.Definition
	for _, expr := range []string{
		"", "^", "$", "a", "^a", "^a|b", "^ab|abc", "^(a|ab)$", "^a*b", "^a?b$", "(?i)^i start", "^(?i)i start", "(?m)^ab", "I start", "^I start .*$", `\bab`,
	} {
		defs = append(defs, steps.Definition{Pattern: expr, Expr: func() *regexp.Regexp { return regexp.MustCompile(expr) }})
	}
	for _, d := range newMatcher(append(steps.Definitions(), defs...)).Defs {
		for _, text := range texts {
			assert.Equal(t, d.Expr().MatchString(text), d.Matches(text), "%s: %q", d.Pattern, text)
		}
	}
}

// A run of one scenario does not look for the definitions of all others.
func TestOnlyTheStepsOfChosenScenariosAreMatched(t *testing.T) {
	t.Parallel()
	asked := 0
	l := NewLoader([]steps.Definition{{Pattern: "^(a|b)$", Expr: func() *regexp.Regexp {
		asked++
		return regexp.MustCompile("^(a|b)$")
	}}})
	list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(
		"Feature: F\nScenario: A\nGiven a\nScenario Outline: B\nGiven <c>\nExamples:\n|c|\n|b|\n|d|\n",
	)}}, "a.feature", "")
	require.NoError(t, err)
	require.Len(t, list, 3)
	assert.Zero(t, asked)
	l.Define(list[1])
	assert.Equal(t, 1, asked)
	assert.Nil(t, list[0].Steps[0].Def)
	assert.NotNil(t, list[1].Steps[0].Def)
	l.Define(list...)
	assert.NotNil(t, list[0].Steps[0].Def)
	assert.Contains(t, list[2].Steps[0].Fault(), "undefined")
}

// A run holds every step of its suite: of 20,000 scenarios, 300,000.
func TestAStepIsSmall(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, reflect.TypeFor[Step]().Size(), uintptr(80))
}

func TestUnseenWhiteSpaceIsFoundAtTheEndOfALine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "a": false, "a  ": false, "a\t": true, "a\t  \r\nb": true, "a\r\nb\r\n": false, "a\u00a0\n": true,
		"\ta\n b": false, "a\u3000": true, "a\n\u2003 \nb": true, "a\r\r\n": false, "\u00e9\n": false, "\xa0\n": false,
	} {
		assert.Equal(t, want, trailing([]byte(text)), "%q", text)
	}
}
