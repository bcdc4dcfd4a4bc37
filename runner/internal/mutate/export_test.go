package mutate

import (
	"context"
	"fmt"
	"slices"

	"flowtest/runner"
	"flowtest/runner/internal/feature"
)

// Operators returns the operators by group.
func Operators() map[string][]string { return operators }

// Reasons returns all reasons why nothing is suggested for a survivor.
func Reasons() []string { return []string{NoSentence, NoPlace, NotTrue, ReadsSame} }

// Patched returns the text of a feature with the suggestions for it.
func Patched(text string, list []*Suggestion) string { return patched(text, list) }

// Crossed returns what each scenario of a suite passes of the recordings: hops and bodies, by its place.
func Crossed(ctx context.Context, s *runner.Suite) (map[string][]string, error) {
	traces, err := follow(ctx, s)
	out := map[string][]string{}
	for _, t := range traces {
		for flow, c := range t.crosses {
			for _, names := range []map[string]bool{c.hops, c.by, c.files} {
				for name := range names {
					out[t.place()] = append(out[t.place()], flow+" "+name)
				}
			}
		}
	}
	return out, err
}

// Try tries one mutant of a choice.
func Try(ctx context.Context, s *runner.Suite, c Choice, id string) (Result, error) {
	ctx = new(feature.Cache).Context(ctx)
	base, traces, list, err := prepare(ctx, s, c)
	if err != nil {
		return Result{}, err
	}
	i := slices.IndexFunc(list, func(m *Mutant) bool { return m.ID == id })
	if i < 0 {
		return Result{}, fmt.Errorf("%s is not among %d mutants", id, len(list))
	}
	return try(ctx, base, &shelf{files: map[string]string{}, steady: map[string]bool{}}, list[i], traces)
}
