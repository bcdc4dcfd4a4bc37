package runner

import (
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"flowtest/steps"
)

// A StepRegistry takes in sentences, as a [*godog.ScenarioContext] does. An
// expression is a string or a *regexp.Regexp, and a step a function that godog
// can call.
type StepRegistry interface {
	Given(expr, step any)
	When(expr, step any)
	Then(expr, step any)
	Step(expr, step any) // with any keyword
}

// Definitions returns the sentences of flowtest, behind them those that [Suite.Steps] adds,
// and those of [Suite.Sentences].
func (s *Suite) Definitions() []steps.Definition {
	var own sentences
	if s.Steps != nil {
		s.Steps(&own, &steps.World{})
	}
	further := s.Sentences.Definitions()
	if len(own)+len(further) == 0 {
		return steps.Definitions()
	}
	return slices.Concat(steps.Definitions(), own, further)
}

// sentences are a [StepRegistry] that lists what it is handed, so that an
// undefined step is found before anything is sent.
type sentences []steps.Definition

// Given implements [StepRegistry].
func (s *sentences) Given(expr, _ any) { s.add("Given", expr) }

// When implements [StepRegistry].
func (s *sentences) When(expr, _ any) { s.add("When", expr) }

// Then implements [StepRegistry].
func (s *sentences) Then(expr, _ any) { s.add("Then", expr) }

// Step implements [StepRegistry].
func (s *sentences) Step(expr, _ any) { s.add("", expr) }

func (s *sentences) add(keyword string, expr any) {
	var re *regexp.Regexp
	switch e := expr.(type) {
	case *regexp.Regexp:
		re = e
	case string:
		re = regexp.MustCompile(e)
	case []byte:
		re = regexp.MustCompile(string(e))
	default:
		panic(fmt.Sprintf("runner: the expression of a step is a %T, want a string or a *regexp.Regexp", expr))
	}
	example := keyword
	if keyword == "" {
		example = "*"
	}
	d := steps.Definition{Keyword: keyword, Expr: re, Example: example + " " + readable(re.String())}
	const callers = 2 // of Given and the others
	if pc, file, line, ok := runtime.Caller(callers); ok {
		d.File, d.Line = sourceOf(runtime.FuncForPC(pc).Name(), file), line
	}
	*s = append(*s, d)
}

// sourceOf names a file of Go source by the import path of its package: where it is on the
// machine is nothing for a report.
func sourceOf(function, file string) string {
	folder, name := path.Split(function)
	name, _, _ = strings.Cut(name, ".")
	return folder + name + "/" + path.Base(filepath.ToSlash(file))
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

// Flows returns the names of the flows that the chosen scenarios drive, sorted.
func (s *Suite) Flows(ctx context.Context) ([]string, error) {
	p, err := s.choose(ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, sc := range p.scenarios {
		for _, name := range sc.Flows() {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}
