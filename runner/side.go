package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"flowtest/runner/target"
	"flowtest/steps"
	"flowtest/steps/secret"
)

// A side is what answers a run: a replay or a live environment.
type side interface {
	// scenario returns the target of one scenario.
	scenario() sideOfScenario

	// redactor knows the secrets of the target.
	redactor() *secret.Redactor

	// authored returns what the author of a feature wrote without the target's
	// secrets. Short ones stay: they may be part of any word.
	authored(text string) string
}

// A sideOfScenario is the target as one scenario sees it.
type sideOfScenario interface {
	steps.Target

	// missed returns an error where the replay had no answer.
	missed() error
}

// side prepares the target. Nothing falls back to a live one: it is live where
// it is configured as live.
func (s *Suite) side(ctx context.Context) (side, error) {
	if s.Target.Live != nil {
		return newLive(ctx, s)
	}
	return newReplay(s)
}

// people are the users and the environment of a target.
type people struct {
	target *target.Target
	env    func(string) (string, bool)
	known  *secret.Redactor
	long   *secret.Redactor // the secrets of shortest characters or more
}

// shortest is how many characters a secret has that is replaced wherever it appears.
const shortest = 8

func newPeople(s *Suite) people {
	p := people{target: s.Target, env: s.Env, known: &secret.Redactor{}, long: &secret.Redactor{}}
	for _, u := range s.Target.Users {
		p.hide(u.Secrets()...)
	}
	for _, s := range s.Target.Secrets {
		p.hide(s.Reveal())
	}
	return p
}

// User implements [steps.Target].
func (p *people) User(name string) (steps.User, error) {
	u, ok := p.target.Users[name]
	if !ok {
		return nil, fmt.Errorf("the target %q has no user %q, it has %s", p.target.Name, name, names(p.target.Users))
	}
	return u, nil
}

// Env implements [steps.Target].
func (p *people) Env(name string) (string, bool) {
	if p.env == nil {
		return "", false
	}
	return p.env(name)
}

// hide makes secrets of the target known.
func (p *people) hide(values ...string) {
	p.known.Add(values...)
	for _, v := range values {
		if utf8.RuneCountInString(v) >= shortest {
			p.long.Add(v)
		}
	}
}

func (p *people) redactor() *secret.Redactor { return p.known }

func (p *people) authored(text string) string { return p.long.RedactTyped(text) }

// names lists the keys of a map for a sentence.
func names[V any](m map[string]V) string {
	if len(m) == 0 {
		return "none"
	}
	list := make([]string, 0, len(m))
	for name := range m {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
