package runner

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"flowtest/steps"
)

// definitions returns the vocabulary, and behind it what [Suite.Steps] adds.
func (s *Suite) definitions() []steps.Definition {
	if s.Steps == nil {
		return steps.Definitions()
	}
	return slices.Concat(steps.Definitions(), added(s.Steps))
}

// listed is one definition as godog prints it: its expression in color, and
// where it was registered.
var listed = regexp.MustCompile(`(?m)^\x1b\[33m(.+)\x1b\[0m *\x1b\[1;30m# .*$`)

// added asks godog which expressions are registered, so that a step that nobody
// defines is known before anything is sent. They have no Keyword: godog does
// not tell.
func added(register func(*godog.ScenarioContext, *steps.World)) []steps.Definition {
	var printed bytes.Buffer
	suite := godog.TestSuite{
		Name:                "flowtest",
		ScenarioInitializer: func(sc *godog.ScenarioContext) { register(sc, &steps.World{}) },
		Options:             &godog.Options{Format: silent(), Output: &printed, ShowStepDefinitions: true},
	}
	suite.Run() // its exit code says nothing
	var out []steps.Definition
	for _, m := range listed.FindAllStringSubmatch(printed.String(), -1) {
		out = append(out, steps.Definition{Expr: regexp.MustCompile(m[1]), Example: "* " + readable(m[1])})
	}
	return out
}

// What an expression has that no sentence has.
var (
	optional    = regexp.MustCompile(`(\w)\?`)
	alternative = regexp.MustCompile(`\(\?:([^()|]*)\|[^()]*\)`)
	valueGroup  = regexp.MustCompile(`\((?:[^()\\\[\]]|\\.|\[[^\]]*\]|\((?:[^()\\\[\]]|\\.|\[[^\]]*\])*\))*\)`)
)

// readable writes an expression much as people read a sentence: it is for a hint.
func readable(expr string) string {
	text := strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$")
	text = alternative.ReplaceAllString(text, "$1")
	text = valueGroup.ReplaceAllString(text, "…")
	return optional.ReplaceAllString(text, "$1")
}
