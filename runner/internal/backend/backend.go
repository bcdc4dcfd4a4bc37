// Package backend answers the requests of a run: a live environment, or a replay
// of recordings. A scenario cannot know which. It does not know features.
package backend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// A Config says what answers a run.
type Config struct {
	// Target is where requests go. Required.
	Target *target.Target

	// Recordings are what a replay answers from. Required for a replay.
	Recordings []*recordings.Flow

	// Env looks up the environment for ${env.NAME}. Nil means that it is empty. Optional.
	Env func(string) (string, bool)

	// Rate is how many requests a second go to a live target. Zero means
	// [DefaultRate]. Optional.
	Rate float64

	// Connections is how many idle connections to a live target are kept. Optional.
	Connections int

	// Messages opens the servers that take in what a flow sends; a replay makes up the codes. Optional.
	Messages bool

	// KeepUsers leaves the users of a scenario where they are when it ends. Optional.
	KeepUsers bool

	// Offline sends nothing: a live target is not asked for its endpoints. Optional.
	Offline bool
}

// A Backend answers all scenarios of a run. It may be used by several goroutines at once.
type Backend interface {
	// Scenario returns the target of one scenario.
	Scenario() Scenario

	// Flows returns the names of the flows that it knows, sorted.
	Flows() []string

	// Close ends what [Open] opened. Nothing is sent through it from then on.
	Close() error

	// Redactor knows the secrets of the target.
	Redactor() *secret.Redactor

	// Authored returns what the author of a feature wrote without the target's
	// secrets. Short ones stay: they may be part of any word.
	Authored(text string) string
}

// A Scenario is the target as one scenario sees it.
type Scenario interface {
	steps.Target

	// Passcode is a current one-time code that was not used before.
	Passcode(ctx context.Context, key *generated.Key) (string, error)

	// Tenant makes users and finds messages.
	Tenant() steps.Tenant

	// End removes the users that the scenario made, also where ctx has ended. It returns
	// what a person should know of that.
	End(ctx context.Context) []string

	// EmailDomain is that of the email addresses that are made up, "" for the usual one.
	EmailDomain() string

	// Begin says where the scenario is, as FILE:LINE, how often it ran before, and
	// which faults apply to its journeys.
	Begin(place string, attempt int, faults mockserver.Faults)

	// Missed returns a *[MissError] if the replay had no response.
	Missed() error

	// Injected returns the faults that were injected so far. It is never nil.
	Injected() *mockserver.Injected

	// Logged returns the execution log of a journey for a recording, also where ctx has ended,
	// and nil if the target has none.
	Logged(ctx context.Context, d steps.Driven) (*davinci.Log, error)

	// Story says what the execution log has of a journey that failed with cause, lines of text,
	// also where ctx has ended. It is "" if cause says it already.
	Story(ctx context.Context, d steps.Driven, cause error) string

	// Hint returns a line that says what to look at in the target's set-up, given the
	// last hop of a journey, "" if that is not at fault.
	Hint(last *flow.Hop) string
}

// Open prepares the target. Nothing falls back to a live one: it is live if it is
// configured as live. The error of a replay is about its recordings, that of a live
// target about its endpoints, which could not be found.
func Open(ctx context.Context, c Config) (Backend, error) {
	if c.Target.Live != nil {
		return newLive(ctx, c)
	}
	return newReplay(c)
}

// People returns a target that knows users and environment and no flow.
func People(c Config) steps.Target { return &replayScenario{replay: &replay{people: newPeople(c)}} }

// people are the users and the environment of a target.
type people struct {
	target *target.Target
	env    func(string) (string, bool)
	known  *secret.Redactor
}

func newPeople(c Config) people {
	p := people{target: c.Target, env: c.Env, known: &secret.Redactor{}}
	for _, u := range c.Target.Users {
		p.known.Add(u.Secrets()...)
	}
	for _, s := range c.Target.Secrets {
		p.known.Add(s.Reveal())
	}
	return p
}

// User implements [steps.Target].
func (p *people) User(name string) (steps.User, error) {
	u, ok := p.target.Users[name]
	if !ok {
		return nil, fmt.Errorf("the target %q has no user %q, it has %s%s", p.target.Name, name, names(p.target.Users),
			words.DidYouMean("; ", name, slices.Sorted(maps.Keys(p.target.Users))))
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

// EmailDomain is that of the email addresses that are made up, "" for the usual one.
func (p *people) EmailDomain() string { return p.target.EmailDomain }

// Redactor implements [Backend].
func (p *people) Redactor() *secret.Redactor { return p.known }

// Authored implements [Backend].
func (p *people) Authored(text string) string { return p.known.RedactWords(text) }

// names lists the keys of a map for a sentence.
func names[V any](m map[string]V) string {
	return words.List(slices.Sorted(maps.Keys(m)), 0)
}

// Origin returns whose failure an error of the management API or of a mailbox is, 0 if that is
// not known.
func Origin(err error) davinci.Origin {
	if refused, ok := errors.AsType[*tenant.RefusedError](err); ok {
		return refused.Origin()
	}
	_, request := errors.AsType[*url.Error](err)
	_, connection := errors.AsType[*net.OpError](err)
	if request || connection {
		return davinci.FromNetwork
	}
	return 0
}
