// Package backend answers the requests of a run, with a live environment or with a
// replay of recordings. A scenario cannot tell which. The package does not know
// features.
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

// A Config says what answers the requests of a run.
type Config struct {
	// Target is where requests go. Required.
	Target *target.Target

	// Recordings are the flows that a replay answers from. Required for a replay.
	Recordings []*recordings.Flow

	// Env looks up the environment for ${env.NAME}. Nil means that it is empty. Optional.
	Env func(string) (string, bool)

	// Rate limits the requests to a live target, per second. Zero means [DefaultRate].
	// Optional.
	Rate float64

	// Connections is the number of idle connections to a live target that are kept.
	// Optional.
	Connections int

	// Messages opens the servers that receive the messages of a flow. In a replay it generates
	// codes instead. Optional.
	Messages bool

	// KeepUsers does not remove the users of a scenario when it ends. Optional.
	KeepUsers bool

	// Offline sends nothing: the endpoints of a live target are not discovered.
	// Optional.
	Offline bool
}

// A Backend answers all scenarios of a run. It may be used by several goroutines at once.
type Backend interface {
	// Scenario returns the target of one scenario.
	Scenario() Scenario

	// Flows returns the names of the flows that it knows, sorted.
	Flows() []string

	// Close closes what [Open] opened. The backend sends nothing afterwards.
	Close() error

	// Redactor returns the redactor that knows the secrets of the target.
	Redactor() *secret.Redactor

	// Authored removes the target's secrets from a text of a feature file. It leaves
	// short secrets, because any word may contain them.
	Authored(text string) string
}

// A Scenario is the target of one scenario.
type Scenario interface {
	steps.Target

	// Passcode returns a current one-time code that was not used before.
	Passcode(ctx context.Context, key *generated.Key) (string, error)

	// Tenant returns the tenant, which creates users and finds messages.
	Tenant() steps.Tenant

	// End removes the users that the scenario created, even if ctx has ended. It returns
	// notes about that for a person.
	End(ctx context.Context) []string

	// EmailDomain returns the domain of generated email addresses, "" for the default.
	EmailDomain() string

	// Begin sets the place of the scenario as FILE:LINE, how often it ran before, and
	// which faults apply to its journeys.
	Begin(place string, attempt int, faults mockserver.Faults)

	// Missed returns a *[MissError] if the replay had no response.
	Missed() error

	// Injected returns the faults injected so far. It is never nil.
	Injected() *mockserver.Injected

	// Logged returns the execution log of a journey for a recording, nil if the target has
	// none. It works even if ctx has ended.
	Logged(ctx context.Context, d steps.Driven) (*davinci.Log, error)

	// Story returns lines of text about a journey that failed with cause, from its execution
	// log. It returns "" if cause contains them already. It works even if ctx has ended.
	Story(ctx context.Context, d steps.Driven, cause error) string

	// Hint returns a line that says what to check in the target's set-up, given the
	// last hop of a journey, "" if the set-up is not the cause.
	Hint(last *flow.Hop) string
}

// Open prepares the target. It is live only if it is configured as live. The error
// says, for a replay, what is wrong with the recordings, and for a live target that
// discovery failed.
func Open(ctx context.Context, c Config) (Backend, error) {
	if c.Target.Live != nil {
		return newLive(ctx, c)
	}
	return newReplay(c)
}

// People returns a target that has users and environment variables but no flows.
func People(c Config) steps.Target { return &replayScenario{replay: &replay{people: newPeople(c)}} }

// people are the users and environment variables of a target.
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

// EmailDomain implements [Scenario].
func (p *people) EmailDomain() string { return p.target.EmailDomain }

// Redactor implements [Backend].
func (p *people) Redactor() *secret.Redactor { return p.known }

// Authored implements [Backend].
func (p *people) Authored(text string) string { return p.known.RedactWords(text) }

// names returns the sorted keys of a map as a list for a sentence.
func names[V any](m map[string]V) string {
	return words.List(slices.Sorted(maps.Keys(m)), 0)
}

// Origin returns who caused an error of the management API or of a mailbox, 0 if unknown.
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
