package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"flowtest/mockserver"
	"flowtest/runner"
	"flowtest/runner/report"
)

// runFlags are the flags of run.
type runFlags struct {
	config, target, tags, name, format string
	concurrency                        int
	failFast                           bool
	timeout                            time.Duration
	fault                              faultFlags
}

// faultFlags are the flags of what goes wrong on purpose.
type faultFlags struct {
	spec string
	seed uint64
}

func (f *faultFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.spec, "fault", "", "faults of a replay: latency=20ms~5ms, 429=2s, 500, drop, half,\n"+
		"html, expired, extra, reordered, missing; each with @PROBABILITY")
	c.Flags().Uint64Var(&f.seed, "seed", 0, "repeat the faults of a run that printed this seed (default: a random one)")
}

// read returns the faults, of which there may be none.
func (f *faultFlags) read() (mockserver.Faults, error) {
	if f.spec == "" {
		return mockserver.Faults{Seed: f.seed}, nil
	}
	faults, err := mockserver.ParseFaults(f.spec)
	if err != nil {
		return faults, usage(err,
			"--fault takes NAME[=VALUE][@PROBABILITY] with commas between them, as in 500@0.1,drop@0.05")
	}
	faults.Seed = f.seed
	return faults, nil
}

func (p *Process) runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [PATH[:LINE]…]",
		Short: "Run features and report what came of them",
		Long: `Run runs the scenarios of feature files against a target. A PATH is a feature
file or a folder of them; a LINE chooses a scenario, an outline, a row of its
examples, or the scenario of a step. Without a PATH the folders are those that
flowtest.yaml names, and without a flowtest.yaml what flowtest ships.`,
		Example: `  flowtest run
  flowtest run features/sign-on/sign-on.feature:18
  flowtest run --tags "@smoke and not @mfa" --format progress
  flowtest run --target staging --concurrency 2
  flowtest run --fault 500@0.1,latency=20ms~5ms --seed 42`,
		RunE: func(c *cobra.Command, args []string) error { return p.run(c.Context(), &f, args) },
	}
	c.Flags().StringVar(&f.config, "config", "",
		"the configuration file (default flowtest.yaml, where there is one)")
	c.Flags().StringVar(&f.target, "target", "", "the target of flowtest.yaml to run against")
	c.Flags().StringVar(&f.tags, "tags", "",
		`only scenarios that a Cucumber tag expression chooses, as in "@a and not @b"`)
	c.Flags().StringVar(&f.name, "name", "", "only scenarios whose name matches a regular expression")
	c.Flags().IntVar(&f.concurrency, "concurrency", 0,
		"scenarios at once (default: the processors in a replay, 4 live)")
	c.Flags().BoolVar(&f.failFast, "fail-fast", false, "stop after the first scenario that does not pass")
	c.Flags().StringVar(&f.format, "format", "pretty", "pretty or progress")
	f.fault.add(c)
	c.Flags().DurationVar(&f.timeout, "timeout", runner.DefaultTimeout, "the time limit of each scenario")
	return c
}

func (p *Process) run(ctx context.Context, f *runFlags, args []string) error {
	reporter, err := p.reporter(f.format)
	if err != nil {
		return err
	}
	if f.concurrency < 0 || f.timeout <= 0 {
		return usage(errors.New("--concurrency and --timeout take values above 0"), "")
	}
	faults, err := f.fault.read()
	if err != nil {
		return err
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.target(f.target)
	if err != nil {
		return err
	}
	sources, err := w.sources(args)
	if err != nil {
		return err
	}
	s := &runner.Suite{
		Features: sources, Target: t, Env: p.Env, Tags: f.tags, Name: f.name, Concurrency: f.concurrency,
		FailFast: f.failFast, Timeout: f.timeout, Faults: faults, Where: w.where, Reporter: reporter,
	}
	if t.Live == nil {
		if s.Recordings, err = w.recordings(""); err != nil {
			return err
		}
	}
	run, err := s.Run(ctx)
	if err != nil {
		return runError(err)
	}
	if w, ok := reporter.(interface{ Err() error }); ok && w.Err() != nil {
		return usage(fmt.Errorf("the result could not be written: %w", w.Err()), "")
	}
	return verdict(run)
}

func (p *Process) reporter(format string) (report.Reporter, error) {
	switch format {
	case "pretty":
		return report.NewPretty(p.Stdout, p.color()), nil
	case "progress":
		return report.NewProgress(p.Stdout, p.color()), nil
	default:
		return nil, usage(fmt.Errorf("format %q is unknown, want pretty or progress", format), "")
	}
}

// runError gives an error before the run its exit code.
func runError(err error) error {
	if nothing, ok := errors.AsType[*runner.NothingError](err); ok {
		return &exitError{ExitNothing, nothing, "flowtest run without --tags, --name and LINE runs everything"}
	}
	if environment, ok := errors.AsType[*runner.EnvironmentError](err); ok {
		return &exitError{ExitEnvironment, environment, ""}
	}
	return usage(err, "")
}

// verdict gives a run its exit code. A failed assertion outweighs a failed
// environment: it would fail again.
func verdict(run *report.Run) error {
	passed, total := run.Counts[report.Passed], run.Total()
	environment, notRun := run.Environment, run.Counts[report.NotRun]
	switch {
	case passed == total && total > 0:
		return nil
	case notRun == total:
		return &exitError{ExitNothing, errors.New("stopped before the first scenario"), ""}
	case environment > 0 && passed+environment+notRun == total:
		return &exitError{code: ExitEnvironment}
	default:
		return &exitError{code: ExitFailed}
	}
}
