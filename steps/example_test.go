package steps_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"slices"

	"github.com/cucumber/godog"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/steps"
	"flowtest/steps/flow"
	"flowtest/steps/secret"
)

// A person is who signs on, by attribute.
type person map[string]string

// Lookup implements [steps.User].
func (u person) Lookup(attribute string) (string, bool) {
	value, ok := u[attribute]
	return value, ok
}

// Names implements [steps.User].
func (u person) Names() []string { return slices.Sorted(maps.Keys(u)) }

// Secrets implements [steps.User].
func (u person) Secrets() []string { return []string{u["password"]} }

// replayed is a target whose flows are replayed from the recordings that come
// with flowtest. A target that is live has the transport and the address of the
// environment instead.
type replayed struct {
	server *mockserver.Server
	users  map[string]map[string]string
}

// Flow implements [steps.Target].
func (r replayed) Flow(name string) (flow.Config, error) {
	return flow.Config{
		Transport: r.server.Transport(), ClientID: "app", Policy: name,
		Authorize: "https://auth.example.invalid/" + mockserver.DefaultEnvironment + "/as/authorize",
	}, nil
}

// User implements [steps.Target].
func (r replayed) User(name string) (steps.User, error) {
	attributes, ok := r.users[name]
	if !ok {
		return nil, fmt.Errorf("there is no user %q", name)
	}
	return person(attributes), nil
}

// Env implements [steps.Target].
func (replayed) Env(string) (string, bool) { return "", false }

// The sentences of flowtest in your own godog suite, beside a sentence of your own
// that reads the same journey.
func Example() {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		log.Fatal(err)
	}
	users := map[string]map[string]string{"alice": {"username": "alice", "password": "demo-Passw0rd-1"}}
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: users})
	if err != nil {
		log.Fatal(err)
	}

	suite := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				world := &steps.World{} // one a scenario
				world.Begin(replayed{server, users}, &secret.Redactor{}, false)
				return world.Context(ctx), nil
			})
			steps.Register(sc, steps.Definitions())
			sc.Then(`^it took (\d+) hops$`, func(ctx context.Context, want int) error {
				hops := steps.FromContext(ctx).Hops()
				fmt.Println(len(hops), "hops, the last one", hops[len(hops)-1].Outcome)
				if len(hops) != want {
					return fmt.Errorf("it took %d hops, want %d", len(hops), want)
				}
				return nil
			})
		},
		Options: &godog.Options{
			Format: "progress", Output: io.Discard, Strict: true,
			FeatureContents: []godog.Feature{{Name: "own.feature", Contents: []byte(`
Feature: Our shop
  Scenario: A customer signs on
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And it took 2 hops
`)}},
		},
	}
	fmt.Println("exit code", suite.Run())
	// Output:
	// 2 hops, the last one completed
	// exit code 0
}
