// Package steps holds the sentences of the feature files, what each of them does,
// and the state of one scenario. It does not know whether a journey is live or
// replayed, nor how a run is reported.
package steps

import (
	"context"

	"flowtest/steps/conformance"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// A Target says where the journeys of a run go.
type Target interface {
	// Flow returns how a journey through the flow with that name starts. Its
	// error says which names there are.
	Flow(name string) (flow.Config, error)

	// User returns the user with that name. Its error says which there are.
	User(name string) (User, error)

	// Env looks up a variable of the environment.
	Env(name string) (string, bool)
}

// A User is a person who signs on.
type User interface {
	// Lookup returns an attribute, such as username.
	Lookup(attribute string) (value string, ok bool)

	// Names returns the names of the attributes.
	Names() []string

	// Secrets returns the values of those to hide from reports.
	Secrets() []string
}

// A World is the state of one scenario. It is used by one goroutine at a time.
type World struct {
	// Journey is the journey that the scenario drives, nil before its start.
	Journey *flow.Journey

	// SDKs holds the hops of the journeys that begin from now on against the
	// catalogue of Ping's SDKs too.
	SDKs bool

	target     Target
	redactor   *secret.Redactor
	config     *flow.Config // of the flow, nil before it is named
	flowName   string
	detailed   bool
	parameters map[string]string
	user       User
	userName   string
	left       []Driven // the journeys before this one
	driving    Driven   // what is known of this one at its start

	judge    conformance.Judge
	verdicts []conformance.Verdicts // on the first hops of Hops
}

// DefaultUser is the user who signs on where a scenario names none.
const DefaultUser = "alice"

// NewWorld returns the world of a scenario that has not begun. What the
// scenario learns of secrets it tells the redactor.
func NewWorld(t Target, r *secret.Redactor) *World {
	w := &World{}
	w.Begin(t, r)
	return w
}

// Begin makes w the world of a scenario that has not begun.
func (w *World) Begin(t Target, r *secret.Redactor) {
	*w = World{target: t, redactor: r, parameters: map[string]string{}}
}

// UserName returns the name of the user who signs on.
func (w *World) UserName() string {
	if w.userName == "" {
		return DefaultUser
	}
	return w.userName
}

type worldKey struct{}

// Context returns a context that carries the world to the steps.
func (w *World) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, worldKey{}, w)
}

// FromContext returns the world that ctx carries, or nil.
func FromContext(ctx context.Context) *World {
	w, ok := ctx.Value(worldKey{}).(*World)
	if !ok {
		return nil
	}
	return w
}

// Redact takes out of text every secret that the scenario knows of.
func (w *World) Redact(text string) string { return w.redactor.Redact(text) }

// last returns the last hop; every Then begins with it.
func (w *World) last() (*flow.Hop, error) {
	if w.Journey == nil || w.Journey.Last() == nil {
		return nil, errNotStarted
	}
	return w.Journey.Last(), nil
}

// journey returns the journey where it has begun; every When but the first
// begins with it.
func (w *World) journey() (*flow.Journey, error) {
	if _, err := w.last(); err != nil {
		return nil, err
	}
	return w.Journey, nil
}
