// Package steps holds the sentences of the feature files, what each of them does,
// and the state of one scenario. It does not know whether a journey is live or
// replayed, nor how a run is reported.
//
// In a godog suite of your own, begin a [World] for each scenario, put it into the context with
// [World.Context], and add the sentences with [Register]; the example shows all of it. A suite of
// package runner does this by itself.
package steps

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"flowtest/steps/conformance"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
)

// A Target says where the journeys of a run go.
type Target interface {
	// Flow returns how to start a journey through the flow with that name. Its error
	// lists the existing names.
	Flow(name string) (flow.Config, error)

	// User returns the user with that name. Its error lists the users that exist.
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

	// Secrets returns the values of attributes to hide from reports.
	Secrets() []string
}

// A World is the state of one scenario. It is used by one goroutine at a time.
type World struct {
	// Journey is the journey that the scenario drives, nil before its start.
	Journey *flow.Journey

	// Tenant creates users and finds messages. Nil means that the sentences about them fail.
	// [World.Begin] sets it to nil.
	Tenant Tenant

	target     Target
	redactor   *secret.Redactor
	sdks       bool
	config     *flow.Config // of the flow, nil before it is named
	flowName   string
	detailed   bool
	parameters map[string]string
	platform   string            // "" for that of the target
	headers    map[string]string // never changed, but replaced
	user       User
	fresh      bool              // whether it is one that the scenario made
	made       []User            // those that the scenario made
	refused    []string          // the usernames of those of them who are disabled or locked
	received   map[string]string // what their messages brought, ATTRIBUTE by value
	userName   string
	jar        http.CookieJar // of the browser
	app        app
	devices    map[string]*generated.Authenticator // of the users who have one, by their names
	left       []Driven                            // the journeys before this one
	driving    Driven                              // what is known of this one at its start

	person   generated.Person
	codes    generated.Ledger // of a target that has none
	memories map[string]memory

	logged *davinci.Log // of the journey, as it was after so many hops
	hops   int

	judge    conformance.Judge
	verdicts []conformance.Verdicts // on the first hops of Hops
}

// DefaultUser is the user who signs on if a scenario names none.
const DefaultUser = "alice"

// Begin prepares w for a scenario that has not begun.
//
//	r     where the scenario adds the secrets that it learns
//	sdks  its hops are checked against the catalogue of Ping's SDKs too
func (w *World) Begin(t Target, r *secret.Redactor, sdks bool) {
	*w = World{target: t, redactor: r, sdks: sdks, parameters: map[string]string{}}
}

// UserName returns the name of the user who signs on.
func (w *World) UserName() string { return cmp.Or(w.userName, DefaultUser) }

// FlowName returns the name of the flow that was chosen last, or "".
func (w *World) FlowName() string { return w.flowName }

type worldKey struct{}

// Context returns a context that carries the world to the steps.
func (w *World) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, worldKey{}, w)
}

// FromContext returns the world that ctx carries, or nil.
func FromContext(ctx context.Context) *World {
	w, _ := ctx.Value(worldKey{}).(*World)
	return w
}

// Hide keeps values out of every report and error from now on, for example a code that a sentence
// fetched from a mailbox.
func (w *World) Hide(values ...string) { w.redactor.Add(values...) }

// ChooseUser makes the user of that name the one who signs on from now on. The error
// lists the existing users.
func (w *World) ChooseUser(name string) error {
	u, err := w.target.User(name)
	if err != nil {
		return err
	}
	w.user, w.userName, w.fresh = u, name, false
	w.redactor.Add(u.Secrets()...)
	return nil
}

// begin takes a journey in place of the one before it, whose hops stay.
func (w *World) begin(j *flow.Journey) {
	if w.Journey != nil {
		w.Verdicts()
		w.left = w.Driven()
	}
	w.judge = conformance.Judge{SDKs: w.sdks}
	w.Journey, w.logged = j, nil
	w.driving = Driven{Flow: w.flowName, User: w.UserName(), Refused: slices.Clone(w.refused)}
}

// Driven describes one journey of a scenario.
type Driven struct {
	Flow, User string
	Hops       []*flow.Hop
	Refused    []string // the usernames of users disabled or locked before it
}

// Driven returns the journeys of the scenario, in their order.
func (w *World) Driven() []Driven {
	if w.Journey == nil {
		return nil
	}
	last := w.driving
	last.Hops = w.Journey.Hops()
	return append(slices.Clip(w.left), last)
}

// Hops returns the hops of all journeys of the scenario, in their order.
func (w *World) Hops() []*flow.Hop {
	if w.Journey != nil && len(w.left) == 0 {
		return w.Journey.Hops()
	}
	var out []*flow.Hop
	for _, d := range w.Driven() {
		out = append(out, d.Hops...)
	}
	return out
}

// Verdicts returns what the catalogue of requirements says for each of [World.Hops], and
// what the second catalogue says if [World.Begin] has SDKs.
func (w *World) Verdicts() []conformance.Verdicts {
	for _, h := range w.Hops()[len(w.verdicts):] {
		w.verdicts = append(w.verdicts, w.judge.Hop(h))
	}
	return w.verdicts
}
