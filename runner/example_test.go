package runner_test

import (
	"context"
	"errors"
	"fmt"
	"testing/fstest"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps"
	"flowtest/steps/davinci"
)

// A suite with a sentence of its own, run against the shipped recordings. In a
// test, the package gotest makes a subtest of each scenario.
func ExampleSuite() {
	features := fstest.MapFS{"welcome.feature": {Data: []byte(`
		Feature: Welcome
		  Scenario: A person who signs on gets a mail
		    Given the flow "sign-on"
		    When I start the flow
		    And I submit the form with:
		      | key      | value            |
		      | username | ${user.username} |
		      | password | ${user.password} |
		    Then the flow completes
		    And the welcome mail was sent
	`)}}
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	if err != nil {
		fmt.Println(err)
		return
	}
	suite := runner.Suite{
		Features:   []runner.Source{{FS: features, Path: "welcome.feature"}},
		Target:     runner.Replay(),
		Recordings: flows,
		Steps: func(sc runner.StepRegistry, w *steps.World) {
			sc.Then(`^the welcome mail was sent$`, func() error {
				if w.Journey.Last().Outcome != davinci.Completed {
					return errors.New("the mailbox is empty, want a welcome mail")
				}
				fmt.Println("a mail for", w.UserName())
				return nil
			})
		},
	}
	run, err := suite.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(run.Counts[report.Passed], "of", run.Total(), "passed")
	// Output:
	// a mail for alice
	// 1 of 1 passed
}

// A target is read from a flowtest.yaml, whose secrets are in the environment.
func ExampleLoadTarget() {
	files := fstest.MapFS{"flowtest.yaml": {Data: []byte(`
targets:
  staging:
    type: live
    region: eu
    environmentId: 5d3c9a0e-1f2b-4c6d-8e7f-0a1b2c3d4e5f
    clientId: 11111111-2222-4333-8444-555555555555
    clientSecret: ${CLIENT_SECRET}
    flows:
      sign-on: ""
    users:
      alice:
        username: alice
        password: ${ALICE_PASSWORD}
`)}}
	env := map[string]string{"CLIENT_SECRET": "s3cret-of-the-app", "ALICE_PASSWORD": "s3cret-of-alice"}
	to, err := runner.LoadTarget(files, "flowtest.yaml", "staging", func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(to.Name, to.Live.Authorize)
	fmt.Println(to.Users["alice"])
	// Output:
	// staging https://auth.pingone.eu/5d3c9a0e-1f2b-4c6d-8e7f-0a1b2c3d4e5f/as/authorize
	// map[password:[redacted] username:alice]
}
