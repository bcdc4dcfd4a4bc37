package runner_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cucumber/godog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps"
)

// started are the steps that bring a scenario to its first screen.
const started = "Given the flow \"sign-on\"\nWhen I start the flow\n"

// before adds a hook, where the scenario is about to run.
func before(to runner.StepRegistry, hook godog.BeforeScenarioHook) {
	if sc, ok := to.(*godog.ScenarioContext); ok {
		sc.Before(hook)
	}
}

// adding returns sentences of a caller.
func adding(register func(sc runner.StepRegistry, w *steps.World)) func(runner.StepRegistry, *steps.World) {
	return register
}

func TestSentencesOfTheCallerStandBesideOurs(t *testing.T) {
	ownThen := func(expr string, handler any) func(runner.StepRegistry, *steps.World) {
		return adding(func(sc runner.StepRegistry, _ *steps.World) { sc.Then(expr, handler) })
	}
	mails := ownThen(`^the (\w+) mails? (?:was|were) sent to "([^"]*)"$`, func(string, string) error { return nil })
	for name, test := range map[string]struct {
		steps  func(runner.StepRegistry, *steps.World)
		text   string
		status report.Status
		error  string // of the step that did not pass
		hops   int
	}{
		"one that holds": {mails, started + `Then the welcome mail was sent to "alice"`, report.Passed, "", 1},
		"one that is mistyped sends nothing and is answered with the nearest of all": {
			mails, started + `Then the welcome mail was send to "alice"`, report.Undefined,
			`undefined: no sentence is like this; the nearest is: Then the … mails was sent to "…"`, 0,
		},
		"one of ours that is mistyped": {
			mails, started + `Then the flow completed`, report.Undefined,
			"undefined: no sentence is like this; the nearest is: Then the flow completes", 0,
		},
		"one of ours without its table": {
			mails, started + "When I fill in:", report.Undefined,
			"undefined: this sentence needs a table below it, as in\nWhen I fill in:\n  | key      | value            |\n  | username | ${user.username} |", 0,
		},
		"one that is ours already": {
			ownThen(`^the flow (\w+)$`, func(string) error { return nil }), started + "Then the flow completes", report.Ambiguous,
			`ambiguous: it has several definitions: ^the flow completes$ and ^the flow (\w+)$`, 0,
		},
		"two of the caller that are the same": {
			adding(func(sc runner.StepRegistry, _ *steps.World) {
				sc.Then(`^a mail$`, func() error { return nil })
				sc.Then(`^a (\w+)$`, func(string) error { return nil })
			}), started + "Then a mail", report.Ambiguous, `ambiguous: it has several definitions: ^a mail$ and ^a (\w+)$`, 0,
		},
		"one with another keyword": {
			mails, `Given the welcome mail was sent to "alice"` + "\n" + started, report.Undefined,
			"undefined: this sentence begins with Then", 0,
		},
		"one with a table": {
			ownThen(`^the mails:$`, func(table *godog.Table) error {
				if len(table.Rows) != 2 {
					return errors.New("rows are missing")
				}
				return nil
			}), started + "Then the mails:\n| a |\n| b |", report.Passed, "", 1,
		},
		"one that fails": {
			ownThen(`^a mail$`, func() error { return errors.New("the mailbox is empty, want a mail") }),
			started + "Then a mail", report.Failed, "the mailbox is empty, want a mail", 1,
		},
		"one that is pending": {
			ownThen(`^a mail$`, func() error { return godog.ErrPending }), started + "Then a mail", report.Failed,
			"step implementation is pending", 1,
		},
		"one that names a secret": {
			adding(func(sc runner.StepRegistry, w *steps.World) {
				sc.Then(`^a mail$`, func() error {
					w.Hide("4711-0815")
					password, err := w.Expand("${user.password}")
					if err != nil {
						return err
					}
					return errors.New("the mail says " + password + " and 4711-0815")
				})
			}), started + "Then a mail", report.Failed, "the mail says [redacted] and [redacted]", 1,
		},
		"one that cannot be read as a sentence": {
			ownThen(`^a(\(|\[[\])]|"(?:[^"\\]|\\.)*")z$`, func(string) error { return nil }), started + "Then a(z", report.Passed, "", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(test.text), Steps: test.steps, Strict: test.status == report.Passed})
			require.Len(t, out.scenarios, 1)
			s := out.scenarios[0]
			assert.Equal(t, test.status, s.Status, "%+v", s.Notes)
			assert.Equal(t, test.hops, run.Hops)
			if st := s.FailedStep(); st != nil || test.error != "" {
				require.NotNil(t, st)
				assert.Equal(t, test.error, st.Error)
			}
		})
	}
}

func TestAPanicInASentenceOfTheCallerFailsOnlyItsScenario(t *testing.T) {
	_, out := ran(t, runner.Suite{
		Features: scenarios(started+"Then a mail", passes),
		Steps: func(sc runner.StepRegistry, _ *steps.World) {
			sc.Then(`^a mail$`, func() error { panic("no mailbox") })
		},
	})
	assert.Equal(t, []report.Status{report.Failed, report.Passed}, out.statuses())
	assert.Contains(t, out.scenarios[0].FailedStep().Error, "no mailbox")
}

func TestTheWorldHasBegunWhenTheCallersHooksAndSentencesRun(t *testing.T) {
	var seen []string
	_, out := ran(t, runner.Suite{
		Features: scenarios(started+"Then a mail", started+"Then a mail"), Concurrency: 1,
		Steps: func(sc runner.StepRegistry, w *steps.World) {
			before(sc, func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				name, err := w.Expand("${user.username}")
				seen = append(seen, "before "+name)
				assert.Same(t, w, steps.FromContext(ctx))
				return ctx, err
			})
			sc.Then(`^a mail$`, func(ctx context.Context) error {
				assert.Same(t, w, steps.FromContext(ctx))
				seen = append(seen, "after hop", w.FlowName())
				return nil
			})
		},
	})
	assert.Equal(t, []report.Status{report.Passed, report.Passed}, out.statuses(), out.verdicts())
	assert.Equal(t, []string{"before alice", "after hop", "sign-on", "before alice", "after hop", "sign-on"}, seen)
}

func TestADryRunKnowsTheCallersSentencesAndRunsNone(t *testing.T) {
	called := false
	_, out := ran(t, runner.Suite{
		Features: scenarios(started+"Then a mail", started+"Then two mails"), DryRun: true,
		Steps: func(sc runner.StepRegistry, _ *steps.World) {
			before(sc, func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
				called = true
				return ctx, nil
			})
			sc.Then(`^a mail$`, func() { called = true })
		},
	})
	assert.Equal(t, []report.Status{report.NotRun, report.Undefined}, out.statuses())
	assert.False(t, called)
}

// A formatter of Cucumber Messages links a sentence to where it is written.
func TestReportsKnowWhereASentenceIsWritten(t *testing.T) {
	_, out := ran(t, runner.Suite{
		Features: scenarios(started + "Then a mail"),
		Steps:    adding(func(sc runner.StepRegistry, _ *steps.World) { sc.Then(`^a mail$`, func() {}) }),
	})
	require.NotEmpty(t, out.plan.Definitions)
	for _, d := range out.plan.Definitions {
		assert.Regexp(t, `^flowtest/(steps|runner_test)/\w+\.go$`, d.File, d.Pattern)
		assert.Positive(t, d.Line)
	}
}
