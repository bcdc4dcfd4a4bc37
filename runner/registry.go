package runner

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v34"

	"flowtest/steps"
)

// A StepRegistry registers sentences, as a [*godog.ScenarioContext] does. An expression is a
// string or a *regexp.Regexp, and a step is a function that godog can call.
type StepRegistry interface {
	Given(expr, step any)
	When(expr, step any)
	Then(expr, step any)
	Step(expr, step any) // with any keyword
}

// Definitions returns the sentences of flowtest, after them those that [Suite.Steps] adds,
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

// sentences are a [StepRegistry] that lists what it receives, so that an undefined step is found
// before anything is sent.
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
	d := steps.Definition{
		Keyword: keyword, Pattern: re.String(), Expr: func() *regexp.Regexp { return re },
		Example: example + " " + readable(re.String()),
	}
	const callers = 2 // of Given and the others
	if pc, file, line, ok := runtime.Caller(callers); ok {
		d.File, d.Line = sourceOf(runtime.FuncForPC(pc).Name(), file), line
	}
	*s = append(*s, d)
}

// A keeper is the registry of a scenario that keeps the steps too, for sentences of a file that
// use them.
type keeper struct {
	*godog.ScenarioContext

	steps []any // in the order in which they were registered
}

// Given implements [StepRegistry].
func (k *keeper) Given(expr, step any) {
	k.ScenarioContext.Given(expr, step)
	k.steps = append(k.steps, step)
}

// When implements [StepRegistry].
func (k *keeper) When(expr, step any) {
	k.ScenarioContext.When(expr, step)
	k.steps = append(k.steps, step)
}

// Then implements [StepRegistry].
func (k *keeper) Then(expr, step any) {
	k.ScenarioContext.Then(expr, step)
	k.steps = append(k.steps, step)
}

// Step implements [StepRegistry].
func (k *keeper) Step(expr, step any) {
	k.ScenarioContext.Step(expr, step)
	k.steps = append(k.steps, step)
}

// call carries out a step as godog does, with the values of its sentence and what is below it.
func call(ctx context.Context, step any, values []string, below *messages.PickleStepArgument) error {
	do := reflect.ValueOf(step)
	var args []reflect.Value
	for i := range do.Type().NumIn() {
		want := do.Type().In(i)
		switch {
		case i == 0 && want.Implements(reflect.TypeFor[context.Context]()):
			args = append(args, reflect.ValueOf(ctx))
			continue
		case len(values) > 0:
		case want == reflect.TypeFor[*godog.Table]() && below != nil:
			args = append(args, reflect.ValueOf(below.DataTable))
			continue
		case want == reflect.TypeFor[*godog.DocString]() && below != nil:
			args = append(args, reflect.ValueOf(below.DocString))
			continue
		case below != nil && below.DocString != nil:
			values, below = []string{below.DocString.Content}, nil
		default:
			return fmt.Errorf("%d values are missing: it is a %s", do.Type().NumIn()-i, do.Type())
		}
		v, err := readAs(want, values[0])
		if err != nil {
			return err
		}
		args, values = append(args, v), values[1:]
	}
	for _, out := range do.Call(args) {
		switch v := out.Interface().(type) {
		case godog.Steps:
			return errors.New("it returns godog.Steps, which a sentence of sentences.yaml cannot carry out: " +
				"write these steps in the file")
		case error:
			return v
		}
	}
	return nil
}

// readAs reads a value of a sentence as a parameter of a step wants it.
func readAs(want reflect.Type, text string) (reflect.Value, error) {
	v := reflect.New(want).Elem()
	var err error
	switch k := want.Kind(); {
	case k == reflect.String:
		v.SetString(text)
	case want == reflect.TypeFor[[]byte]():
		v.SetBytes([]byte(text))
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, want.Bits())
		v.SetInt(n)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, want.Bits())
		v.SetUint(n)
	case v.CanFloat():
		var n float64
		n, err = strconv.ParseFloat(text, want.Bits())
		v.SetFloat(n)
	default:
		err = errors.New("a step takes texts, numbers, a table or a doc string")
	}
	if err != nil {
		return v, fmt.Errorf("%q is no %s: %w", text, want, err)
	}
	return v, nil
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

// Chosen returns the places of the chosen scenarios, in the order of their files, and the names
// of the flows that they drive, sorted. Its error is that of [Suite.Run].
func (s *Suite) Chosen(ctx context.Context) (places []Place, flows []string, err error) {
	p, err := s.choose(ctx)
	if err != nil {
		return nil, nil, err
	}
	names := map[string]bool{}
	for _, sc := range p.scenarios {
		places = append(places, placeOf(sc))
		for _, name := range sc.Flows() {
			names[name] = true
		}
	}
	return places, slices.Sorted(maps.Keys(names)), nil
}
