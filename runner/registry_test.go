package runner_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
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

func TestSentencesOfTheCallerAreUsedBesideOurs(t *testing.T) {
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

// What a module's own Go does is a step of its sentences.yaml too.
func TestASentenceOfAFileUsesStepsOfTheCaller(t *testing.T) {
	type given struct {
		name  string
		n     int
		share float64
		rows  int
		text  string
	}
	var mu sync.Mutex
	seen := map[string][]given{}
	register := adding(func(sc runner.StepRegistry, w *steps.World) {
		last := given{} // of this scenario
		hooks, ok := sc.(interface {
			After(h godog.AfterScenarioHook)
		})
		if ok {
			hooks.After(func(ctx context.Context, s *godog.Scenario, _ error) (context.Context, error) {
				mu.Lock()
				defer mu.Unlock()
				seen[s.Name] = append(seen[s.Name], last)
				return ctx, nil
			})
		}
		sc.Given(`^(\d+) mails? to "([^"]*)", (\S+) of all$`, func(ctx context.Context, n int, to string, share float64) error {
			assert.Same(t, w, steps.FromContext(ctx))
			last.n, last.name, last.share = n, to, share
			return nil
		})
		sc.When(`^the mails:$`, func(table *godog.Table) { last.rows = len(table.Rows) })
		sc.Step(`^the text:$`, func(text string) { last.text += text })
		sc.Step(`^the same text:$`, func(text *godog.DocString) (context.Context, error) {
			last.text += text.Content
			return t.Context(), nil
		})
		sc.Then(`^a mail to "([^"]*)"$`, func(to string) error {
			if to != last.name {
				return fmt.Errorf("the mail is to %q, want %q", last.name, to)
			}
			return nil
		})
		sc.Step(`^(\S+) bytes$`, func(n uint8) error { return fmt.Errorf("%d bytes", n) })
		sc.Step(`^more steps$`, func() godog.Steps { return godog.Steps{"a mail to \"bob\""} })
	})
	file, err := runner.ReadSentences("sentences.yaml", []byte(`
- sentence: "{n} mails for {person}"
  steps: |
    Given the flow "sign-on"
    And {n} mails to {person}, 0.5 of all
    When the mails:
      | a | {person} |
    And I start the flow
    Then a mail is there for {person}
- sentence: a mail is there for {person}
  steps: |
    * the text:
      """
      {person}
      """
    * the same text:
      """
      !
      """
    Then a mail to {person}
- sentence: "{n} bytes came"
  steps: "* {n} bytes"
- sentence: more
  steps: "* more steps"
`))
	require.NoError(t, err)
	run, out := ran(t, runner.Suite{
		Features: scenarios(`Given 3 mails for "bob"`, "Given 1 mails for \"bob\"\nThen a mail is there for \"eve\"", "Given 300 bytes came",
			"Given \"many\" bytes came", "Given 7 bytes came", "Given more"),
		Steps: register, Sentences: file, Concurrency: 1,
	})
	require.Len(t, out.scenarios, 6)
	assert.Equal(t, 2, run.Hops)
	assert.Empty(t, out.scenarios[0].Notes, "it has a Then")
	assert.Equal(t, []given{{"bob", 3, 0.5, 1, "bob!"}}, seen[out.scenarios[0].Name])
	for i, want := range []string{
		"", `Then a mail to "eve" (sentences.yaml:20): the mail is to "bob", want "eve"`,
		`* 300 bytes (sentences.yaml:22): "300" is no uint8: strconv.ParseUint: parsing "300": value out of range`,
		`* "many" bytes (sentences.yaml:22): "\"many\"" is no uint8: strconv.ParseUint: parsing "\"many\"": invalid syntax`,
		"* 7 bytes (sentences.yaml:22): 7 bytes",
		"* more steps (sentences.yaml:24): it returns godog.Steps, which a sentence of sentences.yaml cannot carry out: write these steps in the file",
	} {
		if st := out.scenarios[i].FailedStep(); st != nil || want != "" {
			require.NotNil(t, st, want)
			assert.Equal(t, want, st.Error)
		}
	}
}
