package mutate

import (
	"context"

	"flowtest/runner"
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
