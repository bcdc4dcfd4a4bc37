package runner_test

import (
	"context"
	"errors"
	"fmt"
	"testing/fstest"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/runner/target"
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
	replay, err := target.Builtin().Choose("")
	if err != nil {
		fmt.Println(err)
		return
	}
	suite := runner.Suite{
		Features:   []runner.Source{{FS: features, Path: "welcome.feature"}},
		Target:     replay,
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
